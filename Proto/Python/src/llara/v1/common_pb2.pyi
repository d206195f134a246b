from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
ITEM_STATE_ACTIVE: ItemState
ITEM_STATE_HIDDEN: ItemState
ITEM_STATE_UNSPECIFIED: ItemState
REPRESENTATION_BEHAVIOURAL: Representation
REPRESENTATION_HYBRID: Representation
REPRESENTATION_INDEX: Representation
REPRESENTATION_TEXT: Representation
REPRESENTATION_UNSPECIFIED: Representation

class Adapter(_message.Message):
    __slots__ = ["name", "sha256"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    sha256: bytes
    def __init__(self, name: _Optional[str] = ..., sha256: _Optional[bytes] = ...) -> None: ...

class AttributeFilter(_message.Message):
    __slots__ = ["any_of", "key", "range"]
    ANY_OF_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    any_of: _containers.RepeatedScalarFieldContainer[str]
    key: str
    range: NumberRange
    def __init__(self, key: _Optional[str] = ..., any_of: _Optional[_Iterable[str]] = ..., range: _Optional[_Union[NumberRange, _Mapping]] = ...) -> None: ...

class Context(_message.Message):
    __slots__ = ["time_seconds", "values"]
    TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    time_seconds: int
    values: _containers.RepeatedCompositeFieldContainer[KeyValue]
    def __init__(self, time_seconds: _Optional[int] = ..., values: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ["release"]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    release: str
    def __init__(self, release: _Optional[str] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ["releases"]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    releases: _containers.RepeatedCompositeFieldContainer[ReleaseDescription]
    def __init__(self, releases: _Optional[_Iterable[_Union[ReleaseDescription, _Mapping]]] = ...) -> None: ...

class HistoryItem(_message.Message):
    __slots__ = ["item_id", "rating", "time_seconds"]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    rating: float
    time_seconds: int
    def __init__(self, item_id: _Optional[str] = ..., time_seconds: _Optional[int] = ..., rating: _Optional[float] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ["attributes", "expires_at_seconds", "id", "state", "title", "version"]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[KeyValue]
    expires_at_seconds: int
    id: str
    state: ItemState
    title: str
    version: int
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ..., state: _Optional[_Union[ItemState, str]] = ..., expires_at_seconds: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class KeyValue(_message.Message):
    __slots__ = ["key", "value"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class NumberRange(_message.Message):
    __slots__ = ["has_maximum", "has_minimum", "maximum", "minimum"]
    HAS_MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    HAS_MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    has_maximum: bool
    has_minimum: bool
    maximum: float
    minimum: float
    def __init__(self, has_minimum: bool = ..., minimum: _Optional[float] = ..., has_maximum: bool = ..., maximum: _Optional[float] = ...) -> None: ...

class PromptToken(_message.Message):
    __slots__ = ["id", "is_vector", "item_id", "role", "row", "text"]
    ID_FIELD_NUMBER: _ClassVar[int]
    IS_VECTOR_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: int
    is_vector: bool
    item_id: str
    role: str
    row: int
    text: bytes
    def __init__(self, id: _Optional[int] = ..., text: _Optional[bytes] = ..., is_vector: bool = ..., row: _Optional[int] = ..., item_id: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class ReleaseDescription(_message.Message):
    __slots__ = ["adapters", "embedding_dimension", "encoder_architecture", "item_count", "llm", "llm_sha256", "manifest_sha256", "name", "representation", "row_dimension"]
    ADAPTERS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_DIMENSION_FIELD_NUMBER: _ClassVar[int]
    ENCODER_ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    LLM_FIELD_NUMBER: _ClassVar[int]
    LLM_SHA256_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATION_FIELD_NUMBER: _ClassVar[int]
    ROW_DIMENSION_FIELD_NUMBER: _ClassVar[int]
    adapters: _containers.RepeatedCompositeFieldContainer[Adapter]
    embedding_dimension: int
    encoder_architecture: str
    item_count: int
    llm: str
    llm_sha256: bytes
    manifest_sha256: bytes
    name: str
    representation: Representation
    row_dimension: int
    def __init__(self, name: _Optional[str] = ..., manifest_sha256: _Optional[bytes] = ..., representation: _Optional[_Union[Representation, str]] = ..., row_dimension: _Optional[int] = ..., embedding_dimension: _Optional[int] = ..., item_count: _Optional[int] = ..., llm: _Optional[str] = ..., llm_sha256: _Optional[bytes] = ..., adapters: _Optional[_Iterable[_Union[Adapter, _Mapping]]] = ..., encoder_architecture: _Optional[str] = ...) -> None: ...

class Sequence(_message.Message):
    __slots__ = ["items"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[HistoryItem]
    def __init__(self, items: _Optional[_Iterable[_Union[HistoryItem, _Mapping]]] = ...) -> None: ...

class Representation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ItemState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
