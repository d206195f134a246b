"""What a server answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from .metadata import EMPTY, Metadata
from .wire.content import Matrix

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Response(Generic[M]):
    """A message of the server. The metadata is a unary call's; that of a stream is asked of its call."""

    message: M
    attachments: tuple[Matrix, ...] = ()
    compressed: bool = False
    initial_metadata: Metadata = EMPTY
    trailers: Metadata = EMPTY
