from llara.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EncodeRequest(_message.Message):
    __slots__ = ["release", "sequences"]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    release: str
    sequences: _containers.RepeatedCompositeFieldContainer[_common_pb2.Sequence]
    def __init__(self, release: _Optional[str] = ..., sequences: _Optional[_Iterable[_Union[_common_pb2.Sequence, _Mapping]]] = ...) -> None: ...

class EncodeResponse(_message.Message):
    __slots__ = ["release"]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    release: str
    def __init__(self, release: _Optional[str] = ...) -> None: ...

class ItemRowsRequest(_message.Message):
    __slots__ = ["item_ids", "release"]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    release: str
    def __init__(self, release: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ItemRowsResponse(_message.Message):
    __slots__ = ["item_ids", "not_in_release_ids", "release"]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    NOT_IN_RELEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    not_in_release_ids: _containers.RepeatedScalarFieldContainer[str]
    release: str
    def __init__(self, release: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., not_in_release_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class RetrieveRequest(_message.Message):
    __slots__ = ["candidate_item_ids", "count", "excluded_item_ids", "offset", "release", "sequence"]
    CANDIDATE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    candidate_item_ids: _containers.RepeatedScalarFieldContainer[str]
    count: int
    excluded_item_ids: _containers.RepeatedScalarFieldContainer[str]
    offset: int
    release: str
    sequence: _common_pb2.Sequence
    def __init__(self, release: _Optional[str] = ..., sequence: _Optional[_Union[_common_pb2.Sequence, _Mapping]] = ..., count: _Optional[int] = ..., excluded_item_ids: _Optional[_Iterable[str]] = ..., candidate_item_ids: _Optional[_Iterable[str]] = ..., offset: _Optional[int] = ...) -> None: ...

class RetrieveResponse(_message.Message):
    __slots__ = ["items", "known_history_count", "release"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_HISTORY_COUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScoredItem]
    known_history_count: int
    release: str
    def __init__(self, release: _Optional[str] = ..., items: _Optional[_Iterable[_Union[ScoredItem, _Mapping]]] = ..., known_history_count: _Optional[int] = ...) -> None: ...

class ScoredItem(_message.Message):
    __slots__ = ["item_id", "not_in_release", "score"]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    NOT_IN_RELEASE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    not_in_release: bool
    score: float
    def __init__(self, item_id: _Optional[str] = ..., score: _Optional[float] = ..., not_in_release: bool = ...) -> None: ...
