from collections import Counter
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge_sim import Config, Delivery, simulate
from filrouge_sim.faults import FAULTS
from tests.simulators.reading import a_few_times, instants, lines

CONFIG = Config(runs=2, companies=2)
SCHEMAS = pytest.mark.parametrize("schema", [1, 2])


def struck(fault: str, *, schema: int = 1, chance: float = 1.0) -> list[Delivery]:
    return list(simulate(replace(CONFIG, schema=schema, faults={fault: chance})))


def clean(schema: int = 1) -> list[Delivery]:
    return list(simulate(replace(CONFIG, schema=schema)))


def delays_s(fault: str) -> list[float]:
    on_time = {delivery.line: delivery.at_us for delivery in clean()}
    return [(d.at_us - on_time[d.line]) / 1e6 for d in struck(fault)]


def added(fault: str, schema: int) -> list[bytes]:
    """The lines that came right after each good one."""
    stream = [delivery.line for delivery in struck(fault, schema=schema)]
    assert stream[::2] == [delivery.line for delivery in clean(schema)]
    return stream[1::2]


def is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def test_duplicate_brings_each_record_twice_within_30_s() -> None:
    assert Counter(d.line for d in struck("duplicate")) == {d.line: 2 for d in clean()}
    delays = sorted(delays_s("duplicate"))
    assert delays[:144] == [0] * 144
    assert 0 < delays[144] < 1
    assert 29 < delays[-1] <= 30


def test_out_of_order_puts_records_behind_younger_ones() -> None:
    stream = struck("out-of-order")
    assert sorted(d.line for d in stream) == sorted(d.line for d in clean())
    assert [d.line for d in stream] != [d.line for d in clean()]
    assert 0 < min(delays_s("out-of-order")) < max(delays_s("out-of-order")) <= 60


def test_late_brings_records_30_to_90_minutes_later() -> None:
    assert sorted(d.line for d in struck("late")) == sorted(d.line for d in clean())
    assert 1800 <= min(delays_s("late")) < max(delays_s("late")) <= 5400


@SCHEMAS
def test_missing_field_adds_a_copy_without_one_identity_field(schema: int) -> None:
    lost = Counter[str]()
    for good, bad in zip(clean(schema), added("missing-field", schema), strict=True):
        whole, holed = orjson.loads(good.line), orjson.loads(bad)
        before, after = whole.get("data", whole), holed.get("data", holed)
        (name,) = before.keys() - after.keys()
        assert before == after | {name: before[name]}
        lost[name] += 1
    assert (
        set(lost)
        == {
            1: {"No_Sequence", "Entreprise", "Source", "Objet"},
            2: {"company", "run_id", "source", "object_name"},
        }[schema]
    )


@SCHEMAS
def test_truncated_adds_a_copy_cut_in_the_middle(schema: int) -> None:
    for good, bad in zip(clean(schema), added("truncated", schema), strict=True):
        assert good.line.startswith(bad.removesuffix(b"\n"))
        assert not is_json(bad)


@SCHEMAS
def test_not_json_adds_a_line_of_another_log(schema: int) -> None:
    for bad in added("not-json", schema):
        assert bad.startswith(b"WARNING rate limited, next try in ")
        assert not is_json(bad)


@a_few_times
@given(st.dictionaries(st.sampled_from(sorted(FAULTS)), st.floats(0, 1)), st.integers(0, 99))
def test_any_mix_keeps_every_good_record_and_the_order_of_time(
    mix: dict[str, float], seed: int
) -> None:
    config = Config(seed=seed, tasks=10, faults=mix)
    stream = list(simulate(config))
    assert instants(stream) == sorted(instants(stream))
    assert set(lines(replace(config, faults={}))) <= {delivery.line for delivery in stream}
    assert all(d.line.endswith(b"\n") and d.line.count(b"\n") == 1 for d in stream)


@pytest.mark.parametrize("fault", FAULTS)
def test_chance_decides_how_many_records_are_hit(fault: str) -> None:
    good = Counter((d.at_us, d.line) for d in clean())
    hit = Counter((d.at_us, d.line) for d in struck(fault, chance=0.2)) - good
    assert 15 < hit.total() < 43  # of 144


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_seed_hits_the_same_records(fault: str) -> None:
    assert struck(fault, chance=0.2) == struck(fault, chance=0.2)


def test_a_fault_hits_the_same_records_whatever_other_faults_there_are() -> None:
    alone = struck("late", chance=0.2)
    mixed = simulate(replace(CONFIG, faults={"not-json": 0.5, "late": 0.2, "duplicate": 0.3}))
    assert {(d.at_us, d.line) for d in alone} <= {(d.at_us, d.line) for d in mixed}
