"""Cases: the same call many times, over one connection and over one each."""

from __future__ import annotations

from .base import Context, case, large_unary_on


@case
async def rpc_soak(context: Context) -> None:
    for _ in range(context.soak_iterations):
        await large_unary_on(context.client)


@case
async def channel_soak(context: Context) -> None:
    for _ in range(context.soak_iterations):
        async with context.connect() as client:
            await large_unary_on(client)
