from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import jsonschema
import pytest

from filrouge.records.json_schema import json_schema
from filrouge.records.localtime import LocalClock
from filrouge.records.record import RunKey, TaskFinished, TaskOutcome
from filrouge.records.schema1 import Schema1Parser
from tests.records.samples import LEFT_OUT, TORONTO, schema1

PARSER = Schema1Parser(LocalClock(TORONTO))
START_NS = 1_757_105_126_191_702_000  # 2025-09-05 20:45:26.191702 UTC


def parsed(changes: dict[str, Any]) -> TaskFinished:
    return PARSER.parse(schema1(changes))


def test_every_field_finds_its_place() -> None:
    line = schema1({"Parametres": "a=b"})

    assert asdict(PARSER.parse(line)) == asdict(
        TaskFinished(
            run=RunKey("akonovia", "2025-09-05-16-45", 1),
            zone="1-Raw",
            source="Efficy",
            object_id="12",
            object_name="Contacts",
            started="05-09-2025 16:45:26.191702",
            start_ns=START_NS,
            end_ns=START_NS + 2_250_000_000,
            outcome=TaskOutcome.SUCCESS,
            line=line,
            message="Tout roule, pas de stress!",
            error_type=None,
            transformation="efficy_API_get_data",
            cpu_time_s=0.09,
            memory_delta_bytes=-4096,
            traceparent=None,
            remarks=(),
            extra={"Parametres": "a=b"},
        )
    )


def test_optional_fields_may_be_missing() -> None:
    names = ["Transformation", "Duree secondes", "Description", "cpu_time (sec)"]
    task = parsed(dict.fromkeys([*names, "memory_used (bytes)", "Date_Sequence"], LEFT_OUT))

    assert (task.transformation, task.message) == (None, "")
    assert (task.cpu_time_s, task.memory_delta_bytes) == (None, None)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("SUCCESS", TaskOutcome.SUCCESS),
        ("FAILED", TaskOutcome.FAILURE),
        ("success", TaskOutcome.SUCCESS),
        (" Failed\t", TaskOutcome.FAILURE),
    ],
)
def test_state_is_an_outcome(state: str, outcome: TaskOutcome) -> None:
    assert parsed({"Etat": state}).outcome is outcome


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.09", 0.09), (0.5, 0.5), (3, 3.0), (" 1e-3 ", 0.001), ("", None), (None, None)],
)
def test_cpu_time_may_be_a_number_or_hold_one(value: object, expected: float | None) -> None:
    assert parsed({"cpu_time (sec)": value}).cpu_time_s == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (-4096, -4096),
        ("181403648", 181_403_648),
        (4096.0, 4096),
        ("4e3", 4000),
        (2**53 - 1, 2**53 - 1),
        ("", None),
        (None, None),
    ],
)
def test_memory_may_be_a_number_or_hold_one(value: object, expected: int | None) -> None:
    assert parsed({"memory_used (bytes)": value}).memory_delta_bytes == expected


def test_object_id_is_the_same_as_number_and_as_text() -> None:
    assert parsed({"Objet_Id": 12}).object_id == parsed({"Objet_Id": "12"}).object_id == "12"


def test_names_are_kept_to_the_letter() -> None:
    name = " a/b|c\x00\x1f\t\n\u2028 É🙂 "
    task = parsed({"Objet": name, "Zone": name, "Source": name, "Entreprise": name})

    assert (task.object_name, task.zone, task.source, task.run.company) == (name,) * 4


def test_last_of_two_fields_of_one_name_counts() -> None:
    line = schema1()[:-1] + b', "Objet": "Projets"}'

    assert PARSER.parse(line).object_name == "Projets"


def test_records_of_a_run_share_its_key() -> None:
    assert parsed({"Objet_Id": 1}).run is parsed({"Objet_Id": 2}).run


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Parametres": {"a": [1]}},
        {"cpu_time (sec)": None, "Duree secondes": "1.5"},
        {"Objet_Id": "x"},
        {"Objet": "é" * 512},
    ],
)
def test_what_is_taken_is_right_by_the_published_schema(changes: dict[str, Any]) -> None:
    parsed(changes)
    jsonschema.validate(json.loads(schema1(changes)), json_schema(1))


@pytest.mark.parametrize(
    "changes",
    [
        {"Zone": LEFT_OUT},
        {"Zone": ""},
        {"Zone": 5},
        {"Objet_Id": 1.5},
        {"Objet_Id": 2**53},
        {"Objet": "x" * 513},
        {"Debut": "2025-09-05 16:45:26"},
        {"Description": []},
    ],
)
def test_what_is_wrong_by_the_published_schema_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(schema1(changes)), json_schema(1))
