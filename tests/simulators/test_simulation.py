import tracemalloc
from collections import Counter
from dataclasses import replace
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge_sim import Config, simulate
from filrouge_sim.catalogue import SOURCES, ZONES
from tests.simulators.reading import Span, a_few_times, instants, lines, records, spans

ALL_ZONES = tuple(ZONES)

configs = st.builds(
    Config,
    seed=st.integers(),
    runs=st.integers(1, 6),
    companies=st.integers(1, 3),
    zones=st.sampled_from([ALL_ZONES[:1], ALL_ZONES[:2], ALL_ZONES]),
    tasks=st.integers(1, 90),
    schema=st.sampled_from([1, 2]),
    failure_rate=st.floats(0, 1),
)


@a_few_times
@given(configs)
def test_same_config_gives_same_lines(config: Config) -> None:
    assert lines(config) == lines(config)


@a_few_times
@given(configs)
def test_lines_come_in_the_order_of_their_time(config: Config) -> None:
    at_us = instants(simulate(config))
    assert at_us == sorted(at_us)


@a_few_times
@given(configs)
def test_each_run_has_its_tasks_in_each_zone(config: Config) -> None:
    stream = spans(replace(config, schema=1))
    per_zone = Counter((span.company, span.run_id, span.zone) for span in stream)
    assert len(per_zone) == config.runs * len(config.zones)
    assert set(per_zone.values()) == {config.tasks}


@a_few_times
@given(configs)
def test_objects_of_a_source_come_one_after_another(config: Config) -> None:
    lanes: dict[tuple[str, str, str], list[Span]] = {}
    for span in spans(replace(config, schema=1)):
        lanes.setdefault((span.company, span.run_id, span.source), []).append(span)
    for lane in lanes.values():
        assert all(before.end < after.start for before, after in pairwise(lane))
        assert [zone for zone, _ in groupby(lane, lambda span: span.zone)] == list(config.zones)


@a_few_times
@given(configs)
def test_names_are_unique_within_a_run_and_zone(config: Config) -> None:
    found = Counter(
        (r["Entreprise"], r["No_Sequence"], r["Zone"], r["Source"], r["Objet_Id"], r["Objet"])
        for r in records(replace(config, schema=1))
    )
    assert set(found.values()) == {1}


def test_another_seed_gives_another_run() -> None:
    assert lines(Config(seed=1)) != lines(Config(seed=2))


def test_a_run_is_the_same_whatever_the_number_of_runs() -> None:
    few, many = lines(Config(runs=2)), lines(Config(runs=9))
    second = [line for line in many if b'"2025-09-05-17-00"' in line]
    assert second == [line for line in few if b'"2025-09-05-17-00"' in line]
    assert len(second) == 72


def test_a_run_is_the_same_whatever_the_number_of_companies() -> None:
    beside_others = lines(Config(companies=4, runs=4))
    assert [line for line in beside_others if b'"akonovia"' in line] == lines(Config())


def test_a_zone_is_the_same_whatever_zones_follow() -> None:
    raw = [line for line in lines(Config(zones=ALL_ZONES)) if b'"1-Raw"' in line]
    assert raw == lines(Config())


def test_a_zone_starts_when_its_source_is_done_and_waits_for_no_other() -> None:
    stream = spans(Config(zones=ALL_ZONES))
    starts = {
        source.name: min(
            s.start for s in stream if (s.zone, s.source) == ("2-Standard", source.name)
        )
        for source in SOURCES
    }
    ends = {
        source.name: max(s.end for s in stream if (s.zone, s.source) == ("1-Raw", source.name))
        for source in SOURCES
    }
    assert all(0 < (starts[name] - ends[name]).total_seconds() < 1 for name in ends)
    assert min(starts.values()) < max(ends.values())


def test_all_six_sources_work_at_the_same_time() -> None:
    stream = spans(Config(seed=5))
    first = [min(s.start for s in stream if s.source == source.name) for source in SOURCES]
    last = [max(s.end for s in stream if s.source == source.name) for source in SOURCES]
    assert max(first) < min(last)


def test_runs_of_several_companies_interleave() -> None:
    companies = [span.company for span in spans(Config(companies=3, runs=3))]
    assert Counter(companies) == {
        "akonovia": 72,
        "boreale-logistique": 72,
        "maisonneuve-sante": 72,
    }
    assert len(list(groupby(companies))) > 72


def test_runs_are_dealt_to_companies_in_turn() -> None:
    runs = Counter((span.company, span.run_id) for span in spans(Config(companies=2, runs=3)))
    assert runs == {
        ("akonovia", "2025-09-05-16-45"): 72,
        ("boreale-logistique", "2025-09-05-16-45"): 72,
        ("akonovia", "2025-09-05-17-00"): 72,
    }


def test_companies_past_the_list_have_names_of_their_own() -> None:
    assert len({span.company for span in spans(Config(companies=20, runs=20, tasks=1))}) == 20


@pytest.mark.parametrize(("rate", "failed"), [(0.0, 0), (1.0, 72)])
def test_failure_rate_decides_how_many_fail(rate: float, failed: int) -> None:
    states = Counter(r["Etat"] for r in records(Config(failure_rate=rate)))
    assert states["FAILED"] == failed


def test_default_failure_rate_is_about_one_in_a_run() -> None:
    states = Counter(r["Etat"] for r in records(Config(runs=200)))
    assert 150 < states["FAILED"] < 250


def test_failures_have_many_texts_and_a_thin_one_leads() -> None:
    texts = Counter(r["Description"] for r in records(Config(runs=20, failure_rate=1.0)))
    (commonest, _), *_ = texts.most_common(1)
    assert commonest == "'id'"
    assert "'access_token'" in texts
    assert "Expecting value: line 1 column 1 (char 0)" in texts
    assert "401 Client Error: Unauthorized for url: https://www.zohoapis.ca/books/v3/bills" in texts
    assert not [text for text in texts if "{" in text]


def test_six_tasks_cover_all_six_sources() -> None:
    assert {span.source for span in spans(Config(tasks=6))} == {s.name for s in SOURCES}


def test_tasks_past_the_catalogue_are_further_parts_of_its_objects() -> None:
    found = {(r["Source"], r["Objet_Id"]): r["Objet"] for r in records(Config(tasks=144))}
    assert len(found) == 144
    assert (found["PowerBI", 501], found["PowerBI", 1501]) == (
        "Espaces de travail",
        "Espaces de travail (2)",
    )


def test_memory_does_not_grow_with_the_number_of_runs() -> None:
    def peak_bytes(runs: int) -> int:
        tracemalloc.start()
        for _ in simulate(Config(runs=runs)):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert peak_bytes(240) < 1.5 * peak_bytes(60)
