import pytest

from benchmarks.contestant import Outcome
from benchmarks.race import Race, check
from benchmarks.steps import by_themselves


def outcome(cpu_s: float = 1.0, spans: int = 8, log_records: int = 4) -> Outcome:
    return Outcome(cpu_s=cpu_s, spans=spans, log_records=log_records, sink_bytes=100)


def test_ratio_is_the_median_of_what_each_round_gives() -> None:
    rounds = [
        {"plain": outcome(30.0), "filrouge": outcome(2.0)},
        {"plain": outcome(90.0), "filrouge": outcome(9.0)},  # the machine was slow
        {"plain": outcome(36.0), "filrouge": outcome(3.0)},
    ]
    assert Race(1000, rounds).ratio("plain", "filrouge") == 12.0


def test_step_costs_what_it_adds_to_the_step_before() -> None:
    assert by_themselves({"parse": 1.0, "assemble": 3.0, "filrouge": 4.0}) == {
        "parse": 1.0,
        "assemble": 2.0,
        "filrouge": 1.0,
    }


def test_dropped_spans_end_the_race() -> None:
    outcomes = {"plain": outcome(spans=7), "filrouge": outcome(), "replay": outcome()}
    with pytest.raises(ValueError, match=r"filrouge made 8 spans .* expected 7 spans"):
        check(outcomes, records=4)


def test_lost_log_records_end_the_race() -> None:
    outcomes = dict.fromkeys(("plain", "filrouge", "replay"), outcome(log_records=3))
    with pytest.raises(ValueError, match="of 4 records, plain made 8 spans and 3 log records"):
        check(outcomes, records=4)


def test_race_goes_on_when_nothing_is_lost() -> None:
    check(dict.fromkeys(("plain", "filrouge", "replay"), outcome()), records=4)
