"""Calls of any service, for asyncio."""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from .address import Address
from .call import Call, Response
from .metadata import Metadata, MetadataLike
from .options import Options
from .status import RpcError, StatusCode
from .tls import prepared
from .transport import Wire
from .wire.connection import ClientConnection
from .wire.content import Matrix

M = TypeVar("M", bound=Message)
C = TypeVar("C", bound="Channel")


class Channel:
    """Calls of one server, over one connection that is made when it is needed and made again when it was lost.

    `address` is HOST:PORT, [IPV6]:PORT or unix:/PATH. `timeout` of a call is in seconds; None waits for ever.
    A path is SERVICE/METHOD: "llara.v1.Gateway/Recommend". Use it within one event loop, by `async with`.
    """

    def __init__(
        self,
        address: str,
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        token: str | None = None,
        options: Options = Options(),
    ) -> None:
        self.address = Address.parse(address)
        self.options = options
        self.replay_bytes = options.replay_bytes
        self._tls = prepared(tls) if tls else None
        self._server_name = server_name
        bearer = Metadata.of({"authorization": f"Bearer {token}"} if token is not None else None)
        self._metadata = Metadata.of(options.metadata) + bearer
        self._wire: Wire | None = None
        self._wires: set[Wire] = set()
        self._connecting: asyncio.Task[Wire] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._changed = asyncio.Event()
        self._is_closed = False

    async def unary(
        self,
        path: str,
        request: Message,
        response_type: type[M],
        *,
        attachments: Sequence[Matrix] = (),
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> Response[M]:
        """One request, one response."""
        call = await self.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress)
        async with call:
            await call.write(request, attachments, end=True)
            return await call.only_response()

    async def server_stream(
        self,
        path: str,
        request: Message,
        response_type: type[M],
        *,
        attachments: Sequence[Matrix] = (),
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> Call[M]:
        """One request, and a call to iterate over; leave it by `async with`, or read it to its end."""
        call = await self.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress)
        try:
            await call.write(request, attachments, end=True)
        except BaseException:
            call.cancel()
            raise
        return call

    async def client_stream(
        self,
        path: str,
        requests: AsyncIterable[Message] | Iterable[Message],
        response_type: type[M],
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> Response[M]:
        """Requests one after the other, then one response."""
        call = await self.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress)
        async with call:
            async for request in _each(requests):
                if not await call.write(request):
                    break
            await call.done_writing()
            return await call.only_response()

    async def start(
        self,
        path: str,
        response_type: type[M],
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> Call[M]:
        """A call of any kind, open for `write` and `read`: bidirectional streaming."""
        service, separator, method = path.partition("/")
        if not separator:
            raise ValueError(f"path {path!r}: write SERVICE/METHOD")
        call = Call(self, (service, method), response_type)
        call.deadline = None if timeout is None else asyncio.get_running_loop().time() + timeout
        call.metadata = _traced(self._metadata + Metadata.of(metadata))
        call.compress = self.options.compress if compress is None else compress
        await self._begin(call)
        return call

    async def close(self) -> None:
        """Ends every call with UNAVAILABLE and closes the connections."""
        self._is_closed = True
        self._changed.set()
        if self._connecting:
            self._connecting.cancel()
        wires = list(self._wires)
        for wire in wires:
            wire.close()
        waiting = [wire.lost for wire in wires] + list(self._tasks)
        if waiting:
            await asyncio.wait(waiting, timeout=self.options.linger)
        # A peer that does not read would hold up the rest.
        for wire in wires:
            wire.abort()

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Calls on connections.

    async def _begin(self, call: Call[Any]) -> None:
        """Gives the call a stream. Raises RpcError where that is not to be had in time."""
        if self._waiting >= self.options.waiting_calls:
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, f"{self._waiting} calls wait already; make fewer at a time")
        self._waiting += 1
        try:
            async with asyncio.timeout_at(call.deadline):
                wire = await self._wire_with_room()
        except TimeoutError:
            message = f"the deadline passed before {self.address} took the call; is it reachable?"
            raise RpcError(StatusCode.DEADLINE_EXCEEDED, message) from None
        finally:
            self._waiting -= 1
        if call.has_ended:
            return
        metadata = call.metadata
        if call.refusals:
            metadata += Metadata.of({"llara-attempt": str(call.refusals)})
        call.may_repeat = call.refusals + 1 < self.options.attempts
        now = asyncio.get_running_loop().time()
        call.attach(wire, wire.core.open(*call.path, now, call.deadline, metadata))

    def _spawn(self, call: Call[Any]) -> None:
        """A call that the server refused unseen is made again."""
        task = asyncio.get_running_loop().create_task(self._again(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again(self, call: Call[Any]) -> None:
        try:
            if not call.has_ended:
                await self._begin(call)
        except RpcError as error:
            call.cancel_with(error)
            call.fail(error)

    async def _wire_with_room(self) -> Wire:
        failures = 0
        while True:
            if self._is_closed:
                raise RpcError(StatusCode.UNAVAILABLE, "the client was closed; make another one")
            if self._wire is None or not self._wire.core.takes_calls:
                try:
                    await self._connected()
                except RpcError:
                    failures += 1
                    if failures >= self.options.attempts or self._is_closed:
                        raise
                    await asyncio.sleep(self.options.backoff * 2 ** (failures - 1) * random.uniform(0.5, 1))
            elif self._wire.core.has_room:
                return self._wire
            else:
                self._changed.clear()
                await self._changed.wait()

    async def _connected(self) -> None:
        """Waits for the one attempt to connect that all calls share."""
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
            self._connecting.add_done_callback(self._on_connected)
        try:
            await asyncio.shield(self._connecting)
        except asyncio.CancelledError:
            if self._is_closed:
                raise RpcError(StatusCode.UNAVAILABLE, "the client was closed; make another one") from None
            raise

    def _on_connected(self, task: asyncio.Task[Wire]) -> None:
        self._connecting = None
        if not task.cancelled() and task.exception() is None:
            self._wire = task.result()

    async def _connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        core = ClientConnection(self.options.settings, self.options.limits, loop.time())
        wire = Wire(core, self.options.linger, self._on_changed)
        name = (self._server_name or self.address.host) if self._tls else None
        try:
            async with asyncio.timeout(self.options.connect_timeout):
                if self.address.path:
                    await loop.create_unix_connection(lambda: wire, self.address.path, ssl=self._tls, server_hostname=name)
                else:
                    host, port = self.address.host, self.address.port
                    await loop.create_connection(lambda: wire, host, port, ssl=self._tls, server_hostname=name)
                self._wires.add(wire)
                wire.lost.add_done_callback(lambda _: self._wires.discard(wire))
                await wire.ready
            if not wire.core.takes_calls:
                reason = wire.core.closed.reason if wire.core.closed else "the server is shutting down"
                raise RpcError(StatusCode.UNAVAILABLE, reason)
        except TimeoutError:
            wire.close()
            raise self._unreachable(f"no answer within {self.options.connect_timeout} s") from None
        except (OSError, RpcError) as error:
            raise self._unreachable(error.message if isinstance(error, RpcError) else str(error)) from None
        except asyncio.CancelledError:
            wire.close()
            raise
        return wire

    def _unreachable(self, reason: str) -> RpcError:
        advice = "check that the server runs there and that both sides use TLS, or neither"
        return RpcError(StatusCode.UNAVAILABLE, f"cannot reach {self.address}: {reason}; {advice}")

    def _on_changed(self, wire: Wire) -> None:
        self._changed.set()


def _traced(metadata: Metadata) -> Metadata:
    """With a W3C trace context; the caller's own goes first. It says "not sampled": nothing records here."""
    if "traceparent" in metadata:
        return metadata
    return metadata + Metadata.of({"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"})


async def _each(requests: AsyncIterable[Message] | Iterable[Message]) -> AsyncIterator[Message]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request
