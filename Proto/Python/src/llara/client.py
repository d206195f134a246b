"""The blocking client of the gateway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from . import gateway
from .blocking import Channel, StreamCall
from .metadata import MetadataLike
from .v1 import common_pb2, gateway_pb2


class Client(Channel):
    """Asks a gateway for rankings. `timeout` is in seconds; other methods and services: `unary` and its kin."""

    def recommend(
        self,
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        **fields: Unpack[gateway.RecommendFields],
    ) -> gateway_pb2.RecommendResponse:
        """A ranking for a stored user (`user_id`) or a given history (`sequence`)."""
        request = gateway.recommend_request(fields)
        answer = self.unary(
            gateway.RECOMMEND, request, gateway_pb2.RecommendResponse, timeout=timeout, metadata=metadata
        )
        return answer.message

    def recommend_stream(
        self,
        *,
        timeout: float | None = None,
        metadata: MetadataLike | None = None,
        **fields: Unpack[gateway.RecommendFields],
    ) -> StreamCall[gateway_pb2.RecommendResponse]:
        """The recommender's order at once, the LLM's when it is ready."""
        request = gateway.recommend_request(fields)
        return self.server_stream(
            gateway.RECOMMEND_STREAM, request, gateway_pb2.RecommendResponse, timeout=timeout, metadata=metadata
        )

    def append_interactions(
        self,
        user_id: str,
        items: Iterable[common_pb2.HistoryItem],
        *,
        idempotency_key: str = "",
        timeout: float | None = None,
    ) -> gateway_pb2.WriteResponse:
        """What a user did, oldest first. With a key the call may be made twice and writes once."""
        request = gateway_pb2.AppendInteractionsRequest(user_id=user_id, items=items, idempotency_key=idempotency_key)
        answer = self.unary(gateway.APPEND_INTERACTIONS, request, gateway_pb2.WriteResponse, timeout=timeout)
        return answer.message

    def get_items(self, item_ids: Iterable[str], *, timeout: float | None = None) -> gateway_pb2.ItemsResponse:
        """Items of the catalog."""
        request = gateway_pb2.GetItemsRequest(item_ids=item_ids)
        return self.unary(gateway.GET_ITEMS, request, gateway_pb2.ItemsResponse, timeout=timeout).message

    def get_user(self, user_id: str, *, count: int = 0, timeout: float | None = None) -> gateway_pb2.GetUserResponse:
        """A user's newest interactions."""
        request = gateway_pb2.GetUserRequest(user_id=user_id, count=count)
        return self.unary(gateway.GET_USER, request, gateway_pb2.GetUserResponse, timeout=timeout).message

    def describe(self, release: str = "", *, timeout: float | None = None) -> common_pb2.DescribeResponse:
        """What the gateway serves, the active release first."""
        request = common_pb2.DescribeRequest(release=release)
        return self.unary(gateway.DESCRIBE, request, common_pb2.DescribeResponse, timeout=timeout).message
