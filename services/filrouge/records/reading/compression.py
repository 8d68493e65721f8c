"""Compressed streams, recognised by their first bytes, as the bytes they hold."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple, Protocol

import zstandard

from filrouge.errors import BrokenInputError
from filrouge.records.rejection import Reason

_PADDING: Final = b"\0"  # tapes and some tools fill the last block with it


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _Member(Protocol):
    """One gzip member or zstd frame; a file may have several, in a row."""

    @property
    def decoder(self) -> _Decoder: ...
    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _GzipMember:
    def __init__(self) -> None:
        self.decoder = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """All that the data hold; up to the very byte of a fault, if there is one."""
        before = self.decoder.copy()
        try:
            yield self.decoder.decompress(data)
        except zlib.error:  # what came before the fault is lost, unless fed byte by byte
            for at in range(len(data)):
                yield before.decompress(data[at : at + 1])


class _ZstdFrame:
    def __init__(self) -> None:
        self.decoder = zstandard.ZstdDecompressor().decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self.decoder.decompress(data)


class _Format(NamedTuple):
    """How a compression is known and undone.

    `fed_bytes` go in at a time. More would let a few bytes of zeros fill the memory (gzip makes up
    to 1,000 of one, zstd 30,000), and lose more of a zstd file before a fault; fewer cost time.
    """

    name: str
    magic: bytes
    member: Callable[[], _Member]
    fed_bytes: int


_FORMATS: Final = (
    _Format("gzip", b"\x1f\x8b", _GzipMember, 16 << 10),
    _Format("zstd", b"\x28\xb5\x2f\xfd", _ZstdFrame, 1 << 10),
)


def decompress(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """What the blocks hold, decompressed if they begin as gzip or zstd does.

    Args:
        blocks: the first has at least four bytes, unless it is all there is.

    Raises:
        BrokenInputError: the compressed data are cut or corrupt; what came before was given.
    """
    remaining = iter(blocks)
    first = next(remaining, b"")
    blocks = chain([first], remaining)
    form = next((form for form in _FORMATS if first.startswith(form.magic)), None)
    return _decompress(blocks, form) if form else blocks


def _decompress(blocks: Iterable[bytes], form: _Format) -> Iterator[bytes]:
    try:
        yield from _members(_pieces(blocks, form.fed_bytes), form.member)
    except (zlib.error, zstandard.ZstdError) as error:
        raise BrokenInputError(
            Reason.UNREADABLE,
            f"the file's {form.name} data cannot be decompressed from here on ({error})",
        ) from None
    except EOFError:
        raise BrokenInputError(
            Reason.TRUNCATED, f"the file ends in the middle of its {form.name} data"
        ) from None


def _members(pieces: Iterator[bytes], make: Callable[[], _Member]) -> Iterator[bytes]:
    member: _Member | None = None
    for piece in pieces:
        waiting = piece
        while waiting := waiting if member else waiting.lstrip(_PADDING):
            member = member or make()
            yield from member.feed(waiting)
            waiting = member.decoder.unused_data
            if member.decoder.eof:
                member = None
    if member:
        raise EOFError


def _pieces(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for block in blocks:
        for at in range(0, len(block), size):
            yield block[at : at + size]
