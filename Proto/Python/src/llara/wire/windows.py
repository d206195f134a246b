"""Flow control: how much may be sent, and how much was received and not given back (WIRE.md section 2.8)."""

from __future__ import annotations

from .frames import GoAwayCode, ProtocolError
from .settings import LARGEST_WINDOW

GIVE_BACK_SHARE = 4
"""Small amounts are collected up to this part of a window; the protocol allows a half."""


class SendWindow:
    """What this side may still send."""

    def __init__(self, size: int) -> None:
        self.left = size

    def grow(self, increment: int) -> None:
        if increment == 0:
            raise ProtocolError(GoAwayCode.FLOW_CONTROL, "a WINDOW_UPDATE of 0")
        self.left += increment
        if self.left > LARGEST_WINDOW:
            raise ProtocolError(GoAwayCode.FLOW_CONTROL, f"a window beyond {LARGEST_WINDOW} bytes")


class ReceiveWindow:
    """What the peer may still send."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size
        self._owed = 0

    def take(self, count: int) -> None:
        if count > self._left:
            raise ProtocolError(GoAwayCode.FLOW_CONTROL, f"{count} bytes in a window of {self._left}")
        self._left -= count

    def give_back(self, count: int) -> int:
        """The increment to send now; 0 while the amount is small."""
        self._owed += count
        if self._owed < self._size // GIVE_BACK_SHARE:
            return 0
        increment, self._owed = self._owed, 0
        self._left += increment
        return increment
