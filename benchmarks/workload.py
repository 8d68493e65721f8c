"""The records that every way is given: runs of the simulator, as long as the sample's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

TIMEZONE: Final = "America/Toronto"
TASKS_PER_RUN: Final = 72
ENVIRONMENT: Final = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""Of all processes that are measured: they find their modules compiled, as they usually do."""

_COMPANIES: Final = 3  # whose runs come mingled


def write_records(file: Path, at_least: int) -> int:
    """Writes a file of whole runs; returns how many records it has.

    In a process of its own, so that what a command is measured with stays small.
    """
    runs = -(-at_least // TASKS_PER_RUN)
    options = {"--runs": runs, "--companies": _COMPANIES, "--timezone": TIMEZONE, "--out": file}
    arguments = [str(part) for option in options.items() for part in option]
    subprocess.run([sys.executable, "-m", "filrouge_sim", *arguments], check=True, env=ENVIRONMENT)
    return runs * TASKS_PER_RUN
