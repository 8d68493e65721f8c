from __future__ import annotations

from io import StringIO

from rich.console import Console

from filrouge.verify.difference import Difference
from filrouge.verify.expected import Place
from filrouge.verify.items import span
from filrouge.verify.table import Shown, render_verdicts
from filrouge.verify.verify import Verdict
from tests.factories import run_of, task

RIGHT = Difference(80, 80, (), (), ())


def text_of(shown: Shown) -> list[str]:
    console = Console(file=StringIO(), width=80)
    console.print(shown.table, crop=False)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_sums_are_by_place_and_right_runs_are_not_named() -> None:
    run = run_of(task())
    shown = render_verdicts([Verdict(run, {Place.TEMPO: RIGHT})] * 2)

    assert shown.is_right
    assert text_of(shown) == [
        "place  expected  found  missing  double  unexpected",
        "tempo       160    160        0       0           0",
        "",
        "2 runs: everything is in every place exactly once",
    ]


def test_a_run_that_differs_is_named_with_what_is_wrong() -> None:
    run = run_of(task())
    missing = tuple(span("trace", f"{number}", "task Efficy/Sites\x1b[2J") for number in range(7))
    wrong = Difference(9, 2, missing, (), ())
    shown = render_verdicts([Verdict(run, {Place.TEMPO: wrong})])

    assert not shown.is_right
    assert text_of(shown)[2:] == [
        "",
        f"akonovia/2025-09-05-16-45, trace {run.trace_id}",
        *(f"  tempo: missing span {n} (task Efficy/Sites\\x1b[2J)" for n in range(5)),
        "  tempo: missing 2 more; --format json names all",
        "",
        "1 of 1 runs differ",
    ]
