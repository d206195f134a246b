"""What the cases share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ..aio import Client
from ..status import RpcError, StatusCode
from ..test.v1 import test_pb2 as pb

SERVICE = "llara.test.v1.TestService"
EMPTY_CALL = f"{SERVICE}/EmptyCall"
UNARY_CALL = f"{SERVICE}/UnaryCall"
INPUT_CALL = f"{SERVICE}/StreamingInputCall"
OUTPUT_CALL = f"{SERVICE}/StreamingOutputCall"
DUPLEX_CALL = f"{SERVICE}/FullDuplexCall"
LARGE_REQUEST = 271_828
LARGE_RESPONSE = 314_159
REQUEST_SIZES = (27_182, 8, 1_828, 45_904)
RESPONSE_SIZES = (31_415, 9, 2_653, 58_979)
TIMEOUT = 30.0
"""Seconds, of every call that has no deadline of its own: a silent server must fail a case, not hang it."""


class Failure(Exception):
    """A case found something else than it expects."""


@dataclass(frozen=True)
class Context:
    """`client` is shared by the cases; `connect` makes another one, with a connection of its own."""

    client: Client
    connect: Callable[[], Client]
    soak_iterations: int = 10


Case = Callable[[Context], Coroutine[Any, Any, None]]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """Registers a case by its name."""
    CASES[function.__name__] = function
    return function


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Failure(f"{what} is {found!r}, not {wanted!r}")


def expect_status(error: RpcError | None, code: StatusCode, message: str | None = None) -> None:
    expect(error.code.name if error else "OK", code.name, "the status")
    if message is not None:
        expect(error.message if error else "", message, "the status message")


async def failure_of(work: Coroutine[Any, Any, Any]) -> RpcError | None:
    """The error that the work ends with; None where it has none."""
    try:
        await work
    except RpcError as error:
        return error
    return None


def payload(size: int) -> pb.Payload:
    return pb.Payload(body=bytes(size))


def boolean(value: bool) -> pb.BoolValue:
    return pb.BoolValue(value=value)


async def large_unary_on(client: Client) -> None:
    """One large request and one large response."""
    request = pb.SimpleRequest(response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST))
    answer = await client.unary(UNARY_CALL, request, pb.SimpleResponse, timeout=TIMEOUT)
    expect(len(answer.message.payload.body), LARGE_RESPONSE, "the response's size")
