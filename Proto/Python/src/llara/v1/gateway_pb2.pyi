from llara.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ActivateReleaseRequest(_message.Message):
    __slots__ = ["author", "release"]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    author: str
    release: str
    def __init__(self, release: _Optional[str] = ..., author: _Optional[str] = ...) -> None: ...

class AppendInteractionsRequest(_message.Message):
    __slots__ = ["idempotency_key", "items", "user_id"]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    items: _containers.RepeatedCompositeFieldContainer[_common_pb2.HistoryItem]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_common_pb2.HistoryItem, _Mapping]]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class Degradation(_message.Message):
    __slots__ = ["message", "reason", "stage"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    message: str
    reason: str
    stage: str
    def __init__(self, stage: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class DeleteItemsRequest(_message.Message):
    __slots__ = ["author", "idempotency_key", "if_versions", "item_ids"]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    IF_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    author: str
    idempotency_key: str
    if_versions: _containers.RepeatedScalarFieldContainer[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, item_ids: _Optional[_Iterable[str]] = ..., author: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., if_versions: _Optional[_Iterable[int]] = ...) -> None: ...

class DeleteUserRequest(_message.Message):
    __slots__ = ["idempotency_key", "user_id"]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class GetItemsRequest(_message.Message):
    __slots__ = ["item_ids"]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, item_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class GetUserRequest(_message.Message):
    __slots__ = ["count", "user_id"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    count: int
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class GetUserResponse(_message.Message):
    __slots__ = ["history", "interaction_count", "user_id"]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    INTERACTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    history: _containers.RepeatedCompositeFieldContainer[UserHistoryItem]
    interaction_count: int
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., history: _Optional[_Iterable[_Union[UserHistoryItem, _Mapping]]] = ..., interaction_count: _Optional[int] = ...) -> None: ...

class ItemChange(_message.Message):
    __slots__ = ["action", "author", "changed_at_seconds", "item_id", "version"]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    action: str
    author: str
    changed_at_seconds: int
    item_id: str
    version: int
    def __init__(self, version: _Optional[int] = ..., item_id: _Optional[str] = ..., action: _Optional[str] = ..., author: _Optional[str] = ..., changed_at_seconds: _Optional[int] = ...) -> None: ...

class ItemPatch(_message.Message):
    __slots__ = ["changes_expiry", "expires_at_seconds", "id", "removed_attribute_keys", "set_attributes", "state", "title", "version"]
    CHANGES_EXPIRY_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    REMOVED_ATTRIBUTE_KEYS_FIELD_NUMBER: _ClassVar[int]
    SET_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    changes_expiry: bool
    expires_at_seconds: int
    id: str
    removed_attribute_keys: _containers.RepeatedScalarFieldContainer[str]
    set_attributes: _containers.RepeatedCompositeFieldContainer[_common_pb2.KeyValue]
    state: _common_pb2.ItemState
    title: str
    version: int
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., set_attributes: _Optional[_Iterable[_Union[_common_pb2.KeyValue, _Mapping]]] = ..., removed_attribute_keys: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[_common_pb2.ItemState, str]] = ..., changes_expiry: bool = ..., expires_at_seconds: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class ItemsResponse(_message.Message):
    __slots__ = ["catalog_version", "items"]
    CATALOG_VERSION_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    catalog_version: int
    items: _containers.RepeatedCompositeFieldContainer[_common_pb2.Item]
    def __init__(self, items: _Optional[_Iterable[_Union[_common_pb2.Item, _Mapping]]] = ..., catalog_version: _Optional[int] = ...) -> None: ...

class ListChangesRequest(_message.Message):
    __slots__ = ["after_item_id", "after_version", "count", "item_id"]
    AFTER_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    after_item_id: str
    after_version: int
    count: int
    item_id: str
    def __init__(self, after_version: _Optional[int] = ..., count: _Optional[int] = ..., item_id: _Optional[str] = ..., after_item_id: _Optional[str] = ...) -> None: ...

class ListChangesResponse(_message.Message):
    __slots__ = ["catalog_version", "changes"]
    CATALOG_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    catalog_version: int
    changes: _containers.RepeatedCompositeFieldContainer[ItemChange]
    def __init__(self, changes: _Optional[_Iterable[_Union[ItemChange, _Mapping]]] = ..., catalog_version: _Optional[int] = ...) -> None: ...

class ListItemsRequest(_message.Message):
    __slots__ = ["after_item_id", "count", "filters", "state", "title_contains"]
    AFTER_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    after_item_id: str
    count: int
    filters: _containers.RepeatedCompositeFieldContainer[_common_pb2.AttributeFilter]
    state: _common_pb2.ItemState
    title_contains: str
    def __init__(self, title_contains: _Optional[str] = ..., count: _Optional[int] = ..., after_item_id: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[_common_pb2.AttributeFilter, _Mapping]]] = ..., state: _Optional[_Union[_common_pb2.ItemState, str]] = ...) -> None: ...

class ListReleasesRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListReleasesResponse(_message.Message):
    __slots__ = ["releases"]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    releases: _containers.RepeatedCompositeFieldContainer[StoredRelease]
    def __init__(self, releases: _Optional[_Iterable[_Union[StoredRelease, _Mapping]]] = ...) -> None: ...

class PatchItemsRequest(_message.Message):
    __slots__ = ["author", "idempotency_key", "if_version", "patches"]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    IF_VERSION_FIELD_NUMBER: _ClassVar[int]
    PATCHES_FIELD_NUMBER: _ClassVar[int]
    author: str
    idempotency_key: str
    if_version: bool
    patches: _containers.RepeatedCompositeFieldContainer[ItemPatch]
    def __init__(self, patches: _Optional[_Iterable[_Union[ItemPatch, _Mapping]]] = ..., author: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., if_version: bool = ...) -> None: ...

class Provenance(_message.Message):
    __slots__ = ["adapter", "catalog_version", "llm", "llm_sha256", "llm_weight", "manifest_sha256", "ranked_by", "release", "representation", "srs_weight"]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    CATALOG_VERSION_FIELD_NUMBER: _ClassVar[int]
    LLM_FIELD_NUMBER: _ClassVar[int]
    LLM_SHA256_FIELD_NUMBER: _ClassVar[int]
    LLM_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    RANKED_BY_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATION_FIELD_NUMBER: _ClassVar[int]
    SRS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    adapter: str
    catalog_version: int
    llm: str
    llm_sha256: bytes
    llm_weight: float
    manifest_sha256: bytes
    ranked_by: str
    release: str
    representation: _common_pb2.Representation
    srs_weight: float
    def __init__(self, release: _Optional[str] = ..., representation: _Optional[_Union[_common_pb2.Representation, str]] = ..., catalog_version: _Optional[int] = ..., llm: _Optional[str] = ..., manifest_sha256: _Optional[bytes] = ..., llm_sha256: _Optional[bytes] = ..., ranked_by: _Optional[str] = ..., adapter: _Optional[str] = ..., llm_weight: _Optional[float] = ..., srs_weight: _Optional[float] = ...) -> None: ...

class RecommendRequest(_message.Message):
    __slots__ = ["candidate_count", "candidate_item_ids", "context", "count", "excluded_item_ids", "explain", "filters", "fresh_items", "include_seen", "min_version", "release", "representation", "sequence", "user_id", "without_fresh_items"]
    CANDIDATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    FRESH_ITEMS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_SEEN_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_FRESH_ITEMS_FIELD_NUMBER: _ClassVar[int]
    candidate_count: int
    candidate_item_ids: _containers.RepeatedScalarFieldContainer[str]
    context: _common_pb2.Context
    count: int
    excluded_item_ids: _containers.RepeatedScalarFieldContainer[str]
    explain: bool
    filters: _containers.RepeatedCompositeFieldContainer[_common_pb2.AttributeFilter]
    fresh_items: int
    include_seen: bool
    min_version: int
    release: str
    representation: _common_pb2.Representation
    sequence: _common_pb2.Sequence
    user_id: str
    without_fresh_items: bool
    def __init__(self, user_id: _Optional[str] = ..., sequence: _Optional[_Union[_common_pb2.Sequence, _Mapping]] = ..., candidate_item_ids: _Optional[_Iterable[str]] = ..., count: _Optional[int] = ..., candidate_count: _Optional[int] = ..., excluded_item_ids: _Optional[_Iterable[str]] = ..., include_seen: bool = ..., representation: _Optional[_Union[_common_pb2.Representation, str]] = ..., release: _Optional[str] = ..., context: _Optional[_Union[_common_pb2.Context, _Mapping]] = ..., min_version: _Optional[int] = ..., explain: bool = ..., filters: _Optional[_Iterable[_Union[_common_pb2.AttributeFilter, _Mapping]]] = ..., fresh_items: _Optional[int] = ..., without_fresh_items: bool = ...) -> None: ...

class RecommendResponse(_message.Message):
    __slots__ = ["coverage", "degradations", "degraded", "evaluated_token_count", "is_preliminary", "items", "prompt", "prompt_token_count", "prompt_tokens", "provenance", "reused_token_count", "stages"]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    DEGRADATIONS_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    IS_PRELIMINARY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    REUSED_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    coverage: float
    degradations: _containers.RepeatedCompositeFieldContainer[Degradation]
    degraded: bool
    evaluated_token_count: int
    is_preliminary: bool
    items: _containers.RepeatedCompositeFieldContainer[RecommendedItem]
    prompt: str
    prompt_token_count: int
    prompt_tokens: _containers.RepeatedCompositeFieldContainer[_common_pb2.PromptToken]
    provenance: Provenance
    reused_token_count: int
    stages: _containers.RepeatedCompositeFieldContainer[StageTime]
    def __init__(self, items: _Optional[_Iterable[_Union[RecommendedItem, _Mapping]]] = ..., coverage: _Optional[float] = ..., degraded: bool = ..., degradations: _Optional[_Iterable[_Union[Degradation, _Mapping]]] = ..., provenance: _Optional[_Union[Provenance, _Mapping]] = ..., stages: _Optional[_Iterable[_Union[StageTime, _Mapping]]] = ..., prompt: _Optional[str] = ..., prompt_token_count: _Optional[int] = ..., is_preliminary: bool = ..., prompt_tokens: _Optional[_Iterable[_Union[_common_pb2.PromptToken, _Mapping]]] = ..., evaluated_token_count: _Optional[int] = ..., reused_token_count: _Optional[int] = ...) -> None: ...

class RecommendedItem(_message.Message):
    __slots__ = ["id", "not_in_release", "parts", "score", "title"]
    ID_FIELD_NUMBER: _ClassVar[int]
    NOT_IN_RELEASE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    id: str
    not_in_release: bool
    parts: ScoreParts
    score: float
    title: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., score: _Optional[float] = ..., parts: _Optional[_Union[ScoreParts, _Mapping]] = ..., not_in_release: bool = ...) -> None: ...

class ReleaseChangeResponse(_message.Message):
    __slots__ = ["active", "previous"]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    active: str
    previous: str
    def __init__(self, active: _Optional[str] = ..., previous: _Optional[str] = ...) -> None: ...

class RollbackReleaseRequest(_message.Message):
    __slots__ = ["author"]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    author: str
    def __init__(self, author: _Optional[str] = ...) -> None: ...

class ScoreParts(_message.Message):
    __slots__ = ["has_llm", "has_srs", "llm", "llm_log_probability", "llm_mean", "llm_token_count", "srs", "srs_log_probability"]
    HAS_LLM_FIELD_NUMBER: _ClassVar[int]
    HAS_SRS_FIELD_NUMBER: _ClassVar[int]
    LLM_FIELD_NUMBER: _ClassVar[int]
    LLM_LOG_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    LLM_MEAN_FIELD_NUMBER: _ClassVar[int]
    LLM_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    SRS_FIELD_NUMBER: _ClassVar[int]
    SRS_LOG_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    has_llm: bool
    has_srs: bool
    llm: float
    llm_log_probability: float
    llm_mean: float
    llm_token_count: int
    srs: float
    srs_log_probability: float
    def __init__(self, llm: _Optional[float] = ..., srs: _Optional[float] = ..., has_llm: bool = ..., has_srs: bool = ..., llm_token_count: _Optional[int] = ..., llm_mean: _Optional[float] = ..., llm_log_probability: _Optional[float] = ..., srs_log_probability: _Optional[float] = ...) -> None: ...

class StageTime(_message.Message):
    __slots__ = ["milliseconds", "stage"]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    milliseconds: float
    stage: str
    def __init__(self, stage: _Optional[str] = ..., milliseconds: _Optional[float] = ...) -> None: ...

class StoredRelease(_message.Message):
    __slots__ = ["active", "manifest_sha256", "name", "published_at_seconds"]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    active: bool
    manifest_sha256: bytes
    name: str
    published_at_seconds: int
    def __init__(self, name: _Optional[str] = ..., manifest_sha256: _Optional[bytes] = ..., active: bool = ..., published_at_seconds: _Optional[int] = ...) -> None: ...

class UpsertItemsRequest(_message.Message):
    __slots__ = ["author", "idempotency_key", "if_version", "items"]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    IF_VERSION_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    author: str
    idempotency_key: str
    if_version: bool
    items: _containers.RepeatedCompositeFieldContainer[_common_pb2.Item]
    def __init__(self, items: _Optional[_Iterable[_Union[_common_pb2.Item, _Mapping]]] = ..., author: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., if_version: bool = ...) -> None: ...

class UserHistoryItem(_message.Message):
    __slots__ = ["interaction", "title"]
    INTERACTION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    interaction: _common_pb2.HistoryItem
    title: str
    def __init__(self, interaction: _Optional[_Union[_common_pb2.HistoryItem, _Mapping]] = ..., title: _Optional[str] = ...) -> None: ...

class WriteResponse(_message.Message):
    __slots__ = ["changed_count", "replayed", "version"]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    changed_count: int
    replayed: bool
    version: int
    def __init__(self, version: _Optional[int] = ..., changed_count: _Optional[int] = ..., replayed: bool = ...) -> None: ...
