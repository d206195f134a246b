"""Cases: compressed messages in both directions."""

from __future__ import annotations

from ..status import StatusCode
from ..test.v1 import test_pb2 as pb
from ..wire.compression import available
from .base import (
    INPUT_CALL,
    LARGE_REQUEST,
    LARGE_RESPONSE,
    OUTPUT_CALL,
    TIMEOUT,
    UNARY_CALL,
    Context,
    Failure,
    boolean,
    case,
    expect,
    expect_status,
    failure_of,
    payload,
)


def _need_zstd() -> None:
    if not available():
        raise Failure("this client has no zstd; run: pip install 'llara[zstd]'")


def _simple(expected: bool) -> pb.SimpleRequest:
    size, body = LARGE_RESPONSE, payload(LARGE_REQUEST)
    return pb.SimpleRequest(response_size=size, payload=body, expect_compressed=boolean(expected))


@case
async def client_compressed_unary(context: Context) -> None:
    _need_zstd()
    # A server that does not look would pass the rest.
    probe = context.client.unary(UNARY_CALL, _simple(True), pb.SimpleResponse, timeout=TIMEOUT, compress=False)
    expect_status(await failure_of(probe), StatusCode.INVALID_ARGUMENT)
    for compress in (True, False):
        answer = await context.client.unary(
            UNARY_CALL, _simple(compress), pb.SimpleResponse, timeout=TIMEOUT, compress=compress
        )
        expect(len(answer.message.payload.body), LARGE_RESPONSE, "the response's size")


@case
async def server_compressed_unary(context: Context) -> None:
    _need_zstd()
    for compress in (True, False):
        request = pb.SimpleRequest(
            response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST), response_compressed=boolean(compress)
        )
        answer = await context.client.unary(UNARY_CALL, request, pb.SimpleResponse, timeout=TIMEOUT)
        expect(answer.compressed, compress, "whether the response is compressed")
        expect(len(answer.message.payload.body), LARGE_RESPONSE, "the response's size")


def _input(size: int, expected: bool) -> pb.StreamingInputCallRequest:
    return pb.StreamingInputCallRequest(payload=payload(size), expect_compressed=boolean(expected))


@case
async def client_compressed_streaming(context: Context) -> None:
    _need_zstd()
    probe = context.client.client_stream(
        INPUT_CALL, [_input(27_182, True)], pb.StreamingInputCallResponse, timeout=TIMEOUT, compress=False
    )
    expect_status(await failure_of(probe), StatusCode.INVALID_ARGUMENT)
    async with await context.client.start(INPUT_CALL, pb.StreamingInputCallResponse, timeout=TIMEOUT) as call:
        await call.write(_input(27_182, True), compress=True)
        await call.write(_input(45_904, False), compress=False)
        await call.done_writing()
        answer = await call.only_response()
    expect(answer.message.aggregated_payload_size, 73_086, "the sum of the requests' sizes")


@case
async def server_compressed_streaming(context: Context) -> None:
    _need_zstd()
    wanted = [(31_415, True), (92_653, False)]
    parameters = [pb.ResponseParameters(size=size, compressed=boolean(compress)) for size, compress in wanted]
    request = pb.StreamingOutputCallRequest(response_parameters=parameters)
    call = await context.client.server_stream(OUTPUT_CALL, request, pb.StreamingOutputCallResponse, timeout=TIMEOUT)
    async with call:
        found = [(len(response.message.payload.body), response.compressed) async for response in call]
    expect(found, wanted, "sizes of the responses and whether they are compressed")
