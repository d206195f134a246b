"""Every rule whose breach closes the connection, with the code that WIRE.md names."""

from __future__ import annotations

import unittest

from support.peer import body, goaway, handshake, kinds, message, ping, ready, sent, told, trailers, window_update

from llara.status import StatusCode
from llara.wire import content, frames, payloads
from llara.wire.connection import ClientConnection
from llara.wire.content import Content
from llara.wire.events import CallEnded
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Settings

M = GoAwayCode.MALFORMED
ENTRY = (1).to_bytes(4, "little")


def raw(type: int, payload: bytes = b"", stream: int = 0, flags: int = 0, reserved: int = 0, length: int = -1) -> bytes:
    size = len(payload) if length < 0 else length
    return frames.HEADER.pack(size, type, flags, reserved, stream) + payload


def settings(number: int, value: int) -> bytes:
    return frames.PREFACE + raw(1, number.to_bytes(4, "little") + value.to_bytes(4, "little"))


def metadata(key: bytes, value: bytes) -> bytes:
    return b"\x01\x00" + bytes([len(key)]) + key + len(value).to_bytes(2, "little") + value


def trailing(code: int = 0, text: bytes = b"", details: bytes = b"\x00\x00", pairs: bytes = b"\x00\x00") -> bytes:
    return raw(4, bytes([code]) + len(text).to_bytes(2, "little") + text + details + pairs, 1)


def detail(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + len(value).to_bytes(4, "little") + value


PLAIN = content.encode(Content(b"abc"))

HANDSHAKE = [
    ("first byte", b"G", M),
    ("seventh byte", b"llara\r\r", M),
    ("version", b"llara\r\n\x02", GoAwayCode.UNSUPPORTED_VERSION),
    ("ping before settings", frames.PREFACE + ping(), M),
    ("extension before settings", frames.PREFACE + raw(0x80), M),
    ("window update before settings", frames.PREFACE + window_update(1), M),
    ("settings twice", handshake() + raw(1), M),
    ("settings not of 8", frames.PREFACE + raw(1, bytes(7)), M),
    ("65 settings", frames.PREFACE + raw(1, bytes(8 * 65)), M),
    ("settings on a stream", frames.PREFACE + raw(1, b"", 1), M),
    ("frame limit too small", settings(1, 32_767), M),
    ("frame limit too large", settings(1, 16_777_217), M),
    ("stream window too small", settings(7, 65_535), M),
    ("stream window too large", settings(7, 2**31), M),
    ("connection window too small", settings(8, 65_535), M),
    ("connection window too large", settings(8, 2**31), M),
]

OPEN = [
    ("payload too long", raw(3, b"", 1, length=262_145), GoAwayCode.FRAME_TOO_LARGE),
    ("extension too long", raw(0xFF, length=262_145), GoAwayCode.FRAME_TOO_LARGE),
    ("unknown type 0", raw(0), M),
    ("unknown type 10", raw(10), M),
    ("unknown type 127", raw(0x7F), M),
    ("reserved", raw(7, bytes(8), reserved=1), M),
    ("headers from a server", raw(2, b"", 1), M),
    ("cancel from a server", raw(5, b"\x01", 1), M),
    ("unknown flag of settings", raw(1, flags=1), M),
    ("unknown flag of ping", raw(7, bytes(8), flags=2), M),
    ("unknown flag of message", raw(3, PLAIN, 1, flags=8), M),
    ("end stream from a server", raw(3, PLAIN, 1, flags=1), M),
    ("flag of trailers", raw(4, bytes(7), 1, flags=1), M),
    ("flag of metadata", raw(9, b"\x00\x00", 1, flags=2), M),
    ("flag of goaway", raw(6, bytes(7), flags=1), M),
    ("flag of window update", raw(8, ENTRY, flags=1), M),
    ("message on stream 0", raw(3, PLAIN), M),
    ("trailers on stream 0", raw(4, bytes(7)), M),
    ("metadata on stream 0", raw(9, b"\x00\x00"), M),
    ("ping on a stream", raw(7, bytes(8), 1), M),
    ("goaway on a stream", raw(6, bytes(7), 1), M),
    ("message on an even stream", raw(3, PLAIN, 2), M),
    ("window update on an even stream", raw(8, ENTRY, 2), M),
    ("message on a stream never opened", raw(3, PLAIN, 3), M),
    ("trailers on a stream never opened", raw(4, bytes(7), 3), M),
    ("metadata on a stream never opened", raw(9, b"\x00\x00", 3), M),
    ("window update on a stream never opened", raw(8, ENTRY, 3), M),
    ("short ping", raw(7, bytes(7)), M),
    ("long ping", raw(7, bytes(9)), M),
    ("short window update", raw(8, bytes(3)), M),
    ("long window update", raw(8, bytes(5)), M),
    ("short goaway", raw(6, bytes(6)), M),
    ("long goaway", raw(6, bytes(264)), M),
    ("goaway with bytes left over", raw(6, bytes(8)), M),
    ("goaway without its reason", raw(6, bytes(5) + b"\x01\x00"), M),
    ("goaway with a long reason", raw(6, bytes(5) + (257).to_bytes(2, "little") + bytes(256)), M),
    ("goaway that is not utf-8", raw(6, bytes(5) + b"\x01\x00\xff"), M),
    ("empty message", raw(3, b"", 1), M),
    ("empty first part", raw(3, b"", 1, frames.MORE), M),
    ("empty compressed message", raw(3, b"", 1, frames.COMPRESSED), M),
    ("compressed, not taken", raw(3, PLAIN, 1, frames.COMPRESSED), M),
    ("message without lengths", message(bytes(7)), M),
    ("message without its body", message(b"\x04" + bytes(7) + b"abc"), M),
    ("message with bytes left over", message(PLAIN + b"x"), M),
    ("attachment of another type", message(b"\0\0\0\0\1\0\0\0" + bytes(8) + b"\2\0\0\0"), M),
    ("attachment of rows without columns", message(b"\0\0\0\0\1\0\0\0" + b"\1\0\0\0" + bytes(4) + b"\1\0\0\0"), M),
    ("attachment of 2^31 rows", message(b"\0\0\0\0\1\0\0\0" + b"\0\0\0\x80" + bytes(4) + b"\1\0\0\0"), M),
    ("attachment of 2^31 columns", message(b"\0\0\0\0\1\0\0\0" + bytes(4) + b"\0\0\0\x80" + b"\1\0\0\0"), M),
    ("attachment that is not there", message(b"\0\0\0\0\1\0\0\0" + b"\1\0\0\0" * 3), M),
    ("padding that is not 0", message(b"\1\0\0\0\1\0\0\0" + bytes(8) + b"\1\0\0\0" + b"x\0\1\0"), M),
    ("metadata after a message", body(b"") + raw(9, b"\0\0", 1), M),
    ("metadata after a part", message(PLAIN[:4], flags=frames.MORE) + raw(9, b"\0\0", 1), M),
    ("metadata twice", raw(9, b"\0\0", 1) * 2, M),
    ("metadata with bytes left over", raw(9, b"\0\0\0", 1), M),
    ("metadata that ends too early", raw(9, b"\1\0", 1), M),
    ("metadata key of capitals", raw(9, metadata(b"X", b""), 1), M),
    ("metadata key of nothing", raw(9, metadata(b"", b""), 1), M),
    ("metadata key of 65", raw(9, metadata(b"x" * 65, b""), 1), M),
    ("metadata key that ends in a newline", raw(9, metadata(b"x\n", b""), 1), M),
    ("metadata value with a newline", raw(9, metadata(b"x", b"a\n"), 1), M),
    ("metadata value with a delete", raw(9, metadata(b"x", b"\x7f"), 1), M),
    ("metadata value that is not utf-8", raw(9, metadata(b"x", b"\xff"), 1), M),
    ("trailers that end too early", raw(4, bytes(6), 1), M),
    ("trailers with bytes left over", raw(4, bytes(8), 1), M),
    ("trailers with a long message", trailing(2, b"x" * 1_025), M),
    ("trailers that are not utf-8", trailing(2, b"\xff"), M),
    ("trailers with 17 details", trailing(2, b"", b"\x11\x00" + detail(b"t.T", b"") * 17), M),
    ("trailers with long details", trailing(2, b"", b"\x01\x00" + detail(b"t", bytes(16_384))), M),
    ("trailers with faulty metadata", trailing(2, b"", pairs=metadata(b"X", b"")), M),
    ("window update of 0", window_update(0), GoAwayCode.FLOW_CONTROL),
    ("window update of a stream of 0", window_update(0, 1), GoAwayCode.FLOW_CONTROL),
    ("connection window too large", window_update(2**31 - 8_388_608), GoAwayCode.FLOW_CONTROL),
    ("stream window too large", window_update(2**31 - 1_048_576, 1), GoAwayCode.FLOW_CONTROL),
    ("increment with the highest bit", window_update(2**31), GoAwayCode.FLOW_CONTROL),
]

# At the limit, where the table above is beyond it.
ALLOWED = [
    ("largest payload", raw(0x80, bytes(262_144))),
    ("extension with flags and an even stream", raw(0xFF, b"xyz", 2, flags=0xFF)),
    ("an acknowledgement that nobody asked for", ping(flags=frames.ACK)),
    ("empty last part", message(PLAIN, flags=frames.MORE) + message(b"")),
    ("empty middle part", message(PLAIN[:4], flags=frames.MORE) + message(b"", flags=frames.MORE) + message(PLAIN[4:])),
    ("no rows but columns", message(b"\0\0\0\0\1\0\0\0" + b"\0\0\0\0\5\0\0\0\1\0\0\0")),
    ("metadata before a message", raw(9, metadata(b"x", "ä".encode()), 1) + body(b"")),
    ("metadata key of 64", raw(9, metadata(b"x" * 64, b""), 1)),
    ("trailers with a message of 1024", trailing(2, b"x" * 1_024)),
    ("trailers with 16 details", trailing(2, b"", b"\x10\x00" + detail(b"t.T", b"") * 16)),
    ("trailers with details of 16384", trailing(2, b"", b"\x01\x00" + detail(b"t", bytes(16_383)))),
    ("unknown status code", trailing(17)),
    ("largest connection window", window_update(2**31 - 1 - 8_388_608)),
    ("largest stream window", window_update(2**31 - 1 - 1_048_576, 1)),
]


class ViolationTests(unittest.TestCase):
    def check(self, client: ClientConnection, code: GoAwayCode) -> None:
        """The client says why, ends its calls, and is deaf and mute from then on."""
        assert client.closed
        self.assertEqual(client.closed.code, code)
        last = sent(client)[-1]
        self.assertEqual(last.type, FrameType.GOAWAY)
        goaway = payloads.decode_goaway(last.payload)
        self.assertEqual((goaway.code, goaway.last_stream_id), (code, 0))
        self.assertEqual(kinds(told(client))[-1], "Closed")
        client.receive(ping(), 0)
        self.assertEqual((client.data_to_send(), told(client), client.next_tick()), (b"", [], None))

    def test_handshake(self) -> None:
        for name, data, code in HANDSHAKE:
            for step in (len(data), 1):
                with self.subTest(name, step=step):
                    client = ClientConnection()
                    for start in range(0, len(data), step):
                        client.receive(data[start : start + step], 0)
                    self.check(client, code)

    def test_open_stream(self) -> None:
        for name, data, code in OPEN:
            with self.subTest(name):
                client = ready(streams=1)
                client.receive(data, 0)
                ended = [event for event in client._events if isinstance(event, CallEnded)]
                self.assertEqual([event.status.code for event in ended], [StatusCode.UNAVAILABLE])
                self.check(client, code)

    def test_byte_by_byte(self) -> None:
        for name, data, code in OPEN:
            if len(data) > 2_000:
                continue
            with self.subTest(name):
                client = ready(streams=1)
                for byte in data:
                    client.receive(bytes([byte]), 0)
                told(client)
                self.assertEqual(client.closed.code if client.closed else None, code)

    def test_at_the_limits(self) -> None:
        for name, data in ALLOWED:
            with self.subTest(name):
                client = ready(streams=1)
                client.receive(data, 0)
                self.assertIsNone(client.closed)

    def test_a_header_decides_before_the_payload(self) -> None:
        client = ready(streams=1)
        client.receive(raw(3, b"", 1, length=262_145)[:12], 0)
        self.check(client, GoAwayCode.FRAME_TOO_LARGE)

    def test_a_mix_of_compressed_frames(self) -> None:
        from llara.wire import compression

        if not compression.available():
            self.skipTest("zstandard is not installed")
        for first, second in ((frames.COMPRESSED, 0), (0, frames.COMPRESSED)):
            client = ready(own=Settings(compressions=1), streams=1)
            client.receive(message(PLAIN[:4], flags=frames.MORE | first) + message(PLAIN[4:], flags=second), 0)
            self.check(client, M)

    def test_even_streams_below_the_last(self) -> None:
        for data in (message(PLAIN, 2), trailers(stream_id=2), window_update(1, 2)):
            client = ready(streams=2)
            client.receive(data, 0)
            self.check(client, M)

    def test_nothing_of_a_call_is_sent_after_goaway(self) -> None:
        client = ready(streams=1)
        client.send(1, Content(bytes(100_000)), end=True)
        client.receive(raw(0), 0)
        self.assertEqual([frame.type for frame in sent(client)], [FrameType.GOAWAY])
        client.send(1, Content(b""), end=True)
        client.cancel(1)
        self.assertEqual(sent(client), [])

    def test_goaway_before_settings_is_read(self) -> None:
        client = ClientConnection()
        client.receive(frames.PREFACE + goaway(0, 5, "full"), 0)
        assert client.closed
        self.assertEqual((client.closed.code, client.closed.reason), (GoAwayCode.TOO_MANY_CONNECTIONS,
                                                                     "TOO_MANY_CONNECTIONS: full"))  # fmt: skip

    def test_64_settings_and_unknown_ones(self) -> None:
        client = ClientConnection()
        client.receive(frames.PREFACE + raw(1, b"\xff\xff\xff\xff\0\0\0\0" * 64), 0)
        self.assertEqual(client.peer, Settings())
