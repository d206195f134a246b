"""The examples of WIRE.md, byte by byte, in both directions where this client has them."""

from __future__ import annotations

import re
import unittest
from array import array

from support import WIRE_DOCUMENT
from support.server_core import ServerConnection

from llara.metadata import EMPTY, Metadata
from llara.status import Detail, Status, StatusCode
from llara.wire import compression, content, frames, payloads, settings
from llara.wire.content import Content, Matrix
from llara.wire.frames import Frame, FrameReader, FrameType, GoAwayCode

BLOCK = re.compile(r"^```hex ([a-z-]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = {name: bytes.fromhex(text) for name, text in BLOCK.findall(WIRE_DOCUMENT.read_text())}
HEADERS = payloads.Headers(
    "llara.v1.Encoder", "Encode", 2_000_000, Metadata([("x-user-tier", "gold"), ("x-key-bin", b"\x00\xff")])
)
ITEM = Status(StatusCode.NOT_FOUND, "no such item", (Detail("t.Item", b"\x08\x2a"),))


def parsed(name: str) -> list[Frame]:
    rules = frames.FROM_CLIENT | frames.FROM_SERVER | {
        FrameType.MESSAGE: frames.FROM_CLIENT[FrameType.MESSAGE]
    }  # fmt: skip
    reader = FrameReader(settings.Settings().frame_payload_bytes, rules)
    return list(reader.feed(frames.PREFACE + EXAMPLES[name]))


class DocumentTests(unittest.TestCase):
    def check(self, name: str, frame: bytes) -> Frame:
        self.assertEqual(frame.hex(" "), EXAMPLES[name].hex(" "))
        (only,) = parsed(name)
        return only

    def test_every_example_is_tested(self) -> None:
        tested = "preface settings-defaults headers message message-attachment message-in-parts message-compressed "
        tested += "end-of-requests trailers-ok trailers-error cancel goaway ping ping-ack window-update metadata"
        self.assertEqual(sorted(EXAMPLES), sorted(tested.split()))

    def test_preface(self) -> None:
        self.assertEqual(EXAMPLES["preface"], frames.PREFACE)

    def test_settings(self) -> None:
        frame = self.check("settings-defaults", frames.encode(FrameType.SETTINGS, settings.Settings().encode()))
        self.assertEqual(settings.decode(frame.payload), settings.Settings())

    def test_headers(self) -> None:
        frame = self.check("headers", frames.encode(FrameType.HEADERS, HEADERS.encode(), 1))
        self.assertEqual(payloads.decode_headers(frame.payload), HEADERS)

    def test_message(self) -> None:
        data = content.encode(Content(b"\x01\x02\x03"))
        frame = self.check("message", frames.encode(FrameType.MESSAGE, data, 1, frames.END_STREAM))
        self.assertEqual(content.decode(frame.payload, 16), Content(b"\x01\x02\x03"))

    def test_message_attachment(self) -> None:
        message = Content(b"\xff", (Matrix(1, 2, array("f", [1.0, -2.5])),))
        frame = self.check("message-attachment", frames.encode(FrameType.MESSAGE, content.encode(message), 1))
        self.assertEqual(content.decode(frame.payload, 16), message)

    def test_message_in_parts(self) -> None:
        server = ServerConnection()
        server.receive(frames.PREFACE + frames.encode(FrameType.SETTINGS, b"") + EXAMPLES["headers"], 0)
        server.receive(EXAMPLES["message-in-parts"], 0)
        names = [type(event).__name__ for event in server.events()]
        self.assertEqual(names, ["Ready", "Opened", "MessageReceived", "RequestsEnded"])
        first, second = parsed("message-in-parts")
        self.assertEqual((first.flags, second.flags), (frames.MORE, frames.END_STREAM))
        self.assertEqual(first.payload + second.payload, parsed("message")[0].payload)

    @unittest.skipUnless(compression.available(), "zstandard is not installed")
    def test_message_compressed(self) -> None:
        (frame,) = parsed("message-compressed")
        self.assertEqual(frame.flags, frames.END_STREAM | frames.COMPRESSED)
        data = compression.decompress(frame.payload)
        self.assertEqual(content.decode(data, 16), Content(bytes(64)))
        self.assertEqual(compression.decompress(compression.compress(data) or b""), data)

    def test_end_of_requests(self) -> None:
        self.check("end-of-requests", frames.encode(FrameType.MESSAGE, b"", 1, frames.END_STREAM))

    def test_trailers_ok(self) -> None:
        payload = payloads.encode_trailers(Status(StatusCode.OK), EMPTY)
        frame = self.check("trailers-ok", frames.encode(FrameType.TRAILERS, payload, 1))
        self.assertEqual(payloads.decode_trailers(frame.payload), (Status(StatusCode.OK), EMPTY))

    def test_trailers_error(self) -> None:
        frame = self.check(
            "trailers-error", frames.encode(FrameType.TRAILERS, payloads.encode_trailers(ITEM, EMPTY), 3)
        )
        self.assertEqual(payloads.decode_trailers(frame.payload), (ITEM, EMPTY))

    def test_cancel(self) -> None:
        self.check("cancel", frames.encode(FrameType.CANCEL, bytes([StatusCode.DEADLINE_EXCEEDED]), 5))

    def test_goaway(self) -> None:
        goaway = payloads.GoAway(7, GoAwayCode.SHUTDOWN, "bye")
        frame = self.check("goaway", frames.encode(FrameType.GOAWAY, goaway.encode()))
        self.assertEqual(payloads.decode_goaway(frame.payload), goaway)

    def test_ping(self) -> None:
        data = bytes(range(1, 9))
        self.check("ping", frames.encode(FrameType.PING, data))
        self.check("ping-ack", frames.encode(FrameType.PING, data, flags=frames.ACK))

    def test_window_update(self) -> None:
        frame = self.check(
            "window-update", frames.encode(FrameType.WINDOW_UPDATE, payloads.encode_window_update(65_536))
        )
        self.assertEqual(payloads.decode_window_update(frame.payload), 65_536)

    def test_metadata(self) -> None:
        metadata = Metadata([("x-region", "eu"), ("x-key-bin", b"\x00\xff")])
        frame = self.check("metadata", frames.encode(FrameType.METADATA, payloads.encode_metadata(metadata), 1))
        self.assertEqual(payloads.decode_metadata(frame.payload), metadata)
