from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from filrouge_sim import Config
from tests.simulators.reading import lines, local_time

LOGS = Path(__file__).parents[2] / "logs.json"
Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def sample() -> Records:
    return [orjson.loads(line) for line in LOGS.read_bytes().splitlines()]


def test_logs_json_is_what_the_generator_makes() -> None:
    assert LOGS.read_bytes() == b"".join(lines(Config()))


def test_sample_is_one_run_of_one_company_and_zone(sample: Records) -> None:
    names = {(r["Entreprise"], r["No_Sequence"], r["Zone"]) for r in sample}
    assert names == {("akonovia", "2025-09-05-16-45", "1-Raw")}


def test_sample_has_72_objects_of_six_sources(sample: Records) -> None:
    assert Counter(r["Source"] for r in sample) == {
        "sharepoint_graph": 14,
        "Efficy": 16,
        "zohobooks": 14,
        "EasyProjects": 10,
        "PowerBI": 8,
        "zohoprojects": 10,
    }
    assert len({(r["Source"], r["Objet_Id"]) for r in sample}) == 72


def test_sample_has_its_six_sources_side_by_side(sample: Records) -> None:
    sources = {r["Source"] for r in sample}
    first = [min(local_time(r["Debut"]) for r in sample if r["Source"] == s) for s in sources]
    last = [max(local_time(r["Fin"]) for r in sample if r["Source"] == s) for s in sources]
    assert max(first) < min(last)


def test_sample_has_one_task_of_13_minutes_and_most_of_seconds(sample: Records) -> None:
    durations = sorted(r["Duree secondes"] for r in sample)
    assert 13 * 60 <= durations[-1] < 14 * 60
    assert durations[-2] < 120
    assert durations[36] < 10
    assert durations[0] < 1


def test_sample_has_one_failure_with_a_thin_text(sample: Records) -> None:
    assert [r["Description"] for r in sample if r["Etat"] == "FAILED"] == ["'id'"]


def test_sample_successes_say_so_in_french(sample: Records) -> None:
    texts = Counter(r["Description"] for r in sample if r["Etat"] == "SUCCESS")
    assert texts == {"Tout roule, pas de stress!": 71}


def test_sample_memory_goes_from_below_zero_to_nearly_180_mb(sample: Records) -> None:
    memory = [r["memory_used (bytes)"] for r in sample]
    assert min(memory) < 0
    assert 0 in memory
    assert 150e6 < max(memory) <= 180e6


def test_sample_cpu_time_is_a_small_share_in_a_string(sample: Records) -> None:
    assert all(0 <= float(r["cpu_time (sec)"]) <= 0.05 * r["Duree secondes"] for r in sample)
    assert {type(r["cpu_time (sec)"]) for r in sample} == {str}
