"""What processes take while something is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final, Self

import psutil

_LOOK_EVERY_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Used:
    """What one process took.

    Attributes:
        cpu_s: user and system.
        peak_bytes: of resident memory, as seen at looks a quarter of a second apart.
    """

    cpu_s: float
    peak_bytes: int


class Meter:
    """Watches processes while the block lasts.

    Attributes:
        used: what each took, once the block has ended.

    Args:
        pids: processes by name; they must outlive the block.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.used: dict[str, Used] = {}
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._peaks = dict.fromkeys(pids, 0)
        self._over = Event()
        self._watcher = Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._before_s = self._cpu_s()
        self._watcher.start()
        return self

    def __exit__(self, *raised: object) -> None:
        after_s = self._cpu_s()
        self._over.set()
        self._watcher.join()
        self.used = {
            name: Used(after_s[name] - self._before_s[name], self._peaks[name])
            for name in self._processes
        }

    def _cpu_s(self) -> dict[str, float]:
        return {name: cpu_s(process) for name, process in self._processes.items()}

    def _watch(self) -> None:
        while True:
            for name, process in self._processes.items():
                self._peaks[name] = max(self._peaks[name], process.memory_info().rss)
            if self._over.wait(_LOOK_EVERY_S):
                return


def cpu_s(process: psutil.Process) -> float:
    """The CPU time a process took since its start."""
    times = process.cpu_times()
    return times.user + times.system
