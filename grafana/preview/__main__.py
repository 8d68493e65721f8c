"""Starts a stack, feeds it, and draws every dashboard: `make previews`."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filrouge.stack.stack import Stack
from grafana.asking.answers import Backends
from grafana.asking.feeding import ENVIRONMENT, backends, feed, records
from grafana.asking.macros import Choice
from grafana.asking.questions import dashboards, questions
from grafana.generate.links import Uid
from grafana.preview.drawing import draw

_CHECKOUT: Final = Path(__file__).parents[2]
_OUT: Final = _CHECKOUT / "docs" / "images" / "dashboards"
_RANGE_S: Final = 6 * 3600
_RECENT_S: Final = 15 * 60
"""What services tell of themselves began when the stack did."""
_SETTLE_S: Final = 150
"""Until the rules, which are evaluated once a minute, have seen what was fed."""


def main() -> None:
    """Draws into docs/images/dashboards, from a stack of its own."""
    parser = argparse.ArgumentParser(description="Draw previews of the dashboards.")
    parser.add_argument("--out", type=Path, default=_OUT, metavar="DIR")
    parser.add_argument("--port-offset", type=int, default=700, metavar="N")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(_CHECKOUT, Path(folder), given.port_offset, ENVIRONMENT) as stack,
    ):
        stack.up()
        feed(stack, records(datetime.now(UTC)))
        time.sleep(_SETTLE_S)
        draw_all(backends(stack), given.out)


def draw_all(asked: Backends, out: Path) -> None:
    """Draws every dashboard as it is now; one run's with the newest run that had a failure."""
    end_s = int(time.time())
    choice = Choice(end_s - _RANGE_S, end_s, {"trace": _run(asked, end_s)})
    out.mkdir(parents=True, exist_ok=True)
    for uid, dashboard in dashboards().items():
        shown = Choice(end_s - _RECENT_S, end_s) if uid == Uid.PIPELINE else choice
        draw(dashboard, asked, shown, out / f"{uid}.png")


def _run(asked: Backends, end_s: int) -> str:
    (grid,) = (each for each in questions() if each.name == "filrouge-runs: Runs A")
    rows = asked.ask(grid, Choice(end_s - _RANGE_S, end_s)).rows
    failed = [row for row in rows if row["ingestion.run.outcome"] != "success"]
    return str((failed or rows)[0]["traceIdHidden"])


if __name__ == "__main__":
    main()
