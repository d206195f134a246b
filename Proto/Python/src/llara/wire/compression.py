"""Compressed messages: a length and one zstd frame (WIRE.md section 2.3). Needs `zstandard`, an extra."""

from __future__ import annotations

import struct

from .frames import malformed

try:
    import zstandard
except ImportError:  # The extra is not installed: settings then say that nothing is taken.
    zstandard = None  # type: ignore[assignment]

LENGTH = struct.Struct("<I")
LEVEL = 1
"""Float rows and ids hardly shrink more at higher levels, which cost many times the work."""
WINDOW_BYTES = 8_388_608
"""The largest window of a zstd frame that is taken: what RFC 8878 asks every decoder to support."""
_MAGIC = b"\x28\xb5\x2f\xfd"


def available() -> bool:
    """Whether zstd can be taken and sent."""
    return zstandard is not None


def compress(content: bytes) -> bytes | None:
    """None where the content would not become smaller."""
    if zstandard is None:
        return None
    packed = LENGTH.pack(len(content)) + zstandard.ZstdCompressor(level=LEVEL).compress(content)
    return packed if len(packed) < len(content) else None


def content_length(data: bytes) -> int:
    """The length that a compressed message claims, read before anything is decompressed."""
    if len(data) < LENGTH.size:
        raise malformed("a compressed message has no length")
    return int(LENGTH.unpack_from(data)[0])


def decompress(data: bytes) -> bytes:
    """The content; never makes more bytes than the length says."""
    length = content_length(data)
    packed = data[LENGTH.size :]
    # The magic first: skippable frames are no content.
    if not packed.startswith(_MAGIC):
        raise malformed("a compressed message is no zstd frame")
    try:
        frame = zstandard.get_frame_parameters(packed)
        # The library reserves what the frame claims: that must be what the length says.
        if frame.content_size not in (length, zstandard.CONTENTSIZE_UNKNOWN):
            raise malformed("a zstd frame of another size than the length says")
        decompressor = zstandard.ZstdDecompressor(max_window_size=max(WINDOW_BYTES, length))
        content = decompressor.decompress(packed, max_output_size=length, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise malformed(f"a faulty zstd frame: {error}") from None
    if len(content) != length:
        raise malformed("a zstd frame of another size than the length says")
    return content
