"""The conformance cases pass against a server that keeps to the protocol, and fail against one that does not."""

from __future__ import annotations

import contextlib
import io
import json
import unittest

from support.handlers import SERVICE
from support.service import Server, ServerCall
from support.thread import ThreadedServer

from llara.conformance.__main__ import main
from llara.conformance.base import CASES
from llara.test.v1 import test_pb2 as pb
from llara.wire import compression
from llara.wire.settings import Settings

NAMES = """empty_unary large_unary client_streaming server_streaming ping_pong empty_stream custom_metadata
status_code_and_message special_status_message unimplemented_method unimplemented_service cancel_after_begin
cancel_after_first_response timeout_on_sleeping_server client_compressed_unary server_compressed_unary
client_compressed_streaming server_compressed_streaming rpc_soak channel_soak""".split()


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = main(arguments)
        except SystemExit as exit:
            code = int(exit.code or 0)
    return code, out.getvalue()


class ConformanceTests(unittest.TestCase):
    def test_names(self) -> None:
        self.assertEqual(list(CASES), NAMES)
        self.assertEqual(run("--list"), (0, "\n".join(NAMES) + "\n"))

    @unittest.skipUnless(compression.available(), "zstandard is not installed")
    def test_every_case_passes(self) -> None:
        small = Settings(
            frame_payload_bytes=32_768, stream_window_bytes=65_536, connection_window_bytes=65_536, compressions=1
        )
        for settings in (None, small):
            with ThreadedServer(Server(settings)) as server:
                code, out = run("--address", server.address, "--soak-iterations", "3")
            self.assertEqual((code, out.splitlines()), (0, [f"{name}: pass" for name in NAMES]))

    def test_a_faulty_server_fails(self) -> None:
        async def empty(call: ServerCall) -> None: ...

        async def wrong(call: ServerCall) -> None:
            await call.write(pb.SimpleResponse(payload=pb.Payload(body=b"x")))

        server = Server()
        server.echoes = False
        server.handlers = {f"{SERVICE}/{name}": wrong for name in ("UnaryCall", "StreamingInputCall", "FullDuplexCall")}
        server.handlers[f"{SERVICE}/EmptyCall"] = empty
        server.handlers[f"{SERVICE}/StreamingOutputCall"] = wrong
        faulty = [name for name in NAMES if not name.startswith(("unimplemented", "cancel_after_begin"))]
        with ThreadedServer(server):
            code, out = run("--address", server.address, "--json", *faulty)
        document = json.loads(out)
        self.assertEqual((code, document["passed"]), (1, False))
        passed = [case["case"] for case in document["cases"] if case["passed"]]
        self.assertEqual(passed, [])

    def test_no_server(self) -> None:
        code, out = run("--address", "unix:/nowhere", "empty_unary")
        self.assertEqual(code, 1)
        self.assertRegex(out, "^empty_unary: FAIL the call failed: UNAVAILABLE: cannot reach unix:/nowhere")

    def test_faulty_command_lines(self) -> None:
        for arguments in (
            (),
            ("--address", "x"),
            ("--address", "a:1", "nope"),
            ("--address", "a:1", "--soak-iterations", "0"),
        ):
            self.assertEqual(run(*arguments)[0], 2)
        self.assertIn("examples:", run("--help")[1])
