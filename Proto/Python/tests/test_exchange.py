"""A client and a server core over a channel that cuts bytes anywhere."""

from __future__ import annotations

import random
import unittest
from typing import Any

from support.peer import SMALLEST, told
from support.server_core import ServerConnection

from llara.status import Status, StatusCode
from llara.wire.connection import ClientConnection
from llara.wire.content import Content
from llara.wire.settings import Settings

SMALL = Settings(**SMALLEST)


class BothSidesTests(unittest.TestCase):
    def test_nothing_is_lost_whatever_the_pieces(self) -> None:
        """Two endpoints, random message sizes and piece lengths: everything arrives, and all counts return to 0."""
        for seed in range(20):
            with self.subTest(seed=seed):
                Exchange(random.Random(seed)).run(self)


class Exchange:
    """A client that sends and a server that echoes, over a channel that cuts bytes anywhere."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.client, self.server = ClientConnection(SMALL), ServerConnection(SMALL)
        self.wanted: dict[int, list[int]] = {}
        self.got: dict[int, list[int]] = {}

    def run(self, test: unittest.TestCase) -> None:
        self.pump()
        for _ in range(3):
            stream = self.client.open("t.S", "M", 0)
            self.wanted[stream] = [self.chance.choice([0, 1, 70_000, 150_000]) for _ in range(4)]
            self.got[stream] = []
            for size in self.wanted[stream]:
                self.client.send(stream, Content(bytes(size)))
            self.client.end(stream)
        for _ in range(10_000):
            if not self.pump() and not self.client.streams:
                break
        test.assertEqual(self.got, self.wanted)
        test.assertIsNone(self.client.closed)
        test.assertEqual((self.client._inbox.unread_bytes, self.server._inbox.unread_bytes), (0, 0))
        test.assertEqual(self.client.streams | self.server.streams, {})

    def pump(self) -> bool:
        moved = self.move(self.client, self.server) | self.move(self.server, self.client)
        for event in told(self.server):
            if type(event).__name__ == "MessageReceived":
                self.server.taken(event.stream_id)
                self.server.send(event.stream_id, event.content)
        streams: list[Any] = list(self.server.streams.values())
        for stream in streams:
            if stream.requests_ended and not stream.queue:
                self.server.finish(stream.id, Status(StatusCode.OK))
        for event in told(self.client):
            if type(event).__name__ == "MessageReceived":
                self.client.taken(event.stream_id)
                self.got[event.stream_id].append(len(event.content.body))
        return moved

    def move(self, source: ClientConnection | ServerConnection, target: ClientConnection | ServerConnection) -> bool:
        data = source.data_to_send(self.chance.choice([1, 10_000, 100_000]))
        start = 0
        while start < len(data):
            size = self.chance.choice([1, 11, 5_000, 100_000])
            target.receive(data[start : start + size], 0)
            start += size
        return bool(data)
