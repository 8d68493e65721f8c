from __future__ import annotations

from itertools import islice

import orjson
import pytest

from benchmarks.services.client import requests
from benchmarks.services.consumers.meter import Result
from benchmarks.services.keeping import growth
from benchmarks.services.processing import BARE, FILROUGE, PLAIN, Passage, Race, Way, check
from filrouge.telemetry.otlp_json import Signal

LINES = [b'{"number":%d}' % number for number in range(7)]


def race(*rounds: tuple[float, float]) -> Race:
    """Rounds of CPU seconds of the bare loop and of the service, for as many records."""
    ways: tuple[Way, Way] = (BARE, FILROUGE)
    return Race(
        1,
        [
            {way: Passage(1000, cpu_s, 1.0) for way, cpu_s in zip(ways, each, strict=True)}
            for each in rounds
        ],
    )


def test_speed_is_the_median_of_what_each_round_gives() -> None:
    noisy = race((1.0, 4.0), (9.0, 18.0), (1.0, 5.0))  # the machine was slow in the second
    assert noisy.speed(FILROUGE, BARE) == 0.25
    assert noisy.cpu_us(FILROUGE) == 5000.0


def test_lost_spans_end_the_race() -> None:
    results = [Result(records=5, all_records=10, cpu_s=1.0, wall_s=1.0)]
    check(PLAIN, Signal.TRACES, results, taken=10)
    with pytest.raises(ValueError, match="plain SDK: the collector took 9 traces of 10 records"):
        check(PLAIN, Signal.TRACES, results, taken=9)


def test_memory_grows_from_the_middle_on() -> None:
    marks, grown = growth({100: 50, 300: 110, 200: 100})
    assert marks == [100, 200, 300]
    assert grown == pytest.approx(0.1)


@pytest.mark.parametrize(("form", "size"), [("single", 1), ("array", 100), ("NDJSON", 100)])
def test_requests_say_how_long_they_are(form: str, size: int) -> None:
    for request in islice(requests(form, LINES), 3):
        head, _, body = request.partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % len(body) in head
        found = orjson.loads(body if form == "array" else b"[%b]" % body.replace(b"\n", b","))
        assert len(found) == size
