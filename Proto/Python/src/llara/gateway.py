"""What both clients ask of the gateway: paths, and the fields of a recommendation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from .v1 import common_pb2, gateway_pb2

SERVICE = "llara.v1.Gateway"
RECOMMEND = f"{SERVICE}/Recommend"
RECOMMEND_STREAM = f"{SERVICE}/RecommendStream"
APPEND_INTERACTIONS = f"{SERVICE}/AppendInteractions"
GET_ITEMS = f"{SERVICE}/GetItems"
GET_USER = f"{SERVICE}/GetUser"
DESCRIBE = f"{SERVICE}/Describe"


class RecommendFields(TypedDict, total=False):
    """The fields of RecommendRequest: Proto/llara/v1/gateway.proto says what each means."""

    user_id: str
    sequence: common_pb2.Sequence
    candidate_item_ids: Iterable[str]
    count: int
    candidate_count: int
    excluded_item_ids: Iterable[str]
    include_seen: bool
    representation: common_pb2.Representation
    release: str
    context: common_pb2.Context
    min_version: int
    explain: bool
    filters: Iterable[common_pb2.AttributeFilter]
    fresh_items: int
    without_fresh_items: bool


def sequence(item_ids: Iterable[str]) -> common_pb2.Sequence:
    """An anonymous user's history, oldest first."""
    return common_pb2.Sequence(items=[common_pb2.HistoryItem(item_id=item_id) for item_id in item_ids])


def recommend_request(fields: RecommendFields) -> gateway_pb2.RecommendRequest:
    return gateway_pb2.RecommendRequest(**fields)
