"""The asyncio client against a real server of the test service."""

from __future__ import annotations

import asyncio
import unittest

from support.handlers import SERVICE
from support.service import Server, ServerCall

from llara import Matrix, RpcError, StatusCode
from llara.aio import Client
from llara.test.v1 import test_pb2 as pb
from llara.wire.content import Content

UNARY, OUTPUT, INPUT, DUPLEX = (
    f"{SERVICE}/{name}" for name in ("UnaryCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall")
)


def simple(size: int = 0) -> pb.SimpleRequest:
    return pb.SimpleRequest(response_size=size)


def asking(*sizes: int) -> pb.StreamingOutputCallRequest:
    return pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=size) for size in sizes])


class Case(unittest.IsolatedAsyncioTestCase):
    async def code_of(self, work: object) -> StatusCode:
        with self.assertRaises(RpcError) as raised:
            await work  # type: ignore[misc]
        self.error = raised.exception
        return raised.exception.code


class CallTests(Case):
    async def asyncSetUp(self) -> None:
        self.server = await self.enterAsyncContext(Server())
        self.client = await self.enterAsyncContext(Client(self.server.address, token="secret"))

    async def test_what_every_call_carries(self) -> None:
        await self.client.unary(UNARY, simple(), pb.SimpleResponse, timeout=5, metadata={"x": "y"})
        headers = self.server.seen[0]
        self.assertEqual(headers.metadata.get("authorization"), "Bearer secret")
        self.assertRegex(str(headers.metadata.get("traceparent")), "^00-[0-9a-f]{32}-[0-9a-f]{16}-00$")
        self.assertEqual(headers.metadata.get("x"), "y")
        self.assertTrue(4_000_000 < headers.remaining_us <= 5_000_000)
        await self.client.unary(UNARY, simple(), pb.SimpleResponse, metadata={"traceparent": "own"})
        self.assertEqual(self.server.seen[1].metadata.all("traceparent"), ["own"])
        self.assertEqual(self.server.seen[1].remaining_us, 0)

    async def test_attachments(self) -> None:
        async def double(call: ServerCall) -> None:
            await call.until(lambda: bool(call.messages))
            (matrix,) = call.messages.popleft().content.attachments
            rows = [[2 * value for value in matrix.row(index)] for index in range(matrix.rows)]
            call.session.core.send(call.id, Content(b"", (Matrix.of_rows(rows),)))
            call.session.turn()
            await call.until(lambda: call.can_write)

        self.server.handlers["t.S/Double"] = double
        rows = [Matrix.of_rows([[1, 2], [3, 4]])]
        answer = await self.client.unary("t.S/Double", pb.Empty(), pb.Empty, attachments=rows)
        self.assertEqual(answer.attachments, (Matrix.of_rows([[2, 4], [6, 8]]),))

    async def test_many_calls_share_a_connection(self) -> None:
        sizes = [index * 1_000 for index in range(100)]
        answers = await asyncio.gather(*(self.client.unary(UNARY, simple(size), pb.SimpleResponse) for size in sizes))
        self.assertEqual([len(answer.message.payload.body) for answer in answers], sizes)
        self.assertEqual(len(self.server.sessions), 1)

    async def test_a_cancelled_task_cancels_its_call(self) -> None:
        started = asyncio.Event()

        async def hang(call: ServerCall) -> None:
            started.set()
            await asyncio.Event().wait()

        self.server.handlers["t.S/Hang"] = hang
        task = asyncio.create_task(self.client.unary("t.S/Hang", pb.Empty(), pb.Empty))
        await started.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        await self.client.unary(UNARY, simple(), pb.SimpleResponse)
        self.assertEqual(self.server.cancelled, [StatusCode.CANCELLED])

    async def test_a_deadline_reaches_the_server(self) -> None:
        async def hang(call: ServerCall) -> None:
            await asyncio.Event().wait()

        self.server.handlers["t.S/Hang"] = hang
        await self.client.unary(UNARY, simple(), pb.SimpleResponse)
        code = await self.code_of(self.client.unary("t.S/Hang", pb.Empty(), pb.Empty, timeout=0.02))
        self.assertEqual(code, StatusCode.DEADLINE_EXCEEDED)
        self.assertEqual(await self.code_of(self.client.unary(UNARY, simple(), pb.SimpleResponse, timeout=0)), code)

    async def test_not_exactly_one_response(self) -> None:
        async def none(call: ServerCall) -> None: ...

        async def two(call: ServerCall) -> None:
            await call.write(pb.Empty())
            await call.write(pb.Empty())

        self.server.handlers.update({"t.S/None": none, "t.S/Two": two})
        for path in ("t.S/None", "t.S/Two"):
            self.assertEqual(await self.code_of(self.client.unary(path, pb.Empty(), pb.Empty)), StatusCode.INTERNAL)

    async def test_a_response_that_is_no_such_message(self) -> None:
        async def faulty(call: ServerCall) -> None:
            call.session.core.send(call.id, Content(b"\xff"))
            call.session.turn()

        self.server.handlers["t.S/Faulty"] = faulty
        code = await self.code_of(self.client.unary("t.S/Faulty", pb.Empty(), pb.SimpleResponse))
        self.assertEqual(code, StatusCode.INTERNAL)
        self.assertIn("llara.test.v1.SimpleResponse", self.error.message)

    async def test_more_than_the_server_takes(self) -> None:
        large = pb.SimpleRequest(payload=pb.Payload(body=bytes(16_777_216)))
        code = await self.code_of(self.client.unary(UNARY, large, pb.SimpleResponse))
        self.assertEqual(code, StatusCode.RESOURCE_EXHAUSTED)
        await self.client.unary(UNARY, simple(), pb.SimpleResponse)

    async def test_a_write_after_the_end_is_told(self) -> None:
        async with await self.client.start("t.S/Nope", pb.Empty) as call:
            self.assertEqual((await call.status()).code, StatusCode.UNIMPLEMENTED)
            self.assertFalse(await call.write(pb.Empty()))
            self.assertFalse(await call.done_writing())
            self.assertEqual(await self.code_of(call.read()), StatusCode.UNIMPLEMENTED)

    async def test_closing_ends_calls(self) -> None:
        call = await self.client.start(DUPLEX, pb.StreamingOutputCallResponse)
        reading = asyncio.create_task(call.read())
        await asyncio.sleep(0)
        await self.client.close()
        self.assertEqual(await self.code_of(reading), StatusCode.UNAVAILABLE)
        code = await self.code_of(self.client.unary(UNARY, simple(), pb.SimpleResponse))
        self.assertEqual(code, StatusCode.UNAVAILABLE)

    async def test_faulty_arguments(self) -> None:
        for path in ("UnaryCall", "/", "a b/c"):
            with self.assertRaises(ValueError):
                await self.client.unary(path, simple(), pb.SimpleResponse)
        with self.assertRaises(ValueError):
            await self.client.unary(UNARY, simple(), pb.SimpleResponse, metadata={"X": ""})
        for timeout in (float("inf"), float("nan")):
            with self.assertRaises(ValueError):
                await self.client.unary(UNARY, simple(), pb.SimpleResponse, timeout=timeout)

    async def test_the_gateways_methods(self) -> None:
        answer = await self.client.recommend(user_id="42", count=2, timeout=5)
        self.assertEqual([item.id for item in answer.items], ["42-0", "42-1"])
        async with await self.client.recommend_stream(user_id="7", count=1) as call:
            self.assertEqual([response.message.items[0].id async for response in call], ["7-0"])
