"""The table of parts, and what a part is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from filrouge.kafka.topics import TEMPO_SPANS
from filrouge.stack.parts import PARTS, stage
from filrouge.stack.ports import Port
from filrouge.stack.scripts import site_variables
from tests.conftest import CHECKOUT


def test_stages_put_the_collector_after_all_backends_and_services_last() -> None:
    assert {part.name: stage(part) for part in PARTS.values()} == {
        "kafka": 0,
        "tempo": 1,
        "loki": 0,
        "prometheus": 0,
        "alertmanager": 0,
        "collector": 2,
        "ingestion": 3,
        "processing": 3,
        "monitoring": 3,
    }


def test_kafka_has_the_topic_that_tempo_is_configured_with() -> None:
    config = (CHECKOUT / "tempo" / "tempo.yaml").read_text()

    assert f"topic: ${{FILROUGE_TEMPO_TOPIC:-{TEMPO_SPANS}}}" in config


def test_no_port_belongs_to_two_parts() -> None:
    owners = Counter(port for part in PARTS.values() for port in part.ports)

    assert set(owners) <= set(Port)
    assert set(owners.values()) == {1}


@pytest.mark.parametrize("name", PARTS)
def test_part_stands_behind_what_it_needs(name: str) -> None:
    before = list(PARTS)[: list(PARTS).index(name)]

    assert set(PARTS[name].needs) <= set(before)


def test_site_may_say_limits_but_not_addresses() -> None:
    environ = {
        "FILROUGE_RETENTION": "24h",
        "FILROUGE_KAFKA_BROKERS": "elsewhere:9092",
        "FILROUGE_PORT_KAFKA": "1",
        "FILROUGE_DATA": "/home",
        "FILROUGE_STACK": "/other",
        "HOME": str(Path.home()),
    }

    assert site_variables(environ) == {"FILROUGE_RETENTION": "24h"}
