"""From a POST to the gateway until a run's tasks can be seen, in a whole stack."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import requests

from benchmarks.services.bench import CHECKOUT
from benchmarks.services.plan import Plan
from benchmarks.stack.records import TIMEZONE, write_runs
from benchmarks.stack.runs import runs_of
from benchmarks.stack.summary import Spread, spread
from filrouge.backends.http import BackendError
from filrouge.backends.loki import Loki
from filrouge.backends.tempo import Tempo
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge.stack.guard import guard_stacks_below
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge.verify.look import log_query

TASKS: Final = 12
"""Of each run that is posted."""
PARTS: Final = ("kafka", "tempo", "loki", "prometheus", "collector", "ingestion", "processing")
ACKNOWLEDGED: Final = "acknowledged with 202"
TEMPO: Final = "all tasks in Tempo, by trace id"
LOKI: Final = "all lines in Loki"
_POLL_S: Final = 0.02
_PATIENCE_S: Final = 120.0
_PAUSE_S: Final = 1.0  # at most; what backends do once a second must not be met in step
_AGO: Final = timedelta(minutes=30)
_MARGIN_NS: Final = 3600 * NS_PER_S
_WARM_UP: Final = 2


def visible(port_offset: int, plan: Plan, watch: Callable[[str], None]) -> dict[str, Spread]:
    """Seconds from the first byte of the POST, by what was waited for; one run at a time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        guard_stacks_below(folder)
        watch("starting the stack")
        environment = {"FILROUGE_TIMEZONE": TIMEZONE}
        with Stack(CHECKOUT, folder / "stack", port_offset, environment) as stack:
            stack.up(PARTS)
            sampler = _Sampler(stack, folder / "run.ndjson")
            found: dict[str, list[float]] = {}
            for number, due in zip(range(plan.samples + _WARM_UP), _dues(), strict=False):
                watch(f"until visible: {number + 1} of {plan.samples + _WARM_UP}")
                seen = sampler.posted(due)
                for what, taken_s in seen.items() if number >= _WARM_UP else ():
                    found.setdefault(what, []).append(taken_s)
                time.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - no secret
            return {what: spread(taken_s) for what, taken_s in found.items()}


def _dues() -> Iterator[datetime]:
    """When runs were due: lately, and each in a minute of its own, which names it."""
    due = datetime.now(UTC) - _AGO
    while True:
        due -= timedelta(minutes=1)
        yield due


@dataclass(frozen=True, slots=True)
class _Sampler:
    stack: Stack
    file: Path

    def posted(self, due: datetime) -> Mapping[str, float]:
        """Posts a run and waits until it can be seen."""
        write_runs(self.file, due, runs=1, tasks=TASKS)
        [run] = runs_of(self.file, Settings(timezone=TIMEZONE))
        body = b"[%b]" % b",".join(self.file.read_bytes().splitlines())
        tempo = Tempo(self.stack.url(Port.TEMPO_HTTP))
        loki = Loki(self.stack.url(Port.LOKI_HTTP))
        probes: dict[str, Callable[[Run], int]] = {
            TEMPO: lambda run: len({each.span_id for each in tempo.spans(run.trace_id)}),
            LOKI: lambda run: sum(1 for _ in _lines(loki, run)),
        }
        begun_s = time.perf_counter()
        with ThreadPoolExecutor(len(probes)) as pool:
            waits = {
                name: pool.submit(_first_seen_s, name, probe, run, begun_s)
                for name, probe in probes.items()
            }
            self._post(body)
            taken_s = time.perf_counter() - begun_s
            return {ACKNOWLEDGED: taken_s, **{name: each.result() for name, each in waits.items()}}

    def _post(self, body: bytes) -> None:
        answer = requests.post(
            f"{self.stack.url(Port.INGESTION)}/v1/records",
            data=body,
            headers={"Content-Type": "application/json"},
            timeout=_PATIENCE_S,
        )
        answer.raise_for_status()


def _lines(loki: Loki, run: Run) -> Iterator[object]:
    return loki.lines(log_query(run.key), run.start_ns - _MARGIN_NS, run.end_ns + _MARGIN_NS)


def _first_seen_s(name: str, probe: Callable[[Run], int], run: Run, begun_s: float) -> float:
    while not _is_seen(probe, run):
        if time.perf_counter() - begun_s > _PATIENCE_S:
            raise TimeoutError(f"{name}: {run.key} was not seen in {_PATIENCE_S:g} s")
        time.sleep(_POLL_S)
    return time.perf_counter() - begun_s


def _is_seen(probe: Callable[[Run], int], run: Run) -> bool:
    try:
        return probe(run) == TASKS
    except BackendError:
        return False  # such as a trace that is being written
