"""Values that travel: content, compression, metadata, statuses, settings, addresses and options."""

from __future__ import annotations

import unittest
from array import array
from typing import Any
from unittest import mock

import support  # noqa: F401  (puts src on the path)

from llara import Matrix, Metadata, Options, RpcError, Settings, StatusCode
from llara.address import Address
from llara.status import Detail, Status
from llara.wire import compression, content, payloads, settings
from llara.wire.content import Content, TooManyAttachments
from llara.wire.frames import ProtocolError

needs_zstd = unittest.skipUnless(compression.available(), "zstandard is not installed")


class ContentTests(unittest.TestCase):
    def test_round_trip(self) -> None:
        matrices = (Matrix.of_rows([[1, 2, 3], [4, 5, 6]]), Matrix(0, 7, array("f")), Matrix.of_rows([]))
        for size in range(9):
            for count in range(4):
                message = Content(bytes(range(size)), matrices[:count])
                data = content.encode(message)
                self.assertEqual(content.decode(data, 16), message)
                self.assertEqual(len(data) % 4, 0 if count else size % 4)

    def test_rows(self) -> None:
        matrix = Matrix.of_rows([[1, 2], [3, 4]])
        self.assertEqual([list(matrix.row(index)) for index in range(2)], [[1, 2], [3, 4]])
        for index in (-1, 2):
            with self.assertRaises(IndexError):
                matrix.row(index)

    def test_faulty_matrices(self) -> None:
        for rows, columns, values in ((1, 0, ""), (2, 2, "123"), (-1, 1, ""), (2**31, 0, ""), (0, 2**31, "")):
            with self.assertRaises(ValueError):
                Matrix(rows, columns, array("f", map(float, values)))
        with self.assertRaises(ValueError):
            Matrix(1, 1, array("d", [1.0]))
        with self.assertRaises(ValueError):
            Matrix.of_rows([[1], [1, 2]])

    def test_the_most_attachments_and_one_more(self) -> None:
        data = content.encode(Content(b"", (Matrix.of_rows([[1]]),) * 2))
        self.assertEqual(len(content.decode(data, 2).attachments), 2)
        with self.assertRaises(TooManyAttachments):
            content.decode(data, 1)
        with self.assertRaises(TooManyAttachments):
            content.decode(bytes(4) + b"\xff\xff\xff\xff", 16)


@needs_zstd
class CompressionTests(unittest.TestCase):
    def setUp(self) -> None:
        import zstandard

        self.zstd = zstandard
        self.data = content.encode(Content(bytes(5_000)))

    def packed(self, data: bytes, **options: Any) -> bytes:
        return self.zstd.ZstdCompressor(**options).compress(data)

    def prefixed(self, length: int, frame: bytes) -> bytes:
        return length.to_bytes(4, "little") + frame

    def test_round_trip(self) -> None:
        packed = compression.compress(self.data)
        assert packed
        self.assertEqual(compression.decompress(packed), self.data)

    def test_what_would_grow_is_not_compressed(self) -> None:
        self.assertIsNone(compression.compress(b"abc"))

    def test_a_frame_without_its_size(self) -> None:
        frame = self.packed(self.data, write_content_size=False)
        self.assertEqual(compression.decompress(self.prefixed(len(self.data), frame)), self.data)
        for length in (len(self.data) - 1, len(self.data) + 1, 0):
            with self.assertRaises(ProtocolError):
                compression.decompress(self.prefixed(length, frame))

    def test_faulty_frames(self) -> None:
        frame, size = self.packed(self.data), len(self.data)
        skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
        # Single segment: the dictionary's number follows the descriptor.
        with_dictionary = frame[:4] + bytes([frame[4] | 1, 7]) + frame[5:]
        cases = {
            "no length": (b"abc", "has no length"),
            "no frame": (self.prefixed(size, b""), "no zstd frame"),
            "not zstd": (self.prefixed(size, self.data), "no zstd frame"),
            "cut": (self.prefixed(size, frame[:-1]), "faulty"),
            "bytes after it": (self.prefixed(size, frame + b"x"), "faulty"),
            "two frames": (self.prefixed(2 * size, frame + frame), "another size"),
            "skippable before": (self.prefixed(size, skippable + frame), "no zstd frame"),
            "skippable after": (self.prefixed(size, frame + skippable), "faulty"),
            "another length": (self.prefixed(size + 1, frame), "another size"),
            "dictionary": (self.prefixed(size, with_dictionary), "faulty"),
        }
        for name, (data, reason) in cases.items():
            with self.subTest(name), self.assertRaisesRegex(ProtocolError, reason):
                compression.decompress(data)

    def test_a_frame_that_claims_more_is_not_decompressed(self) -> None:
        packed = self.prefixed(8, self.packed(bytes(50_000_000)))
        with mock.patch.object(self.zstd, "ZstdDecompressor") as decompressor:
            with self.assertRaises(ProtocolError):
                compression.decompress(packed)
            decompressor.assert_not_called()

    def test_the_largest_window_and_a_larger_one(self) -> None:
        for log, is_taken in ((23, True), (24, False)):
            parameters = self.zstd.ZstdCompressionParameters(window_log=log, write_content_size=False)
            frame = self.zstd.ZstdCompressor(compression_params=parameters).compressobj()
            data = self.prefixed(len(self.data), frame.compress(self.data) + frame.flush())
            if is_taken:
                self.assertEqual(compression.decompress(data), self.data)
            else:
                with self.assertRaises(ProtocolError):
                    compression.decompress(data)


class MetadataTests(unittest.TestCase):
    def test_lookups(self) -> None:
        metadata = Metadata.of([("a", "1"), ("a", "2"), ("b-bin", b"\xff")])
        self.assertEqual((metadata.get("a"), metadata.all("a"), metadata.get("c", "no")), ("1", ["1", "2"], "no"))
        self.assertEqual((len(metadata), metadata.size, "b-bin" in metadata), (3, 10, True))

    def test_pairs_that_cannot_travel(self) -> None:
        faulty: list[tuple[str, str | bytes]] = [
            ("A", ""),
            ("", ""),
            ("x" * 65, ""),
            ("a", "\n"),
            ("a", "\x7f"),
            ("a", b""),
            ("a-bin", ""),
        ]
        faulty += [("a", "\ud800"), ("a", "x" * 65_536), ("a-bin", bytes(65_536))]
        for key, value in faulty:
            with self.subTest(key=key[:9], value=value[:9]), self.assertRaises(ValueError):
                Metadata.of({key: value})
        Metadata.of([("x" * 64, "x" * 65_535), ("a-bin", bytes(65_535))])

    def test_a_token_is_not_printed(self) -> None:
        self.assertNotIn("secret", repr(Metadata.of({"authorization": "Bearer secret"})))


class StatusTests(unittest.TestCase):
    def test_there_are_17_codes(self) -> None:
        self.assertEqual([code.value for code in StatusCode], list(range(17)))

    def test_pushback(self) -> None:
        for text, seconds in (("1500", 1.5), ("0", 0.0), ("-1", None), ("x", None), ("²", None), ("9" * 13, None)):
            error = RpcError(StatusCode.UNAVAILABLE, "", (), Metadata.of({"llara-retry-pushback-ms": text}))
            self.assertEqual(error.retry_after, seconds)

    def test_what_does_not_fit_into_trailers_is_cut(self) -> None:
        details = (Detail("t", bytes(10_000)), Detail("t", bytes(6_382)), Detail("t", b""))
        status = Status(StatusCode.ABORTED, "ä" * 600, details)
        read, _ = payloads.decode_trailers(payloads.encode_trailers(status, Metadata()))
        self.assertEqual((read.message, read.details), ("ä" * 512, details[:2]))
        many = Status(StatusCode.ABORTED, "x", (Detail("t", b""),) * 17)
        self.assertEqual(len(payloads.decode_trailers(payloads.encode_trailers(many, Metadata()))[0].details), 16)

    def test_a_cut_keeps_characters_whole(self) -> None:
        self.assertEqual(payloads.cut("aää", 4), "aä".encode())


class SettingsTests(unittest.TestCase):
    def test_all_ten_travel(self) -> None:
        values = Settings(40_000, 2, 3, 4, 5, 6, 70_000, 80_000, 0, 10)
        self.assertEqual(settings.decode(values.encode()), values)
        self.assertEqual(len(values.encode()), 80)

    def test_ranges(self) -> None:
        Settings(frame_payload_bytes=32_768, stream_window_bytes=65_536, connection_window_bytes=2**31 - 1)
        for faulty in ({"frame_payload_bytes": 1}, {"stream_window_bytes": 2**31}, {"message_bytes": -1}):
            with self.assertRaises(ValueError):
                Settings(**faulty)

    def test_the_last_of_two_counts(self) -> None:
        entry = (2).to_bytes(4, "little")
        payload = entry + (5).to_bytes(4, "little") + entry + (6).to_bytes(4, "little")
        self.assertEqual(settings.decode(payload).message_bytes, 6)


class AddressTests(unittest.TestCase):
    def test_forms(self) -> None:
        for text in ("localhost:7400", "10.0.0.1:1", "[::1]:65535", "unix:/run/llara.sock"):
            self.assertEqual(str(Address.parse(text)), text)

    def test_faults(self) -> None:
        for text in ("", "localhost", ":1", "a:0", "a:65536", "a:x", "a:²", "::1:80", "unix:", "unix:" + "x" * 108):
            with self.subTest(text), self.assertRaises(ValueError):
                Address.parse(text)

    def test_options(self) -> None:
        for faulty in ({"attempts": 0}, {"metadata": {"A": ""}}):
            with self.assertRaises(ValueError):
                Options(**faulty)
