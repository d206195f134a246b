"""The payloads of HEADERS, TRAILERS, METADATA, CANCEL, GOAWAY and WINDOW_UPDATE (WIRE.md sections 2 and 4)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from ..metadata import Metadata, Value, encoded, is_key, is_text
from ..status import Detail, Status, StatusCode
from .frames import GoAwayCode, malformed

MESSAGE_BYTES = 1_024
DETAILS = 16
DETAIL_BYTES = 16_384
REASON_BYTES = 256
NAME_CHARACTERS = 255
_NAME = re.compile(r"[A-Za-z0-9_.]{1,255}", re.ASCII)
_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


class Reader:
    """Reads a payload from its start; what is missing or left over is malformed."""

    def __init__(self, payload: bytes, name: str) -> None:
        self._payload = payload
        self._offset = 0
        self._name = name

    def bytes(self, count: int) -> bytes:
        end = self._offset + count
        if end > len(self._payload):
            raise malformed(f"{self._name} ends too early")
        piece = self._payload[self._offset : end]
        self._offset = end
        return piece

    def u8(self) -> int:
        return self.bytes(1)[0]

    def u16(self) -> int:
        return int(_U16.unpack(self.bytes(2))[0])

    def u32(self) -> int:
        return int(_U32.unpack(self.bytes(4))[0])

    def u64(self) -> int:
        return int(_U64.unpack(self.bytes(8))[0])

    def text(self, count: int) -> str:
        try:
            return self.bytes(count).decode()
        except UnicodeDecodeError:
            raise malformed(f"{self._name} has text that is not UTF-8") from None

    def end(self) -> None:
        left = len(self._payload) - self._offset
        if left:
            raise malformed(f"{self._name} has {left} bytes too many")


def encode_metadata(metadata: Metadata) -> bytes:
    """Section 4's bytes."""
    pieces = [_U16.pack(len(metadata))]
    for key, value in metadata:
        data = encoded(value)
        pieces += [bytes([len(key)]), key.encode(), _U16.pack(len(data)), data]
    return b"".join(pieces)


def read_metadata(reader: Reader) -> Metadata:
    """Checks form only: the limits of SETTINGS end a call, not the connection."""
    return Metadata([_read_pair(reader) for _ in range(reader.u16())])


def _read_pair(reader: Reader) -> tuple[str, Value]:
    key = reader.text(reader.u8())
    if not is_key(key):
        raise malformed("a metadata key has characters that are not allowed")
    if key.endswith("-bin"):
        return key, reader.bytes(reader.u16())
    value = reader.text(reader.u16())
    if not is_text(value):
        raise malformed(f"metadata {key} has control characters")
    return key, value


def decode_metadata(payload: bytes) -> Metadata:
    reader = Reader(payload, "METADATA")
    metadata = read_metadata(reader)
    reader.end()
    return metadata


@dataclass(frozen=True)
class Headers:
    """What opens a call; `remaining_us` is 0 without a deadline."""

    service: str
    method: str
    remaining_us: int
    metadata: Metadata

    def encode(self) -> bytes:
        service, method = self.service.encode(), self.method.encode()
        return b"".join(
            [
                _U64.pack(self.remaining_us),
                bytes([len(service)]) + service,
                bytes([len(method)]) + method,
                encode_metadata(self.metadata),
            ]
        )


def is_name(name: str) -> bool:
    """Whether a service or method may be called so."""
    return _NAME.fullmatch(name) is not None


def decode_headers(payload: bytes) -> Headers:
    reader = Reader(payload, "HEADERS")
    remaining_us = reader.u64()
    service = reader.text(reader.u8())
    method = reader.text(reader.u8())
    if not is_name(service) or not is_name(method):
        raise malformed("HEADERS has a name with characters that are not allowed")
    metadata = read_metadata(reader)
    reader.end()
    return Headers(service, method, remaining_us, metadata)


def cut(text: str, size: int) -> bytes:
    """At most so many bytes of a text, cut at a character."""
    return text.encode(errors="replace")[:size].decode(errors="ignore").encode()


def encode_trailers(status: Status, metadata: Metadata) -> bytes:
    """A message is cut and details that do not fit are left out."""
    message = cut(status.message, MESSAGE_BYTES)
    kept, size = [], 0
    for detail in status.details[:DETAILS]:
        size += len(detail.type.encode()) + len(detail.value)
        if size > DETAIL_BYTES:
            break
        kept.append(detail)
    pieces = [bytes([status.code]), _U16.pack(len(message)), message, _U16.pack(len(kept))]
    for detail in kept:
        name = detail.type.encode()
        pieces += [bytes([len(name)]), name, _U32.pack(len(detail.value)), detail.value]
    return b"".join(pieces) + encode_metadata(metadata)


def decode_trailers(payload: bytes) -> tuple[Status, Metadata]:
    reader = Reader(payload, "TRAILERS")
    code = StatusCode.of_byte(reader.u8(), StatusCode.UNKNOWN)
    size = reader.u16()
    if size > MESSAGE_BYTES:
        raise malformed(f"TRAILERS has a message of {size} bytes, more than {MESSAGE_BYTES}")
    message = reader.text(size)
    count = reader.u16()
    if count > DETAILS:
        raise malformed(f"TRAILERS has {count} details, more than {DETAILS}")
    details = tuple(Detail(reader.text(reader.u8()), reader.bytes(reader.u32())) for _ in range(count))
    if sum(len(detail.type.encode()) + len(detail.value) for detail in details) > DETAIL_BYTES:
        raise malformed(f"TRAILERS has more than {DETAIL_BYTES} bytes of details")
    metadata = read_metadata(reader)
    reader.end()
    return Status(code, message, details), metadata


@dataclass(frozen=True)
class GoAway:
    last_stream_id: int
    code: GoAwayCode
    reason: str

    def encode(self) -> bytes:
        reason = cut(self.reason, REASON_BYTES)
        return _U32.pack(self.last_stream_id) + bytes([self.code]) + _U16.pack(len(reason)) + reason


def decode_goaway(payload: bytes) -> GoAway:
    reader = Reader(payload, "GOAWAY")
    last_stream_id = reader.u32()
    code = GoAwayCode.of_byte(reader.u8())
    reason = reader.text(reader.u16())
    reader.end()
    return GoAway(last_stream_id, code, reason)


def encode_window_update(increment: int) -> bytes:
    return _U32.pack(increment)


def decode_window_update(payload: bytes) -> int:
    return int(_U32.unpack(payload)[0])
