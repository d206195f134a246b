"""The life of calls on one connection: ids, limits, GOAWAY, loss and deadlines."""

from __future__ import annotations

import unittest

from support.peer import body, goaway, kinds, message, ready, sent, told, trailers, window_update

from llara.metadata import EMPTY, Metadata
from llara.status import Detail, RpcError, Status, StatusCode
from llara.wire import frames, payloads
from llara.wire.connection import LAST_STREAM_ID, ClientConnection
from llara.wire.content import Content, Matrix
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Limits, Settings

LIMITS = Limits(keepalive_interval=30)


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
        self.assertEqual(kinds(told(client)), ["Writable"])
        initial = frames.encode(9, payloads.encode_metadata(Metadata([("a", "b")])), 1)
        client.receive(initial + body(b"answer") + trailers(), 11)
        events = told(client)
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
        with self.assertRaises(RpcError) as raised:
            client.send(1, Content(b"12345", (matrix,)))
        self.assertEqual(raised.exception.code, StatusCode.RESOURCE_EXHAUSTED)
        client = ready(Settings(attachments=1), streams=1)
        with self.assertRaises(RpcError) as raised:
            client.send(1, Content(b"", (matrix, matrix)))
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
            (ended,) = told(client)
            self.assertEqual(ended.status.code, StatusCode.RESOURCE_EXHAUSTED)
            self.assertIsNone(client.closed)
            client.open("t.S", "M", 0)

    def test_trailers_within_a_message(self) -> None:
        for code, seen in ((StatusCode.OK, StatusCode.INTERNAL), (StatusCode.ABORTED, StatusCode.ABORTED)):
            client = ready(streams=1)
            client.receive(message(bytes(9), flags=frames.MORE) + trailers(code), 0)
            (ended,) = told(client)
            self.assertEqual(ended.status.code, seen)


class EndTests(unittest.TestCase):
    def test_cancel(self) -> None:
        client = ready(streams=1)
        client.cancel(1)
        client.cancel(1)
        self.assertEqual([(f.type, f.payload) for f in sent(client)], [(FrameType.CANCEL, b"\x01")])
        self.assertEqual(kinds(told(client)), ["CallEnded"])

    def test_deadline(self) -> None:
        client = ready(limits=LIMITS)
        client.open("t.S", "M", 1, deadline=3)
        client.data_to_send()
        self.assertEqual(client.next_tick(), 3)
        client.tick(2.9)
        self.assertEqual(told(client), [])
        client.tick(3)
        self.assertEqual([(f.type, f.payload) for f in sent(client)], [(FrameType.CANCEL, b"\x04")])
        self.assertEqual(told(client)[0].status.code, StatusCode.DEADLINE_EXCEEDED)

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
        events = told(client)
        self.assertEqual(kinds(events), ["CallEnded", "Draining"])
        self.assertEqual((events[0].stream_id, events[0].refused), (5, True))
        self.assertFalse(client.takes_calls)
        client.receive(body(b"", 1) + trailers(stream_id=1) + goaway(1), 0)
        events = told(client)
        self.assertEqual(kinds(events), ["MessageReceived", "CallEnded", "CallEnded", "Closed"])
        self.assertEqual([event.refused for event in events[1:3]], [False, True])
        self.assertEqual(events[3].code, GoAwayCode.SHUTDOWN)

    def test_a_drained_connection_ends_with_its_last_call(self) -> None:
        client = ready(streams=1)
        client.receive(goaway(1), 0)
        self.assertEqual(kinds(told(client)), ["Draining"])
        client.receive(trailers(), 0)
        self.assertEqual(kinds(told(client)), ["CallEnded", "Closed"])

    def test_goaway_for_a_fault_ends_all(self) -> None:
        for code, seen in ((1, 1), (7, 7), (200, 1)):
            client = ready(streams=2)
            client.receive(goaway(1, code), 0)
            events = told(client)
            self.assertEqual(kinds(events), ["CallEnded", "CallEnded", "Closed"])
            self.assertEqual({event.stream_id: event.refused for event in events[:2]}, {1: False, 3: True})
            self.assertEqual(events[2].code, GoAwayCode(seen))

    def test_a_lost_connection(self) -> None:
        client = ready(streams=2)
        client.eof()
        client.eof()
        events = told(client)
        self.assertEqual(kinds(events), ["CallEnded", "CallEnded", "Closed"])
        self.assertEqual({event.status.code for event in events[:2]}, {StatusCode.UNAVAILABLE})
        self.assertFalse(any(event.refused for event in events[:2]))


class EndedStreamTests(unittest.TestCase):
    def test_frames_of_an_ended_stream_are_ignored(self) -> None:
        late = body(b"") + trailers() + frames.encode(9, b"faulty", 1) + window_update(5, 1)
        client = ready(streams=1)
        client.cancel(1)
        told(client)
        client.receive(late, 0)
        self.assertIsNone(client.closed)
        self.assertEqual(told(client), [])

    def test_trailers_keep_what_they_say(self) -> None:
        client = ready(streams=1)
        status, metadata = Status(StatusCode.ABORTED, "new", (Detail("t.T", b"v"),)), Metadata([("a-bin", b"\xff")])
        client.receive(frames.encode(FrameType.TRAILERS, payloads.encode_trailers(status, metadata), 1), 0)
        (event,) = told(client)
        self.assertEqual((event.status, event.trailers), (status, metadata))

    def test_a_code_that_is_not_known(self) -> None:
        client = ready(streams=1)
        client.receive(frames.encode(FrameType.TRAILERS, b"\x11" + bytes(6), 1), 0)
        (event,) = told(client)
        self.assertEqual((event.status, event.trailers), (Status(StatusCode.UNKNOWN), EMPTY))
