"""What is received and not yet read: assembly of messages, and giving windows back."""

from __future__ import annotations

from collections import deque

from . import compression, content, payloads
from .content import TooManyAttachments
from .events import MessageReceived
from .frames import MORE, Frame, FrameType
from .outbox import Outbox
from .settings import ZSTD, Limits, Settings
from .stream import Stream
from .windows import ReceiveWindow


class Exhausted(Exception):
    """A limit that ends a call with RESOURCE_EXHAUSTED; the connection goes on."""


class Inbox:
    def __init__(self, own: Settings, limits: Limits, outbox: Outbox) -> None:
        self._own = own
        self._limits = limits
        self._outbox = outbox
        self._window = ReceiveWindow(own.connection_window_bytes)
        self._unread: dict[int, deque[tuple[int, int]]] = {}
        """Of each unread message of a stream: its bytes, and those to give back when it is read."""
        self.unread_bytes = 0

    def ignore(self, frame: Frame) -> None:
        """A MESSAGE of a stream that has ended takes from the connection's window, too."""
        self._window.take(len(frame.payload))
        self._give_back(None, len(frame.payload))

    def receive(self, frame: Frame, stream: Stream) -> MessageReceived | None:
        """The message that the frame completes. Raises Exhausted where its call must end."""
        size = len(frame.payload)
        self._window.take(size)
        stream.receive_window.take(size)
        stream.check_part(frame, bool(self._own.compressions & ZSTD))
        stream.add(frame)
        stream.owed += size
        self.unread_bytes += size
        if stream.parts_size > self._own.message_bytes:
            raise Exhausted(f"a message of more than {self._own.message_bytes} bytes")
        self._check_unread()
        message = None if frame.flags & MORE else self._complete(stream)
        # An incomplete message is given back at once, so that it may be larger than a window; but while
        # the reader is behind it is held back, or large messages would pile up without end.
        if message is None and stream.id not in self._unread:
            self._settle(stream)
        return message

    def taken(self, stream_id: int, stream: Stream | None) -> None:
        """The application has read the oldest unread message; `stream` is None where it has ended."""
        waiting = self._unread.get(stream_id)
        if not waiting:
            return
        size, owed = waiting.popleft()
        self.unread_bytes -= size
        self._give_back(stream, owed)
        if not waiting:
            del self._unread[stream_id]
            if stream:
                self._settle(stream)

    def drop(self, stream_id: int, stream: Stream | None) -> None:
        """The application will read no more of a stream."""
        while stream_id in self._unread:
            self.taken(stream_id, stream)

    def forget(self, stream: Stream) -> None:
        """The stream has ended: its incomplete message is dropped, complete ones may still be read."""
        self.unread_bytes -= stream.parts_size
        stream.parts, stream.parts_size = [], 0
        self._give_back(None, stream.owed)
        stream.owed = 0

    def _complete(self, stream: Stream) -> MessageReceived:
        compressed = stream.is_compressed
        self.unread_bytes -= stream.parts_size
        data = self._content(stream.message(), compressed)
        try:
            message = content.decode(data, self._own.attachments)
        except TooManyAttachments as error:
            raise Exhausted(str(error)) from None
        self._check_unread(len(data))
        self.unread_bytes += len(data)
        self._unread.setdefault(stream.id, deque()).append((len(data), stream.owed))
        stream.owed = 0
        return MessageReceived(stream.id, message, compressed)

    def _content(self, data: bytes, compressed: bool) -> bytes:
        if not compressed:
            return data
        length = compression.content_length(data)
        if length > self._own.message_bytes:
            raise Exhausted(f"a message of {length} bytes, more than {self._own.message_bytes}")
        return compression.decompress(data)

    def _check_unread(self, more: int = 0) -> None:
        if self.unread_bytes + more > self._limits.unread_bytes:
            raise Exhausted(f"more than {self._limits.unread_bytes} bytes of messages are not read; read faster")

    def _settle(self, stream: Stream) -> None:
        owed, stream.owed = stream.owed, 0
        self._give_back(stream, owed)

    def _give_back(self, stream: Stream | None, size: int) -> None:
        if not size:
            return
        self._update(0, self._window.give_back(size))
        if stream:
            self._update(stream.id, stream.receive_window.give_back(size))

    def _update(self, stream_id: int, increment: int) -> None:
        if increment:
            self._outbox.control(FrameType.WINDOW_UPDATE, payloads.encode_window_update(increment), stream_id)
