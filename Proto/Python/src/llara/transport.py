"""One connection under asyncio: carries bytes between a socket and the protocol's core, and keeps its time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from .status import RpcError, StatusCode
from .tls import ALPN
from .wire.connection import ClientConnection
from .wire.events import CallEnded, Closed, Draining, Event, InitialMetadata, MessageReceived, Ready, Writable
from .wire.frames import GoAwayCode

CallEvent = InitialMetadata | MessageReceived | Writable | CallEnded


class Wire(asyncio.Protocol):
    """`changed` is called when a stream has ended, or calls are no longer taken."""

    def __init__(self, core: ClientConnection, linger: float, changed: Callable[[Wire], None]) -> None:
        self.core = core
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._linger = linger
        self._changed = changed
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._sinks: dict[int, Callable[[CallEvent], None]] = {}

    def add(self, stream_id: int, sink: Callable[[CallEvent], None]) -> None:
        """A call that the core has opened; the sink must not call back."""
        self._sinks[stream_id] = sink

    def close(self) -> None:
        """Ends the connection and every call on it."""
        self.core.eof("the client was closed")
        self.turn()

    def abort(self) -> None:
        """Closes the socket whatever is left to send."""
        if self._transport:
            self._transport.abort()

    def turn(self) -> None:
        """Sends what can be sent and tells what has happened; to be called after every use of the core."""
        self._write()
        while events := self.core.events():
            for event in events:
                self._tell(event)
            self._write()
        if self._timer:
            self._timer.cancel()
        moment = self.core.next_tick()
        self._timer = None if moment is None else self._loop.call_at(moment, self._tick)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != ALPN:
            self.core.eof(f"the server did not agree to {ALPN} by ALPN; is it llara's port?")
        self.turn()

    def data_received(self, data: bytes) -> None:
        self.core.receive(data, self._loop.time())
        self.turn()

    def eof_received(self) -> bool:
        self.core.eof("the server closed the connection")
        self.turn()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.core.eof(f"the connection was lost: {error}" if error else "the connection was lost")
        self._transport = None
        self.turn()
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self.turn()

    # Inside.

    def _tick(self) -> None:
        self.core.tick(self._loop.time())
        self.turn()

    def _write(self) -> None:
        while self._transport and not self._transport.is_closing() and not self._is_paused:
            data = self.core.data_to_send()
            if not data:
                return
            self._transport.write(data)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Ready):
            if not self.ready.done():
                self.ready.set_result(None)
        elif isinstance(event, Draining):
            self._changed(self)
        elif isinstance(event, Closed):
            self._end(event)
        else:
            sink = self._sinks.get(event.stream_id)
            if isinstance(event, CallEnded):
                self._sinks.pop(event.stream_id, None)
                self._changed(self)
            if sink:
                sink(event)

    def _end(self, closed: Closed) -> None:
        if not self.ready.done():
            self.ready.set_exception(RpcError(StatusCode.UNAVAILABLE, closed.reason))
            # Nobody may be waiting: the failure is then no one's.
            self.ready.exception()
        self._changed(self)
        if self._transport is None:
            return
        if closed.code in (None, GoAwayCode.SHUTDOWN):
            self._transport.close()
            return
        # The peer reads why before a reset could overtake it.
        self._is_paused = False
        self._write()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._loop.call_later(self._linger, self._transport.close)
