"""All microservices by one command, each in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

from filrouge_sim.producers.stopping import stop_on_signals

__all__ = ["run_together"]

_TICK_S: Final = 0.2
_STOP_S: Final = 20.0


def run_together(commands: Sequence[Sequence[str]]) -> int:
    """Runs all until each has come to its end; when one fails, or on SIGTERM or SIGINT, stops all.

    Args:
        commands: arguments of `filrouge-sim`, one list for each.

    Returns:
        The exit status of the first that failed, or 0.
    """
    with stop_on_signals() as stop:
        processes = [
            subprocess.Popen([sys.executable, "-m", "filrouge_sim", *each])  # noqa: S603 - ours
            for each in commands
        ]
        try:
            while any(each.poll() is None for each in processes):
                if stop.wait(_TICK_S) or any(each.returncode for each in processes):
                    break
        finally:
            _stop(processes)
    return next((each.returncode for each in processes if each.returncode), 0)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for each in processes:
        if each.poll() is None:
            each.send_signal(signal.SIGTERM)
    deadline_s = time.monotonic() + _STOP_S
    for each in processes:
        try:
            each.wait(max(0.0, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()
