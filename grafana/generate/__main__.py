"""Writes every dashboard: `make dashboards`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from grafana.generate.dashboards import written

FOLDER: Final = Path(__file__).parents[1] / "dashboards"


def main() -> None:
    """Writes what differs, and removes what is none any more."""
    files = written()
    for stale in set(FOLDER.glob("*.json")) - {FOLDER / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
