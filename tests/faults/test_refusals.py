"""A backend that refuses for a while, and what the collector's queue does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import grpc
import pytest

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.faults.driving import (
    assert_everywhere,
    await_until,
    measured,
    replay_of,
    verdicts,
    work,
)
from tests.faults.refusing import Gate, grpc_gate, http_gate
from tests.simulated import write_simulated

pytestmark = pytest.mark.slow

TRIED_AGAIN = 3
"""Refusals after which a request has surely been tried more than once."""


def loki_gate(stack: Stack, status: int) -> AbstractContextManager[Gate]:
    return http_gate(stack.url(Port.LOKI_HTTP), status)


def prometheus_gate(stack: Stack, status: int) -> AbstractContextManager[Gate]:
    return http_gate(stack.url(Port.PROMETHEUS), status)


def tempo_gate(stack: Stack, code: grpc.StatusCode) -> AbstractContextManager[Gate]:
    return grpc_gate(stack.address(Port.TEMPO_OTLP_GRPC), code)


@contextmanager
def collector(stack: Stack, environment: Mapping[str, str]) -> Iterator[None]:
    """The collector started in another way; as it was before, at the end."""
    stack.start("collector", environment)
    try:
        yield
    finally:
        stack.start("collector")


REFUSALS: dict[str, tuple[str, Callable[[Stack], AbstractContextManager[Gate]]]] = {
    "loki 429": ("FILROUGE_LOKI_URL", lambda stack: loki_gate(stack, 429)),
    "loki 503": ("FILROUGE_LOKI_URL", lambda stack: loki_gate(stack, 503)),
    "prometheus 429": ("FILROUGE_PROMETHEUS_URL", lambda stack: prometheus_gate(stack, 429)),
    "prometheus 503": ("FILROUGE_PROMETHEUS_URL", lambda stack: prometheus_gate(stack, 503)),
    "tempo unavailable": (
        "FILROUGE_TEMPO_ENDPOINT",
        lambda stack: tempo_gate(stack, grpc.StatusCode.UNAVAILABLE),
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_backend_that_refuses_for_a_while_gets_everything_later(
    broken_stack: Stack, tmp_path: Path, refusal: str
) -> None:
    variable, make = REFUSALS[refusal]
    start = f"2026-08-{1 + list(REFUSALS).index(refusal):02}T06:00"
    file = write_simulated(tmp_path / "records.ndjson", start, runs=3, tasks=400)
    with make(broken_stack) as gate:
        scheme = "" if variable.endswith("ENDPOINT") else "http://"
        with collector(broken_stack, {variable: scheme + gate.address}):
            with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
                assert replay.finish() == (0, "")
            await_until(lambda: gate.refused >= TRIED_AGAIN, "it has refused")
            gate.is_open = True

            assert_everywhere(broken_stack, file)


def test_an_answer_of_500_is_final_and_a_replay_mends_it(
    broken_stack: Stack, tmp_path: Path
) -> None:
    """OTLP over HTTP has 429, 502, 503 and 504 tried again, and nothing else."""
    file = write_simulated(tmp_path / "records.ndjson", "2026-08-10T06:00", runs=3, tasks=400)
    dropped = "otelcol_exporter_send_failed_metric_points"
    with prometheus_gate(broken_stack, 500) as gate:
        environment = {"FILROUGE_PROMETHEUS_URL": f"http://{gate.address}"}
        with collector(broken_stack, environment):
            with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
                assert replay.finish() == (0, "")
            await_until(lambda: measured(broken_stack, dropped) > 0, "it is told")
            gate.is_open = True

            status, runs = verdicts(broken_stack, file, wait_s=0)
            assert status == 1
            assert [len(run["places"]["prometheus"]["missing"]) for run in runs] == [40] * 3
            assert_everywhere(broken_stack, file, "tempo", "loki")
            with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as again:
                assert again.finish() == (0, "")
            assert_everywhere(broken_stack, file)


@pytest.mark.parametrize(("end", "day"), [("stop", 11), ("kill", 12)])
def test_a_full_queue_outlives_the_collector(
    broken_stack: Stack, tmp_path: Path, end: str, day: int
) -> None:
    start = f"2026-08-{day}T06:00"
    file = write_simulated(tmp_path / "records.ndjson", start, runs=3, tasks=400)
    with loki_gate(broken_stack, 503) as gate:
        environment = {"FILROUGE_LOKI_URL": f"http://{gate.address}"}
        with collector(broken_stack, environment):
            with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
                assert replay.finish() == (0, "")
            await_until(lambda: gate.refused > 0, "it has refused")
            getattr(broken_stack, end)("collector")
            broken_stack.start("collector", environment)
            gate.is_open = True

            assert_everywhere(broken_stack, file)


def test_a_sender_waits_when_the_queue_is_full(broken_stack: Stack, tmp_path: Path) -> None:
    file = write_simulated(tmp_path / "records.ndjson", "2026-08-21T06:00", runs=30, tasks=400)
    with loki_gate(broken_stack, 503) as gate:
        environment = {
            "FILROUGE_LOKI_URL": f"http://{gate.address}",
            "FILROUGE_QUEUE_BYTES": "10000000",
        }
        with (
            collector(broken_stack, environment),
            work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay,
        ):
            await_until(
                lambda: (
                    measured(
                        broken_stack,
                        "otelcol_exporter_enqueue_failed_log_records",
                        "otlp_http/loki",
                    )
                    > 0
                ),
                "the queue is full",
            )
            assert replay.is_running
            gate.is_open = True

            assert replay.finish() == (0, "")
            assert_everywhere(broken_stack, file)
