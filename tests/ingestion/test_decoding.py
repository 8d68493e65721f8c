"""Compressed bodies: whole ones, cut ones, and those that would fill the memory."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
import zstandard

from filrouge.ingestion.decoding import decode
from filrouge.ingestion.problems import Kind, ProblemError

LIMIT = 1 << 20
PLAIN = bytes(range(256)) * 1000
SEVERAL_FRAMES = zstandard.compress(PLAIN) + zstandard.compress(b"end")


def packed(plain: bytes) -> bytes:
    """In gzip, the same at any time: test ids are made of it."""
    return gzip.compress(plain, mtime=0)


SEVERAL_MEMBERS = packed(PLAIN) + packed(b"end")


@pytest.mark.parametrize(
    ("body", "encoding", "plain"),
    [
        (PLAIN, "", PLAIN),
        (PLAIN, "identity", PLAIN),
        (packed(PLAIN), "gzip", PLAIN),
        (packed(b""), "gzip", b""),
        (SEVERAL_MEMBERS, "gzip", PLAIN + b"end"),
        (zstandard.compress(PLAIN), "zstd", PLAIN),
        (zstandard.compress(b""), "zstd", b""),
        (SEVERAL_FRAMES, "zstd", PLAIN + b"end"),
        (zstandard.compress(b"x" * LIMIT), "zstd", b"x" * LIMIT),
        (packed(b"x" * LIMIT), "gzip", b"x" * LIMIT),
    ],
)
def test_whole_bodies(body: bytes, encoding: str, plain: bytes) -> None:
    assert decode(body, encoding, LIMIT) == plain


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("size", [LIMIT + 1, 512 << 20])
def test_what_grows_too_large_is_refused_in_little_memory(encoding: str, size: int) -> None:
    bomb = _zeros(encoding, size)
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError) as raised:
            decode(bomb, encoding, LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert raised.value.kind is Kind.BODY_TOO_LARGE
    assert peak < 24 << 20


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (packed(PLAIN)[:-1], "gzip"),
        (packed(PLAIN)[:5], "gzip"),
        (packed(PLAIN) + b"more", "gzip"),
        (zstandard.compress(PLAIN)[:-1], "zstd"),
        (zstandard.compress(PLAIN) + b"more", "zstd"),
        (b"", "zstd"),
        (b"plain", "gzip"),
        (b"plain", "zstd"),
        (packed(PLAIN), "zstd"),
    ],
)
def test_cut_and_foreign_bodies(body: bytes, encoding: str) -> None:
    with pytest.raises(ProblemError) as raised:
        decode(body, encoding, LIMIT)

    assert raised.value.kind is Kind.MALFORMED_BODY


def test_a_frame_that_asks_for_a_huge_window_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = compressor.compress(b"x" * 1000) + compressor.flush()

    with pytest.raises(ProblemError) as raised:
        decode(body, "zstd", LIMIT)

    assert raised.value.kind is Kind.MALFORMED_BODY


def _zeros(encoding: str, size: int) -> bytes:
    piece = b"\0" * (1 << 20)
    if encoding == "zstd":
        packer = zstandard.ZstdCompressor(level=1).compressobj()
        parts = [packer.compress(piece) for _ in range(size >> 20)]
        return b"".join(parts) + packer.compress(b"\0" * (size % (1 << 20))) + packer.flush()
    return gzip.compress(b"\0" * size, 1)
