"""What a connection does by time: handshake, PINGs of both sides, strikes."""

from __future__ import annotations

import unittest

from support.peer import handshake, kinds, ping, ready, sent, told

from llara.wire import frames
from llara.wire.connection import ClientConnection
from llara.wire.content import Content
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Limits, Settings

LIMITS = Limits(handshake_timeout=5, keepalive_interval=30, keepalive_timeout=10)


class TimeTests(unittest.TestCase):
    def test_handshake_timeout(self) -> None:
        for data in (b"", handshake()[:-1]):
            client = ClientConnection(limits=LIMITS, now=100)
            client.receive(data, 104)
            self.assertEqual(client.next_tick(), 105)
            client.tick(104.9)
            self.assertIsNone(client.closed)
            client.tick(105)
            assert client.closed
            self.assertEqual(client.closed.code, GoAwayCode.HANDSHAKE_TIMEOUT)
            self.assertEqual(sent(client)[-1].type, FrameType.GOAWAY)

    def test_ping_is_answered(self) -> None:
        client = ready()
        client.receive(ping(b"abcdefgh") + ping(b"ijklmnop", frames.ACK), 0)
        self.assertEqual(
            [(f.type, f.flags, f.payload) for f in sent(client)], [(FrameType.PING, frames.ACK, b"abcdefgh")]
        )

    def test_the_third_strike_closes(self) -> None:
        client = ready(own=Settings(shortest_ping_interval_ms=1_000))
        client.receive(ping(), 0)
        client.receive(ping(), 1.0)
        for moment in (1.5, 2.4):
            client.receive(ping(), moment)
        self.assertIsNone(client.closed)
        client.receive(ping(), 3.3)
        assert client.closed
        self.assertEqual(client.closed.code, GoAwayCode.TOO_MANY_PINGS)

    def test_strikes_are_forgotten_with_a_message(self) -> None:
        client = ready(streams=1)
        for _ in range(5):
            client.receive(ping() * 2, 0)
            client.send(1, Content())
            client.data_to_send()
        self.assertIsNone(client.closed)

    def test_answers_that_nobody_reads(self) -> None:
        client = ready(own=Settings(shortest_ping_interval_ms=0), limits=Limits(unsent_acks=3))
        client.receive(ping() * 3, 0)
        self.assertIsNone(client.closed)
        client.data_to_send()
        client.receive(ping() * 4, 0)
        assert client.closed
        self.assertIsNone(client.closed.code, "without a word")

    def test_keepalive(self) -> None:
        client = ready(limits=LIMITS)
        self.assertIsNone(client.next_tick(), "nobody waits for an idle connection")
        client.open("t.S", "M", 0)
        sent(client)
        self.assertEqual(client.next_tick(), 30)
        client.receive(frames.encode(0x80, b"")[:5], 20)
        self.assertEqual(client.next_tick(), 50)
        client.tick(50)
        self.assertEqual([frame.type for frame in sent(client)], [FrameType.PING])
        self.assertEqual(client.next_tick(), 60)
        client.tick(59.9)
        self.assertEqual((client.closed, sent(client)), (None, []))
        client.tick(60)
        self.assertEqual(kinds(told(client)), ["CallEnded", "Closed"])

    def test_anything_answers_a_ping(self) -> None:
        client = ready(limits=LIMITS, streams=1)
        client.tick(30)
        client.receive(b"\x00", 39)
        client.tick(40)
        self.assertIsNone(client.closed)

    def test_own_pings_are_slower_than_the_server_allows(self) -> None:
        client = ready(Settings(shortest_ping_interval_ms=100_000), limits=LIMITS, streams=1)
        client.tick(30)
        client.receive(ping(flags=frames.ACK), 31)
        self.assertEqual(client.next_tick(), 155)
