from pathlib import Path

import pytest

from benchmarks.embedded import filrouge, replay
from benchmarks.plain import plain
from benchmarks.sink import Sink, count_items
from benchmarks.workload import write_records
from filrouge.telemetry import names
from filrouge.telemetry.otlp_json import Signal
from tests.benchmarks.telemetry import log_records, points, spans

RUNS = 3
RECORDS = 72 * RUNS
SOURCES = 6


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("records") / "records.ndjson"
    assert write_records(file, RECORDS) == RECORDS
    return file


@pytest.fixture(scope="module")
def of_plain(records: Path) -> Sink:
    sink = Sink()
    plain(records, sink)
    return sink


@pytest.fixture(scope="module", params=[filrouge, replay], ids=["filrouge", "replay"])
def of_filrouge(records: Path, request: pytest.FixtureRequest) -> Sink:
    sink = Sink()
    request.param(records, sink)
    return sink


def test_both_ways_make_the_same_spans(of_plain: Sink, of_filrouge: Sink) -> None:
    assert spans(of_plain) == spans(of_filrouge)


def test_both_ways_make_the_same_log_records(of_plain: Sink, of_filrouge: Sink) -> None:
    assert log_records(of_plain) == log_records(of_filrouge)


@pytest.mark.parametrize("metric", [names.CPU_TIME, names.MEMORY_DELTA], ids=lambda it: it.name)
def test_both_ways_fill_the_same_buckets(
    of_plain: Sink, of_filrouge: Sink, metric: names.Metric
) -> None:
    found = points(of_filrouge, metric.name)
    assert sum(point["count"] for point in found) == RECORDS
    assert points(of_plain, metric.name) == found


def test_plain_way_measures_each_duration(of_plain: Sink) -> None:
    found = points(of_plain, names.TASK_DURATION.key)
    assert sum(point["count"] for point in found) == RECORDS


def test_both_ways_count_each_record(of_plain: Sink, of_filrouge: Sink) -> None:
    accepted = {"attributes": {names.RECORD_OUTCOME.key: "accepted"}, "as_int": RECORDS}
    assert points(of_plain, names.RECORDS.name) == [accepted]
    assert accepted in points(of_filrouge, names.RECORDS.name)


def test_items_are_counted_in_either_encoding(of_plain: Sink, of_filrouge: Sink) -> None:
    upper = RUNS * (1 + 1 + SOURCES)
    for sink in (of_plain, of_filrouge):
        assert count_items(sink, Signal.TRACES) == RECORDS + upper
        assert count_items(sink, Signal.LOGS) == RECORDS
