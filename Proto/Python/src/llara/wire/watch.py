"""What a connection does by time: the handshake's timeout, its own PINGs, and the peer's that come too soon."""

from __future__ import annotations

from .frames import GoAwayCode, ProtocolError
from .settings import Limits, Settings

STRIKES = 3
"""PINGs that come too soon; the last of them closes the connection."""
MARGIN = 1.25
"""PINGs go out slower than the peer allows: two that left on time may arrive closer together."""


class Watch:
    def __init__(self, own: Settings, limits: Limits, now: float) -> None:
        self._own = own
        self._limits = limits
        self._started = self._heard = now
        self._sent: float | None = None
        self._waiting = False
        self._received: float | None = None
        self._strikes = 0

    def heard(self, now: float) -> None:
        """Any byte shows that the peer lives."""
        self._heard, self._waiting = now, False

    def asked(self, now: float) -> None:
        """The peer sent a PING."""
        shortest = self._own.shortest_ping_interval_ms / 1000
        if self._received is not None and now - self._received < shortest:
            self._strikes += 1
            if self._strikes == STRIKES:
                raise ProtocolError(GoAwayCode.TOO_MANY_PINGS, f"PING more often than every {shortest} s")
        self._received = now

    def forgive(self) -> None:
        """This side sent MESSAGE or TRAILERS."""
        self._strikes = 0

    def moments(self, peer: Settings | None, has_streams: bool) -> list[float]:
        """When there will be something to do."""
        if peer is None:
            return [self._started + self._limits.handshake_timeout]
        return [self._next(peer)] if has_streams else []

    def must_ask(self, peer: Settings | None, has_streams: bool, now: float) -> bool:
        """Whether a PING must go out. Raises ProtocolError or TimeoutError where the peer was silent too long."""
        if peer is None:
            if now >= self._started + self._limits.handshake_timeout:
                raise ProtocolError(GoAwayCode.HANDSHAKE_TIMEOUT, "preface or SETTINGS did not come in time")
            return False
        if not has_streams or now < self._next(peer):
            return False
        if self._waiting:
            raise TimeoutError(f"the peer said nothing for {self._limits.keepalive_timeout} s after a PING")
        self._sent, self._waiting = now, True
        return True

    def _next(self, peer: Settings) -> float:
        if self._waiting and self._sent is not None:
            return self._sent + self._limits.keepalive_timeout
        quiet = self._heard + self._limits.keepalive_interval
        if self._sent is None:
            return quiet
        return max(quiet, self._sent + peer.shortest_ping_interval_ms / 1000 * MARGIN)
