"""What becomes of calls when a connection ends: a scripted server over real sockets."""

from __future__ import annotations

import asyncio
import socket

from support.peer import body, goaway, message, trailers
from support.scripted import Connection, ScriptedServer
from test_aio import UNARY, Case, simple

from llara import Options, StatusCode
from llara.aio import Client
from llara.test.v1 import test_pb2 as pb
from llara.wire import frames, payloads
from llara.wire.frames import FrameType, GoAwayCode
from llara.wire.settings import Settings

FAST = Options(backoff=0.001, linger=0.02)


async def answer(connection: Connection, stream_id: int = 1) -> None:
    await connection.headers()
    await connection.frame(FrameType.MESSAGE)
    connection.write(body(b"", stream_id), trailers(stream_id=stream_id))


async def good(connection: Connection) -> None:
    connection.greet()
    await answer(connection)
    await connection.eof()


async def refusing(connection: Connection) -> None:
    """Drains, and takes not even the first call."""
    connection.greet()
    await connection.headers()
    connection.write(goaway(0, reason="drain"))
    await connection.eof()


class ReconnectTests(Case):
    async def unary(self, client: Client) -> None:
        await client.unary(UNARY, simple(), pb.SimpleResponse, timeout=10)

    async def test_a_refused_call_is_made_again(self) -> None:
        seen: list[payloads.Headers] = []

        async def second(connection: Connection) -> None:
            connection.greet()
            seen.append(await connection.headers())
            request = await connection.frame(FrameType.MESSAGE)
            self.assertIn(simple(5).SerializeToString(), request.payload)
            connection.write(body(b""), trailers())
            await connection.eof()

        async with ScriptedServer(refusing, second) as server, Client(server.address) as client:
            await client.unary(UNARY, simple(5), pb.SimpleResponse, timeout=10)
        self.assertEqual(seen[0].metadata.get("llara-attempt"), "1")

    async def test_refused_again_and_again(self) -> None:
        async with ScriptedServer(refusing, refusing, refusing) as server, Client(server.address) as client:
            self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)
            self.assertIn("drain", self.error.message)

    async def test_a_call_that_sent_too_much_to_keep(self) -> None:
        options = Options(replay_bytes=3)
        async with ScriptedServer(refusing) as server, Client(server.address, options=options) as client:
            code = await self.code_of(client.unary(UNARY, simple(500_000), pb.SimpleResponse, timeout=10))
            self.assertEqual(code, StatusCode.UNAVAILABLE)

    async def test_a_taken_call_is_not_made_again(self) -> None:
        async def lost(connection: Connection) -> None:
            connection.greet()
            await connection.headers()
            connection.close()

        async with ScriptedServer(lost, good) as server, Client(server.address) as client:
            self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)
            await self.unary(client)
            self.assertEqual(server.connections, 2)

    async def test_a_call_that_was_answered_is_not_made_again(self) -> None:
        async def fickle(connection: Connection) -> None:
            connection.greet()
            await connection.frame(FrameType.MESSAGE)
            connection.write(frames.encode(FrameType.METADATA, bytes(2), 1), goaway(0))
            await connection.eof()

        async with ScriptedServer(fickle) as server, Client(server.address) as client:
            self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)

    async def test_a_server_that_does_not_read_fills_no_memory(self) -> None:
        call_is_over = asyncio.Event()

        async def deaf(connection: Connection) -> None:
            connection.greet(Settings(connection_window_bytes=2**31 - 1, stream_window_bytes=2**31 - 1))
            await call_is_over.wait()

        async with ScriptedServer(deaf) as server, Client(server.address, options=FAST) as client:
            async with await client.start(UNARY, pb.SimpleResponse) as call:
                await call.write(pb.SimpleRequest(payload=pb.Payload(body=bytes(16_000_000))))
                wire = client._connector.current
                assert wire and wire._transport
                self.assertLess(wire._transport.get_write_buffer_size(), 1_000_000)
            call_is_over.set()

    async def test_open_calls_outlive_a_drain(self) -> None:
        async def draining(connection: Connection) -> None:
            connection.greet()
            await connection.headers()
            connection.write(goaway(1))
            await connection.frame(FrameType.MESSAGE)
            connection.write(body(b""), trailers())
            await connection.eof()

        async with ScriptedServer(draining, good) as server, Client(server.address) as client:
            async with await client.start(UNARY, pb.SimpleResponse, timeout=10) as call:
                # It needs no connection of its own, but one that takes calls.
                await self.until_draining(client)
                await self.unary(client)
                await call.write(simple(), end=True)
                await call.only_response()

    async def until_draining(self, client: Client) -> None:
        wire = client._connector.current
        while wire and wire.core.takes_calls:
            client._connector.changed.clear()
            await client._connector.changed.wait()

    async def test_a_connection_that_is_refused(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % free.getsockname()[1]
            async with Client(address, options=FAST) as client:
                self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)
                self.assertIn(f"cannot reach {address}", self.error.message)

    async def test_connecting_is_tried_again(self) -> None:
        async def full(connection: Connection) -> None:
            connection.greet()
            connection.write(goaway(0, GoAwayCode.TOO_MANY_CONNECTIONS, "full"))

        async def gone(connection: Connection) -> None:
            connection.close()

        async with ScriptedServer(gone, gone, good) as server, Client(server.address, options=FAST) as client:
            await self.unary(client)
        async with ScriptedServer(full, gone, gone) as server, Client(server.address, options=FAST) as client:
            self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)

    async def test_a_violation_is_told_to_the_server(self) -> None:
        told: list[payloads.GoAway] = []

        async def faulty(connection: Connection) -> None:
            connection.greet()
            await connection.headers()
            connection.write(message(b""))
            told.append(payloads.decode_goaway((await connection.frame(FrameType.GOAWAY)).payload))
            await connection.eof()
            connection.close()

        async with ScriptedServer(faulty) as server, Client(server.address) as client:
            self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)
        self.assertEqual(told[0].code, GoAwayCode.MALFORMED)

    async def test_another_protocols_server(self) -> None:
        async def http(connection: Connection) -> None:
            connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await connection.eof()

        async with ScriptedServer(http) as server:
            async with Client(server.address, options=Options(attempts=1, linger=0.02)) as client:
                self.assertEqual(await self.code_of(self.unary(client)), StatusCode.UNAVAILABLE)
                self.assertIn("not the preface of llara", self.error.message)
