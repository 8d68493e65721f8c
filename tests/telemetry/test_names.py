"""What is emitted, and what `names` says is emitted: the same in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from filrouge.runs import parts
from filrouge.telemetry import names
from filrouge.telemetry.names import Attribute, Instrument, Place
from tests.factories import run_of, task
from tests.telemetry.captured import Captured
from tests.telemetry.rich import rich_export

EXTRA = names.TASK_EXTRA.key
TYPES = {"string": str, "int": int, "double": float, "boolean": bool, "string[]": list}


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Captured:
    monkeypatch.setattr(parts, "MAX_TASKS_PER_TRACE", 3)
    return rich_export(run_of(*(task(f"{number}", number) for number in range(4))))


def test_every_attribute_stands_just_where_it_is_registered(everything: Captured) -> None:
    emitted = {(key, place) for place, key, _ in emitted_attributes(everything)}

    assert emitted == {(each.key, place) for each in names.ATTRIBUTES for place in each.places}


def test_every_attribute_has_the_registered_type(everything: Captured) -> None:
    registered = {each.key: each.type.split(" ")[0] for each in names.ATTRIBUTES}
    wrong = [
        (key, value)
        for _, key, value in emitted_attributes(everything)
        if type(value) is not TYPES[registered[key]]
    ]

    assert wrong == []


def test_every_metric_is_emitted_as_it_is_registered(everything: Captured) -> None:
    kinds = {
        "gauge": Instrument.GAUGE,
        "sum": Instrument.COUNTER,
        "histogram": Instrument.HISTOGRAM,
    }
    emitted = {
        (point["name"], point["unit"], kinds[point["kind"]], frozenset(point["attributes"]))
        for point in everything.points()
    }

    assert emitted == {
        (each.name, each.unit, each.instrument, frozenset(key.key for key in each.attributes))
        for each in names.METRICS
    }


def test_every_event_name_is_emitted(everything: Captured) -> None:
    emitted = {(log["name"], log["severity"]) for log in everything.logs()}

    assert emitted == {
        (each.name, (each.severity.value, each.severity.name))
        for each in names.LOG_EVENTS
        if each is not names.RECORD_INVALID  # the collector's; see tests/collector
    }


def test_no_name_is_registered_twice() -> None:
    keys = [each.key for each in names.ATTRIBUTES]
    metrics = [each.name for each in names.METRICS]

    assert (len(set(keys)), len(set(metrics))) == (len(keys), len(metrics))


@pytest.mark.parametrize("attribute", names.ATTRIBUTES, ids=lambda each: each.key)
def test_an_example_is_a_value_of_its_type(attribute: Attribute) -> None:
    match attribute.type.split(" ")[0]:
        case "int":
            assert int(attribute.example) is not None
        case "double":
            assert float(attribute.example) is not None
        case "boolean":
            assert attribute.example in {"true", "false"}
        case kind:
            assert kind in {"string", "string[]"}


def emitted_attributes(captured: Captured) -> Iterator[tuple[Place, str, Any]]:
    """Place, key and value of every attribute; unknown fields by the key of all of them."""
    for place, attributes in _places(captured):
        for key, value in attributes.items():
            yield place, EXTRA if key.startswith(EXTRA) else key, value


def _places(captured: Captured) -> Iterator[tuple[Place, dict[str, Any]]]:
    for span in captured.spans():
        yield Place.RESOURCE, span["resource"]
        yield Place(f"{span['attributes']['ingestion.level']} span"), span["attributes"]
        yield from ((Place.EVENT, attributes) for _, _, attributes in span["events"])
        yield from ((Place.LINK, attributes) for _, _, attributes in span["links"])
    for log in captured.logs():
        yield Place.RESOURCE, log["resource"]
        yield Place.LOG, log["attributes"]
    for point in captured.points():
        yield Place.RESOURCE, point["resource"]
        yield Place.METRIC, point["attributes"]
