"""Cases: the four kinds of calls, metadata, statuses, cancellation and deadlines."""

from __future__ import annotations

from ..status import RpcError, StatusCode
from ..test.v1 import test_pb2 as pb
from .base import (
    DUPLEX_CALL,
    EMPTY_CALL,
    INPUT_CALL,
    OUTPUT_CALL,
    REQUEST_SIZES,
    RESPONSE_SIZES,
    SERVICE,
    TIMEOUT,
    UNARY_CALL,
    Context,
    Failure,
    case,
    expect,
    expect_status,
    failure_of,
    large_unary_on,
    payload,
)

ECHO_INITIAL = "x-llara-echo-initial"
ECHO_TRAILING = "x-llara-echo-trailing-bin"
INITIAL_VALUE = "test_initial_metadata_value"
TRAILING_VALUE = b"\xab\xab\xab"
SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
PLAIN_MESSAGE = "test status message"
SHORT_TIMEOUT = 0.05
LONG_INTERVAL_US = 5_000_000


@case
async def empty_unary(context: Context) -> None:
    answer = await context.client.unary(EMPTY_CALL, pb.Empty(), pb.Empty, timeout=TIMEOUT)
    expect(answer.message, pb.Empty(), "the response")


@case
async def large_unary(context: Context) -> None:
    await large_unary_on(context.client)


@case
async def client_streaming(context: Context) -> None:
    requests = [pb.StreamingInputCallRequest(payload=payload(size)) for size in REQUEST_SIZES]
    answer = await context.client.client_stream(INPUT_CALL, requests, pb.StreamingInputCallResponse, timeout=TIMEOUT)
    expect(answer.message.aggregated_payload_size, sum(REQUEST_SIZES), "the sum of the requests' sizes")


def _asking(size: int, request_size: int = 0, interval_us: int = 0) -> pb.StreamingOutputCallRequest:
    wanted = pb.ResponseParameters(size=size, interval_microseconds=interval_us)
    return pb.StreamingOutputCallRequest(response_parameters=[wanted], payload=payload(request_size))


@case
async def server_streaming(context: Context) -> None:
    wanted = [pb.ResponseParameters(size=size) for size in RESPONSE_SIZES]
    request = pb.StreamingOutputCallRequest(response_parameters=wanted)
    call = await context.client.server_stream(OUTPUT_CALL, request, pb.StreamingOutputCallResponse, timeout=TIMEOUT)
    async with call:
        sizes = [len(response.message.payload.body) async for response in call]
    expect(sizes, list(RESPONSE_SIZES), "the responses' sizes")


@case
async def ping_pong(context: Context) -> None:
    async with await context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=TIMEOUT) as call:
        for request_size, size in zip(REQUEST_SIZES, RESPONSE_SIZES):
            await call.write(_asking(size, request_size))
            response = await call.read()
            expect(len(response.message.payload.body) if response else None, size, "the response's size")
        await call.done_writing()
        expect(await call.read(), None, "what follows the last response")


@case
async def empty_stream(context: Context) -> None:
    async with await context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=TIMEOUT) as call:
        await call.done_writing()
        expect(await call.read(), None, "the response to no request")


@case
async def custom_metadata(context: Context) -> None:
    metadata: dict[str, str | bytes] = {ECHO_INITIAL: INITIAL_VALUE, ECHO_TRAILING: TRAILING_VALUE}
    request = pb.SimpleRequest(response_size=1)
    answer = await context.client.unary(UNARY_CALL, request, pb.SimpleResponse, timeout=TIMEOUT, metadata=metadata)
    expect(answer.initial_metadata.get(ECHO_INITIAL), INITIAL_VALUE, "the initial metadata")
    expect(answer.trailers.get(ECHO_TRAILING), TRAILING_VALUE, "the trailing metadata")
    start = context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=TIMEOUT, metadata=metadata)
    async with await start as call:
        await call.write(_asking(1), end=True)
        expect((await call.initial_metadata()).get(ECHO_INITIAL), INITIAL_VALUE, "the initial metadata of a stream")
        expect(len([response async for response in call]), 1, "the number of responses")
        expect((await call.trailers()).get(ECHO_TRAILING), TRAILING_VALUE, "the trailing metadata of a stream")


async def _echo_status(context: Context, message: str) -> None:
    status = pb.EchoStatus(code=StatusCode.UNKNOWN, message=message)
    request = pb.SimpleRequest(response_status=status)
    error = await failure_of(context.client.unary(UNARY_CALL, request, pb.SimpleResponse, timeout=TIMEOUT))
    expect_status(error, StatusCode.UNKNOWN, message)
    streamed = pb.StreamingOutputCallRequest(response_status=status)
    async with await context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=TIMEOUT) as call:
        await call.write(streamed, end=True)
        expect_status(await failure_of(call.read()), StatusCode.UNKNOWN, message)


@case
async def status_code_and_message(context: Context) -> None:
    await _echo_status(context, PLAIN_MESSAGE)


@case
async def special_status_message(context: Context) -> None:
    await _echo_status(context, SPECIAL_MESSAGE)


@case
async def unimplemented_method(context: Context) -> None:
    work = context.client.unary(f"{SERVICE}/UnimplementedCall", pb.Empty(), pb.Empty, timeout=TIMEOUT)
    expect_status(await failure_of(work), StatusCode.UNIMPLEMENTED)


@case
async def unimplemented_service(context: Context) -> None:
    path = "llara.test.v1.UnimplementedService/UnimplementedCall"
    work = context.client.unary(path, pb.Empty(), pb.Empty, timeout=TIMEOUT)
    expect_status(await failure_of(work), StatusCode.UNIMPLEMENTED)


@case
async def cancel_after_begin(context: Context) -> None:
    call = await context.client.start(INPUT_CALL, pb.StreamingInputCallResponse, timeout=TIMEOUT)
    call.cancel()
    expect_status(await failure_of(call.read()), StatusCode.CANCELLED)
    # The connection goes on.
    await empty_unary(context)


@case
async def cancel_after_first_response(context: Context) -> None:
    call = await context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=TIMEOUT)
    await call.write(_asking(RESPONSE_SIZES[0], REQUEST_SIZES[0]))
    response = await call.read()
    expect(len(response.message.payload.body) if response else None, RESPONSE_SIZES[0], "the response's size")
    call.cancel()
    expect_status(await failure_of(call.read()), StatusCode.CANCELLED)
    await empty_unary(context)


@case
async def timeout_on_sleeping_server(context: Context) -> None:
    # The connection first: the deadline is to pass in the handler.
    await empty_unary(context)
    try:
        start = context.client.start(DUPLEX_CALL, pb.StreamingOutputCallResponse, timeout=SHORT_TIMEOUT)
        async with await start as call:
            await call.write(_asking(RESPONSE_SIZES[0], REQUEST_SIZES[0], LONG_INTERVAL_US))
            await call.read()
    except RpcError as error:
        expect_status(error, StatusCode.DEADLINE_EXCEEDED)
        return
    raise Failure("the call outlived its deadline")
