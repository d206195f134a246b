"""The asyncio client of the gateway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from . import gateway
from .call import Call
from .channel import Channel
from .metadata import MetadataLike
from .response import Response
from .v1 import common_pb2, gateway_pb2

__all__ = ["Call", "Channel", "Client", "Response"]


class Client(Channel):
    """Asks a gateway for rankings. `timeout` is in seconds; other methods and services: `unary` and its kin."""

    async def recommend(
        self,
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        **fields: Unpack[gateway.RecommendFields],
    ) -> gateway_pb2.RecommendResponse:
        """A ranking for a stored user (`user_id`) or a given history (`sequence`)."""
        request = gateway.recommend_request(fields)
        answer = await self.unary(
            gateway.RECOMMEND, request, gateway_pb2.RecommendResponse, timeout=timeout, metadata=metadata
        )
        return answer.message

    async def recommend_stream(
        self,
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        **fields: Unpack[gateway.RecommendFields],
    ) -> Call[gateway_pb2.RecommendResponse]:
        """The recommender's order at once, the LLM's when it is ready."""
        request = gateway.recommend_request(fields)
        return await self.server_stream(
            gateway.RECOMMEND_STREAM, request, gateway_pb2.RecommendResponse, timeout=timeout, metadata=metadata
        )

    async def append_interactions(
        self,
        user_id: str,
        items: Iterable[common_pb2.HistoryItem],
        *,
        idempotency_key: str = "",
        timeout: float | None = None,
    ) -> gateway_pb2.WriteResponse:
        """What a user did, oldest first. With a key the call may be made twice and writes once."""
        request = gateway_pb2.AppendInteractionsRequest(user_id=user_id, items=items, idempotency_key=idempotency_key)
        answer = await self.unary(gateway.APPEND_INTERACTIONS, request, gateway_pb2.WriteResponse, timeout=timeout)
        return answer.message

    async def get_items(self, item_ids: Iterable[str], *, timeout: float | None = None) -> gateway_pb2.ItemsResponse:
        """Items of the catalog."""
        request = gateway_pb2.GetItemsRequest(item_ids=item_ids)
        return (await self.unary(gateway.GET_ITEMS, request, gateway_pb2.ItemsResponse, timeout=timeout)).message

    async def get_user(
        self, user_id: str, *, count: int = 0, timeout: float | None = None
    ) -> gateway_pb2.GetUserResponse:
        """A user's newest interactions."""
        request = gateway_pb2.GetUserRequest(user_id=user_id, count=count)
        return (await self.unary(gateway.GET_USER, request, gateway_pb2.GetUserResponse, timeout=timeout)).message

    async def describe(self, release: str = "", *, timeout: float | None = None) -> common_pb2.DescribeResponse:
        """What the gateway serves, the active release first."""
        request = common_pb2.DescribeRequest(release=release)
        return (await self.unary(gateway.DESCRIBE, request, common_pb2.DescribeResponse, timeout=timeout)).message
