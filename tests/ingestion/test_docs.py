"""`docs/services.md` against the code."""

from __future__ import annotations

import re

import pytest

from filrouge.ingestion import metrics
from filrouge.ingestion.bodies import MEDIA_TYPES
from filrouge.ingestion.problems import Kind
from filrouge.stack.ports import Port
from tests.conftest import CHECKOUT
from tests.ingestion.gateway import RunningGateway

PAGE = (CHECKOUT / "docs" / "services.md").read_text("utf-8")


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_every_problem_is_in_the_table(kind: Kind) -> None:
    name = kind.urn.rpartition(":")[2]

    (row,) = re.findall(rf"^\| .*`{name}`.* \|$", PAGE, re.MULTILINE)
    assert str(kind.status) in row


@pytest.mark.parametrize("media", MEDIA_TYPES)
def test_every_content_type_is_in_the_table(media: str) -> None:
    assert re.search(rf"^\| .*`{re.escape(media)}`", PAGE, re.MULTILINE)


def test_every_metric_is_in_the_table_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(filrouge\.ingestion\.[a-z.]+)` \|", PAGE, re.MULTILINE))

    assert listed == {
        metrics.RECORDS,
        metrics.REQUEST_RECORDS,
        metrics.WAITING,
        metrics.ROOM,
        metrics.KAFKA,
    }


def test_the_limits_are_those_of_the_settings() -> None:
    with RunningGateway() as gateway:
        settings = gateway.settings

    assert f"{settings.ingestion_body_bytes >> 20} MiB" in PAGE
    assert f"{settings.ingestion_request_records:,} records a request" in PAGE
    assert f"{settings.ingestion_memory_bytes >> 20} MiB together" in PAGE
    assert f"within {settings.ingestion_read_s:g} s" in PAGE
    assert f"Kafka has {settings.ingestion_patience_s:g} s" in PAGE


def test_the_port_is_that_of_the_stack() -> None:
    assert f"http://127.0.0.1:{Port.INGESTION}/v1/records" in PAGE
