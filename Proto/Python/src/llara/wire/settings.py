"""SETTINGS and limits: what this side takes, and what it learns of its peer (WIRE.md section 2.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields

from .frames import malformed

ZSTD = 1
LARGEST_WINDOW = 2**31 - 1
_ENTRY = struct.Struct("<II")
_NUMBERS = {
    1: "frame_payload_bytes",
    2: "message_bytes",
    3: "attachments",
    4: "metadata_bytes",
    5: "metadata_entries",
    6: "concurrent_streams",
    7: "stream_window_bytes",
    8: "connection_window_bytes",
    9: "compressions",
    10: "shortest_ping_interval_ms",
}
_RANGES = {
    "frame_payload_bytes": (32_768, 16_777_216),
    "stream_window_bytes": (65_536, LARGEST_WINDOW),
    "connection_window_bytes": (65_536, LARGEST_WINDOW),
}
_ANY = (0, 2**32 - 1)


@dataclass(frozen=True)
class Settings:
    """What the sender of SETTINGS takes; the defaults are the protocol's."""

    frame_payload_bytes: int = 262_144
    message_bytes: int = 16_777_216
    attachments: int = 16
    metadata_bytes: int = 8_192
    metadata_entries: int = 64
    concurrent_streams: int = 256
    stream_window_bytes: int = 1_048_576
    connection_window_bytes: int = 8_388_608
    compressions: int = 0
    shortest_ping_interval_ms: int = 10_000

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = _RANGES.get(field.name, _ANY)
            value = getattr(self, field.name)
            if not low <= value <= high:
                raise ValueError(f"{field.name} is {value}: use {low} to {high}")

    def encode(self) -> bytes:
        """The payload of SETTINGS, with every setting."""
        return b"".join(_ENTRY.pack(number, getattr(self, name)) for number, name in _NUMBERS.items())


def decode(payload: bytes) -> Settings:
    """A peer's settings; unknown numbers are skipped, and of a number that stands twice the last counts."""
    if len(payload) % _ENTRY.size:
        raise malformed(f"SETTINGS of {len(payload)} bytes, not a multiple of {_ENTRY.size}")
    known = {_NUMBERS[number]: value for number, value in _ENTRY.iter_unpack(payload) if number in _NUMBERS}
    try:
        return Settings(**known)
    except ValueError as error:
        raise malformed(f"SETTINGS: {error}") from None


@dataclass(frozen=True)
class Limits:
    """Limits that the peer is not told, of one connection; durations in seconds."""

    handshake_timeout: float = 5.0
    keepalive_interval: float = 30.0
    """Silence after which an open call's connection is asked whether it lives."""
    keepalive_timeout: float = 10.0
    """How long it may take to say anything."""
    unread_bytes: int = 67_108_864
    """Received and not yet read, of all streams; beyond, the call that received ends."""
    unsent_acks: int = 1_000
    """Answers to PING that the peer does not read; beyond, it is cut off."""
