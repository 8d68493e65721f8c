"""Draws the run in a file of records as it looks in the terminal: the picture in the README.

    .venv/bin/python scripts/draw_run.py [logs.json [docs/images/run.svg]]

The same records give the same bytes. The picture loads nothing from the network.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from rich._export_format import CONSOLE_SVG_FORMAT  # documented, but not exported with a type
from rich.console import Console

from filrouge.records.parse import RecordParser
from filrouge.report.terminal import render_run
from filrouge.report.view import RunView, run_view
from filrouge.runs.open_run import OpenRun

_WIDTH = 100  # wide enough for bars, narrow enough to be read in a column of a web page
_TIMEZONE = ZoneInfo("America/Toronto")  # that of the sample's producers
_ZONES = frozenset({"1-Raw", "2-Standard", "3-Application"})
_FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def main(arguments: list[str]) -> None:
    """Draws the run in the first file into the second."""
    given = [*arguments, *("logs.json", "docs/images/run.svg")[len(arguments) :]]
    records, picture = map(Path, given)
    picture.parent.mkdir(parents=True, exist_ok=True)
    title = f"filrouge replay {records.name}"
    picture.write_text(run_svg(read_run(records), title), encoding="utf-8")


def read_run(records: Path) -> RunView:
    """The run that the first record of a file belongs to."""
    parser = RecordParser(_TIMEZONE, _ZONES)
    parsed = [parser.parse(line) for line in records.read_bytes().splitlines()]
    run = OpenRun(parsed[0].run)
    for record in parsed:
        if record.run == run.key:
            run.add(record)
    return run_view(run.close())


def run_svg(view: RunView, title: str) -> str:
    """A terminal that shows the run, as SVG without any reference to the network."""
    console = Console(
        width=_WIDTH,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        _environ={},
    )
    console.print(render_run(view))
    console.print()  # the last line would be drawn without what hangs below it
    return console.export_svg(title=title, code_format=_svg_format(), unique_id="run")


def _svg_format() -> str:
    """Rich's picture of a terminal, which would load its font, in the fonts of the machine."""
    loads = r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*"
    without = re.sub(loads, "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return without.replace("Fira Code, monospace", _FONTS)


if __name__ == "__main__":
    main(sys.argv[1:])
