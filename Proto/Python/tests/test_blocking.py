"""The blocking client, the command line and TLS, against a real server on a thread."""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from support.service import Server
from support.thread import ThreadedServer
from test_aio import DUPLEX, INPUT, OUTPUT, UNARY, asking, simple

from llara import Client, Options, RpcError, StatusCode, tls_context
from llara.__main__ import main
from llara.test.v1 import test_pb2 as pb
from llara.tls import ALPN


class BlockingTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(ThreadedServer(Server()))
        self.client = self.enterContext(Client(self.server.address))

    def test_unary(self) -> None:
        metadata: dict[str, str | bytes] = {"x-llara-echo-initial": "a", "x-llara-echo-trailing-bin": b"\x00"}
        answer = self.client.unary(UNARY, simple(9), pb.SimpleResponse, timeout=5, metadata=metadata)
        self.assertEqual(len(answer.message.payload.body), 9)
        self.assertEqual(answer.initial_metadata.get("x-llara-echo-initial"), "a")
        self.assertEqual(answer.trailers.get("x-llara-echo-trailing-bin"), b"\x00")

    def test_streams(self) -> None:
        with self.client.server_stream(OUTPUT, asking(1, 2, 3), pb.StreamingOutputCallResponse) as call:
            self.assertEqual([len(response.message.payload.body) for response in call], [1, 2, 3])
            self.assertEqual(
                (call.status().code, len(call.trailers()), len(call.initial_metadata())), (StatusCode.OK, 0, 0)
            )
        requests = (pb.StreamingInputCallRequest(payload=pb.Payload(body=bytes(size))) for size in (1, 2, 3))
        answer = self.client.client_stream(INPUT, requests, pb.StreamingInputCallResponse)
        self.assertEqual(answer.message.aggregated_payload_size, 6)

    def test_one_thread_writes_while_another_reads(self) -> None:
        with self.client.start(DUPLEX, pb.StreamingOutputCallResponse, timeout=10) as call:

            def write() -> None:
                for size in range(50):
                    call.write(asking(size))
                call.done_writing()

            writer = threading.Thread(target=write)
            writer.start()
            self.assertEqual([len(response.message.payload.body) for response in call], list(range(50)))
            writer.join()

    def test_many_threads(self) -> None:
        def work(size: int) -> int:
            return len(self.client.unary(UNARY, simple(size), pb.SimpleResponse, timeout=10).message.payload.body)

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(work, range(100))), list(range(100)))
        self.assertEqual(len(self.server.sessions), 1)

    def test_errors(self) -> None:
        with self.assertRaises(RpcError) as raised:
            self.client.unary("t.S/Nope", simple(), pb.SimpleResponse)
        self.assertEqual(raised.exception.code, StatusCode.UNIMPLEMENTED)
        with self.client.start(DUPLEX, pb.StreamingOutputCallResponse) as call:
            call.cancel()
            with self.assertRaises(RpcError) as raised:
                call.read()
            self.assertEqual(raised.exception.code, StatusCode.CANCELLED)
        with self.client.start(DUPLEX, pb.StreamingOutputCallResponse, timeout=0.02) as call:
            with self.assertRaises(RpcError) as raised:
                call.read()
            self.assertEqual(raised.exception.code, StatusCode.DEADLINE_EXCEEDED)

    def test_a_closed_client(self) -> None:
        self.client.close()
        self.client.close()
        with self.assertRaises(RuntimeError):
            self.client.unary(UNARY, simple(), pb.SimpleResponse)

    def test_recommend(self) -> None:
        self.assertEqual(self.client.recommend(user_id="42", count=1).items[0].id, "42-0")
        with self.client.recommend_stream(user_id="7", count=1) as call:
            self.assertEqual([response.message.items[0].id for response in call], ["7-0"])
        with self.assertRaises(ValueError):
            self.client.recommend(usr="42")  # type: ignore[call-arg]


class CommandLineTests(unittest.TestCase):
    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        out, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            try:
                code = main(arguments)
            except SystemExit as exit:
                code = int(exit.code or 0)
        return code, out.getvalue(), error.getvalue()

    def test_recommend(self) -> None:
        with ThreadedServer(Server()) as server:
            code, out, _ = self.run_main("recommend", "--gateway", server.address, "--user", "42", "--count", "2")
            self.assertEqual((code, [item["id"] for item in json.loads(out)["items"]]), (0, ["42-0", "42-1"]))
            code, _, error = self.run_main("describe", "--gateway", server.address)
            self.assertEqual((code, error.startswith("llara: UNIMPLEMENTED: ")), (1, True))

    def test_faulty_command_lines(self) -> None:
        for arguments in (
            (),
            ("recommend",),
            ("recommend", "--gateway", "x"),
            ("user", "--gateway", "x", "--user", "1"),
        ):
            self.assertEqual(self.run_main(*arguments)[0], 2)
        self.assertIn("examples:", self.run_main("--help")[1])


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class TLSTests(unittest.TestCase):
    folder: tempfile.TemporaryDirectory[str]
    certificate: str
    key: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        path = pathlib.Path(cls.folder.name)
        cls.certificate, cls.key = str(path / "cert.pem"), str(path / "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", cls.key, "-out", cls.certificate],
            check=True, capture_output=True,
        )  # fmt: skip

    def server_context(self, alpn: str, newest: ssl.TLSVersion) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = newest
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols([alpn])
        return context

    def code(
        self, context: ssl.SSLContext | None, alpn: str = ALPN, name: str | None = None,
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> tuple[str, str]:  # fmt: skip
        options = Options(attempts=1)
        with ThreadedServer(Server(tls=self.server_context(alpn, newest))) as server:
            with Client(server.address, tls=context, server_name=name, options=options) as client:
                try:
                    client.unary(UNARY, simple(300_000), pb.SimpleResponse, timeout=10)
                except RpcError as error:
                    return error.code.name, error.message
        return "OK", ""

    def test_a_call_over_tls(self) -> None:
        self.assertEqual(self.code(tls_context(self.certificate)), ("OK", ""))
        self.assertEqual(self.code(tls_context(self.certificate), name="localhost"), ("OK", ""))

    def test_refusals(self) -> None:
        other = ssl.create_default_context()
        cases = {
            "certificate": self.code(other),
            "not valid for": self.code(tls_context(self.certificate), name="example.org"),
            "ALPN": self.code(tls_context(self.certificate), alpn="h2"),
            "cannot reach": self.code(None),
            "Error": self.code(tls_context(self.certificate), newest=ssl.TLSVersion.TLSv1_2),
        }
        for text, (code, message) in cases.items():
            with self.subTest(text):
                self.assertEqual(code, "UNAVAILABLE")
                self.assertIn(text, message)
