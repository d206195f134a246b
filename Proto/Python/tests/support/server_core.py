"""The server's side of a connection, as far as tests need one."""

from __future__ import annotations

from dataclasses import dataclass

from llara.metadata import EMPTY, Metadata
from llara.status import Status, StatusCode
from llara.wire import payloads
from llara.wire.content import Content
from llara.wire.endpoint import Endpoint
from llara.wire.events import Closed
from llara.wire.frames import END_STREAM, FROM_CLIENT, MORE, Frame, FrameType, GoAwayCode, malformed
from llara.wire.settings import Limits, Settings
from llara.wire.stream import Stream


@dataclass(frozen=True)
class Opened:
    stream_id: int
    headers: payloads.Headers


@dataclass(frozen=True)
class RequestsEnded:
    stream_id: int


@dataclass(frozen=True)
class Cancelled:
    """The handler must stop; `code` is the status that the call has."""

    stream_id: int
    code: StatusCode


class ServerConnection(Endpoint):
    def __init__(self, own: Settings = Settings(), limits: Limits = Limits(), now: float = 0.0) -> None:
        super().__init__(own, limits, now, FROM_CLIENT)
        self._taken_until: int | None = None

    def metadata(self, stream_id: int, metadata: Metadata) -> None:
        if stream_id in self.streams:
            self._outbox.control(FrameType.METADATA, payloads.encode_metadata(metadata), stream_id)

    def send(self, stream_id: int, message: Content, compress: bool = False) -> None:
        if stream_id in self.streams:
            self._queue(self.streams[stream_id], message, False, compress)

    def finish(self, stream_id: int, status: Status, trailers: Metadata = EMPTY) -> None:
        """The caller waits until its messages are sent."""
        stream = self.streams.get(stream_id)
        if stream is not None:
            self._watch.forgive()
            self._outbox.control(FrameType.TRAILERS, payloads.encode_trailers(status, trailers), stream_id)
            self._forget(stream)

    def drain(self, reason: str = "", last: int | None = None) -> None:
        self._taken_until = self.last_stream_id if last is None else last
        self._outbox.control(FrameType.GOAWAY, payloads.GoAway(self._taken_until, GoAwayCode.SHUTDOWN, reason).encode())
        for stream in [stream for stream in self.streams.values() if stream.id > self._taken_until]:
            self._forget(stream)

    def _last_taken(self) -> int:
        return self.last_stream_id

    def _on_call_frame(self, frame: Frame, now: float) -> None:
        if frame.type == FrameType.HEADERS:
            self._on_headers(frame, now)
            return
        stream = self._stream(frame)
        if frame.type == FrameType.MESSAGE:
            self._on_request(frame, stream)
        elif stream is not None:
            self._forget(stream)
            code = StatusCode.of_byte(frame.payload[0], StatusCode.CANCELLED)
            self._events.append(Cancelled(stream.id, code))  # type: ignore[arg-type]

    def _on_headers(self, frame: Frame, now: float) -> None:
        if frame.stream_id <= self.last_stream_id:
            raise malformed("a stream id is used again")
        headers = payloads.decode_headers(frame.payload)
        self.last_stream_id = frame.stream_id
        if self._taken_until is not None and frame.stream_id > self._taken_until:
            return
        deadline = now + headers.remaining_us / 1_000_000 if headers.remaining_us else None
        stream = self._open(frame.stream_id, deadline)
        stream.requests_ended = False  # type: ignore[attr-defined]
        metadata = headers.metadata
        if len(metadata) > self.own.metadata_entries or metadata.size > self.own.metadata_bytes:
            self._on_exhausted(stream, "more metadata than the server takes")
        elif len(self.streams) > self.own.concurrent_streams:
            self._on_exhausted(stream, "more streams than the server takes")
        else:
            self._events.append(Opened(stream.id, headers))  # type: ignore[arg-type]
            self._note_end(frame, stream)

    def _on_request(self, frame: Frame, stream: Stream | None) -> None:
        if frame.flags & END_STREAM and frame.flags & MORE:
            raise malformed("END_STREAM and MORE")
        if stream is not None and stream.requests_ended:  # type: ignore[attr-defined]
            raise malformed("MESSAGE after END_STREAM")
        is_end_only = not frame.payload and frame.flags == END_STREAM and not (stream and stream.is_within_message)
        if not is_end_only:
            self._on_message(frame, stream)
        if stream is not None and stream.id in self.streams:
            self._note_end(frame, stream)

    def _note_end(self, frame: Frame, stream: Stream) -> None:
        if frame.flags & END_STREAM:
            stream.requests_ended = True  # type: ignore[attr-defined]
            self._events.append(RequestsEnded(stream.id))  # type: ignore[arg-type]

    def _on_goaway(self, goaway: payloads.GoAway) -> None:
        self._close(Closed(goaway.code, goaway.reason))

    def _on_exhausted(self, stream: Stream, reason: str) -> None:
        self._stop(stream, Status(StatusCode.RESOURCE_EXHAUSTED, reason))

    def _on_deadline(self, stream: Stream) -> None:
        self._stop(stream, Status(StatusCode.DEADLINE_EXCEEDED, "the deadline has passed"))

    def _stop(self, stream: Stream, status: Status) -> None:
        self.finish(stream.id, status)
        self._events.append(Cancelled(stream.id, status.code))  # type: ignore[arg-type]

    def _on_close(self, closed: Closed) -> None:
        for stream_id in list(self.streams):
            del self.streams[stream_id]
            self._events.append(Cancelled(stream_id, StatusCode.UNAVAILABLE))  # type: ignore[arg-type]
