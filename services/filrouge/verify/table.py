"""Verdicts as a table for people: what differs in full, and a sum for each place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from filrouge.report.terminal.inert import inert
from filrouge.verify.difference import Difference
from filrouge.verify.expected import Place
from filrouge.verify.items import Item
from filrouge.verify.verify import Verdict

_NAMED = 5  # of what is missing, double or unexpected in one place of one run
_RUNS_NAMED = 20
_COLUMNS = ("expected", "found", "missing", "double", "unexpected")


@dataclass(frozen=True, slots=True)
class Shown:
    """A table, and whether everything in it is right."""

    table: RenderableType
    is_right: bool


@dataclass(slots=True)
class _Sum:
    """What one place has of all runs."""

    items: list[int] = field(default_factory=lambda: [0] * len(_COLUMNS))

    def add(self, difference: Difference) -> None:
        self.items = [a + b for a, b in zip(self.items, _numbers(difference), strict=True)]


def render_verdicts(verdicts: Iterable[Verdict]) -> Shown:
    """The sums by place, and under them the runs that differ with what is wrong with them."""
    sums: defaultdict[Place, _Sum] = defaultdict(_Sum)
    runs, wrong, told = 0, 0, list[Text]()
    for verdict in verdicts:
        runs += 1
        for place, difference in verdict.differences.items():
            sums[place].add(difference)
        if not verdict.is_right:
            wrong += 1
            if wrong <= _RUNS_NAMED:
                told.extend(_told(verdict))
    last = _conclusion(runs, wrong)
    return Shown(Group(_table(sums), *told, last), wrong == 0)


def _table(sums: dict[Place, _Sum]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("place")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for place, each in sums.items():
        style = "red" if any(each.items[2:]) else "green"
        table.add_row(str(place), *(f"{number:,}" for number in each.items), style=style)
    return table


def _numbers(difference: Difference) -> tuple[int, ...]:
    return (
        difference.expected,
        difference.found,
        len(difference.missing),
        len(difference.double),
        len(difference.unexpected),
    )


def _told(verdict: Verdict) -> Iterator[Text]:
    run = verdict.run
    attempt = f" attempt {run.key.attempt}" if run.key.attempt > 1 else ""
    name = inert(f"{run.key.company}/{run.key.run_id}{attempt}")
    yield Text(f"\n{name}, trace {run.trace_id}", style="bold")
    for place, difference in verdict.differences.items():
        yield from _named(place, "missing", difference.missing)
        yield from _named(place, "double", difference.double)
        yield from _named(place, "unexpected", difference.unexpected)


def _named(place: Place, what: str, items: tuple[Item, ...]) -> Iterator[Text]:
    for item in items[:_NAMED]:
        yield _line(f"  {place}: {what} {inert(item.words)}")
    if len(items) > _NAMED:
        yield _line(f"  {place}: {what} {len(items) - _NAMED:,} more; --format json names all")


def _line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ignore")


def _conclusion(runs: int, wrong: int) -> Text:
    word = "run" if runs == 1 else "runs"
    if not wrong:
        return Text(f"\n{runs:,} {word}: everything is in every place exactly once", style="green")
    return Text(f"\n{wrong:,} of {runs:,} runs differ", style="red")
