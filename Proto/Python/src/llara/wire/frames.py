"""Frames: the header of 12 bytes, what each type allows, and their cutting out of a byte stream."""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass

VERSION = 1
MAGIC = b"llara\r\n"
PREFACE = MAGIC + bytes([VERSION])

END_STREAM = 1
MORE = 2
COMPRESSED = 4
ACK = 1

HEADER = struct.Struct("<IBBHI")
FIRST_EXTENSION = 0x80


class FrameType(enum.IntEnum):
    SETTINGS = 1
    HEADERS = 2
    MESSAGE = 3
    TRAILERS = 4
    CANCEL = 5
    GOAWAY = 6
    PING = 7
    WINDOW_UPDATE = 8
    METADATA = 9


_NAMES = {int(type): type.name for type in FrameType}


class GoAwayCode(enum.IntEnum):
    """Why a connection ends; unknown codes are read as MALFORMED."""

    SHUTDOWN = 0
    MALFORMED = 1
    FRAME_TOO_LARGE = 2
    UNSUPPORTED_VERSION = 3
    HANDSHAKE_TIMEOUT = 4
    TOO_MANY_CONNECTIONS = 5
    TOO_MANY_PINGS = 6
    FLOW_CONTROL = 7

    @classmethod
    def of_byte(cls, number: int) -> GoAwayCode:
        return cls(number) if number <= cls.FLOW_CONTROL else cls.MALFORMED


class ProtocolError(Exception):
    """The peer broke a rule: the connection closes with this code."""

    def __init__(self, code: GoAwayCode, reason: str) -> None:
        super().__init__(f"{code.name}: {reason}")
        self.code = code
        self.reason = reason


def malformed(reason: str) -> ProtocolError:
    """Most violations have this code."""
    return ProtocolError(GoAwayCode.MALFORMED, reason)


@dataclass(frozen=True)
class Frame:
    type: int
    flags: int
    stream_id: int
    payload: bytes


@dataclass(frozen=True)
class Rule:
    """What the table of section 2 allows of a type, for one direction."""

    flags: int
    of_connection: bool
    of_call: bool
    shortest: int = 0
    longest: int | None = None


_BOTH = {
    FrameType.SETTINGS: Rule(0, True, False, 0, 512),
    FrameType.GOAWAY: Rule(0, True, False, 7, 263),
    FrameType.PING: Rule(ACK, True, False, 8, 8),
    FrameType.WINDOW_UPDATE: Rule(0, True, True, 4, 4),
}
FROM_SERVER = {
    **_BOTH,
    FrameType.MESSAGE: Rule(MORE | COMPRESSED, False, True),
    FrameType.TRAILERS: Rule(0, False, True),
    FrameType.METADATA: Rule(0, False, True),
}
FROM_CLIENT = {
    **_BOTH,
    FrameType.HEADERS: Rule(END_STREAM, False, True),
    FrameType.MESSAGE: Rule(END_STREAM | MORE | COMPRESSED, False, True),
    FrameType.CANCEL: Rule(0, False, True, 1, 1),
}


def encode(type: int, payload: bytes | memoryview, stream_id: int = 0, flags: int = 0) -> bytes:
    """A frame's bytes."""
    return HEADER.pack(len(payload), type, flags, 0, stream_id) + bytes(payload)


def check_header(
    length: int, type: int, flags: int, reserved: int, stream_id: int, rules: dict[FrameType, Rule]
) -> None:
    """Raises what a header breaks of the table; an extension's flags and stream are free."""
    if reserved:
        raise malformed("reserved bytes of a frame are not 0")
    if type >= FIRST_EXTENSION:
        return
    name = _NAMES.get(type)
    if name is None:
        raise malformed(f"unknown frame type {type}")
    rule = rules.get(FrameType(type))
    if rule is None:
        raise malformed(f"{name} from the wrong side")
    if flags & ~rule.flags:
        raise malformed(f"{name} with flags {flags:#04x}")
    if stream_id == 0 and not rule.of_connection:
        raise malformed(f"{name} on stream 0")
    if stream_id != 0 and (not rule.of_call or stream_id % 2 == 0):
        raise malformed(f"{name} on stream {stream_id}")
    if length < rule.shortest or (rule.longest is not None and length > rule.longest):
        raise malformed(f"{name} of {length} bytes")


class FrameReader:
    """Cuts a peer's bytes into frames; what breaks a rule is decided before its payload is kept."""

    def __init__(self, payload_limit: int, rules: dict[FrameType, Rule]) -> None:
        self._payload_limit = payload_limit
        self._rules = rules
        self._buffer = bytearray()
        self._preface_left = PREFACE
        self._checked = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with this data, extensions left out."""
        self._buffer += data
        self._read_preface()
        start = 0
        try:
            while not self._preface_left and len(self._buffer) - start >= HEADER.size:
                length, type, flags, reserved, stream_id = HEADER.unpack_from(self._buffer, start)
                if not self._checked:
                    self._check(length, type, flags, reserved, stream_id)
                end = start + HEADER.size + length
                if len(self._buffer) < end:
                    break
                payload = bytes(memoryview(self._buffer)[start + HEADER.size : end])
                start, self._checked = end, False
                if type < FIRST_EXTENSION or self.before_settings:
                    yield Frame(type, flags, stream_id, payload)
        finally:
            del self._buffer[:start]

    before_settings = True
    """Until SETTINGS came even an extension is passed on, for it must not come."""

    def _check(self, length: int, type: int, flags: int, reserved: int, stream_id: int) -> None:
        if length > self._payload_limit:
            raise ProtocolError(
                GoAwayCode.FRAME_TOO_LARGE, f"a payload of {length} bytes, more than {self._payload_limit}"
            )
        check_header(length, type, flags, reserved, stream_id, self._rules)
        self._checked = True

    def _read_preface(self) -> None:
        """Checks byte by byte, so that a foreign protocol is refused at its first one."""
        count = min(len(self._preface_left), len(self._buffer))
        for index in range(count):
            if self._buffer[index] == self._preface_left[index]:
                continue
            if index == len(self._preface_left) - 1:
                version = self._buffer[index]
                raise ProtocolError(GoAwayCode.UNSUPPORTED_VERSION, f"version {version}; this side speaks {VERSION}")
            raise malformed("not the preface of llara")
        self._preface_left = self._preface_left[count:]
        del self._buffer[:count]
