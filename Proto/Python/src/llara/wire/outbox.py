"""What is to be sent: control frames at once, messages as the windows allow, streams in turn."""

from __future__ import annotations

from collections import deque

from . import frames
from .frames import FrameType
from .stream import Outgoing, Stream
from .windows import SendWindow


class Outbox:
    def __init__(self) -> None:
        self._control = bytearray(frames.PREFACE)
        self._turn: deque[int] = deque()
        self._blocked: set[int] = set()
        self.window = SendWindow(0)
        self.payload_limit = 0
        self.unsent_acks = 0
        self.emptied: list[int] = []
        """Streams whose last message was handed out since the owner looked."""
        self.sent_message = False

    def control(self, type: FrameType, payload: bytes, stream_id: int = 0, flags: int = 0) -> None:
        """A frame that no window holds up."""
        self._control += frames.encode(type, payload, stream_id, flags)

    def queue(self, stream: Stream, outgoing: Outgoing) -> None:
        if not stream.queue:
            self._turn.append(stream.id)
        stream.queue.append(outgoing)

    def unblock(self, stream_id: int) -> None:
        """The window of the stream has grown."""
        if stream_id in self._blocked:
            self._blocked.discard(stream_id)
            self._turn.append(stream_id)

    def forget(self, stream_id: int) -> None:
        """The stream has ended: what it still had to send is not sent."""
        self._blocked.discard(stream_id)
        if stream_id in self._turn:
            self._turn.remove(stream_id)

    def forget_all(self) -> None:
        self._turn.clear()
        self._blocked.clear()

    def take(self, size: int, streams: dict[int, Stream]) -> bytes:
        """About so many bytes to send now; empty: nothing can be sent."""
        pieces = [bytes(self._control)]
        taken = len(self._control)
        self._control.clear()
        self.unsent_acks = 0
        waiting = []
        while self._turn and taken < size:
            stream = streams[self._turn.popleft()]
            frame = stream.next_frame(min(self.window.left, stream.send_window.left, self.payload_limit))
            if frame is not None:
                taken += self._add(pieces, stream, *frame)
            elif stream.send_window.left:
                # The connection's window is empty. Another stream's empty END_STREAM needs none.
                waiting.append(stream.id)
            else:
                self._blocked.add(stream.id)
        self._turn.extendleft(reversed(waiting))
        return b"".join(pieces)

    def _add(self, pieces: list[bytes], stream: Stream, payload: memoryview, flags: int, is_over: bool) -> int:
        self.window.left -= len(payload)
        stream.send_window.left -= len(payload)
        pieces.append(frames.encode(FrameType.MESSAGE, payload, stream.id, flags))
        self.sent_message = True
        if stream.queue:
            self._turn.append(stream.id)
        else:
            self.emptied.append(stream.id)
        return frames.HEADER.size + len(payload)
