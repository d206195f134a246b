"""One call of the asyncio client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol

from google.protobuf.message import DecodeError, Message

from .metadata import EMPTY, Metadata
from .response import M, Response
from .status import RpcError, Status, StatusCode
from .transport import CallEvent, Wire
from .wire.content import Content, Matrix
from .wire.events import CallEnded, InitialMetadata, MessageReceived, Writable


class Starter(Protocol):
    """What a call needs of its client."""

    async def _begin(self, call: Call[Any]) -> None: ...

    def _spawn(self, call: Call[Any]) -> None: ...

    replay_bytes: int


class Call(Generic[M]):
    """Iterate over it, or `read`; `write` and `done_writing` where the method takes a stream."""

    def __init__(self, starter: Starter, path: tuple[str, str], response_type: type[M]) -> None:
        self.path = path
        self.deadline: float | None = None
        self.metadata = EMPTY
        self.compress = False
        self.refusals = 0
        self.may_repeat = False
        self._starter = starter
        self._response_type = response_type
        self._wire: Wire | None = None
        self._stream_id = 0
        self._messages: deque[MessageReceived] = deque()
        self._initial: Metadata | None = None
        self._ended: CallEnded | None = None
        self._can_write = False
        self._written: list[tuple[Content | None, bool, bool]] | None = []
        self._written_bytes = 0
        self._changed = asyncio.Event()

    async def write(
        self, request: Message, attachments: Sequence[Matrix] = (), end: bool = False, compress: bool | None = None
    ) -> bool:
        """Sends a request when the one before has left. False: the call has ended, `read` says how."""
        content = Content(request.SerializeToString(), tuple(attachments))
        return await self._write(content, end, self.compress if compress is None else compress)

    async def done_writing(self) -> bool:
        """No request follows."""
        return await self._write(None, True, False)

    async def read(self) -> Response[M] | None:
        """The next message; None when the call ended with OK. Raises RpcError when it ended otherwise."""
        await self._until(lambda: bool(self._messages))
        if not self._messages:
            assert self._ended
            self._raise_unless_ok(self._ended)
            return None
        received = self._messages.popleft()
        if self._wire:
            self._wire.core.taken(self._stream_id)
            self._wire.turn()
        return self._response(received)

    async def only_response(self) -> Response[M]:
        """The response of a method that has exactly one."""
        response = await self.read()
        if response is None:
            raise self._error(StatusCode.INTERNAL, "the server ended the call without a response")
        if await self.read() is not None:
            self.cancel()
            raise self._error(StatusCode.INTERNAL, "the server sent more than one response")
        assert self._ended
        return Response(
            response.message, response.attachments, response.compressed, self._initial or EMPTY, self._ended.trailers
        )

    async def initial_metadata(self) -> Metadata:
        """What the server sent before its first message; empty where it sent none."""
        await self._until(lambda: self._initial is not None)
        return self._initial or EMPTY

    async def status(self) -> Status:
        """The call's status, when it has ended; messages are to be read before."""
        await self._until(lambda: False)
        assert self._ended
        return self._ended.status

    async def trailers(self) -> Metadata:
        """The metadata at the call's end."""
        await self.status()
        assert self._ended
        return self._ended.trailers

    def cancel(self) -> None:
        """Gives the call up; one that has ended is left as it is, but for messages that nobody read."""
        self._messages.clear()
        if self._wire:
            self._wire.core.drop_unread(self._stream_id)
            self._wire.core.cancel(self._stream_id, StatusCode.CANCELLED, "the caller cancelled the call")
            self._wire.turn()
        if not self._ended:
            self.fail(RpcError(StatusCode.CANCELLED, "the caller cancelled the call"))

    def __aiter__(self) -> Call[M]:
        return self

    async def __anext__(self) -> Response[M]:
        response = await self.read()
        if response is None:
            raise StopAsyncIteration
        return response

    async def __aenter__(self) -> Call[M]:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cancel()

    # What the client calls.

    @property
    def has_ended(self) -> bool:
        return self._ended is not None

    def attach(self, wire: Wire, stream_id: int) -> None:
        """The call has a stream; what was written on an earlier one is sent again."""
        self._wire, self._stream_id = wire, stream_id
        wire.add(stream_id, self._on_event)
        self._can_write = not self._written
        for content, end, compress in self._written or ():
            self._hand_over(content, end, compress)
        self._changed.set()
        wire.turn()

    def fail(self, error: RpcError) -> None:
        """The call never reached a server, or is given up."""
        self._end(CallEnded(self._stream_id, Status(error.code, error.message, error.details), error.trailers))

    # Inside.

    async def _write(self, content: Content | None, end: bool, compress: bool) -> bool:
        await self._until(lambda: self._can_write)
        if self._ended or not self._wire:
            return False
        self._can_write = False
        self._keep(content, end, compress)
        try:
            self._hand_over(content, end, compress)
        except RpcError as error:
            self.cancel_with(error)
            raise
        self._wire.turn()
        return True

    def cancel_with(self, error: RpcError) -> None:
        """Gives the call up for a fault on this side."""
        if self._wire:
            self._wire.core.cancel(self._stream_id, error.code, error.message)
            self._wire.turn()

    def _hand_over(self, content: Content | None, end: bool, compress: bool) -> None:
        assert self._wire
        if content is None:
            self._wire.core.end(self._stream_id)
        else:
            self._wire.core.send(self._stream_id, content, end, compress)

    def _keep(self, content: Content | None, end: bool, compress: bool) -> None:
        """For a call that the server refuses unseen and that is made again."""
        if self._written is None:
            return
        if content is not None:
            self._written_bytes += len(content.body) + sum(4 * len(item.values) for item in content.attachments)
        if self._written_bytes > self._starter.replay_bytes:
            self._written = None
        else:
            self._written.append((content, end, compress))

    def _on_event(self, event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            self._on_ended(event)
        elif isinstance(event, Writable):
            self._can_write = True
        else:
            # The server has taken the call: it is never made again.
            self._written = None
            if isinstance(event, InitialMetadata):
                self._initial = event.metadata
            elif not self._ended:
                self._initial = self._initial or EMPTY
                self._messages.append(event)
        self._changed.set()

    def _on_ended(self, event: CallEnded) -> None:
        if event.refused and self._written is not None and self.may_repeat and not self._ended:
            self._wire, self._can_write = None, False
            self.refusals += 1
            self._starter._spawn(self)
        else:
            self._end(event)

    def _end(self, event: CallEnded) -> None:
        if self._ended is None:
            self._ended = event
            self._written = None
        self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Waits for a condition, or for the end of the call."""
        while not condition() and self._ended is None:
            self._changed.clear()
            await self._changed.wait()

    def _response(self, received: MessageReceived) -> Response[M]:
        message = self._response_type()
        try:
            message.ParseFromString(received.content.body)
        except DecodeError:
            self.cancel()
            raise self._error(StatusCode.INTERNAL, f"the response is no {message.DESCRIPTOR.full_name}") from None
        return Response(message, received.content.attachments, received.compressed)

    def _error(self, code: StatusCode, message: str) -> RpcError:
        trailers = self._ended.trailers if self._ended else EMPTY
        return RpcError(code, f"{'/'.join(self.path)}: {message}", (), trailers)

    def _raise_unless_ok(self, ended: CallEnded) -> None:
        status = ended.status
        if status.code != StatusCode.OK:
            raise RpcError(status.code, status.message, status.details, ended.trailers)
