"""A stack of these tests' own, with some hours of known runs and the sample of last year in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from filrouge.stack.stack import Stack
from grafana.asking.answers import Answer, Backends
from grafana.asking.feeding import ENVIRONMENT, backends, feed, records
from grafana.asking.macros import Choice
from grafana.asking.questions import Question, questions
from tests.backends.records import SAMPLE
from tests.backends.sending import replay
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.grafana.known import Task, task

HOURS_S = 6 * 3600


@dataclass(frozen=True)
class Asked:
    """The stack, and what is known of what it holds.

    Attributes:
        tasks: of every record that was sent with times of today.
    """

    stack: Stack
    backends: Backends
    tasks: tuple[Task, ...]

    def now(self) -> Choice:
        """The last hours, all of everything."""
        end_s = int(time.time())
        return Choice(end_s - HOURS_S, end_s, {"trace": self.a_trace(end_s)})

    def a_trace(self, end_s: int) -> str:
        """The id of a run, as the grid of runs has it."""
        runs = question("filrouge-runs", "Runs")
        rows = self.backends.ask(runs, Choice(end_s - HOURS_S, end_s)).rows
        return str(rows[0]["traceIdHidden"]) if rows else "0"

    def ask(self, uid: str, panel: str, letter: str = "A", choice: Choice | None = None) -> Answer:
        """What a panel shows."""
        return self.backends.ask(question(uid, panel, letter), choice or self.now())


def question(uid: str, panel: str, letter: str = "A") -> Question:
    """A query of a panel."""
    (found,) = (
        each
        for each in questions()
        if (each.dashboard, each.panel, each.letter) == (uid, panel, letter)
    )
    return found


@pytest.fixture(scope="package")
def asked(stack_folder: Path) -> Iterator[Asked]:
    """The stack, fed: runs of the last hours through the gateway, the sample by a replay."""
    lines = records(datetime.now(UTC))
    with throwaway(Stack(CHECKOUT, stack_folder / "grafana", free_offset(), ENVIRONMENT)) as stack:
        stack.up()
        replay(stack, SAMPLE)
        feed(stack, lines)
        yield Asked(stack, backends(stack), tuple(task(line) for line in lines))
