"""What both sides of a connection do alike: handshake, frames of the connection, messages, time."""

from __future__ import annotations

from . import compression, content, payloads, settings
from .content import Content
from .events import Closed, Event, Ready, Writable
from .frames import ACK, Frame, FrameReader, FrameType, ProtocolError, Rule, malformed
from .inbox import Exhausted, Inbox
from .outbox import Outbox
from .settings import ZSTD, Limits, Settings
from .stream import Outgoing, Stream
from .watch import Watch
from .windows import ReceiveWindow, SendWindow


class Endpoint:
    """A connection without socket and clock: `now` is any clock's seconds, always the same one's."""

    def __init__(self, own: Settings, limits: Limits, now: float, rules: dict[FrameType, Rule]) -> None:
        if own.compressions & ~(ZSTD if compression.available() else 0):
            raise ValueError("compressions: this side takes zstd (1) only, and needs: pip install 'llara[zstd]'")
        self.own = own
        self.limits = limits
        self.peer: Settings | None = None
        self.closed: Closed | None = None
        self.streams: dict[int, Stream] = {}
        self.last_stream_id = 0
        self._reader = FrameReader(own.frame_payload_bytes, rules)
        self._outbox = Outbox()
        self._outbox.control(FrameType.SETTINGS, own.encode())
        self._inbox = Inbox(own, limits, self._outbox)
        self._watch = Watch(own, limits, now)
        self._events: list[Event] = []

    # What the owner calls.

    def receive(self, data: bytes, now: float) -> None:
        """Bytes of the peer; what comes after the connection's end is ignored."""
        if self.closed:
            return
        try:
            self._watch.heard(now)
            for frame in self._reader.feed(data):
                self._on_frame(frame, now)
                if self.closed:
                    return
        except ProtocolError as error:
            self.fail(error)

    def events(self) -> list[Event]:
        """What happened since the last time, in order."""
        self._events += [Writable(stream_id) for stream_id in self._outbox.emptied if stream_id in self.streams]
        self._outbox.emptied.clear()
        events, self._events = self._events, []
        return events

    def data_to_send(self, size: int = 65_536) -> bytes:
        """About so many bytes for the peer; empty: nothing now."""
        data = self._outbox.take(size, self.streams)
        if self._outbox.sent_message:
            self._watch.forgive()
            self._outbox.sent_message = False
        return data

    def taken(self, stream_id: int) -> None:
        """The application has read the oldest unread message of a stream."""
        if not self.closed:
            self._inbox.taken(stream_id, self.streams.get(stream_id))

    def drop_unread(self, stream_id: int) -> None:
        """The application will read no more of a stream."""
        if not self.closed:
            self._inbox.drop(stream_id, self.streams.get(stream_id))

    def eof(self, reason: str = "the connection was lost") -> None:
        """The peer's bytes have ended, or the connection broke."""
        self._close(Closed(None, reason))

    def fail(self, error: ProtocolError) -> None:
        """The peer broke a rule: GOAWAY says which, and nothing is sent after it."""
        if self.closed:
            return
        goaway = payloads.GoAway(self._last_taken(), error.code, error.reason)
        self._outbox.control(FrameType.GOAWAY, goaway.encode())
        self._close(Closed(error.code, error.reason))

    def next_tick(self) -> float | None:
        """When `tick` must be called at the latest."""
        if self.closed:
            return None
        deadlines = [stream.deadline for stream in self.streams.values() if stream.deadline is not None]
        return min([*self._watch.moments(self.peer, bool(self.streams)), *deadlines], default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.closed:
            return
        for stream in list(self.streams.values()):
            if stream.deadline is not None and now >= stream.deadline:
                self._on_deadline(stream)
        try:
            if self._watch.must_ask(self.peer, bool(self.streams), now):
                self._outbox.control(FrameType.PING, bytes(8))
        except ProtocolError as error:
            self.fail(error)
        except TimeoutError as error:
            self.eof(str(error))

    # What a side adds.

    def _on_call_frame(self, frame: Frame, now: float) -> None:
        raise NotImplementedError

    def _on_goaway(self, goaway: payloads.GoAway) -> None:
        raise NotImplementedError

    def _on_deadline(self, stream: Stream) -> None:
        raise NotImplementedError

    def _on_exhausted(self, stream: Stream, reason: str) -> None:
        raise NotImplementedError

    def _on_close(self, closed: Closed) -> None:
        raise NotImplementedError

    def _last_taken(self) -> int:
        """The last stream id of a GOAWAY; 0 at a client, which takes none."""
        return 0

    # Frames of the connection.

    def _on_frame(self, frame: Frame, now: float) -> None:
        if self.peer is None and frame.type not in (FrameType.SETTINGS, FrameType.GOAWAY):
            raise malformed("a frame before SETTINGS")
        if frame.type == FrameType.SETTINGS:
            self._on_settings(frame)
        elif frame.type == FrameType.PING:
            self._on_ping(frame, now)
        elif frame.type == FrameType.GOAWAY:
            self._on_goaway(payloads.decode_goaway(frame.payload))
        elif frame.type == FrameType.WINDOW_UPDATE:
            self._on_window_update(frame)
        else:
            self._on_call_frame(frame, now)

    def _on_settings(self, frame: Frame) -> None:
        if self.peer is not None:
            raise malformed("SETTINGS twice")
        self.peer = settings.decode(frame.payload)
        self._reader.before_settings = False
        self._outbox.window = SendWindow(self.peer.connection_window_bytes)
        self._outbox.payload_limit = self.peer.frame_payload_bytes
        self._events.append(Ready(self.peer))

    def _on_ping(self, frame: Frame, now: float) -> None:
        if frame.flags & ACK:
            return
        self._watch.asked(now)
        self._outbox.unsent_acks += 1
        if self._outbox.unsent_acks > self.limits.unsent_acks:
            self.eof("the peer asks and does not read the answers")
        else:
            self._outbox.control(FrameType.PING, frame.payload, flags=ACK)

    def _on_window_update(self, frame: Frame) -> None:
        increment = payloads.decode_window_update(frame.payload)
        if frame.stream_id == 0:
            self._outbox.window.grow(increment)
            return
        stream = self._stream(frame)
        if stream is not None:
            stream.send_window.grow(increment)
            self._outbox.unblock(stream.id)

    # For the sides.

    def _stream(self, frame: Frame) -> Stream | None:
        """None: it has ended, and the frame was on its way."""
        if frame.stream_id > self.last_stream_id:
            raise malformed(f"stream {frame.stream_id} was never opened")
        return self.streams.get(frame.stream_id)

    def _open(self, stream_id: int, deadline: float | None) -> Stream:
        assert self.peer is not None
        send = SendWindow(self.peer.stream_window_bytes)
        stream = Stream(stream_id, send, ReceiveWindow(self.own.stream_window_bytes), deadline)
        self.streams[stream_id] = stream
        self.last_stream_id = stream_id
        return stream

    def _forget(self, stream: Stream) -> None:
        """The stream has ended."""
        del self.streams[stream.id]
        self._outbox.forget(stream.id)
        if not self.closed:
            self._inbox.forget(stream)

    def _queue(self, stream: Stream, message: Content, end: bool, compress: bool) -> None:
        """Raises Exhausted where the message is beyond what the peer takes."""
        assert self.peer is not None
        if len(message.attachments) > self.peer.attachments:
            raise Exhausted(f"{len(message.attachments)} attachments, and the peer takes {self.peer.attachments}")
        data = content.encode(message)
        if len(data) > self.peer.message_bytes:
            raise Exhausted(f"a message of {len(data)} bytes, and the peer takes {self.peer.message_bytes}")
        packed = compression.compress(data) if compress and self.peer.compressions & ZSTD else None
        self._queue_bytes(stream, data if packed is None else packed, end, packed is not None)

    def _queue_bytes(self, stream: Stream, data: bytes, end: bool, compressed: bool = False) -> None:
        stream.has_ended_locally = end
        self._outbox.queue(stream, Outgoing(memoryview(data), compressed, end))

    def _on_message(self, frame: Frame, stream: Stream | None) -> None:
        if stream is None:
            self._inbox.ignore(frame)
            return
        try:
            message = self._inbox.receive(frame, stream)
        except Exhausted as error:
            self._on_exhausted(stream, str(error))
            return
        if message is not None:
            self._events.append(message)

    def _close(self, closed: Closed) -> None:
        if not self.closed:
            self.closed = closed
            self._outbox.forget_all()
            self._on_close(closed)
            self._events.append(closed)
