"""One at a time: who changes a stack keeps others from it meanwhile."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filrouge.errors import UsageError
from filrouge.stack.errors import NotRunningError


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Holds the stack's folder; the system lets go of it when this process dies.

    Raises:
        NotRunningError: there is no such folder.
        UsageError: another command holds it.
    """
    if not root.is_dir():
        raise NotRunningError(f"no stack lives in {root}; start one with filrouge stack up")
    with (root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another command is starting or stopping the stack in {root}; wait for it, "
                "then try again"
            ) from None
        yield
