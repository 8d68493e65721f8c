"""Runs `filrouge` as people do, and tells what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stack.records import TIMEZONE
from benchmarks.workload import ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Done:
    """A command that came to its end, with its CPU time, user and system."""

    wall_s: float
    cpu_s: float


def run_filrouge(
    arguments: Sequence[str], port_offset: int, out: Path = Path(os.devnull), worst: int = 0
) -> Done:
    """Runs a command on the stack with this block of ports.

    Args:
        arguments: of `filrouge`.
        port_offset: of the stack.
        out: the file that gets what it prints.
        worst: the highest exit status that is no failure.

    Raises:
        CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "filrouge", *arguments]
    begun_s = time.perf_counter()
    with out.open("wb") as printed:
        process = subprocess.Popen(
            command, stdout=printed, env=environment(port_offset), stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - begun_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if not 0 <= process.returncode <= worst:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Done(wall_s, usage.ru_utime + usage.ru_stime)


def environment(port_offset: int) -> dict[str, str]:
    """Of whatever uses the stack with this block of ports: without settings of the site."""
    clean = {name: text for name, text in ENVIRONMENT.items() if not name.startswith("FILROUGE_")}
    return {
        **clean,
        "FILROUGE_STACK_PORT_OFFSET": str(port_offset),
        "FILROUGE_TIMEZONE": TIMEZONE,
    }
