"""Handlers of llara.test.v1.TestService, and of the gateway's Recommend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llara.status import Status, StatusCode
from llara.test.v1 import test_pb2 as pb
from llara.v1 import gateway_pb2

if TYPE_CHECKING:
    from .service import ServerCall


class Fault(Exception):
    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(message)
        self.status = Status(code, message)


def check_compressed(request: Any, compressed: bool) -> None:
    if request.HasField("expect_compressed") and request.expect_compressed.value != compressed:
        raise Fault(StatusCode.INVALID_ARGUMENT, "the request is not compressed as it says")


def check_status(request: Any) -> None:
    if request.HasField("response_status") and request.response_status.code:
        raise Fault(
            StatusCode.of_byte(request.response_status.code, StatusCode.UNKNOWN), request.response_status.message
        )


async def empty_call(call: ServerCall) -> None:
    await call.one(pb.Empty())
    await call.write(pb.Empty())


async def unary_call(call: ServerCall) -> None:
    request, compressed = await call.one(pb.SimpleRequest())
    check_compressed(request, compressed)
    check_status(request)
    payload = pb.Payload(body=bytes(request.response_size))
    await call.write(pb.SimpleResponse(payload=payload), request.response_compressed.value)


async def streaming_input_call(call: ServerCall) -> None:
    total = 0
    while found := await call.read(pb.StreamingInputCallRequest()):
        check_compressed(*found)
        total += len(found[0].payload.body)
    await call.write(pb.StreamingInputCallResponse(aggregated_payload_size=total))


async def answer(call: ServerCall, request: Any) -> None:
    check_status(request)
    for wanted in request.response_parameters:
        if wanted.interval_microseconds:
            await asyncio.sleep(wanted.interval_microseconds / 1_000_000)
        response = pb.StreamingOutputCallResponse(payload=pb.Payload(body=bytes(wanted.size)))
        await call.write(response, wanted.compressed.value)


async def streaming_output_call(call: ServerCall) -> None:
    request, _ = await call.one(pb.StreamingOutputCallRequest())
    await answer(call, request)


async def full_duplex_call(call: ServerCall) -> None:
    while found := await call.read(pb.StreamingOutputCallRequest()):
        await answer(call, found[0])


async def recommend(call: ServerCall) -> None:
    request, _ = await call.one(gateway_pb2.RecommendRequest())
    items = [
        gateway_pb2.RecommendedItem(id=f"{request.user_id}-{index}", title=f"title {index}", score=-index)
        for index in range(request.count or 10)
    ]
    await call.write(gateway_pb2.RecommendResponse(items=items, coverage=1))


Handler = Callable[["ServerCall"], Awaitable[None]]
SERVICE = "llara.test.v1.TestService"
HANDLERS: dict[str, Handler] = {
    f"{SERVICE}/EmptyCall": empty_call,
    f"{SERVICE}/UnaryCall": unary_call,
    f"{SERVICE}/StreamingInputCall": streaming_input_call,
    f"{SERVICE}/StreamingOutputCall": streaming_output_call,
    f"{SERVICE}/FullDuplexCall": full_duplex_call,
    "llara.v1.Gateway/Recommend": recommend,
    "llara.v1.Gateway/RecommendStream": recommend,
}
