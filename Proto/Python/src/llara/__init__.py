"""Client of llara: rankings from a gateway over llara's own binary RPC protocol.

with llara.Client("127.0.0.1:7400") as client:
    answer = client.recommend(user_id="42", count=10, timeout=2.0)
"""

from __future__ import annotations

from .blocking import Channel, StreamCall
from .client import Client
from .gateway import sequence
from .metadata import Metadata
from .options import Options
from .response import Response
from .status import Detail, RpcError, Status, StatusCode
from .tls import tls_context
from .wire.content import Matrix
from .wire.settings import Limits, Settings

__version__ = "0.1.0"
__all__ = [
    "Channel",
    "Client",
    "Detail",
    "Limits",
    "Matrix",
    "Metadata",
    "Options",
    "Response",
    "RpcError",
    "Settings",
    "Status",
    "StatusCode",
    "StreamCall",
    "sequence",
    "tls_context",
]
