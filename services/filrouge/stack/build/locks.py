"""One builder at a time, and nothing half built: locks and folders that appear whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_UNFINISHED: Final = "unfinished-"


@contextmanager
def locked(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Within it no other process builds in the folder; it is made if it is missing.

    The system frees the lock when its holder ends, however it ends.

    Args:
        folder: what to hold.
        on_wait: called once when another process has it, before waiting for that.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as file:
        _lock(file, on_wait)
        yield


def _lock(file: IO[str], on_wait: Callable[[], None]) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none; the rest of `filrouge` works there

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def work_folder(shelf: Path) -> Iterator[Path]:
    """A folder beside the finished ones, removed at the end; hold the shelf's lock.

    After an error it stays, for whoever looks into that, until the next one is made: under the
    lock nobody else is at work there. So what a killed builder left goes then too.
    """
    for left in shelf.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=shelf))
    yield work
    shutil.rmtree(work, ignore_errors=True)
