"""Finds a connection that takes a call: one for all calls, made when it is needed and made again when it was lost."""

from __future__ import annotations

import asyncio
import random
import ssl

from .address import Address
from .options import Options
from .status import RpcError, StatusCode
from .tls import prepared
from .transport import Wire
from .wire.connection import ClientConnection


class Connector:
    def __init__(self, address: Address, tls: ssl.SSLContext | None, server_name: str | None, options: Options) -> None:
        self.address = address
        self.current: Wire | None = None
        self.changed = asyncio.Event()
        """A stream has ended, or a connection takes no more calls."""
        self.is_closed = False
        self._options = options
        self._tls = prepared(tls) if tls else None
        self._server_name = (server_name or address.host) if tls else None
        self._wires: set[Wire] = set()
        self._connecting: asyncio.Task[Wire] | None = None

    async def wire(self) -> Wire:
        """A connection with room for a stream; it has it until the caller awaits something."""
        attempts = 0
        while True:
            self._check_open()
            if self.current is not None and self.current.core.takes_calls:
                if self.current.core.has_room:
                    return self.current
                attempts = 0
                self.changed.clear()
                await self.changed.wait()
                continue
            if attempts >= self._options.attempts:
                raise self._unreachable("the server ends every connection at once")
            if attempts:
                await asyncio.sleep(self._options.backoff * 2 ** (attempts - 1) * random.uniform(0.5, 1))
            attempts += 1
            await self._try_to_connect(is_last=attempts >= self._options.attempts)

    async def close(self) -> None:
        """Ends every call on every connection with UNAVAILABLE."""
        self.is_closed = True
        self.changed.set()
        if self._connecting:
            self._connecting.cancel()
        wires = list(self._wires)
        for wire in wires:
            wire.close()
        if wires:
            await asyncio.wait([wire.lost for wire in wires], timeout=self._options.linger)
        # A peer that does not read would hold up the rest.
        for wire in wires:
            wire.abort()

    def _check_open(self) -> None:
        if self.is_closed:
            raise RpcError(StatusCode.UNAVAILABLE, "the client was closed; make another one")

    async def _try_to_connect(self, is_last: bool) -> None:
        """Waits for the one attempt that all calls share."""
        self._check_open()
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
            self._connecting.add_done_callback(self._on_connected)
        try:
            await asyncio.shield(self._connecting)
        except RpcError:
            if is_last:
                raise
        except asyncio.CancelledError:
            self._check_open()
            raise

    def _on_connected(self, task: asyncio.Task[Wire]) -> None:
        self._connecting = None
        # The exception is asked for also where no call waits any more: it is then no one's.
        if not task.cancelled() and task.exception() is None:
            self.current = task.result()

    async def _connect(self) -> Wire:
        core = ClientConnection(self._options.settings, self._options.limits, asyncio.get_running_loop().time())
        wire = Wire(core, self._options.linger, self._on_changed)
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                await self._open_socket(wire)
                self._wires.add(wire)
                wire.lost.add_done_callback(lambda _: self._wires.discard(wire))
                await wire.ready
        except TimeoutError:
            wire.close()
            raise self._unreachable(f"no answer within {self._options.connect_timeout} s") from None
        except (OSError, RpcError) as error:
            reason = error.message if isinstance(error, RpcError) else str(error) or type(error).__name__
            raise self._unreachable(reason) from None
        except asyncio.CancelledError:
            wire.close()
            raise
        if not wire.core.takes_calls:
            raise self._unreachable(wire.core.closed.reason if wire.core.closed else "the server is shutting down")
        return wire

    async def _open_socket(self, wire: Wire) -> None:
        loop, tls, name = asyncio.get_running_loop(), self._tls, self._server_name
        if self.address.path:
            await loop.create_unix_connection(lambda: wire, self.address.path, ssl=tls, server_hostname=name)
        else:
            host, port = self.address.host, self.address.port
            await loop.create_connection(lambda: wire, host, port, ssl=tls, server_hostname=name)

    def _unreachable(self, reason: str) -> RpcError:
        advice = "check that the server runs there and that both sides use TLS, or neither"
        return RpcError(StatusCode.UNAVAILABLE, f"cannot reach {self.address}: {reason}; {advice}")

    def _on_changed(self, wire: Wire) -> None:
        self.changed.set()
