"""One stream: what waits to be sent on it, and the message that is coming in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .frames import COMPRESSED, MORE, Frame, malformed
from .windows import ReceiveWindow, SendWindow


@dataclass
class Outgoing:
    """A message on its way out; empty data with `end` ends a stream after the fact."""

    data: memoryview
    compressed: bool
    end: bool
    offset: int = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.offset


@dataclass
class Stream:
    id: int
    send_window: SendWindow
    receive_window: ReceiveWindow
    deadline: float | None = None
    queue: deque[Outgoing] = field(default_factory=deque)
    has_ended_locally: bool = False
    """The last message is queued or sent."""
    got_metadata: bool = False
    got_message: bool = False
    parts: list[bytes] = field(default_factory=list)
    parts_size: int = 0
    is_compressed: bool = False
    owed: int = 0
    """Bytes of an incomplete message that are given back when the messages before it are read."""

    @property
    def is_within_message(self) -> bool:
        return bool(self.parts)

    def check_part(self, frame: Frame, takes_compressed: bool) -> None:
        """Raises where a MESSAGE frame contradicts the rules or the parts before it."""
        compressed = bool(frame.flags & COMPRESSED)
        if compressed and not takes_compressed:
            raise malformed("COMPRESSED, which this side does not take")
        if self.parts:
            if compressed != self.is_compressed:
                raise malformed("COMPRESSED on some frames of a message only")
        elif not frame.payload:
            raise malformed("an empty MESSAGE that continues nothing")

    def add(self, frame: Frame) -> None:
        self.parts.append(frame.payload)
        self.parts_size += len(frame.payload)
        self.is_compressed = bool(frame.flags & COMPRESSED)
        self.got_message = True

    def message(self) -> bytes:
        """The whole message's bytes; the next one starts afresh."""
        data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts, self.parts_size = [], 0
        return data

    def next_frame(self, room: int) -> tuple[memoryview, int, bool] | None:
        """Payload, flags and whether the message is over, of at most `room` bytes; None: it does not fit."""
        outgoing = self.queue[0]
        size = min(room, outgoing.left)
        if not size and outgoing.left:
            return None
        payload = outgoing.data[outgoing.offset : outgoing.offset + size]
        outgoing.offset += size
        is_over = not outgoing.left
        flags = (COMPRESSED if outgoing.compressed else 0) | (0 if is_over else MORE)
        if is_over:
            self.queue.popleft()
        return payload, flags | (1 if is_over and outgoing.end else 0), is_over
