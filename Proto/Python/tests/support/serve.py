"""Serves the test service until it is interrupted: python3 -m support.serve, in tests."""

from __future__ import annotations

import asyncio
import sys

from . import service


async def main() -> None:
    async with service.Server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as server:
        print(server.address, flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
