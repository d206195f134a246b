"""python3 -m llara: asks a gateway from a terminal; answers are JSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from google.protobuf import json_format
from google.protobuf.message import Message

from . import Client, RpcError, sequence, tls_context
from .v1 import health_pb2

TOKEN_VARIABLE = "LLARA_TOKEN"
EXAMPLES = f"""examples:
  python3 -m llara recommend --gateway 127.0.0.1:7400 --user 42
  python3 -m llara recommend --gateway 127.0.0.1:7400 --history 50,181,100 --count 5 --stream
  python3 -m llara user --gateway 127.0.0.1:7400 --user 42
  python3 -m llara describe --gateway 127.0.0.1:7400
  python3 -m llara health --gateway gateway:7400 --tls-ca ca.pem --service llara.v1.Gateway

A bearer token is read from the variable {TOKEN_VARIABLE}.
Exit status: 0 on success, 1 when the call failed, 2 for a faulty command line."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m llara",
        description="Asks a gateway of llara.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--gateway", required=True, metavar="ADDRESS", help="HOST:PORT, [IPV6]:PORT or unix:/PATH")
    common.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="of the call (10)")
    common.add_argument("--tls-ca", metavar="FILE", help="use TLS and trust this authority (PEM)")
    common.add_argument("--server-name", metavar="NAME", help="name in the server's certificate; else the host")
    commands = parser.add_subparsers(dest="command", required=True)

    recommend = commands.add_parser("recommend", parents=[common], help="a ranking for a user or a history")
    whose = recommend.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", metavar="ID", help="a user whose history the gateway has")
    whose.add_argument("--history", metavar="IDS", help="item ids of an anonymous user, oldest first, with commas")
    recommend.add_argument("--count", type=int, default=0, metavar="N", help="items in the answer (10)")
    recommend.add_argument("--release", default="", help="release that answers; else the active one")
    recommend.add_argument("--explain", action="store_true", help="also show the prompt")
    recommend.add_argument("--stream", action="store_true", help="print the recommender's order before the LLM's")

    user = commands.add_parser("user", parents=[common], help="a user's newest interactions")
    user.add_argument("--user", required=True, metavar="ID")
    user.add_argument("--count", type=int, default=0, metavar="N", help="interactions in the answer (50)")

    describe = commands.add_parser("describe", parents=[common], help="what the gateway serves")
    describe.add_argument("--release", default="", help="one release; else all")

    health = commands.add_parser("health", parents=[common], help="whether any service of llara serves")
    health.add_argument("--service", default="", help="full name; else the whole server")
    return parser


def _print(message: Message) -> None:
    print(json_format.MessageToJson(message, preserving_proto_field_name=True), flush=True)


def _recommend(client: Client, found: argparse.Namespace) -> None:
    history = sequence(found.history.split(",")) if found.history else None
    fields = {"user_id": found.user or "", "sequence": history, "count": found.count}
    fields |= {"release": found.release, "explain": found.explain, "timeout": found.timeout}
    if not found.stream:
        _print(client.recommend(**fields))
        return
    with client.recommend_stream(**fields) as call:
        for response in call:
            _print(response.message)


def _call(client: Client, found: argparse.Namespace) -> None:
    if found.command == "recommend":
        _recommend(client, found)
    elif found.command == "user":
        _print(client.get_user(found.user, count=found.count, timeout=found.timeout))
    elif found.command == "describe":
        _print(client.describe(found.release, timeout=found.timeout))
    else:
        request = health_pb2.HealthCheckRequest(service=found.service)
        path, response = "llara.v1.Health/Check", health_pb2.HealthCheckResponse
        _print(client.unary(path, request, response, timeout=found.timeout).message)


def main(arguments: Sequence[str] | None = None) -> int:
    found = _parser().parse_args(arguments)
    try:
        tls = tls_context(found.tls_ca) if found.tls_ca else None
        token = os.environ.get(TOKEN_VARIABLE)
        with Client(found.gateway, tls=tls, server_name=found.server_name, token=token) as client:
            _call(client, found)
    except (RpcError, ValueError, OSError) as error:
        print(f"llara: {error}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
