"""Flow control in both directions, with the smallest windows."""

from __future__ import annotations

import unittest

from support.peer import SMALLEST, body, kinds, message, ready, sent, told, trailers, window_update

from llara.status import StatusCode
from llara.wire import compression, content, frames, payloads
from llara.wire.connection import ClientConnection
from llara.wire.content import Content
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Limits, Settings

SMALL = Settings(**SMALLEST)
WINDOW = 65_536
BODY = Content(bytes(200_000))
SIZE = len(content.encode(BODY))


def sizes(client: ClientConnection) -> list[tuple[int, int, int]]:
    return [(f.stream_id, len(f.payload), f.flags) for f in sent(client) if f.type == FrameType.MESSAGE]


def updates(client: ClientConnection) -> dict[int, int]:
    """Increments by stream."""
    found: dict[int, int] = {}
    for frame in sent(client):
        if frame.type == FrameType.WINDOW_UPDATE:
            increment = payloads.decode_window_update(frame.payload)
            found[frame.stream_id] = found.get(frame.stream_id, 0) + increment
    return found


class SendTests(unittest.TestCase):
    def test_a_message_is_cut_to_the_window(self) -> None:
        client = ready(SMALL, streams=1)
        client.send(1, BODY, end=True)
        self.assertEqual(sizes(client), [(1, WINDOW, frames.MORE)])
        self.assertEqual(kinds(told(client)), [])
        client.receive(window_update(1_000), 0)
        self.assertEqual(sizes(client), [], "the stream's window is empty")
        client.receive(window_update(10, 1), 0)
        self.assertEqual(sizes(client), [(1, 10, frames.MORE)])
        client.receive(window_update(300_000) + window_update(300_000, 1), 0)
        self.assertEqual(sizes(client), [(1, SIZE - WINDOW - 10, frames.END_STREAM)])
        self.assertEqual(kinds(told(client)), ["Writable"])

    def test_a_message_is_cut_to_the_frame_limit(self) -> None:
        client = ready(Settings(frame_payload_bytes=32_768), streams=1)
        client.send(1, BODY)
        lengths = [size for _, size, _ in sizes(client)]
        self.assertEqual(lengths, [32_768] * 6 + [SIZE - 6 * 32_768])

    def test_streams_take_turns(self) -> None:
        client = ready(Settings(frame_payload_bytes=32_768), streams=2)
        client.send(1, BODY)
        client.send(3, BODY)
        self.assertEqual([stream for stream, _, _ in sizes(client)], [1, 3] * 7)

    def test_an_empty_connection_window_holds_up_all(self) -> None:
        client = ready(Settings(connection_window_bytes=WINDOW), streams=2)
        client.send(1, BODY)
        client.send(3, Content(bytes(WINDOW)))
        self.assertEqual(sizes(client), [(1, WINDOW, frames.MORE)])
        client.receive(window_update(100), 0)
        self.assertEqual(sizes(client), [(3, 100, frames.MORE)])
        client.receive(window_update(100), 0)
        self.assertEqual(sizes(client), [(1, 100, frames.MORE)])

    def test_a_blocked_stream_lets_others_pass(self) -> None:
        client = ready(Settings(stream_window_bytes=WINDOW), streams=2)
        client.send(1, BODY)
        client.send(3, Content(b"x"), end=True)
        self.assertEqual(sizes(client), [(1, WINDOW, frames.MORE), (3, 9, frames.END_STREAM)])

    def test_end_of_requests_needs_no_window(self) -> None:
        client = ready(SMALL, streams=2)
        client.send(1, BODY)
        sizes(client)
        client.end(3)
        self.assertEqual(sizes(client), [(3, 0, frames.END_STREAM)])

    def test_a_cancelled_call_sends_no_more(self) -> None:
        client = ready(SMALL, streams=1)
        client.send(1, BODY)
        sizes(client)
        client.cancel(1)
        self.assertEqual([frame.type for frame in sent(client)], [FrameType.CANCEL])
        client.receive(window_update(9, 1) + window_update(WINDOW), 0)
        self.assertEqual(sent(client), [])

    def test_trailers_end_what_is_still_sent(self) -> None:
        client = ready(SMALL, streams=1)
        client.send(1, BODY)
        sizes(client)
        client.receive(trailers(StatusCode.ABORTED) + window_update(WINDOW), 0)
        self.assertEqual(kinds(told(client)), ["CallEnded"])
        self.assertEqual(sizes(client), [])


class ReceiveTests(unittest.TestCase):
    def test_a_full_window_is_allowed_and_one_byte_more_is_not(self) -> None:
        for extra, code in ((0, None), (1, GoAwayCode.FLOW_CONTROL)):
            client = ready(own=SMALL, streams=1)
            client.receive(body(bytes(WINDOW - 8)), 0)
            self.assertEqual(updates(client), {}, "nobody has read it")
            client.receive(message(b"x" * extra, flags=frames.MORE) if extra else b"", 0)
            self.assertEqual(client.closed.code if client.closed else None, code)

    def test_the_connection_window_counts_all_streams(self) -> None:
        client = ready(own=Settings(connection_window_bytes=WINDOW), streams=2)
        client.receive(body(bytes(WINDOW - 16), 1), 0)
        client.receive(body(b"", 3), 0)
        self.assertIsNone(client.closed)
        client.receive(body(b"", 3), 0)
        assert client.closed
        self.assertEqual(client.closed.code, GoAwayCode.FLOW_CONTROL)

    def test_a_read_message_is_given_back_to_both(self) -> None:
        client = ready(own=SMALL, streams=1)
        client.receive(body(bytes(40_000)), 0)
        self.assertEqual(updates(client), {})
        client.taken(1)
        self.assertEqual(updates(client), {0: 40_008, 1: 40_008})

    def test_small_amounts_are_collected_to_less_than_half(self) -> None:
        client = ready(own=SMALL, streams=1)
        total = 0
        for _ in range(1_000):
            client.receive(body(bytes(92)), 0)
            client.taken(1)
            given = updates(client)
            total += 100 - given.get(0, 0)
            self.assertEqual(given.get(0, 0), given.get(1, 0))
            self.assertLess(total, WINDOW // 2)

    def test_a_message_may_be_larger_than_the_windows(self) -> None:
        client = ready(own=SMALL, streams=1)
        data = content.encode(BODY)
        for start in range(0, SIZE, WINDOW):
            part = data[start : start + WINDOW]
            is_last = start + WINDOW >= SIZE
            client.receive(message(part, flags=0 if is_last else frames.MORE), 0)
            self.assertEqual(updates(client), {} if is_last else {0: WINDOW, 1: WINDOW})
        self.assertEqual(told(client)[0].content, BODY)

    def test_parts_wait_while_the_reader_is_behind(self) -> None:
        client = ready(own=SMALL, streams=1)
        client.receive(body(bytes(100)), 0)
        client.receive(message(bytes(WINDOW - 108), flags=frames.MORE), 0)
        self.assertEqual(updates(client), {})
        client.taken(1)
        self.assertEqual(updates(client), {0: WINDOW, 1: WINDOW})

    def test_an_ended_stream_gives_back_to_the_connection(self) -> None:
        client = ready(own=SMALL, streams=1)
        client.cancel(1)
        sent(client)
        client.receive(message(bytes(WINDOW), flags=frames.MORE), 0)
        self.assertEqual(updates(client), {0: WINDOW})

    def test_unread_messages_of_an_ended_stream(self) -> None:
        client = ready(own=SMALL, streams=2)
        client.receive(body(bytes(30_000), 1) + body(bytes(30_000), 3) + trailers(stream_id=1), 0)
        client.taken(1)
        self.assertEqual(updates(client), {0: 30_008})
        client.cancel(3)
        client.drop_unread(3)
        self.assertEqual(updates(client), {0: 30_008})

    def test_an_incomplete_message_of_an_ended_stream(self) -> None:
        client = ready(own=SMALL, streams=1)
        client.receive(body(b"") + message(bytes(40_000), flags=frames.MORE) + trailers(StatusCode.ABORTED), 0)
        self.assertEqual(updates(client), {0: 40_000})

    def test_the_largest_message_and_one_byte_more(self) -> None:
        for size, names in ((992, ["MessageReceived"]), (993, ["CallEnded"])):
            client = ready(own=Settings(message_bytes=1_000), streams=1)
            client.receive(body(bytes(size)), 0)
            events = told(client)
            self.assertEqual(kinds(events), names)
            self.assertIsNone(client.closed)
        self.assertEqual(events[0].status.code, StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual([(f.type, f.payload) for f in sent(client)], [(FrameType.CANCEL, b"\x01")])

    def test_a_large_message_in_parts_ends_its_call_early(self) -> None:
        client = ready(own=Settings(message_bytes=1_000), streams=1)
        for _ in range(3):
            client.receive(message(bytes(400), flags=frames.MORE), 0)
        self.assertEqual(kinds(told(client)), ["CallEnded"])

    @unittest.skipUnless(compression.available(), "zstandard is not installed")
    def test_a_compressed_message_is_judged_by_its_length(self) -> None:
        packed = compression.compress(content.encode(Content(bytes(992)))) or b""
        claim = (1_001).to_bytes(4, "little") + b"never decompressed"
        for data, name in ((packed, "MessageReceived"), (claim, "CallEnded")):
            client = ready(own=Settings(message_bytes=1_000, compressions=1), streams=1)
            client.receive(message(data, flags=frames.COMPRESSED), 0)
            self.assertEqual(kinds(told(client)), [name])
            self.assertIsNone(client.closed)

    def test_unread_bytes_have_a_limit(self) -> None:
        for size, name in ((992, "MessageReceived"), (993, "CallEnded")):
            client = ready(own=SMALL, limits=Limits(unread_bytes=2_000), streams=2)
            client.receive(body(bytes(992), 1) + body(bytes(size), 3), 0)
            self.assertEqual(kinds(told(client)), ["MessageReceived", name])
            client.taken(1)
            client.taken(3)
            self.assertEqual(client._inbox.unread_bytes, 0)
