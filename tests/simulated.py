"""Records of simulated runs, for tests that need many."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from filrouge_sim import Config, simulate


def simulated(start: str, **config: Any) -> list[bytes]:
    """Lines, each with its line break.

    Args:
        start: such as `2025-03-01T06:00`; run ids are made of it, so tests that share a stack
            take different days.
        config: as of `filrouge_sim.config.Config`.
    """
    return [each.line for each in simulate(Config(start=datetime.fromisoformat(start), **config))]


def write_simulated(path: Path, start: str, **config: Any) -> Path:
    """A file of them."""
    path.write_bytes(b"".join(simulated(start, **config)))
    return path
