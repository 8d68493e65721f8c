"""A real collector, with the real Kafka before it and stand-ins for the backends behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from filrouge.stack.stack import Stack
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.conftest import CHECKOUT, free_offset, throwaway


@pytest.fixture(scope="package")
def kafka_stack(stack_folder: Path) -> Iterator[Stack]:
    """A stack with Kafka up; the collector is the tests' to start."""
    with throwaway(Stack(CHECKOUT, stack_folder / "collector", free_offset())) as stack:
        stack.up(["kafka"])
        yield stack


@pytest.fixture(scope="module")
def bench(kafka_stack: Stack) -> Iterator[Bench]:
    """The collector with the project's own layers, and backends that keep what they get."""
    with Backends() as backends:
        bench = Bench(kafka_stack, backends)
        bench.start()
        yield bench
        kafka_stack.stop("collector")


@pytest.fixture
def backends(bench: Bench) -> Backends:
    """The bench's backends, with nothing received yet and nothing of a former test under way."""
    wait_until("the queues are empty", lambda: bench.own_metric("otelcol_exporter_queue_size") == 0)
    bench.backends.clear()
    return bench.backends


@pytest.fixture
def away(kafka_stack: Stack) -> Iterator[Bench]:
    """A collector whose backends are gone; `away.come_back()` is where they were."""
    with Backends() as backends:
        bench = Bench(kafka_stack, backends)
    bench.start()
    yield bench
    kafka_stack.stop("collector")
