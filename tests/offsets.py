"""Blocks of ports for the tests' stacks: no two share a port, whichever process they run in.

Several workers of one session, and several sessions, run side by side on a machine. A port is one
test's from the moment its block is asked for: it may be a while until the stack listens there.
"""

from __future__ import annotations

import fcntl
import getpass
import random
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, Final

from filrouge.stack.ports import MAX_OFFSET, Port
from filrouge.stack.processes import is_free

_LOWEST: Final = 2_000  # below are those that people take by hand
_LEFT: Final = list(range(_LOWEST, MAX_OFFSET))
random.shuffle(_LEFT)  # so that two processes side by side seldom try the same
_ours: Final[set[int]] = set()


def free_offset() -> int:
    """A block of ports that is free now, and is given to nobody else while this process lives.

    Raises:
        RuntimeError: there is none.
    """
    while _LEFT:
        offset = _LEFT.pop()
        ports = {port.at(offset) for port in Port}
        if _claim(ports) and all(map(is_free, ports)):
            return offset
    raise RuntimeError("no block of ports is free")


def _claim(ports: set[int]) -> bool:
    """Locks a byte for each port; the system lets go of them when this process ends."""
    if ports & _ours:
        return False
    for port in ports:
        try:
            fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False  # the block is lost for others too, of which there are enough
        _ours.add(port)
    return True


@cache
def _claims() -> IO[bytes]:
    """The file that all processes lock; never closed, for that would end the locks."""
    path = Path(tempfile.gettempdir()) / f"filrouge-test-ports-{getpass.getuser()}"
    return path.open("ab")
