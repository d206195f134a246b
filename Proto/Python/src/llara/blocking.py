"""Calls of any service, blocking: asyncio on a thread of its own, which reads and writes for every caller."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from . import channel
from .call import Call
from .metadata import Metadata, MetadataLike
from .options import Options
from .response import M, Response
from .status import Status
from .wire.content import Matrix

T = TypeVar("T")
C = TypeVar("C", bound="Channel")


class _Loop:
    """An event loop on a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="llara", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; an interrupted caller takes the work with it."""
        if not self._thread.is_alive():
            work.close()
            raise RuntimeError("the client was closed; make another one")
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class StreamCall(Generic[M]):
    """A streaming call: iterate over it, or `read`; `write` and `done_writing` where the method takes a stream.
    One thread may write while another reads."""

    def __init__(self, loop: _Loop, call: Call[M]) -> None:
        self._loop = loop
        self._call = call

    def write(
        self, request: Message, attachments: Sequence[Matrix] = (), end: bool = False, compress: bool | None = None
    ) -> bool:
        """Sends a request when the one before has left. False: the call has ended, `read` says how."""
        return self._loop.run(self._call.write(request, attachments, end, compress))

    def done_writing(self) -> bool:
        """No request follows."""
        return self._loop.run(self._call.done_writing())

    def read(self) -> Response[M] | None:
        """The next message; None when the call ended with OK. Raises RpcError when it ended otherwise."""
        return self._loop.run(self._call.read())

    def only_response(self) -> Response[M]:
        """The response of a method that has exactly one."""
        return self._loop.run(self._call.only_response())

    def initial_metadata(self) -> Metadata:
        """What the server sent before its first message; empty where it sent none."""
        return self._loop.run(self._call.initial_metadata())

    def status(self) -> Status:
        """The call's status, when it has ended; messages are to be read before."""
        return self._loop.run(self._call.status())

    def trailers(self) -> Metadata:
        """The metadata at the call's end."""
        return self._loop.run(self._call.trailers())

    def cancel(self) -> None:
        """Gives the call up; any thread may do it."""
        self._loop.run(self._cancel())

    async def _cancel(self) -> None:
        self._call.cancel()

    def __iter__(self) -> Iterator[Response[M]]:
        while (response := self.read()) is not None:
            yield response

    def __enter__(self) -> StreamCall[M]:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()


class Channel:
    """Calls of one server; any thread may use it. Close it, or use it by `with`.

    `address` is HOST:PORT, [IPV6]:PORT or unix:/PATH. `timeout` of a call is in seconds; None waits for ever.
    A path is SERVICE/METHOD: "llara.v1.Gateway/Recommend".
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
        self._aio = channel.Channel(address, tls=tls, server_name=server_name, token=token, options=options)
        self._loop = _Loop()
        self._is_closed = False

    def unary(
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
        return self._loop.run(
            self._aio.unary(
                path, request, response_type,
                attachments=attachments, timeout=timeout, metadata=metadata, compress=compress,
            )
        )  # fmt: skip

    def server_stream(
        self,
        path: str,
        request: Message,
        response_type: type[M],
        *,
        attachments: Sequence[Matrix] = (),
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> StreamCall[M]:
        """One request, and a call to iterate over; leave it by `with`, or read it to its end."""
        call = self.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress)
        try:
            call.write(request, attachments, end=True)
        except BaseException:
            call.cancel()
            raise
        return call

    def client_stream(
        self,
        path: str,
        requests: Iterable[Message],
        response_type: type[M],
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> Response[M]:
        """Requests one after the other, then one response."""
        with self.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress) as call:
            for request in requests:
                if not call.write(request):
                    break
            call.done_writing()
            return call.only_response()

    def start(
        self,
        path: str,
        response_type: type[M],
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        compress: bool | None = None,
    ) -> StreamCall[M]:
        """A call of any kind, open for `write` and `read`: bidirectional streaming."""
        work = self._aio.start(path, response_type, timeout=timeout, metadata=metadata, compress=compress)
        return StreamCall(self._loop, self._loop.run(work))

    def close(self) -> None:
        """Ends every call with UNAVAILABLE, closes the connections and ends the thread."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.run(self._aio.close())
            self._loop.stop()

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
