"""What a connection tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ..metadata import EMPTY, Metadata
from ..status import Status
from .content import Content
from .frames import GoAwayCode
from .settings import Settings


@dataclass(frozen=True)
class Ready:
    """The peer's SETTINGS came: calls may be opened."""

    settings: Settings


@dataclass(frozen=True)
class InitialMetadata:
    stream_id: int
    metadata: Metadata


@dataclass(frozen=True)
class MessageReceived:
    """A whole message; `taken` must be told when the application has read it."""

    stream_id: int
    content: Content
    compressed: bool = False


@dataclass(frozen=True)
class Writable:
    """Everything that was to be sent on a stream has been handed out."""

    stream_id: int


@dataclass(frozen=True)
class CallEnded:
    """The last event of a stream. `refused`: no handler saw the call, so it may be made again."""

    stream_id: int
    status: Status
    trailers: Metadata = EMPTY
    refused: bool = False


@dataclass(frozen=True)
class Draining:
    """The server takes no more calls on this connection; those that it took go on."""

    reason: str


@dataclass(frozen=True)
class Closed:
    """The connection is over: send what is left to send, then close it. No code: it was lost."""

    code: GoAwayCode | None
    reason: str


Event = Union[Ready, InitialMetadata, MessageReceived, Writable, CallEnded, Draining, Closed]
