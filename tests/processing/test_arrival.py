"""Every record becomes its span, once, whatever dies in the middle of the work."""

from __future__ import annotations

import signal
import socket
import threading
import time
from pathlib import Path

import pytest
import requests

from filrouge.stack.ports import HOST, Port
from filrouge.stack.stack import Stack
from tests.faults.driving import await_until
from tests.processing.arrival import (
    another_instance,
    assert_all_arrive,
    lag,
    positions,
    publish,
)
from tests.simulated import simulated

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def committed(stack: Stack) -> int:
    return sum(done for done, _ in positions(stack))


def await_some_progress(stack: Stack, before: int) -> None:
    await_until(lambda: committed(stack) > before, "something is committed")


@pytest.mark.parametrize("schema", [1, 2])
def test_every_record_becomes_one_span(busy_stack: Stack, schema: int) -> None:
    lines = simulated(f"2026-01-0{schema}T06:00", runs=4, tasks=100, schema=schema)

    publish(busy_stack, lines)

    assert_all_arrive(busy_stack, lines)


@pytest.mark.parametrize(
    ("part", "start"),
    [
        ("processing", "2026-02-01T06:00"),
        ("collector", "2026-02-02T06:00"),
        ("kafka", "2026-02-03T06:00"),
    ],
)
def test_every_record_arrives_although_a_part_was_killed(
    busy_stack: Stack, part: str, start: str
) -> None:
    lines = simulated(start, runs=24, tasks=500)
    before = committed(busy_stack)
    publish(busy_stack, lines)
    await_some_progress(busy_stack, before)

    left = lag(busy_stack)
    busy_stack.kill(part)
    assert left > 0
    busy_stack.start(part)

    assert_all_arrive(busy_stack, lines, copies=part != "processing")
    busy_stack.wait_ready("processing")


def test_partitions_go_from_one_instance_to_another_while_both_are_busy(
    busy_stack: Stack, tmp_path: Path
) -> None:
    lines = simulated("2026-02-10T06:00", runs=80, tasks=250)
    first, second = tmp_path / "1.log", tmp_path / "2.log"
    publishing = threading.Thread(target=publish_slowly, args=(busy_stack, lines))
    publishing.start()

    with another_instance(busy_stack, first, free_port()) as one:
        with another_instance(busy_stack, second, free_port()) as two:
            assert publishing.is_alive()
            assert two.stop(signal.SIGKILL) == -signal.SIGKILL
        assert one.stop() == 0

    publishing.join()
    assert "partitions assigned" in second.read_text()
    assert "partitions revoked" in first.read_text()
    assert_all_arrive(busy_stack, lines, copies=True)


def publish_slowly(stack: Stack, lines: list[bytes]) -> None:
    """A twentieth of them each second."""
    for start in range(0, len(lines), 100):
        publish(stack, lines[start : start + 100])
        time.sleep(0.1)


def test_sigterm_commits_what_is_delivered_and_leaves_the_group_at_once(
    busy_stack: Stack, tmp_path: Path
) -> None:
    lines = simulated("2026-02-11T06:00", runs=8, tasks=500)
    log = tmp_path / "service.log"
    busy_stack.stop("processing")
    with another_instance(busy_stack, log, free_port()) as instance:
        before = committed(busy_stack)
        publish(busy_stack, lines)
        await_some_progress(busy_stack, before)

        assert instance.stop() == 0

    assert '"event":"stopped"' in log.read_text()
    busy_stack.start("processing")
    assert_all_arrive(busy_stack, lines)


def test_it_stays_in_the_group_while_the_collector_is_away(
    busy_stack: Stack, tmp_path: Path
) -> None:
    """Away for longer than the group lets anybody be silent."""
    lines = simulated("2026-02-12T06:00", runs=20, tasks=500)
    log = tmp_path / "service.log"
    busy_stack.stop("processing")
    options = {"FILROUGE_KAFKA_OPTIONS": '{"max.poll.interval.ms": "11000"}'}
    with another_instance(busy_stack, log, free_port(), options) as instance:
        busy_stack.stop("collector")
        publish(busy_stack, lines)
        await_until(lambda: not instance.is_ready(), "it says that it cannot work")

        time.sleep(15)

        assert "partitions lost" not in log.read_text()
        assert "partitions revoked" not in log.read_text()
        busy_stack.start("collector")
        assert_all_arrive(busy_stack, lines)
        assert instance.is_ready()
        assert instance.stop() == 0
    assert log.read_text().count("partitions assigned") == 1
    busy_stack.start("processing")


def test_it_stops_at_once_while_the_collector_is_away(busy_stack: Stack, tmp_path: Path) -> None:
    lines = simulated("2026-02-13T06:00", runs=4, tasks=500)
    busy_stack.stop("processing")
    with another_instance(busy_stack, tmp_path / "service.log", free_port()) as instance:
        busy_stack.stop("collector")
        before = committed(busy_stack)
        publish(busy_stack, lines)
        await_until(lambda: not instance.is_ready(), "it says that it cannot work")

        assert instance.stop() == 0

        assert committed(busy_stack) == before
    busy_stack.start("collector")
    busy_stack.start("processing")
    assert_all_arrive(busy_stack, lines)


def test_it_tells_of_itself(busy_stack: Stack) -> None:
    url = busy_stack.url(Port.PROCESSING)

    assert requests.get(f"{url}/healthz", timeout=30).json() == {"status": "ok"}
    assert requests.get(f"{url}/readyz", timeout=30).json() == {"status": "ok"}
