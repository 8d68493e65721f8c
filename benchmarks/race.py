"""The ways against each other: in turn, round after round, so that noise meets all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import orjson

from benchmarks.contestant import WAYS, Outcome
from benchmarks.workload import ENVIRONMENT

COMPARED: Final = ("plain", "filrouge", "replay", "floor")
_US_PER_S: Final = 1e6
Round = Mapping[str, Outcome]


class Race:
    """Rounds in which each way had the same file.

    Args:
        records: how many the file has.
        rounds: what each way took, round by round.
    """

    def __init__(self, records: int, rounds: Sequence[Round]) -> None:
        self.records = records
        self.rounds = rounds

    def costs_us(self, way: str) -> list[float]:
        """CPU time of a way per record, round by round, in microseconds."""
        return [of[way].cpu_s / self.records * _US_PER_S for of in self.rounds]

    def ratio(self, way: str, other: str) -> float:
        """How many times the CPU time of another way one takes: the median over the rounds."""
        return median(of[way].cpu_s / of[other].cpu_s for of in self.rounds)


def race(file: Path, records: int, rounds: int, watch: Callable[[str], None]) -> Race:
    """Runs all ways on a file.

    Args:
        file: records of schema 1, one a line.
        records: how many it has.
        rounds: how often.
        watch: is told what is running.

    Raises:
        ValueError: the ways did not make the same numbers of spans and log records.
    """
    done: list[Round] = []
    for number in range(1, rounds + 1):
        outcomes = {}
        for way in WAYS:
            watch(f"round {number} of {rounds}: {way}")
            outcomes[way] = _run(way, file)
        check(outcomes, records)
        done.append(outcomes)
    return Race(records, done)


def _run(way: str, file: Path) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.contestant", way, str(file)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
    return Outcome(**orjson.loads(answer.stdout))


def check(outcomes: Round, records: int) -> None:
    """Makes sure that nothing was lost: a queue that drops what it cannot hold would win.

    Raises:
        ValueError: a way made other numbers of spans or log records than the plain way.
    """
    plain = outcomes["plain"]
    for way in ("plain", "filrouge", "replay"):
        made = outcomes[way]
        if (made.spans, made.log_records) != (plain.spans, records):
            raise ValueError(
                f"of {records} records, {way} made {made.spans} spans and {made.log_records} log "
                f"records; expected {plain.spans} spans as in the plain way, and a log record for "
                f"each record"
            )
