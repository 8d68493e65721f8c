"""What a real Alertmanager tells a webhook, and what it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.alerting import alerting
from tests.conftest import PartialStack
from tests.faults.driving import await_until
from tests.webhook import Webhook

SPEED = 60
PATIENCE_S = 60.0


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook().listening() as listening:
        yield listening


@pytest.fixture
def alertmanager(partial_stack: PartialStack, webhook: Webhook, tmp_path: Path) -> Stack:
    return partial_stack(["alertmanager"], alerting(tmp_path, webhook.url, SPEED))


def alert(name: str, severity: str, **labels: str) -> dict[str, str]:
    known = {
        "company": "ingestion_company",
        "zone": "ingestion_zone",
        "source": "ingestion_source",
    }
    named = {known.get(label, label): text for label, text in labels.items()}
    return {"alertname": name, "severity": severity, **named}


def of_source(name: str, severity: str, source: str, **labels: str) -> dict[str, str]:
    return alert(name, severity, company="a", zone="1-Raw", source=source, **labels)


def post(stack: Stack, *alerts: dict[str, str], ends: bool = False) -> None:
    url = stack.url(Port.ALERTMANAGER) + "/api/v2/alerts"
    until = {"endsAt": datetime.now(UTC).isoformat()} if ends else {}
    body = [{"labels": labels, "annotations": {"summary": "x"}, **until} for labels in alerts]
    requests.post(url, json=body, timeout=10).raise_for_status()


def inhibited(stack: Stack) -> set[tuple[str, str]]:
    """The alerts that are kept back, by name and source."""
    url = stack.url(Port.ALERTMANAGER) + "/api/v2/alerts"
    return {
        (each["labels"]["alertname"], each["labels"].get("ingestion_source", ""))
        for each in requests.get(url, timeout=10).json()
        if each["status"]["inhibitedBy"]
    }


def test_all_that_is_wrong_with_a_run_is_one_message_and_one_more_when_it_is_over(
    alertmanager: Stack, webhook: Webhook
) -> None:
    wrong = [
        of_source("IngestionTaskFailed", "critical", "crm"),
        of_source("IngestionTaskFailed", "critical", "erp"),
        of_source("IngestionErrorBurst", "critical", "crm"),
    ]

    post(alertmanager, *wrong)
    await_until(lambda: bool(webhook.messages), "something is told", PATIENCE_S)
    post(alertmanager, *wrong, ends=True)
    await_until(lambda: webhook.messages[-1]["status"] == "resolved", "its end is told", PATIENCE_S)

    first, last = webhook.messages[0], webhook.messages[-1]
    assert first["receiver"] == "urgent"
    assert first["groupLabels"] == {"ingestion_company": "a"}
    assert len(first["alerts"]) == len(last["alerts"]) == len(wrong)
    assert len(webhook.messages) == 2


def test_companies_are_told_of_apart(alertmanager: Stack, webhook: Webhook) -> None:
    post(
        alertmanager,
        alert("IngestionTaskFailed", "critical", company="a", zone="1", source="crm"),
        alert("IngestionTaskFailed", "critical", company="b", zone="1", source="crm"),
    )

    await_until(lambda: len(webhook.messages) == 2, "two messages", PATIENCE_S)

    assert {each["groupLabels"]["ingestion_company"] for each in webhook.messages} == {"a", "b"}


def test_an_alert_that_another_explains_is_kept_back_and_no_other(alertmanager: Stack) -> None:
    explained = [
        of_source("ObjectiveSourceFreshness", "critical", "silent", sloth_severity="page"),
        of_source("ObjectiveTaskSuccess", "critical", "failing", sloth_severity="page"),
        of_source("IngestionHeavy", "warning", "failing"),
        alert("ObjectiveTaskDuration", "warning", company="a", sloth_severity="ticket"),
        alert("FilrougeQueueFilling", "warning", exporter="otlp_http/loki"),
    ]
    causes = [
        of_source("IngestionSourceSilent", "critical", "silent"),
        of_source("IngestionTaskFailed", "critical", "failing"),
        of_source("IngestionSlow", "warning", "slow"),
        alert("FilrougePartDown", "critical", job="loki"),
    ]
    strangers = [
        of_source("ObjectiveSourceFreshness", "critical", "other", sloth_severity="page"),
        of_source("ObjectiveTaskSuccess", "critical", "other", sloth_severity="page"),
        of_source("IngestionHeavy", "warning", "third"),
        alert("ObjectiveTaskDuration", "warning", company="b", sloth_severity="ticket"),
        alert("FilrougeDeadLetters", "warning"),
    ]

    post(alertmanager, *causes, *explained, *strangers)

    kept = {(each["alertname"], each.get("ingestion_source", "")) for each in explained}
    await_until(lambda: inhibited(alertmanager) >= kept, "they are kept back", PATIENCE_S)
    assert inhibited(alertmanager) == kept


def test_services_that_only_the_collector_keeps_from_us_are_not_told_of(
    alertmanager: Stack,
) -> None:
    post(
        alertmanager,
        alert("FilrougePartDown", "critical", job="collector"),
        alert("FilrougeServiceDown", "critical", service_name="filrouge-processing"),
        alert("FilrougeDeadLetters", "warning"),
    )

    await_until(
        lambda: inhibited(alertmanager) == {("FilrougeServiceDown", "")},
        "they are kept back",
        PATIENCE_S,
    )


def test_while_kafka_is_away_no_source_is_told_of_as_silent(alertmanager: Stack) -> None:
    post(
        alertmanager,
        alert("FilrougeKafkaAway", "critical"),
        of_source("IngestionSourceSilent", "critical", "crm"),
        alert("IngestionDeadlineMissed", "warning", company="a"),
        of_source("IngestionTaskFailed", "critical", "crm"),
    )

    kept = {("IngestionSourceSilent", "crm"), ("IngestionDeadlineMissed", "")}
    await_until(lambda: inhibited(alertmanager) == kept, "they are kept back", PATIENCE_S)
