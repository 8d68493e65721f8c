from datetime import UTC, datetime, timedelta

from filrouge_sim import Config
from filrouge_sim.schedule import runs
from tests.simulators.reading import TORONTO, local_time, records, seconds


def sequences(start: str, count: int) -> list[str]:
    config = Config(start=datetime.fromisoformat(start), runs=count, every=timedelta(minutes=30))
    return [run.run_id for run in runs(config)]


def test_runs_are_due_at_even_intervals() -> None:
    due = [run.due_us for run in runs(Config(runs=3))]
    first = int(datetime(2025, 9, 5, 20, 45, tzinfo=UTC).timestamp()) * 1_000_000
    assert due == [first, first + 900_000_000, first + 1_800_000_000]


def test_a_start_with_an_offset_is_that_instant() -> None:
    assert sequences("2025-09-05T22:45+02:00", 1) == ["2025-09-05-16-45"]


def test_no_sequence_comes_twice_when_clocks_go_back() -> None:
    assert sequences("2025-11-02T00:30", 5) == [
        "2025-11-02-00-30",
        "2025-11-02-01-00",
        "2025-11-02-01-30",
        "2025-11-02-02-00",
        "2025-11-02-02-30",
    ]


def test_the_hour_that_clocks_skip_has_no_run() -> None:
    assert sequences("2026-03-08T01:30", 2) == ["2026-03-08-01-30", "2026-03-08-03-00"]


def test_local_times_follow_the_clocks_and_durations_do_not() -> None:
    start = datetime(2025, 11, 2, 1, 59, tzinfo=TORONTO)
    stream = records(Config(start=start))
    jumps = {
        round(seconds(local_time(r["Fin"]) - local_time(r["Debut"])) - r["Duree secondes"])
        for r in stream
    }
    assert jumps == {0, -3600}
