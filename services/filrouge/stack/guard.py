"""Stops stacks when the process they were made for ends, even by SIGKILL.

A process of its own, for a dead one cannot clean up. Tests use it; people's stacks live on when
their terminal closes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from filrouge.stack.place import Place
from filrouge.stack.processes import alive, marked_roots
from filrouge.stack.stopping import stop_all

_POLL_S: Final = 1.0


def guard_stacks_below(folder: Path) -> None:
    """Has all stacks that live below a folder stopped when this process ends."""
    me = psutil.Process()
    guard = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", __name__, str(me.pid), str(me.create_time()), folder.resolve()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the other one
    )
    guard.returncode = 0  # it outlives us, so nobody waits for it


def _main(pid: int, created: float, folder: Path) -> None:
    with suppress(psutil.NoSuchProcess):
        owner = psutil.Process(pid)
        while owner.create_time() == created and alive(owner):
            time.sleep(_POLL_S)
    for root in marked_roots(folder):
        stop_all(Place(Path(), root, offset=0))


if __name__ == "__main__":
    _main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
