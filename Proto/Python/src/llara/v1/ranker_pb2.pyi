from llara.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
FINISH_REASON_CANDIDATE: FinishReason
FINISH_REASON_DEADLINE: FinishReason
FINISH_REASON_MAXIMUM_TOKEN_COUNT: FinishReason
FINISH_REASON_STOP: FinishReason
FINISH_REASON_UNSPECIFIED: FinishReason

class GenerateRequest(_message.Message):
    __slots__ = ["adapter", "candidates", "maximum_token_count", "prompt", "release", "seed", "temperature"]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    adapter: str
    candidates: _containers.RepeatedCompositeFieldContainer[RankCandidate]
    maximum_token_count: int
    prompt: _containers.RepeatedCompositeFieldContainer[Segment]
    release: str
    seed: int
    temperature: float
    def __init__(self, release: _Optional[str] = ..., adapter: _Optional[str] = ..., prompt: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., candidates: _Optional[_Iterable[_Union[RankCandidate, _Mapping]]] = ..., maximum_token_count: _Optional[int] = ..., temperature: _Optional[float] = ..., seed: _Optional[int] = ...) -> None: ...

class GenerateResponse(_message.Message):
    __slots__ = ["candidate_id", "finish_reason", "log_probability", "prompt_token_count", "release", "reused_token_count", "text", "token_count", "token_id"]
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    LOG_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    REUSED_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    candidate_id: str
    finish_reason: FinishReason
    log_probability: float
    prompt_token_count: int
    release: str
    reused_token_count: int
    text: str
    token_count: int
    token_id: int
    def __init__(self, release: _Optional[str] = ..., text: _Optional[str] = ..., token_id: _Optional[int] = ..., log_probability: _Optional[float] = ..., finish_reason: _Optional[_Union[FinishReason, str]] = ..., candidate_id: _Optional[str] = ..., token_count: _Optional[int] = ..., prompt_token_count: _Optional[int] = ..., reused_token_count: _Optional[int] = ...) -> None: ...

class RankCandidate(_message.Message):
    __slots__ = ["id", "text"]
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class RankRequest(_message.Message):
    __slots__ = ["adapter", "candidates", "explain", "prompt", "release"]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    adapter: str
    candidates: _containers.RepeatedCompositeFieldContainer[RankCandidate]
    explain: bool
    prompt: _containers.RepeatedCompositeFieldContainer[Segment]
    release: str
    def __init__(self, release: _Optional[str] = ..., adapter: _Optional[str] = ..., prompt: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., candidates: _Optional[_Iterable[_Union[RankCandidate, _Mapping]]] = ..., explain: bool = ...) -> None: ...

class RankResponse(_message.Message):
    __slots__ = ["candidates", "compute_milliseconds", "evaluated_token_count", "prompt_token_count", "prompt_tokens", "queue_milliseconds", "release", "reused_token_count"]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUEUE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    REUSED_TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    candidates: _containers.RepeatedCompositeFieldContainer[RankedCandidate]
    compute_milliseconds: float
    evaluated_token_count: int
    prompt_token_count: int
    prompt_tokens: _containers.RepeatedCompositeFieldContainer[_common_pb2.PromptToken]
    queue_milliseconds: float
    release: str
    reused_token_count: int
    def __init__(self, release: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[RankedCandidate, _Mapping]]] = ..., prompt_token_count: _Optional[int] = ..., evaluated_token_count: _Optional[int] = ..., queue_milliseconds: _Optional[float] = ..., compute_milliseconds: _Optional[float] = ..., reused_token_count: _Optional[int] = ..., prompt_tokens: _Optional[_Iterable[_Union[_common_pb2.PromptToken, _Mapping]]] = ...) -> None: ...

class RankedCandidate(_message.Message):
    __slots__ = ["id", "log_likelihood", "mean_log_likelihood", "scored", "token_count"]
    ID_FIELD_NUMBER: _ClassVar[int]
    LOG_LIKELIHOOD_FIELD_NUMBER: _ClassVar[int]
    MEAN_LOG_LIKELIHOOD_FIELD_NUMBER: _ClassVar[int]
    SCORED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    id: str
    log_likelihood: float
    mean_log_likelihood: float
    scored: bool
    token_count: int
    def __init__(self, id: _Optional[str] = ..., log_likelihood: _Optional[float] = ..., token_count: _Optional[int] = ..., scored: bool = ..., mean_log_likelihood: _Optional[float] = ...) -> None: ...

class Segment(_message.Message):
    __slots__ = ["text", "vectors"]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VECTORS_FIELD_NUMBER: _ClassVar[int]
    text: str
    vectors: VectorSegment
    def __init__(self, text: _Optional[str] = ..., vectors: _Optional[_Union[VectorSegment, _Mapping]] = ...) -> None: ...

class VectorSegment(_message.Message):
    __slots__ = ["first_row", "role", "row_count"]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    first_row: int
    role: str
    row_count: int
    def __init__(self, role: _Optional[str] = ..., first_row: _Optional[int] = ..., row_count: _Optional[int] = ...) -> None: ...

class FinishReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
