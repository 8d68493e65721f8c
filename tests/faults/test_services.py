"""What services need dies under load, or they themselves: what was acknowledged is everywhere.

So it is when others join and leave them, and when their clock is set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from filrouge.stack.ports import HOST, Port
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.faults.driving import assert_everywhere, await_until, verdicts
from tests.faults.jumping import JumpingClock
from tests.faults.services import (
    HURRY_S,
    LEISURE_S,
    Producer,
    is_ready,
    registered,
    second_instances,
)
from tests.postgresql import PostgreSQL, postgresql
from tests.simulated import simulated

pytestmark = pytest.mark.slow

EVERYWHERE: Final = ("tempo", "loki", "prometheus", "topic")
RUNS: Final = 40
HOUR_S: Final = 3600
SHORT: Final = {"FILROUGE_RUN_GRACE_S": "3", "FILROUGE_RUN_SILENCE_S": "600"}


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    with postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> JumpingClock:
    return JumpingClock(tmp_path_factory.mktemp("clock") / "ahead")


@pytest.fixture(scope="module")
def variables(database: PostgreSQL, clock: JumpingClock) -> dict[str, str]:
    return {"FILROUGE_DATABASE_URL": database.new_database(), **SHORT, **clock.variables}


@pytest.fixture(scope="module")
def live(stack_roots: Iterator[Path], variables: dict[str, str]) -> Iterator[Stack]:
    """All parts, with the registry in PostgreSQL. A test that breaks one leaves it mended."""
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), variables)) as stack:
        stack.up()
        yield stack


@pytest.fixture
def before(live: Stack) -> Counter[str]:
    """What is in the registry at first."""
    live.up()  # whatever a test that failed has left
    return registered(live)


def records(folder: Path, start: str) -> tuple[Path, list[bytes]]:
    """A file of some thousands, and its lines."""
    lines = simulated(start, runs=RUNS, tasks=100, schema=2)
    file = folder / "records.ndjson"
    file.write_bytes(b"".join(lines))
    return file, lines


def await_registered(stack: Stack, before: Counter[str], lines: list[bytes]) -> None:
    """Each record is in the registry once, all of its runs are closed, and the offsets agree."""
    wanted = {**before, "records": before["records"] + len(set(lines)), "not closed": 0, "wrong": 0}
    wanted["closed"] += RUNS
    last: dict[str, int] = {}

    def reached() -> bool:
        last.update(registered(stack))
        return last == wanted

    try:
        await_until(reached, "the registry has it all")
    finally:
        assert last == wanted


def test_the_database_killed_among_thousands_of_records(
    live: Stack, database: PostgreSQL, before: Counter[str], tmp_path: Path
) -> None:
    file, lines = records(tmp_path, "2026-01-01T06:00")

    with Producer([live.url(Port.INGESTION)], lines) as producer:
        await_until(lambda: registered(live)["records"] > before["records"], "some is registered")
        database.kill()
        at_kill = producer.acknowledged
        assert at_kill < len(lines)
        await_until(lambda: not is_ready(live, Port.MONITORING), "monitoring says so")
        producer.await_acknowledged(min(len(lines), at_kill + 500))
        database.start()

    await_until(lambda: is_ready(live, Port.MONITORING), "monitoring is well again")
    await_registered(live, before, lines)
    assert_everywhere(live, file, *EVERYWHERE)


def test_each_service_killed_among_thousands_of_records(
    live: Stack, before: Counter[str], tmp_path: Path
) -> None:
    file, lines = records(tmp_path, "2026-02-01T06:00")

    with Producer([live.url(Port.INGESTION)], lines) as producer:
        producer.await_acknowledged(len(lines) // 4)
        live.kill("ingestion")
        await_until(lambda: producer.unanswered > 0, "a producer has no answer")
        live.start("ingestion")
        producer.await_acknowledged(len(lines) // 2)
        live.kill("processing")
        live.kill("monitoring")
        assert producer.acknowledged < len(lines)
        live.start("processing")
        live.start("monitoring")

    await_registered(live, before, lines)
    assert_everywhere(live, file, *EVERYWHERE)


@pytest.mark.parametrize(
    ("part", "start"), [("kafka", "2026-02-10T06:00"), ("collector", "2026-02-20T06:00")]
)
def test_what_the_services_need_killed_among_thousands_of_records(
    live: Stack, before: Counter[str], tmp_path: Path, part: str, start: str
) -> None:
    file, lines = records(tmp_path, start)

    with Producer([live.url(Port.INGESTION)], lines) as producer:
        producer.await_acknowledged(len(lines) // 4)
        live.kill(part)
        assert producer.acknowledged < len(lines)
        await_until(lambda: not is_ready(live, Port.PROCESSING), "processing says so")
        live.start(part)

    for port in (Port.INGESTION, Port.PROCESSING, Port.MONITORING):
        await_until(lambda port=port: is_ready(live, port), f"{port.name} is well again")  # type: ignore[misc]
    await_registered(live, before, lines)
    assert_everywhere_but_for_copies(live, file)


def test_second_instances_of_each_service_join_it_at_work_and_are_killed(
    live: Stack, variables: dict[str, str], before: Counter[str], tmp_path: Path
) -> None:
    file, lines = records(tmp_path, "2026-03-01T06:00")
    offset = free_offset()
    urls = [live.url(Port.INGESTION), f"http://{HOST}:{Port.INGESTION.at(offset)}"]

    with (
        Producer(urls, lines, LEISURE_S) as producer,
        second_instances(live, offset, tmp_path, variables) as processes,
    ):
        joined_at = producer.acknowledged
        assert joined_at < len(lines) // 2
        producer.pause_s = HURRY_S
        producer.await_acknowledged(joined_at + len(lines) // 4)
        for process in processes:
            process.kill()
        assert producer.acknowledged < len(lines)

    await_registered(live, before, lines)
    assert_everywhere_but_for_copies(live, file)


def test_the_clock_jumps_among_thousands_of_records(
    live: Stack, clock: JumpingClock, before: Counter[str], tmp_path: Path
) -> None:
    """Ahead, all open runs look silent and are closed, and what still comes is late."""
    file, lines = records(tmp_path, "2026-04-01T06:00")

    try:
        with Producer([live.url(Port.INGESTION)], lines) as producer:
            for quarter, ahead_s in enumerate((2 * HOUR_S, -2 * HOUR_S, 0), 1):
                producer.await_acknowledged(quarter * len(lines) // 4)
                assert producer.acknowledged < len(lines)
                clock.set(ahead_s)
    finally:
        clock.set(0)

    await_registered(live, before, lines)
    assert_everywhere(live, file, *EVERYWHERE)


def assert_everywhere_but_for_copies(stack: Stack, file: Path) -> None:
    """Every record is everywhere, and once but for Tempo (docs/faults.md)."""
    _, runs = verdicts(stack, file, *EVERYWHERE)
    wrong = [(run["run_id"], place) for run in runs for place in differing(run)]
    assert (len(runs), wrong) == (RUNS, [])


def differing(run: dict[str, Any]) -> list[str]:
    """Where it is not as it should be; Tempo keeps a span twice that two had in hand at once."""
    return [
        place
        for place, found in run["places"].items()
        if found["missing"] or found["unexpected"] or (found["double"] and place != "tempo")
    ]
