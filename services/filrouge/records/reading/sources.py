"""The files that a command names, checked before anything is done, and readable twice."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from filrouge.errors import BrokenInputError, UsageError
from filrouge.records.reading.compression import decompress
from filrouge.records.rejection import Reason

STANDARD_INPUT: Final = "-"
_BLOCK_BYTES: Final = 1 << 17  # larger ones go back to the system each time: 3 µs a record


@dataclass(frozen=True, slots=True)
class Source:
    """A file of records.

    Attributes:
        name: as the user gave it.
        path: where its bytes are; None for standard input.
    """

    name: str
    path: Path | None

    def chunks(self) -> Iterator[bytes]:
        """The plain bytes, in chunks of no more than some MiB; decompressed if need be.

        Raises:
            BrokenInputError: the file cannot be read on; what came before was given.
        """
        try:
            with self.open() as file:
                yield from decompress(iter(partial(file.read, _BLOCK_BYTES), b""))
        except OSError as error:
            raise BrokenInputError(
                Reason.UNREADABLE, f"the file cannot be read from here on ({error.strerror})"
            ) from None

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Its bytes as they are stored; standard input is left open."""
        return self.path.open("rb") if self.path else nullcontext(sys.stdin.buffer)


def find_source(name: str) -> Source:
    """The source of that name, found to be readable.

    Args:
        name: a path, or `-` for standard input.

    Raises:
        UsageError: there is no such file, it is a folder, or it may not be read.
    """
    if name == STANDARD_INPUT:
        return Source(name, None)
    path = Path(name)
    name = name.encode(errors="replace").decode()  # Linux lets a name be any bytes; JSON does not
    try:
        if path.is_dir():
            raise UsageError(f"{name} is a folder; name the files in it, such as {name}/*.json")
        if not path.is_fifo():  # what is opened once in a pipe is read once
            path.open("rb").close()
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}; "
            "name a file of records, or - for standard input"
        ) from None
    return Source(name, path)


@contextmanager
def replayable(names: Sequence[str]) -> Iterator[list[Source]]:
    """The sources of these names, each of which can be read several times while in the context.

    Standard input and pipes are kept in a temporary folder for that long.

    Raises:
        UsageError: a name is not that of a readable file, or standard input is named twice.
    """
    if names.count(STANDARD_INPUT) > 1:
        raise UsageError("- is named twice; standard input can be read only once")
    found = [find_source(name) for name in names]
    with TemporaryDirectory(prefix="filrouge-") as folder:
        yield [_keep(source, Path(folder) / str(at)) for at, source in enumerate(found)]


def _keep(source: Source, copy: Path) -> Source:
    if source.path and source.path.is_file():
        return source
    try:
        with source.open() as file, copy.open("wb") as kept:
            shutil.copyfileobj(file, kept, _BLOCK_BYTES)
    except OSError as error:
        raise UsageError(
            f"{source.name} could not be kept in {copy.parent}: {error.strerror}; "
            "set TMPDIR to a folder with room for it"
        ) from None
    return replace(source, path=copy)
