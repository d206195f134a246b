"""The client's side of a connection."""

from __future__ import annotations

from ..metadata import EMPTY, Metadata
from ..status import RpcError, Status, StatusCode
from . import payloads
from .content import Content
from .endpoint import Endpoint
from .events import CallEnded, Closed, Draining, InitialMetadata
from .frames import FROM_SERVER, Frame, FrameType, GoAwayCode, malformed
from .inbox import Exhausted
from .settings import Limits, Settings
from .stream import Stream

LAST_STREAM_ID = 2**32 - 1
_SECOND_US = 1_000_000


class ClientConnection(Endpoint):
    """Opens calls; tells of their metadata, messages and ends by `events`."""

    def __init__(self, own: Settings = Settings(), limits: Limits = Limits(), now: float = 0.0) -> None:
        super().__init__(own, limits, now, FROM_SERVER)
        self.draining: str | None = None
        self._goaway_code = GoAwayCode.SHUTDOWN

    @property
    def takes_calls(self) -> bool:
        """Whether calls may be opened here, now or when others have ended."""
        is_over = self.closed or self.draining is not None or self.last_stream_id >= LAST_STREAM_ID
        return self.peer is not None and not is_over

    @property
    def has_room(self) -> bool:
        """Whether the server allows one more stream."""
        return self.peer is not None and len(self.streams) < self.peer.concurrent_streams

    def open(
        self, service: str, method: str, now: float, deadline: float | None = None, metadata: Metadata = EMPTY
    ) -> int:
        """Opens a stream and returns its id. `deadline` is a moment of the clock of `now`."""
        if not self.takes_calls or not self.has_room:
            raise RpcError(StatusCode.UNAVAILABLE, "the connection takes no more calls; use another one")
        remaining_us = 0
        if deadline is not None:
            # 0 would mean that there is no deadline.
            remaining_us = min(max(1, int((deadline - now) * _SECOND_US)), 2**64 - 1)
            if deadline <= now:
                raise RpcError(StatusCode.DEADLINE_EXCEEDED, "the deadline passed before the call was sent")
        if not payloads.is_name(service) or not payloads.is_name(method):
            raise ValueError(f"{service!r}/{method!r}: names have 1 to 255 characters of A-Z a-z 0-9 _ .")
        payload = payloads.Headers(service, method, remaining_us, metadata).encode()
        self._check_metadata(metadata, len(payload))
        stream = self._open(self.last_stream_id + 2 if self.last_stream_id else 1, deadline)
        self._outbox.control(FrameType.HEADERS, payload, stream.id)
        return stream.id

    def send(self, stream_id: int, message: Content, end: bool = False, compress: bool = False) -> None:
        """Queues a message; what the call's end overtakes is dropped."""
        stream = self._sender(stream_id)
        if stream is None:
            return
        try:
            self._queue(stream, message, end, compress)
        except Exhausted as error:
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, f"{error}; send less at a time") from None

    def end(self, stream_id: int) -> None:
        """No message follows."""
        stream = self._sender(stream_id)
        if stream is not None:
            self._queue_bytes(stream, b"", end=True)

    def cancel(self, stream_id: int, code: StatusCode = StatusCode.CANCELLED, message: str = "cancelled") -> None:
        """Ends a call from this side."""
        stream = self.streams.get(stream_id)
        if stream is None:
            return
        wire_code = code if code == StatusCode.DEADLINE_EXCEEDED else StatusCode.CANCELLED
        self._outbox.control(FrameType.CANCEL, bytes([wire_code]), stream_id)
        self._end(stream, Status(code, message))

    def _sender(self, stream_id: int) -> Stream | None:
        stream = self.streams.get(stream_id)
        if stream is not None and stream.has_ended_locally:
            raise ValueError("the last message was sent already")
        return stream

    def _check_metadata(self, metadata: Metadata, payload_size: int) -> None:
        assert self.peer is not None
        peer = self.peer
        if len(metadata) > peer.metadata_entries or metadata.size > peer.metadata_bytes:
            taken = f"{peer.metadata_entries} entries of {peer.metadata_bytes} bytes together"
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, f"more metadata than the server takes: {taken}")
        if payload_size > peer.frame_payload_bytes:
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, "more metadata than a frame of the server takes")

    # Frames of calls.

    def _on_call_frame(self, frame: Frame, now: float) -> None:
        stream = self._stream(frame)
        if frame.type == FrameType.MESSAGE:
            self._on_message(frame, stream)
        elif stream is None:
            return
        elif frame.type == FrameType.METADATA:
            self._on_metadata(frame, stream)
        else:
            self._on_trailers(frame, stream)

    def _on_metadata(self, frame: Frame, stream: Stream) -> None:
        if stream.got_metadata or stream.got_message:
            raise malformed("METADATA twice or after a MESSAGE")
        metadata = payloads.decode_metadata(frame.payload)
        stream.got_metadata = True
        if self._is_within_limits(metadata):
            self._events.append(InitialMetadata(stream.id, metadata))
        else:
            self._on_exhausted(stream, "the server's metadata is beyond this client's limits")

    def _on_trailers(self, frame: Frame, stream: Stream) -> None:
        status, trailers = payloads.decode_trailers(frame.payload)
        if not self._is_within_limits(trailers):
            message = "the metadata of the server's trailers is beyond this client's limits"
            status, trailers = Status(StatusCode.RESOURCE_EXHAUSTED, message), EMPTY
        elif status.code == StatusCode.OK and stream.is_within_message:
            status = Status(StatusCode.INTERNAL, "the server ended the call within a message")
        self._end(stream, status, trailers)

    def _is_within_limits(self, metadata: Metadata) -> bool:
        return len(metadata) <= self.own.metadata_entries and metadata.size <= self.own.metadata_bytes

    # Ends.

    def _end(self, stream: Stream, status: Status, trailers: Metadata = EMPTY, refused: bool = False) -> None:
        self._forget(stream)
        self._events.append(CallEnded(stream.id, status, trailers, refused))
        if self.draining is not None and not self.streams:
            self._close(Closed(self._goaway_code, self.draining))

    def _on_exhausted(self, stream: Stream, reason: str) -> None:
        self.cancel(stream.id, StatusCode.RESOURCE_EXHAUSTED, reason)

    def _on_deadline(self, stream: Stream) -> None:
        self.cancel(stream.id, StatusCode.DEADLINE_EXCEEDED, "the deadline has passed")

    def _on_goaway(self, goaway: payloads.GoAway) -> None:
        reason = f"{goaway.code.name}: {goaway.reason}" if goaway.reason else goaway.code.name
        is_first, self.draining = self.draining is None, reason
        self._goaway_code = goaway.code
        refused = [stream for stream in self.streams.values() if stream.id > goaway.last_stream_id]
        for stream in refused:
            message = f"the server takes no more calls on this connection: {reason}"
            self._end(stream, Status(StatusCode.UNAVAILABLE, message), refused=True)
        if goaway.code != GoAwayCode.SHUTDOWN or not self.streams:
            self._close(Closed(goaway.code, reason))
        elif is_first:
            self._events.append(Draining(reason))

    def _on_close(self, closed: Closed) -> None:
        for stream in list(self.streams.values()):
            del self.streams[stream.id]
            message = f"the connection ended before the answer: {closed.reason}"
            self._events.append(CallEnded(stream.id, Status(StatusCode.UNAVAILABLE, message)))
