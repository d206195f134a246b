"""The life of calls on one connection: ids, limits, GOAWAY, loss, deadlines and time."""

from __future__ import annotations

import unittest

from support.peer import body, goaway, handshake, kinds, message, ping, ready, sent, trailers

from llara.metadata import Metadata
from llara.status import RpcError, StatusCode
from llara.wire import frames, payloads
from llara.wire.connection import LAST_STREAM_ID, ClientConnection
from llara.wire.content import Content, Matrix
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Limits, Settings

LIMITS = Limits(handshake_timeout=5, keepalive_interval=30, keepalive_timeout=10)


class CallTests(unittest.TestCase):
    def test_preface_and_settings_go_first(self) -> None:
        client = ClientConnection(Settings(message_bytes=5))
        data = client.data_to_send()
        self.assertTrue(data.startswith(frames.PREFACE))
        client = ClientConnection(Settings(message_bytes=5))
        (frame,) = sent(client)
        self.assertEqual((frame.type, frame.payload), (FrameType.SETTINGS, Settings(message_bytes=5).encode()))

    def test_no_stream_before_the_servers_settings(self) -> None:
        with self.assertRaises(RpcError):
            ClientConnection().open("t.S", "M", 0)

    def test_a_call(self) -> None:
        client = ready()
        stream = client.open("t.S", "M", 10, deadline=12.5, metadata=Metadata([("x", "y")]))
        client.send(stream, Content(b"ask"), end=True)
        headers, request = sent(client)
        self.assertEqual(
            payloads.decode_headers(headers.payload), payloads.Headers("t.S", "M", 2_500_000, Metadata([("x", "y")]))
        )
        self.assertEqual((request.stream_id, request.flags), (1, frames.END_STREAM))
        self.assertEqual(kinds(client.events()), ["Writable"])
        initial = frames.encode(9, payloads.encode_metadata(Metadata([("a", "b")])), 1)
        client.receive(initial + body(b"answer") + trailers(), 11)
        events = client.events()
        self.assertEqual(kinds(events), ["InitialMetadata", "MessageReceived", "CallEnded"])
        self.assertEqual((events[0].metadata.get("a"), events[1].content.body), ("b", b"answer"))
        self.assertEqual(events[2].status.code, StatusCode.OK)

    def test_ids_are_odd_and_grow_to_the_last(self) -> None:
        client = ready()
        self.assertEqual([client.open("t.S", "M", 0) for _ in range(3)], [1, 3, 5])
        client.last_stream_id = LAST_STREAM_ID - 2
        self.assertEqual(client.open("t.S", "M", 0), LAST_STREAM_ID)
        self.assertFalse(client.takes_calls)

    def test_as_many_streams_as_the_server_takes(self) -> None:
        client = ready(Settings(concurrent_streams=2), streams=2)
        self.assertFalse(client.has_room)
        with self.assertRaises(RpcError):
            client.open("t.S", "M", 0)
        client.receive(trailers(), 0)
        self.assertEqual(client.open("t.S", "M", 0), 5)

    def test_names(self) -> None:
        client = ready()
        client.open("x" * 255, "M", 0)
        for service, method in (("", "M"), ("t.S", ""), ("x" * 256, "M"), ("t/S", "M"), ("t.S", "ä"), ("t.S\n", "M")):
            with self.assertRaises(ValueError):
                client.open(service, method, 0)

    def test_metadata_is_held_to_the_servers_limits(self) -> None:
        client = ready(Settings(metadata_entries=2, metadata_bytes=6))
        client.open("t.S", "M", 0, metadata=Metadata([("a", "12"), ("b", "34")]))
        for pairs in ([("a", "")] * 3, [("a", "12"), ("b", "345")]):
            with self.assertRaises(RpcError) as raised:
                client.open("t.S", "M", 0, metadata=Metadata(pairs))
            self.assertEqual(raised.exception.code, StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(len(client.streams), 1)

    def test_messages_are_held_to_the_servers_limits(self) -> None:
        client = ready(Settings(message_bytes=24, attachments=1), streams=1)
        matrix = Matrix.of_rows([])
        client.send(1, Content(b"1234", (matrix,)))
        for content in (Content(b"12345", (matrix,)), Content(b"", (matrix, matrix))):
            with self.assertRaises(RpcError) as raised:
                client.send(1, content)
            self.assertEqual(raised.exception.code, StatusCode.RESOURCE_EXHAUSTED)

    def test_nothing_after_the_last_message(self) -> None:
        client = ready(streams=1)
        client.end(1)
        with self.assertRaises(ValueError):
            client.send(1, Content())

    def test_the_clients_own_limits_end_a_call(self) -> None:
        own = Settings(metadata_entries=1, metadata_bytes=4, attachments=0)
        two = payloads.encode_metadata(Metadata([("a", ""), ("b", "")]))
        long = payloads.encode_metadata(Metadata([("a", "1234")]))
        attachment = message(b"\0\0\0\0\1\0\0\0" + bytes(8) + b"\1\0\0\0")
        cases = [frames.encode(9, two, 1), frames.encode(9, long, 1), attachment, frames.encode(4, bytes(5) + long, 1)]
        for data in cases:
            client = ready(own=own, streams=1)
            client.receive(data, 0)
            (ended,) = client.events()
            self.assertEqual(ended.status.code, StatusCode.RESOURCE_EXHAUSTED)
            self.assertIsNone(client.closed)
            client.open("t.S", "M", 0)

    def test_trailers_within_a_message(self) -> None:
        for code, seen in ((StatusCode.OK, StatusCode.INTERNAL), (StatusCode.ABORTED, StatusCode.ABORTED)):
            client = ready(streams=1)
            client.receive(message(bytes(9), flags=frames.MORE) + trailers(code), 0)
            (ended,) = client.events()
            self.assertEqual(ended.status.code, seen)


class EndTests(unittest.TestCase):
    def test_cancel(self) -> None:
        client = ready(streams=1)
        client.cancel(1)
        client.cancel(1)
        self.assertEqual([(f.type, f.payload) for f in sent(client)], [(FrameType.CANCEL, b"\x01")])
        self.assertEqual(kinds(client.events()), ["CallEnded"])

    def test_deadline(self) -> None:
        client = ready(limits=LIMITS)
        client.open("t.S", "M", 1, deadline=3)
        client.data_to_send()
        self.assertEqual(client.next_tick(), 3)
        client.tick(2.9)
        self.assertEqual(client.events(), [])
        client.tick(3)
        self.assertEqual([(f.type, f.payload) for f in sent(client)], [(FrameType.CANCEL, b"\x04")])
        self.assertEqual(client.events()[0].status.code, StatusCode.DEADLINE_EXCEEDED)

    def test_a_deadline_that_has_passed_is_not_sent(self) -> None:
        client = ready()
        with self.assertRaises(RpcError) as raised:
            client.open("t.S", "M", 5, deadline=5)
        self.assertEqual(raised.exception.code, StatusCode.DEADLINE_EXCEEDED)
        client.open("t.S", "M", 5, deadline=5.000_000_1)
        self.assertEqual(payloads.decode_headers(sent(client)[0].payload).remaining_us, 1)

    def test_goaway_refuses_later_streams(self) -> None:
        client = ready(streams=3)
        client.receive(goaway(3, reason="drain"), 0)
        events = client.events()
        self.assertEqual(kinds(events), ["CallEnded", "Draining"])
        self.assertEqual((events[0].stream_id, events[0].refused), (5, True))
        self.assertFalse(client.takes_calls)
        client.receive(body(b"", 1) + trailers(stream_id=1) + goaway(1), 0)
        events = client.events()
        self.assertEqual(kinds(events), ["MessageReceived", "CallEnded", "CallEnded", "Closed"])
        self.assertEqual([event.refused for event in events[1:3]], [False, True])
        self.assertEqual(events[3].code, GoAwayCode.SHUTDOWN)

    def test_goaway_for_a_fault_ends_all(self) -> None:
        for code, seen in ((1, 1), (7, 7), (200, 1)):
            client = ready(streams=2)
            client.receive(goaway(1, code), 0)
            events = client.events()
            self.assertEqual(kinds(events), ["CallEnded", "CallEnded", "Closed"])
            self.assertEqual({event.stream_id: event.refused for event in events[:2]}, {1: False, 3: True})
            self.assertEqual(events[2].code, GoAwayCode(seen))

    def test_a_lost_connection(self) -> None:
        client = ready(streams=2)
        client.eof()
        client.eof()
        events = client.events()
        self.assertEqual(kinds(events), ["CallEnded", "CallEnded", "Closed"])
        self.assertEqual({event.status.code for event in events[:2]}, {StatusCode.UNAVAILABLE})
        self.assertFalse(any(event.refused for event in events[:2]))


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
        self.assertEqual([(f.type, f.flags, f.payload) for f in sent(client)], [(FrameType.PING, frames.ACK, b"abcdefgh")])

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
        self.assertEqual(kinds(client.events()), ["CallEnded", "Closed"])

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
