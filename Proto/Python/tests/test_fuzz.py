"""Seeded random and mutated bytes: nothing but the protocol's own error, and no count that goes astray."""

from __future__ import annotations

import random
import unittest
from collections.abc import Callable

from support.peer import body, goaway, handshake, message, ping, sent, told, trailers, window_update
from support.server_core import ServerConnection

from llara.metadata import Metadata
from llara.status import StatusCode
from llara.wire import compression, content, frames, payloads, settings
from llara.wire.connection import ClientConnection
from llara.wire.content import Content, Matrix, TooManyAttachments
from llara.wire.frames import ProtocolError
from llara.wire.settings import Limits, Settings

OWN = Settings(
    frame_payload_bytes=32_768, message_bytes=3_000, stream_window_bytes=65_536, connection_window_bytes=65_536,
    compressions=1 if compression.available() else 0, shortest_ping_interval_ms=0, attachments=2,
)  # fmt: skip
PAIRS = payloads.encode_metadata(Metadata([("a", "b"), ("c-bin", b"\xff")]))
MATRIX = content.encode(Content(b"abc", (Matrix.of_rows([[1, 2], [3, 4]]),)))
PACKED = compression.compress(content.encode(Content(bytes(2_000)))) or content.encode(Content())
FLAG = frames.COMPRESSED if compression.available() else 0
SERVER_FRAMES = [
    frames.encode(9, PAIRS, 1),
    body(b"x" * 100),
    message(MATRIX[:20], flags=frames.MORE) + message(MATRIX[20:]),
    message(PACKED, 3, FLAG),
    message(PACKED[:6], 5, FLAG | frames.MORE) + message(PACKED[6:], 5, FLAG),
    ping(),
    window_update(100) + window_update(100, 1),
    frames.encode(0x99, b"extension", 7),
    trailers(StatusCode.NOT_FOUND, 3, "gone"),
    goaway(5),
    trailers(stream_id=1),
]
PAYLOADS: list[tuple[Callable[[bytes], object], bytes]] = [
    (settings.decode, Settings().encode()),
    (payloads.decode_headers, payloads.Headers("t.S", "M", 5, Metadata([("a", "b")])).encode()),
    (payloads.decode_trailers, bytes([5, 2, 0]) + b"no" + b"\1\0\3t.T\2\0\0\0ab" + PAIRS),
    (payloads.decode_metadata, PAIRS),
    (payloads.decode_goaway, bytes([1, 0, 0, 0, 1, 2, 0]) + b"no"),
    (lambda data: content.decode(data, 4), MATRIX),
    (compression.decompress, PACKED),
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(changed):
            changed[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, changed[at] ^ (1 << chance.randrange(8))])
        elif kind == 1:
            del changed[at : at + chance.randint(1, 8)]
        elif kind == 2:
            changed[at:at] = chance.randbytes(chance.randint(1, 8))
        else:
            changed[at:] = changed[at:][: chance.randint(0, 40)]
    return bytes(changed)


class FuzzTests(unittest.TestCase):
    def feed(self, endpoint: ClientConnection | ServerConnection, data: bytes, chance: random.Random) -> None:
        start = 0
        while start < len(data):
            size = chance.choice([1, 7, 100, 5_000])
            endpoint.receive(data[start : start + size], chance.random())
            start += size
            for event in told(endpoint):
                if type(event).__name__ == "MessageReceived" and chance.random() < 0.5:
                    endpoint.taken(event.stream_id)
            self.assertGreaterEqual(endpoint._inbox.unread_bytes, 0)

    def client(self) -> ClientConnection:
        client = ClientConnection(OWN, Limits(unread_bytes=5_000), 0)
        client.receive(handshake(Settings(stream_window_bytes=65_536)), 0)
        for _ in range(3):
            client.send(client.open("t.S", "M", 0), Content(bytes(70_000)))
        return client

    def check(self, client: ClientConnection) -> None:
        """What it sends is what a server takes; the end ends every call."""
        goaways = [frame for frame in sent(client) if frame.type == frames.FrameType.GOAWAY]
        self.assertLessEqual(len(goaways), 1)
        client.eof()
        client.events()
        self.assertEqual((client.streams, client.next_tick()), ({}, None))

    def test_random_bytes(self) -> None:
        for seed in range(300):
            chance = random.Random(seed)
            client = ClientConnection(OWN)
            self.feed(client, (handshake() if seed % 2 else b"") + chance.randbytes(200), chance)
            self.check(client)

    def test_random_frames(self) -> None:
        for seed in range(1_000):
            chance = random.Random(seed)
            client = self.client()
            for _ in range(20):
                type, flags, stream = (
                    chance.randrange(12),
                    chance.choice([0, 0, 1, 2, 4]),
                    chance.choice([0, 1, 3, 5, 7]),
                )
                self.feed(client, frames.encode(type, chance.randbytes(chance.randrange(12)), stream, flags), chance)
            self.check(client)

    def test_mutated_servers(self) -> None:
        survived = 0
        for seed in range(2_000):
            chance = random.Random(seed)
            client = self.client()
            pieces = chance.sample(SERVER_FRAMES, len(SERVER_FRAMES))
            at = chance.randrange(len(pieces))
            if seed % 4:
                pieces[at] = mutated(pieces[at], chance)
            self.feed(client, b"".join(pieces), chance)
            survived += client.closed is None or client.closed.code == 0
            self.check(client)
        self.assertGreater(survived, 100, "some must get through, or nothing deep is reached")

    def test_mutated_clients(self) -> None:
        client = self.client()
        client.end(1)
        data = b""
        while piece := client.data_to_send():
            data += piece
        for seed in range(500):
            chance = random.Random(seed)
            server = ServerConnection(OWN, Limits(unread_bytes=5_000))
            self.feed(server, mutated(data[:2_000], chance) + data[2_000:], chance)

    def test_payloads(self) -> None:
        for decode, valid in PAYLOADS:
            chance = random.Random(1)
            for _ in range(1_000):
                data = mutated(valid, chance) if chance.random() < 0.8 else chance.randbytes(chance.randrange(60))
                try:
                    decode(data)
                except (ProtocolError, TooManyAttachments):
                    pass
