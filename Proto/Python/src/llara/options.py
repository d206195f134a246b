"""How a client is set up: limits with their defaults, and what every call carries."""

from __future__ import annotations

from dataclasses import dataclass, field

from .metadata import Metadata, MetadataLike
from .wire.compression import available
from .wire.settings import ZSTD, Limits, Settings


def default_settings() -> Settings:
    """The protocol's defaults; zstd is taken where the extra is installed."""
    return Settings(compressions=ZSTD if available() else 0)


@dataclass(frozen=True)
class Options:
    """Durations in seconds. Beyond a limit: README.md."""

    settings: Settings = field(default_factory=default_settings)
    limits: Limits = field(default_factory=Limits)
    metadata: MetadataLike | None = None
    """Goes with every call."""
    compress: bool = False
    """Whether requests are compressed where the server takes it and they become smaller."""
    connect_timeout: float = 10.0
    attempts: int = 3
    """How often a call that no server has taken is made."""
    backoff: float = 0.1
    """Before the second attempt to connect; doubles with each, with jitter."""
    waiting_calls: int = 1_000
    """Calls that wait for a connection or for a free stream."""
    replay_bytes: int = 262_144
    """Of requests that are kept to make a call again; a call that sent more is not repeated."""
    linger: float = 1.0
    """After a violation: how long the peer may read why before the socket closes."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts: use 1 or more")
        Metadata.of(self.metadata)
