import pytest

from benchmarks.stack.commands import Done
from benchmarks.stack.latency import BARE as BARE_TAKES
from benchmarks.stack.latency import Latencies
from benchmarks.stack.meter import Used
from benchmarks.stack.page import section
from benchmarks.stack.pipelines import BARE, KAFKA, LOGS, NO_REDACTION, WHOLE, Costs
from benchmarks.stack.summary import Busiest, Spread, busiest, spread
from benchmarks.stack.tables import latency_table
from benchmarks.stack.throughput import Passage
from benchmarks.stack.verified import Verified, read_verified
from benchmarks.stack.ways import Way
from benchmarks.stack.words import bottleneck, differences, growth


def passage(records: int, visible_s: float, collector_s: float, peak_bytes: int) -> Passage:
    return Passage(
        way=Way.HTTP,
        records=records,
        sender=Done(wall_s=1.0, cpu_s=1.0),
        stored_s=visible_s,
        visible_s=visible_s,
        parts={"collector": Used(collector_s, peak_bytes), "tempo": Used(1.0, peak_bytes)},
        verify=Done(wall_s=visible_s, cpu_s=0.5),
        verified=Verified(runs=10, differ=2, faults={"missing in tempo": 3, "double in loki": 1}),
        bare_sender=Done(wall_s=1.0, cpu_s=1.0),
        bare=Used(0.5, 100),
    )


def test_spread_is_the_median_and_what_one_in_twenty_exceeds() -> None:
    assert spread([float(each) for each in range(101)]) == Spread(p50=50.0, p95=95.0, samples=101)


def test_spread_does_not_depend_on_the_order() -> None:
    assert spread([9.0, 1.0, 5.0]) == Spread(p50=5.0, p95=8.6, samples=3)


def test_busiest_is_who_took_most_of_the_time_that_all_took() -> None:
    cpu_s = {"sender": 1.0, "loki": 3.0, "tempo": 2.0}
    assert busiest(cpu_s, wall_s=6.0, cores=2) == Busiest(name="loki", share=0.5, busy=0.5)


def test_costs_are_compared_within_a_round_and_then_the_median_is_taken() -> None:
    costs = Costs(
        rounds={
            (LOGS, BARE): [10.0, 20.0, 10.0],  # the machine was slow in the second round
            (LOGS, WHOLE): [40.0, 100.0, 60.0],
            (LOGS, NO_REDACTION): [30.0, 70.0, 40.0],
            (KAFKA, WHOLE): [200.0, 500.0, 300.0],
        },
        items={LOGS: 1.0, KAFKA: 1.0},
    )
    assert costs.median_us(LOGS, WHOLE) == 60.0
    assert costs.ratio(LOGS, WHOLE) == 5.0
    assert costs.saved_us(LOGS, NO_REDACTION) == 20.0
    assert costs.ratio(KAFKA, WHOLE) == 25.0


def test_bottleneck_is_told_with_its_share() -> None:
    told = bottleneck(passage(10_000, visible_s=4.0, collector_s=6.0, peak_bytes=1), cores=2)
    assert told == (
        "Replay over HTTP: 10,000 records at 2,500 records/s until visible, 4.0 times the time of "
        "a replay into the bare collector. Sender and stack kept the 2 cores 100% busy; collector "
        "took most, 75% of it."
    )


def test_growth_compares_the_smallest_with_the_largest() -> None:
    small = passage(1_000, visible_s=2.0, collector_s=2.0, peak_bytes=100)
    large = passage(10_000, visible_s=10.0, collector_s=18.0, peak_bytes=150)
    assert growth(small, large) == (
        "Replay over HTTP: from 1,000 records to 10,000, 10 times as many, the time until visible "
        "grew 5-fold, CPU time 5-fold, verify's time 5-fold, the parts' memory 1.5-fold."
    )


def test_what_is_not_exactly_once_is_told() -> None:
    assert differences(passage(10_000, visible_s=1.0, collector_s=1.0, peak_bytes=1)) == (
        "Replay over HTTP, 10,000 records: 2 of 10 runs were not everywhere exactly once: "
        "1 double in loki, 3 missing in tempo."
    )


def test_faults_that_verify_found_are_counted_by_place() -> None:
    lines = [
        b'{"kind": "run", "places": {"tempo": {"missing": ["a", "b"], "double": [], '
        b'"unexpected": []}, "loki": {"missing": [], "double": ["c"], "unexpected": []}}}',
        b'{"kind": "totals", "runs": 1, "right": 0, "differ": 1}',
    ]
    faults = {"missing in tempo": 2, "double in loki": 1}
    assert read_verified(lines) == Verified(runs=1, differ=1, faults=faults)


def test_a_spread_of_no_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        spread([])


def test_latencies_become_a_table_in_milliseconds_with_ratios_to_the_bare_collector() -> None:
    spreads = {BARE_TAKES: Spread(0.02, 0.05, 30), "replay: Loki": Spread(0.25, 1.5, 30)}
    assert section(latency_table(Latencies(500.0, spreads))) == (
        "## From handing over to visible, beside 500 records/s\n\n"
        "| until | p50 ms | p95 ms | p50 × bare | samples |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| replay: taken by the bare collector | 20 | 50 | 1.0 | 30 |\n"
        "| replay: Loki | 250 | 1,500 | 12.5 | 30 |"
    )
