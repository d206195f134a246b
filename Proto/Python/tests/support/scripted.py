"""A server over a real socket that does what a test says, frame by frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from llara.wire import frames, payloads
from llara.wire.frames import Frame, FrameReader, FrameType
from llara.wire.settings import Settings

from .peer import handshake


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._frames = FrameReader(2**24, frames.FROM_CLIENT)
        self._frames.before_settings = False
        self._seen: list[Frame] = []

    def write(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)

    def greet(self, settings: Settings = Settings()) -> None:
        self.write(handshake(settings))

    async def frame(self, type: FrameType) -> Frame:
        """The next frame of this type; others before it are passed over."""
        while True:
            while self._seen:
                frame = self._seen.pop(0)
                if frame.type == type:
                    return frame
            data = await self._reader.read(65_536)
            if not data:
                raise EOFError(type.name)
            self._seen += self._frames.feed(data)

    async def headers(self) -> payloads.Headers:
        return payloads.decode_headers((await self.frame(FrameType.HEADERS)).payload)

    async def eof(self) -> None:
        """Waits until the client has closed."""
        while await self._reader.read(65_536):
            pass

    def close(self) -> None:
        self._writer.close()


Script = Callable[[Connection], Awaitable[None]]


class ScriptedServer:
    """`async with ScriptedServer(first, second)`: the first connection gets the first script, and so on."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self.connections = 0

    async def __aenter__(self) -> ScriptedServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """What a script found wrong is the test's failure."""
        self._server.close()
        try:
            await asyncio.wait_for(asyncio.gather(*self._tasks), 10)
        finally:
            for writer in self._writers:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.connections += 1
        script = self._scripts.pop(0) if self._scripts else _unexpected
        self._tasks.append(asyncio.ensure_future(script(Connection(reader, writer))))


async def _unexpected(connection: Connection) -> None:
    connection.close()
    raise AssertionError("one connection more than the test has scripts for")
