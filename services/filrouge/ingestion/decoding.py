"""Compressed bodies, decompressed as far as they are allowed to grow."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

import zstandard

from filrouge.ingestion.problems import Kind, ProblemError

ENCODINGS: Final = ("gzip", "zstd")
"""Names of `Content-Encoding`, besides `identity`."""

_WINDOW_BYTES: Final = 8 << 20
"""A zstd frame may ask for gigabytes; RFC 9659 lets content encodings ask for this much."""
_FED_BYTES: Final = 256
"""Of zstd at a time: it makes up to 30,000 bytes of each, so memory grows by 8 MiB a step."""
_STEP_BYTES: Final = 1 << 20


class _TooLargeError(Exception):
    pass


def decode(body: bytes, encoding: str, limit: int) -> bytes:
    """The body, decompressed.

    Args:
        body: as it came.
        encoding: the `Content-Encoding`; empty is `identity`.
        limit: bytes that it may grow to; memory taken is not much over it.

    Raises:
        ProblemError: the encoding is unknown, the body is none of it, cut, or grows too large.
    """
    if encoding in {"", "identity"}:
        return body
    inflate = {"gzip": _gunzip, "x-gzip": _gunzip, "zstd": _unzstd}.get(encoding)
    if inflate is None:
        raise ProblemError(
            Kind.UNSUPPORTED_MEDIA,
            f"Content-Encoding is {encoding!r}; expected {' or '.join(ENCODINGS)}, one at most",
            {"Accept-Encoding": ", ".join(ENCODINGS)},
        )
    try:
        return _bounded(inflate(body), limit)
    except _TooLargeError:
        raise ProblemError(
            Kind.BODY_TOO_LARGE,
            f"the body grows beyond {limit} bytes when decompressed; send it in several requests",
        ) from None
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise ProblemError(
            Kind.MALFORMED_BODY,
            f"the body is no {encoding}, or cut ({error}); Content-Encoding says that it is",
        ) from None


def _bounded(pieces: Iterator[bytes], limit: int) -> bytes:
    found, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _TooLargeError
        found.append(piece)
    return b"".join(found)


def _gunzip(body: bytes) -> Iterator[bytes]:
    """All members of the body, which may be several in a row."""
    while body:
        member = zlib.decompressobj(wbits=31)
        waiting = body
        while not member.eof:
            piece = member.decompress(waiting, _STEP_BYTES)
            waiting = member.unconsumed_tail
            if not piece and not waiting and not member.eof:
                raise EOFError("it ends in the middle")
            yield piece
        body = member.unused_data


def _unzstd(body: bytes) -> Iterator[bytes]:
    """All frames of the body, likewise."""
    new: Callable[[], zstandard.ZstdDecompressionObj] = zstandard.ZstdDecompressor(
        max_window_size=_WINDOW_BYTES
    ).decompressobj
    frame: zstandard.ZstdDecompressionObj | None = None
    for at in range(0, len(body), _FED_BYTES):
        waiting = body[at : at + _FED_BYTES]
        while waiting:
            frame = frame or new()
            yield frame.decompress(waiting)
            waiting = frame.unused_data
            if frame.eof:
                frame = None
    if frame or not body:
        raise EOFError("it ends in the middle")
