"""python3 -m llara.conformance: runs cases against a server of llara.test.v1.TestService."""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
import time
from collections.abc import Sequence

from ..aio import Client
from ..status import RpcError
from ..tls import tls_context
from . import calls, compressed, soak  # noqa: F401  (they register their cases)
from .base import CASES, Context, Failure

CASE_SECONDS = 120.0
SOAK_ITERATIONS = 100_000
EXAMPLES = """examples:
  python3 -m llara.conformance --address 127.0.0.1:7500
  python3 -m llara.conformance --address 127.0.0.1:7500 empty_unary large_unary
  python3 -m llara.conformance --address server:7500 --tls-ca ca.pem --json

Exit status: 0 when every case passed, 1 when one failed, 2 for a faulty command line."""


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m llara.conformance",
        description="Calls llara.test.v1.TestService as gRPC's interop client does, and says what went otherwise.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="cases to run; all when none is named")
    parser.add_argument("--address", help="HOST:PORT, [IPV6]:PORT or unix:/PATH")
    parser.add_argument("--tls-ca", metavar="FILE", help="use TLS and trust this authority (PEM)")
    parser.add_argument("--server-name", metavar="NAME", help="name in the server's certificate; else the host")
    parser.add_argument("--token", help="bearer token")
    parser.add_argument("--soak-iterations", type=int, default=10, metavar="N", help="calls of a soak case (10)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and exit")
    found = parser.parse_args(arguments)
    unknown = [name for name in found.cases if name not in CASES]
    if unknown:
        parser.error(f"unknown case {unknown[0]!r}; the cases are: {' '.join(CASES)}")
    if not found.list and not found.address:
        parser.error("--address is missing; give HOST:PORT of a server with llara.test.v1.TestService")
    if not 1 <= found.soak_iterations <= SOAK_ITERATIONS:
        parser.error(f"--soak-iterations: use 1 to {SOAK_ITERATIONS}")
    return found


async def _outcome(name: str, context: Context) -> str | None:
    """Why the case failed; None when it passed."""
    try:
        async with asyncio.timeout(CASE_SECONDS):
            await CASES[name](context)
    except TimeoutError:
        return f"it took more than {CASE_SECONDS} s"
    except Failure as failure:
        return str(failure)
    except RpcError as error:
        return f"the call failed: {error}"
    return None


async def _run(arguments: argparse.Namespace) -> list[dict[str, object]]:
    def connect() -> Client:
        tls: ssl.SSLContext | None = tls_context(arguments.tls_ca) if arguments.tls_ca else None
        return Client(arguments.address, tls=tls, server_name=arguments.server_name, token=arguments.token)

    results: list[dict[str, object]] = []
    async with connect() as client:
        context = Context(client, connect, arguments.soak_iterations)
        for name in arguments.cases or CASES:
            start = time.monotonic()
            reason = await _outcome(name, context)
            if not arguments.json:
                print(f"{name}: {'pass' if reason is None else f'FAIL {reason}'}", flush=True)
            seconds = round(time.monotonic() - start, 3)
            results.append({"case": name, "passed": reason is None, "reason": reason or "", "seconds": seconds})
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    found = _arguments(arguments)
    if found.list:
        print("\n".join(CASES))
        return 0
    try:
        results = asyncio.run(_run(found))
    except (ValueError, OSError) as error:
        print(f"llara.conformance: {error}", file=sys.stderr)
        return 2
    passed = all(result["passed"] for result in results)
    if found.json:
        print(json.dumps({"address": found.address, "passed": passed, "cases": results}, indent=2))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
