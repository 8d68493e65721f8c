"""Loaded by every Python that finds this folder in PYTHONPATH: its clock is off, as a file says.

The file has the nanoseconds that are added, so that a test makes the clock of a service jump while
it works (`tests/faults/jumping.py`). What measures how long something takes is left alone, as by
those who set a real clock.
"""

from __future__ import annotations

import mmap
import os
import time

_file = os.environ.get("TESTS_CLOCK_FILE")

if _file:
    with open(_file, "rb") as opened:  # noqa: PTH123 - before anything else is imported
        _added = mmap.mmap(opened.fileno(), 8, prot=mmap.PROT_READ)
    _right_ns = time.time_ns

    def _time_ns() -> int:
        return _right_ns() + int.from_bytes(_added[:8], "little", signed=True)

    def _time() -> float:
        return _time_ns() / 1e9

    time.time_ns = _time_ns
    time.time = _time
