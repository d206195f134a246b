from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallReport(_message.Message):
    __slots__ = ["duration_milliseconds", "ended_milliseconds_ago", "method", "peer", "status", "trace_id"]
    DURATION_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    ENDED_MILLISECONDS_AGO_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    duration_milliseconds: float
    ended_milliseconds_ago: float
    method: str
    peer: str
    status: str
    trace_id: str
    def __init__(self, method: _Optional[str] = ..., peer: _Optional[str] = ..., trace_id: _Optional[str] = ..., duration_milliseconds: _Optional[float] = ..., status: _Optional[str] = ..., ended_milliseconds_ago: _Optional[float] = ...) -> None: ...

class ConnectionReport(_message.Message):
    __slots__ = ["age_milliseconds", "draining", "open_calls", "peer", "received_bytes", "sent_bytes", "started_calls"]
    AGE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    OPEN_CALLS_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_BYTES_FIELD_NUMBER: _ClassVar[int]
    SENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    STARTED_CALLS_FIELD_NUMBER: _ClassVar[int]
    age_milliseconds: float
    draining: bool
    open_calls: _containers.RepeatedCompositeFieldContainer[CallReport]
    peer: str
    received_bytes: int
    sent_bytes: int
    started_calls: int
    def __init__(self, peer: _Optional[str] = ..., age_milliseconds: _Optional[float] = ..., started_calls: _Optional[int] = ..., received_bytes: _Optional[int] = ..., sent_bytes: _Optional[int] = ..., draining: bool = ..., open_calls: _Optional[_Iterable[_Union[CallReport, _Mapping]]] = ...) -> None: ...

class FieldDescription(_message.Message):
    __slots__ = ["name", "number", "repeated", "type"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: int
    repeated: bool
    type: str
    def __init__(self, name: _Optional[str] = ..., number: _Optional[int] = ..., type: _Optional[str] = ..., repeated: bool = ...) -> None: ...

class InspectRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class InspectResponse(_message.Message):
    __slots__ = ["connection_count", "connections", "slow_calls", "version"]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    SLOW_CALLS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    connection_count: int
    connections: _containers.RepeatedCompositeFieldContainer[ConnectionReport]
    slow_calls: _containers.RepeatedCompositeFieldContainer[CallReport]
    version: str
    def __init__(self, connections: _Optional[_Iterable[_Union[ConnectionReport, _Mapping]]] = ..., connection_count: _Optional[int] = ..., slow_calls: _Optional[_Iterable[_Union[CallReport, _Mapping]]] = ..., version: _Optional[str] = ...) -> None: ...

class ListMethodsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListMethodsResponse(_message.Message):
    __slots__ = ["messages", "methods"]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageDescription]
    methods: _containers.RepeatedCompositeFieldContainer[MethodDescription]
    def __init__(self, methods: _Optional[_Iterable[_Union[MethodDescription, _Mapping]]] = ..., messages: _Optional[_Iterable[_Union[MessageDescription, _Mapping]]] = ...) -> None: ...

class MessageDescription(_message.Message):
    __slots__ = ["fields", "name"]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedCompositeFieldContainer[FieldDescription]
    name: str
    def __init__(self, name: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[FieldDescription, _Mapping]]] = ...) -> None: ...

class MethodDescription(_message.Message):
    __slots__ = ["method", "request", "response"]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    method: str
    request: str
    response: str
    def __init__(self, method: _Optional[str] = ..., request: _Optional[str] = ..., response: _Optional[str] = ...) -> None: ...
