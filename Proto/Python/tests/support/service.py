"""A server over real sockets: llara.test.v1.TestService, and the gateway's Recommend, under asyncio."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

from llara.metadata import EMPTY, Metadata
from llara.status import Status, StatusCode
from llara.wire.content import Content
from llara.wire.events import MessageReceived, Writable
from llara.wire.settings import ZSTD, Limits, Settings
from llara.wire.compression import available

from .handlers import HANDLERS, Fault, Handler
from .server_core import Cancelled, Opened, RequestsEnded, ServerConnection

ECHO_INITIAL = "x-llara-echo-initial"
ECHO_TRAILING = "x-llara-echo-trailing-bin"


class ServerCall:
    """A handler's view of its call."""

    def __init__(self, session: Session, opened: Opened) -> None:
        self.session, self.id, self.headers = session, opened.stream_id, opened.headers
        self.messages: deque[MessageReceived] = deque()
        self.requests_ended = False
        self.can_write = True
        self.changed = asyncio.Event()
        self.trailers: Metadata = EMPTY

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def read(self, request: Any) -> tuple[Any, bool] | None:
        """The request filled with the next message, and whether it came compressed."""
        await self.until(lambda: bool(self.messages) or self.requests_ended)
        if not self.messages:
            return None
        received = self.messages.popleft()
        self.session.core.taken(self.id)
        self.session.turn()
        request.ParseFromString(received.content.body)
        return request, received.compressed

    async def one(self, request: Any) -> tuple[Any, bool]:
        found = await self.read(request)
        if found is None or await self.read(type(request)()) is not None:
            raise Fault(StatusCode.INVALID_ARGUMENT, "not exactly one request")
        return found

    async def write(self, response: Any, compress: bool = False) -> None:
        self.can_write = False
        self.session.core.send(self.id, Content(response.SerializeToString()), compress)
        self.session.turn()
        await self.until(lambda: self.can_write)


class Session(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self.server = server
        self.loop = asyncio.get_running_loop()
        self.core = ServerConnection(server.settings, server.limits, self.loop.time())
        self.calls: dict[int, ServerCall] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.paused = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.server.sessions.append(self)
        self.turn()

    def data_received(self, data: bytes) -> None:
        self.core.receive(data, self.loop.time())
        self.turn()

    def connection_lost(self, error: Exception | None) -> None:
        self.core.eof()
        self.turn()

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self.turn()

    def turn(self) -> None:
        self.flush()
        while events := self.core.events():
            for event in events:
                self.tell(event)
            self.flush()
        if self.timer:
            self.timer.cancel()
        moment = self.core.next_tick()
        self.timer = None if moment is None else self.loop.call_at(moment, self.tick)
        if self.core.closed and not self.transport.is_closing():
            self.transport.close()

    def tick(self) -> None:
        self.core.tick(self.loop.time())
        self.turn()

    def flush(self) -> None:
        while not self.paused and not self.transport.is_closing() and (data := self.core.data_to_send()):
            self.transport.write(data)

    def tell(self, event: Any) -> None:
        if isinstance(event, Opened):
            opened = self.calls[event.stream_id] = ServerCall(self, event)
            self.tasks[event.stream_id] = self.loop.create_task(self.serve(opened))
            return
        if isinstance(event, Cancelled):
            self.calls.pop(event.stream_id, None)
            self.core.drop_unread(event.stream_id)
            self.server.cancelled.append(event.code)
            if task := self.tasks.pop(event.stream_id, None):
                task.cancel()
            return
        call = self.calls.get(getattr(event, "stream_id", 0))
        if call is None:
            return
        if isinstance(event, MessageReceived):
            call.messages.append(event)
        elif isinstance(event, RequestsEnded):
            call.requests_ended = True
        elif isinstance(event, Writable):
            call.can_write = True
        call.changed.set()

    async def serve(self, call: ServerCall) -> None:
        headers = call.headers
        self.server.seen.append(headers)
        status = Status(StatusCode.OK)
        handler = self.server.handlers.get(f"{headers.service}/{headers.method}")
        try:
            if handler is None:
                raise Fault(StatusCode.UNIMPLEMENTED, f"no method {headers.service}/{headers.method}")
            initial = headers.metadata.all(ECHO_INITIAL)
            if initial and self.server.echoes:
                self.core.metadata(call.id, Metadata([(ECHO_INITIAL, value) for value in initial]))
            call.trailers = Metadata(
                [(ECHO_TRAILING, value) for value in headers.metadata.all(ECHO_TRAILING) if self.server.echoes]
            )
            await handler(call)
        except Fault as fault:
            status = fault.status
        self.calls.pop(call.id, None)
        self.tasks.pop(call.id, None)
        self.core.finish(call.id, status, call.trailers)
        self.core.drop_unread(call.id)
        self.turn()


class Server:
    """`async with Server() as server:` listens on a free port of loopback, or on a unix socket."""

    def __init__(
        self, settings: Settings | None = None, limits: Limits = Limits(), tls: ssl.SSLContext | None = None, path: str = "",
        port: int = 0,
    ) -> None:  # fmt: skip
        self.settings = settings or Settings(compressions=ZSTD if available() else 0)
        self.limits, self.tls, self.path, self.port = limits, tls, path, port
        self.handlers: dict[str, Handler] = dict(HANDLERS)
        self.sessions: list[Session] = []
        self.seen: list[Any] = []
        self.cancelled: list[StatusCode] = []
        self.echoes = True

    @property
    def address(self) -> str:
        return f"unix:{self.path}" if self.path else f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Server:
        loop = asyncio.get_running_loop()
        if self.path:
            self.listener = await loop.create_unix_server(lambda: Session(self), self.path)
        else:
            self.listener = await loop.create_server(lambda: Session(self), "127.0.0.1", self.port, ssl=self.tls)
            self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.listener.close()
        for session in self.sessions:
            session.transport.abort()
        await self.listener.wait_closed()
