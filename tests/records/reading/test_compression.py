from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterator

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import BrokenInputError
from filrouge.records.reading.compression import decompress
from filrouge.records.rejection import Reason

_WORDS = [b"%x" % random.Random(word).getrandbits(48) for word in range(500)]  # noqa: S311
PLAIN = b" ".join(random.Random(7).choices(_WORDS, k=100_000))  # noqa: S311
"""A megabyte that neither compresses too well nor is one block of zstd."""

FORMATS = pytest.mark.parametrize(
    "compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"]
)


def in_blocks(data: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def read_until_fault(data: bytes) -> tuple[bytes, Reason | None]:
    read = bytearray()
    try:
        for chunk in decompress(in_blocks(data)):
            read += chunk
    except BrokenInputError as error:
        return bytes(read), Reason(error.reason)
    return bytes(read), None


@given(st.lists(st.binary(max_size=100), max_size=3), st.integers(4, 50), st.booleans())
def test_members_in_a_row_are_read_as_one(members: list[bytes], size: int, padded: bool) -> None:
    padding = bytes(7) if padded else b""
    for compress in (gzip.compress, zstandard.compress):
        data = b"".join(compress(member) + padding for member in members)

        assert b"".join(decompress(in_blocks(data, size))) == b"".join(members)


@given(st.binary(max_size=100), st.integers(4, 50))
def test_what_is_not_compressed_is_given_as_it_is(data: bytes, size: int) -> None:
    plain = b"{" + data

    assert b"".join(decompress(in_blocks(plain, size))) == plain


@FORMATS
def test_cut_file_gives_most_of_what_was_there(compress: Callable[[bytes], bytes]) -> None:
    data = compress(PLAIN)

    read, reason = read_until_fault(data[: len(data) // 2])

    assert reason is Reason.TRUNCATED
    assert PLAIN.startswith(read)
    assert len(read) > len(PLAIN) * 0.3


@FORMATS
def test_corrupt_file_gives_what_came_before(compress: Callable[[bytes], bytes]) -> None:
    data = bytearray(compress(PLAIN))
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)

    read, reason = read_until_fault(bytes(data))

    assert reason is Reason.UNREADABLE
    assert read[: len(PLAIN) // 4] == PLAIN[: len(PLAIN) // 4]


@given(st.binary(min_size=1, max_size=300), st.data())
def test_gzip_gives_all_that_zlib_can_read_before_a_fault(
    plain: bytes, data: st.DataObject
) -> None:
    packed = bytearray(gzip.compress(plain))
    at = data.draw(st.integers(10, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    expected = b""
    decoder = zlib.decompressobj(wbits=31)
    try:
        for byte in packed:
            expected += decoder.decompress(bytes([byte]))
    except zlib.error:
        assert read_until_fault(bytes(packed)) == (expected, Reason.UNREADABLE)
    else:
        reason = None if decoder.eof else Reason.TRUNCATED  # some bits do not matter
        assert read_until_fault(bytes(packed)) == (expected, reason)


@FORMATS
def test_few_bytes_that_hold_many_come_in_chunks(compress: Callable[[bytes], bytes]) -> None:
    bomb = compress(bytes(100 << 20))

    largest = max(map(len, decompress(iter([bomb]))))

    assert largest < 64 << 20
