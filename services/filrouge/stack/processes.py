"""Processes of the system: which are a stack's own, what they take, who holds a port."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from filrouge.stack.ports import HOST

ROOT_MARK: Final = "FILROUGE_STACK"
"""The environment variable that says to which stack's folder a process belongs."""
PART_MARK: Final = "FILROUGE_STACK_PART"
"""… and which part it is; supervisord itself has none."""

_POLL_S: Final = 0.1
_SAMPLE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process takes.

    Attributes:
        cpu_s: CPU time since its start, in seconds.
        cpu_percent: share of one core just now.
        memory_bytes: resident memory.
    """

    cpu_s: float
    cpu_percent: float
    memory_bytes: int


def marked(root: Path) -> dict[psutil.Process, str | None]:
    """The living processes of a stack, whoever their parent is now, each with its part.

    The mark is inherited, so a process that a part started is found as well. Those of other users
    cannot be seen, and are not ours.
    """
    return {
        process: environment.get(PART_MARK)
        for process, environment in _environments()
        if environment.get(ROOT_MARK) == str(root) and alive(process)
    }


def marked_roots(folder: Path) -> set[Path]:
    """The folders below a folder whose stacks have living processes."""
    marks = {environment.get(ROOT_MARK) for _, environment in _environments()}
    roots = {Path(mark) for mark in marks if mark}
    return {root for root in roots if root.is_relative_to(folder)}


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie, whose parent has not heard yet, does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(processes: Iterable[psutil.Process], wait_s: float) -> bool:
    """Waits until none of them runs any more; False if the time was too short."""
    watched = list(processes)
    deadline = time.monotonic() + wait_s
    while watched := [process for process in watched if alive(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def end(processes: Iterable[psutil.Process], wait_s: float) -> None:
    """Asks them to stop, and kills what has not stopped in time.

    psutil tells a process from a later one of the same id, so no other is ever hit.
    """
    ended = list(processes)
    for process in ended:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    if not gone(ended, wait_s):
        for process in ended:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        gone(ended, wait_s)


def usages(pids: Iterable[int]) -> dict[int, Usage]:
    """What each process takes, by id; those that ended meanwhile are left out.

    Takes a tenth of a second, over which the share of the CPU is measured.
    """
    processes = list(_existing(pids))
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.cpu_percent()
    time.sleep(_SAMPLE_S)
    found = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess), process.oneshot():
            times = process.cpu_times()
            found[process.pid] = Usage(
                cpu_s=times.user + times.system,
                cpu_percent=process.cpu_percent(),
                memory_bytes=process.memory_info().rss,
            )
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections of one that has just stopped are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who holds a port, for people: `python3 (pid 4711)`, or that it cannot be seen."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # A socket that is not bound has an empty address.
            if any(each.laddr[1:] == (port,) for each in process.net_connections("tcp")):
                return f"{process.name()} (pid {process.pid})"
    return "a process that this user cannot see"


def _environments() -> Iterator[tuple[psutil.Process, dict[str, str]]]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            yield process, process.environ()


def _existing(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)
