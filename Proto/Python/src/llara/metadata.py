"""Metadata: keys and values beside a call's messages (WIRE.md section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Union

Value = Union[str, bytes]
Pair = tuple[str, Value]
MetadataLike = Union["Metadata", Mapping[str, Value], Iterable[Pair]]

_KEY = re.compile(r"[a-z0-9_.\-]{1,64}", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f]")
VALUE_BYTES = 65_535
"""A value's length is a u16 on the wire."""


class Metadata:
    """Pairs in the order in which they travel; a key may occur several times."""

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self._pairs = tuple(pairs)

    @classmethod
    def of(cls, value: MetadataLike | None) -> Metadata:
        """Metadata of what a caller gives, checked: ValueError names the pair that cannot travel."""
        if value is None:
            return EMPTY
        if isinstance(value, Metadata):
            return value
        pairs = tuple(value.items() if isinstance(value, Mapping) else value)
        for key, item in pairs:
            check_pair(key, item)
        return cls(pairs)

    def get(self, key: str, default: Value | None = None) -> Value | None:
        """The key's first value."""
        return next((value for name, value in self._pairs if name == key), default)

    def all(self, key: str) -> list[Value]:
        """Every value of the key."""
        return [value for name, value in self._pairs if name == key]

    def __add__(self, other: Metadata) -> Metadata:
        return Metadata(self._pairs + other._pairs)

    def __contains__(self, key: object) -> bool:
        return any(name == key for name, _ in self._pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Metadata) and self._pairs == other._pairs

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        # A token must not reach a log by a debug print.
        shown = [(key, "…" if key == "authorization" else value) for key, value in self._pairs]
        return f"Metadata({shown!r})"

    @property
    def size(self) -> int:
        """Bytes of keys and values: what setting 4 limits."""
        return sum(len(key) + len(encoded(value)) for key, value in self._pairs)


EMPTY = Metadata()


def encoded(value: Value) -> bytes:
    """A value's bytes on the wire."""
    return value.encode() if isinstance(value, str) else value


def is_key(key: str) -> bool:
    """Whether the key is made of the characters that the protocol allows."""
    return _KEY.fullmatch(key) is not None


def is_text(value: str) -> bool:
    """Whether a value of a key without -bin may hold this text."""
    return _CONTROL.search(value) is None


def check_pair(key: object, value: object) -> None:
    """Raises ValueError where a pair cannot travel."""
    if not isinstance(key, str) or not is_key(key):
        raise ValueError(f"metadata key {key!r}: use 1 to 64 characters of a-z 0-9 _ . -")
    if key.endswith("-bin"):
        if not isinstance(value, bytes):
            raise ValueError(f"metadata {key!r}: a key that ends in -bin takes bytes, not {type(value).__name__}")
    elif not isinstance(value, str):
        raise ValueError(f"metadata {key!r}: takes text; for bytes use a key that ends in -bin")
    elif not is_text(value):
        raise ValueError(f"metadata {key!r}: leave out control characters, or use a key that ends in -bin")
    try:
        size = len(encoded(value))
    except UnicodeEncodeError:
        raise ValueError(f"metadata {key!r}: the text is not valid Unicode") from None
    if size > VALUE_BYTES:
        raise ValueError(f"metadata {key!r}: {size} bytes, more than {VALUE_BYTES}")
