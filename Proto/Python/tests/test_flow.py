"""Windows, limits and waiting of the asyncio client over real sockets."""

from __future__ import annotations

import asyncio
import tempfile

from support.service import Server, ServerCall
from test_aio import DUPLEX, OUTPUT, UNARY, Case, asking, simple

from llara import Options, Settings, StatusCode
from llara.aio import Client
from llara.test.v1 import test_pb2 as pb
from llara.wire.settings import Limits

SMALL = Settings(stream_window_bytes=65_536, connection_window_bytes=65_536, frame_payload_bytes=32_768)


class FlowTests(Case):
    async def test_small_windows_both_ways(self) -> None:
        async with Server(SMALL) as server, Client(server.address, options=Options(settings=SMALL)) as client:
            request = pb.SimpleRequest(response_size=1_000_000, payload=pb.Payload(body=bytes(1_000_000)))
            answers = await asyncio.gather(*(client.unary(UNARY, request, pb.SimpleResponse) for _ in range(3)))
            self.assertEqual([len(answer.message.payload.body) for answer in answers], [1_000_000] * 3)

    async def test_a_slow_reader_holds_the_server_back(self) -> None:
        # The connection's window is larger: a slow stream must not hold up others.
        options = Options(settings=Settings(stream_window_bytes=65_536))
        async with Server() as server, Client(server.address, options=options) as client:
            async with await client.server_stream(
                OUTPUT, asking(*[40_000] * 20), pb.StreamingOutputCallResponse
            ) as call:
                first = await call.read()
                assert first
                # Another call's answer comes through, and then all that the window lets pass is here.
                for _ in range(3):
                    await client.unary(UNARY, simple(), pb.SimpleResponse)
                self.assertLessEqual(len(call._messages), 2)
                self.assertEqual(len([response async for response in call]), 19)

    async def test_a_cancelled_call_gives_back_what_nobody_read(self) -> None:
        async with Server() as server, Client(server.address, options=Options(settings=SMALL)) as client:
            call = await client.server_stream(OUTPUT, asking(60_000), pb.StreamingOutputCallResponse)
            await call.status()
            call.cancel()
            await client.unary(UNARY, simple(60_000), pb.SimpleResponse, timeout=5)

    async def test_a_server_that_does_not_read_holds_the_writer_back(self) -> None:
        read = asyncio.Event()

        async def late(call: ServerCall) -> None:
            await read.wait()
            while await call.read(pb.SimpleRequest()):
                pass
            await call.write(pb.Empty())

        async with Server(SMALL) as server, Client(server.address) as client:
            server.handlers["t.S/Late"] = late
            async with await client.start("t.S/Late", pb.Empty) as call:
                block = pb.SimpleRequest(payload=pb.Payload(body=bytes(60_000)))
                await call.write(block)
                await call.write(block)
                third = asyncio.create_task(call.write(block))
                done, _ = await asyncio.wait([third], timeout=0.02)
                self.assertFalse(done)
                read.set()
                self.assertTrue(await third)
                await call.done_writing()
                await call.only_response()

    async def test_calls_wait_for_a_free_stream(self) -> None:
        async with Server(Settings(concurrent_streams=2)) as server, Client(server.address) as client:
            await asyncio.gather(*(client.unary(UNARY, simple(9), pb.SimpleResponse) for _ in range(20)))
            self.assertEqual((len(server.sessions), len(server.seen)), (1, 20))

    async def test_waiting_calls_have_a_limit(self) -> None:
        options = Options(waiting_calls=2)
        async with Server(Settings(concurrent_streams=1)) as server, Client(server.address, options=options) as client:
            holder = await client.start(DUPLEX, pb.StreamingOutputCallResponse)
            waiting = [asyncio.create_task(client.unary(UNARY, simple(), pb.SimpleResponse)) for _ in range(2)]
            await asyncio.sleep(0)
            code = await self.code_of(client.unary(UNARY, simple(), pb.SimpleResponse))
            self.assertEqual(code, StatusCode.RESOURCE_EXHAUSTED)
            holder.cancel()
            await asyncio.gather(*waiting)

    async def test_a_unix_socket(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with Server(path=f"{folder}/socket") as server, Client(server.address) as client:
                await client.unary(UNARY, simple(), pb.SimpleResponse)

    async def test_a_handshake_that_does_not_come(self) -> None:
        options = Options(limits=Limits(handshake_timeout=0.02), attempts=1)
        silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
        async with silent:
            address = "127.0.0.1:%d" % silent.sockets[0].getsockname()[1]
            async with Client(address, options=options) as client:
                self.assertEqual(
                    await self.code_of(client.unary(UNARY, simple(), pb.SimpleResponse)), StatusCode.UNAVAILABLE
                )
                self.assertIn("in time", self.error.message)
            async with Client(address) as client:
                code = await self.code_of(client.unary(UNARY, simple(), pb.SimpleResponse, timeout=0.02))
                self.assertEqual(code, StatusCode.DEADLINE_EXCEEDED)
