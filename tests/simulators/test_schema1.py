from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge_sim import Config
from filrouge_sim.catalogue import ZONES
from tests.simulators.reading import TORONTO, a_few_times, local_time, records, seconds

FIELDS = [
    "No_Sequence",
    "Date_Sequence",
    "Heure_Sequence",
    "Minute_Sequence",
    "Entreprise",
    "Zone",
    "Source",
    "Objet_Id",
    "Objet",
    "Transformation",
    "Parametres",
    "Etat",
    "Debut",
    "Fin",
    "Duree secondes",
    "Description",
    "cpu_time (sec)",
    "memory_used (bytes)",
]


def test_a_record_is_written_field_by_field() -> None:
    assert records(Config())[0] == {
        "No_Sequence": "2025-09-05-16-45",
        "Date_Sequence": "2025-09-05",
        "Heure_Sequence": "16",
        "Minute_Sequence": "45",
        "Entreprise": "akonovia",
        "Zone": "1-Raw",
        "Source": "sharepoint_graph",
        "Objet_Id": 101,
        "Objet": "Contrats",
        "Transformation": "Graph_API_get_data",
        "Parametres": "list=Contrats&site=Operations&expand=fields&top=5000",
        "Etat": "SUCCESS",
        "Debut": "05-09-2025 16:45:20.453569",
        "Fin": "05-09-2025 16:45:23.385722",
        "Duree secondes": 2.932153,
        "Description": "Tout roule, pas de stress!",
        "cpu_time (sec)": "0.12",
        "memory_used (bytes)": 2920448,
    }


def test_a_failed_record_has_the_error_in_its_description() -> None:
    (failed,) = (r for r in records(Config()) if r["Etat"] == "FAILED")
    assert (failed["Source"], failed["Objet"], failed["Description"]) == (
        "zohoprojects",
        "bugs",
        "'id'",
    )


@a_few_times
@given(st.integers(), st.sampled_from([("1-Raw",), tuple(ZONES)]))
def test_fields_have_their_order_and_types(seed: int, zones: tuple[str, ...]) -> None:
    for record in records(Config(seed=seed, zones=zones)):
        assert list(record) == FIELDS
        assert [key for key, value in record.items() if type(value) is not str] == [
            "Objet_Id",
            "Duree secondes",
            "memory_used (bytes)",
        ]
        assert type(record["Duree secondes"]) is float
        assert type(record["memory_used (bytes)"]) is int


@a_few_times
@given(st.integers())
def test_duration_agrees_with_times_to_the_microsecond(seed: int) -> None:
    for record in records(Config(seed=seed)):
        elapsed = local_time(record["Fin"]) - local_time(record["Debut"])
        assert record["Duree secondes"] == seconds(elapsed)


def test_each_source_has_its_transformation() -> None:
    assert {(r["Source"], r["Transformation"]) for r in records(Config())} == {
        ("sharepoint_graph", "Graph_API_get_data"),
        ("Efficy", "efficy_API_get_data"),
        ("zohobooks", "Zoho_API_get_data"),
        ("EasyProjects", "EasyProjects_API_get_data"),
        ("PowerBI", "PowerBI_API_get_data"),
        ("zohoprojects", "Zoho_API_get_data"),
    }


def test_later_zones_have_a_transformation_of_their_own() -> None:
    stream = records(Config(zones=("2-Standard", "3-Application")))
    assert {(r["Zone"], r["Transformation"]) for r in stream} == {
        ("2-Standard", "Standard_clean_data"),
        ("3-Application", "Application_publish_data"),
    }


@pytest.mark.parametrize("name", ["UTC", "Asia/Kolkata", "Europe/Paris"])
def test_times_are_local_to_the_time_zone(name: str) -> None:
    zone = ZoneInfo(name)
    start = datetime(2025, 9, 5, 16, 45, tzinfo=TORONTO)
    here = records(Config(start=start))
    there = records(Config(start=start, timezone=zone))
    # the sequence names the run in local time too, and seeds it: only the delay to begin is bound
    for record, zone_ in ((here[0], TORONTO), (there[0], zone)):
        begun = local_time(record["Debut"]).replace(tzinfo=zone_).astimezone(UTC)
        assert timedelta(0) < begun - start < timedelta(minutes=1)
        assert record["No_Sequence"] == start.astimezone(zone_).strftime("%Y-%m-%d-%H-%M")


def test_sequence_is_told_in_four_fields() -> None:
    record = records(Config(start=datetime(2026, 1, 2, 3, 5)))[0]  # noqa: DTZ001 - local time
    assert [record[field] for field in FIELDS[:4]] == ["2026-01-02-03-05", "2026-01-02", "03", "05"]
