"""The content of a message: a protobuf body and raw matrices beside it (WIRE.md section 3)."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from .frames import malformed

FLOAT32 = 1
ELEMENT_BYTES = 4
_COUNTS = struct.Struct("<II")
_SHAPE = struct.Struct("<III")
_DIMENSIONS = 2**31


class TooManyAttachments(Exception):
    """Ends the call, not the connection."""


@dataclass(frozen=True)
class Matrix:
    """Float32 numbers, row after row; `values` is an array of type "f", which numpy reads without a copy."""

    rows: int
    columns: int
    values: array[float] = field(repr=False)

    def __post_init__(self) -> None:
        if not (0 <= self.rows < _DIMENSIONS and 0 <= self.columns < _DIMENSIONS):
            raise ValueError(f"a matrix of {self.rows} x {self.columns}: use 0 to {_DIMENSIONS - 1} rows and columns")
        if self.rows and not self.columns:
            raise ValueError(f"a matrix of {self.rows} rows needs columns")
        if self.values.typecode != "f" or len(self.values) != self.rows * self.columns:
            raise ValueError(f'a matrix of {self.rows} x {self.columns} takes array("f") of as many numbers')

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[float]]) -> Matrix:
        """A matrix of rows that have one length."""
        columns = len(rows[0]) if rows else 0
        if any(len(row) != columns for row in rows):
            raise ValueError("the rows of a matrix must have one length")
        return cls(len(rows), columns, array("f", [value for row in rows for value in row]))

    def row(self, index: int) -> memoryview:
        """One row, without a copy."""
        if not 0 <= index < self.rows:
            raise IndexError(f"row {index} of {self.rows}")
        return memoryview(self.values)[index * self.columns : (index + 1) * self.columns]


@dataclass(frozen=True)
class Content:
    """A message as it travels: `body` is encoded protobuf."""

    body: bytes = b""
    attachments: tuple[Matrix, ...] = ()


def encode(content: Content) -> bytes:
    """Section 3's bytes."""
    pieces = [_COUNTS.pack(len(content.body), len(content.attachments))]
    pieces += [_SHAPE.pack(matrix.rows, matrix.columns, FLOAT32) for matrix in content.attachments]
    pieces.append(content.body)
    if content.attachments:
        pieces.append(bytes(-sum(map(len, pieces)) % ELEMENT_BYTES))
    pieces += [_little_endian(matrix.values).tobytes() for matrix in content.attachments]
    return b"".join(pieces)


def _little_endian(values: array[float]) -> array[float]:
    if sys.byteorder == "little":
        return values
    swapped = array("f", values)
    swapped.byteswap()
    return swapped


def decode(data: bytes, attachment_limit: int) -> Content:
    """Raises TooManyAttachments before anything else of the content is looked at."""
    if len(data) < _COUNTS.size:
        raise malformed(f"a message of {len(data)} bytes has no lengths")
    body_size, count = _COUNTS.unpack_from(data)
    if count > attachment_limit:
        raise TooManyAttachments(f"{count} attachments, more than {attachment_limit}")
    body_start = _COUNTS.size + count * _SHAPE.size
    body_end = body_start + body_size
    if len(data) < body_end:
        raise malformed("a message ends within its body")
    shapes = [_shape(data, _COUNTS.size + index * _SHAPE.size) for index in range(count)]
    start = body_end
    if count:
        start += -body_end % ELEMENT_BYTES
        if any(data[body_end:start]):
            raise malformed("bytes before the attachments are not 0")
    if start + sum(rows * columns * ELEMENT_BYTES for rows, columns in shapes) != len(data):
        raise malformed("a message's size contradicts its lengths")
    return Content(data[body_start:body_end], _matrices(data, start, shapes))


def _shape(data: bytes, offset: int) -> tuple[int, int]:
    rows, columns, element = _SHAPE.unpack_from(data, offset)
    if element != FLOAT32:
        raise malformed(f"an attachment of element type {element}")
    if rows >= _DIMENSIONS or columns >= _DIMENSIONS or (rows and not columns):
        raise malformed(f"an attachment of {rows} x {columns}")
    return rows, columns


def _matrices(data: bytes, start: int, shapes: list[tuple[int, int]]) -> tuple[Matrix, ...]:
    matrices = []
    for rows, columns in shapes:
        size = rows * columns * ELEMENT_BYTES
        values = array("f")
        values.frombytes(memoryview(data)[start : start + size])
        matrices.append(Matrix(rows, columns, _little_endian(values)))
        start += size
    return tuple(matrices)
