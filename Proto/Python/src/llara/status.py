"""How a call ends: status codes, their details, and the error that a caller sees."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .metadata import EMPTY, Metadata

PUSHBACK_KEY = "llara-retry-pushback-ms"


class StatusCode(enum.IntEnum):
    """gRPC's codes, with its numbers and meaning (WIRE.md section 5)."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def of_byte(cls, number: int, otherwise: StatusCode) -> StatusCode:
        """A code from a peer that may be newer than this client."""
        return cls(number) if number <= cls.UNAUTHENTICATED else otherwise


@dataclass(frozen=True)
class Detail:
    """A protobuf message that says more about a status; `type` is its full name."""

    type: str
    value: bytes


@dataclass(frozen=True)
class Status:
    """The one status of a call."""

    code: StatusCode
    message: str = ""
    details: tuple[Detail, ...] = ()


class RpcError(Exception):
    """A call that did not end with OK."""

    def __init__(
        self,
        code: StatusCode,
        message: str,
        details: tuple[Detail, ...] = (),
        trailers: Metadata = EMPTY,
    ) -> None:
        super().__init__(f"{code.name}: {message}" if message else code.name)
        self.code = code
        self.message = message
        self.details = details
        self.trailers = trailers

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server takes the call again; None: it does not say, or never does."""
        value = self.trailers.get(PUSHBACK_KEY)
        # A faulty number says nothing; a negative one says: not at all.
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 12:
            return None
        return int(value) / 1000
