"""Calls of any service, for asyncio."""

from __future__ import annotations

import asyncio
import math
import secrets
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from .address import Address
from .call import Call
from .connector import Connector
from .metadata import Metadata, MetadataLike
from .options import Options
from .response import M, Response
from .status import RpcError, StatusCode
from .wire.content import Matrix

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
        self._connector = Connector(Address.parse(address), tls, server_name, options)
        self.options = options
        self.replay_bytes = options.replay_bytes
        bearer = Metadata.of({"authorization": f"Bearer {token}"} if token is not None else None)
        self._metadata = Metadata.of(options.metadata) + bearer
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

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
        call.deadline = _deadline(timeout)
        call.metadata = _traced(self._metadata + Metadata.of(metadata))
        call.compress = self.options.compress if compress is None else compress
        await self._begin(call)
        return call

    async def close(self) -> None:
        """Ends every call with UNAVAILABLE and closes the connections."""
        await self._connector.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.options.linger)

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
                wire = await self._connector.wire()
        except TimeoutError:
            message = f"the deadline passed before {self._connector.address} took the call; is it reachable?"
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


def _deadline(timeout: float | None) -> float | None:
    if timeout is None:
        return None
    if not math.isfinite(timeout):
        raise ValueError(f"timeout {timeout}: use seconds, or None to wait for ever")
    return asyncio.get_running_loop().time() + timeout
