"""A client's core after the handshake, and frames of a server to feed it."""

from __future__ import annotations

from typing import Any

from llara.metadata import EMPTY
from llara.status import Status, StatusCode
from llara.wire import content, frames, payloads
from llara.wire.connection import ClientConnection
from llara.wire.content import Content
from llara.wire.endpoint import Endpoint
from llara.wire.frames import Frame, FrameReader, FrameType
from llara.wire.settings import Limits, Settings

SMALLEST = {"stream_window_bytes": 65_536, "connection_window_bytes": 65_536}


def handshake(settings: Settings = Settings()) -> bytes:
    return frames.PREFACE + frames.encode(FrameType.SETTINGS, settings.encode())


def ready(
    peer: Settings = Settings(),
    own: Settings = Settings(),
    limits: Limits = Limits(),
    streams: int = 0,
    now: float = 0.0,
) -> ClientConnection:
    """A client that has the server's SETTINGS, and so many open streams; its output so far is thrown away."""
    client = ClientConnection(own, limits, now)
    client.receive(handshake(peer), now)
    for _ in range(streams):
        client.open("t.S", "M", now)
    client.data_to_send()
    client.events()
    return client


def message(data: bytes, stream_id: int = 1, flags: int = 0) -> bytes:
    return frames.encode(FrameType.MESSAGE, data, stream_id, flags)


def body(data: bytes, stream_id: int = 1) -> bytes:
    return message(content.encode(Content(data)), stream_id)


def trailers(code: StatusCode = StatusCode.OK, stream_id: int = 1, text: str = "") -> bytes:
    return frames.encode(FrameType.TRAILERS, payloads.encode_trailers(Status(code, text), EMPTY), stream_id)


def goaway(last: int, code: int = 0, reason: str = "") -> bytes:
    payload = last.to_bytes(4, "little") + bytes([code]) + len(reason).to_bytes(2, "little") + reason.encode()
    return frames.encode(FrameType.GOAWAY, payload)


def window_update(increment: int, stream_id: int = 0) -> bytes:
    return frames.encode(FrameType.WINDOW_UPDATE, payloads.encode_window_update(increment), stream_id)


def ping(data: bytes = b"12345678", flags: int = 0) -> bytes:
    return frames.encode(FrameType.PING, data, flags=flags)


def sent(client: ClientConnection) -> list[Frame]:
    """The frames that the client sends now."""
    data = b""
    while more := client.data_to_send():
        data += more
    reader = FrameReader(2**24, frames.FROM_CLIENT)
    reader.before_settings = False
    if not data.startswith(frames.PREFACE):
        data = frames.PREFACE + data
    return list(reader.feed(data))


def kinds(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


def told(client: Endpoint) -> list[Any]:
    """The events since the last time; a test knows which they are."""
    return list(client.events())
