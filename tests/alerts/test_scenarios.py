"""Simulator → Kafka → services → Prometheus → Alertmanager → webhook, for every scenario.

All scenarios run side by side on one stack, each with a company of its own, with all windows of
rules and of Alertmanager shorter by one factor. Then each company has a quiet run, after which all
has to be well again.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge_sim.scenarios.catalogue import SCENARIOS
from filrouge_sim.scenarios.order import Order
from tests.alerting import alerting
from tests.commands import environment, settings_of
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.faults.driving import await_until
from tests.simulators.judging import alerts, course
from tests.webhook import Webhook

FASTER: Final = 30
"""The one factor. So five minutes are ten seconds, and metrics have to come each second."""
SPEED: Final = 60
RUNS: Final = {"failure-rate": 12}
"""Where the scenario's own number would take long: 12 runs are 3 minutes, a hold of 30 seconds."""
LIMIT_S: Final = 600.0
OBJECTIVES: Final = "Objective"
PIPELINE: Final = ""
"""Of no company: who sent what is no record is not known."""

_SETTINGS: Final = {
    "FILROUGE_RUN_GRACE_S": "2",
    "FILROUGE_RUN_SILENCE_S": "60",  # longer than the longest task at this speed
    "FILROUGE_RUN_STALLED_S": "120",
    "FILROUGE_BURST_WINDOW_S": "200",  # the scenario's five failures take three minutes
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "FILROUGE_SPAN_METRICS_INTERVAL": "1s",
}

_EXPECTATIONS: Final = '[[source]]\ncadence = "learn"\n'
"""Without deadlines: at this speed runs of minutes begin seconds apart."""


@dataclass(frozen=True)
class Outcome:
    """What the webhook was told, while the scenarios ran and until all was well again.

    Attributes:
        raised: names of alerts by company.
        resolved: those that were told to be over.
        left: alerts that were still active in the end.
    """

    raised: dict[str, set[str]]
    resolved: dict[str, set[str]]
    left: list[str]


@pytest.fixture(scope="module")
def outcome(stack_folder: Path) -> Iterator[Outcome]:
    folder = stack_folder / "alerting"
    folder.mkdir()
    with Webhook().listening() as webhook, ExitStack() as opened:
        expectations = folder / "expectations.toml"
        expectations.write_text(_EXPECTATIONS)
        told = {
            **_SETTINGS,
            **alerting(folder, webhook.url, FASTER),
            "FILROUGE_EXPECTATIONS": str(expectations),
        }
        stack = opened.enter_context(
            throwaway(Stack(CHECKOUT, folder / "stack", free_offset(), told))
        )
        stack.up()
        begun = datetime.now(UTC)
        await_until(lambda: is_found_up(stack, begun), "all parts and services are there", LIMIT_S)
        await_until(lambda: is_all_over(stack, webhook), "no alert is left of the start", LIMIT_S)
        webhook.messages.clear()
        simulators = [follow(stack, "standardization"), follow(stack, "application")]
        for each in simulators:
            opened.callback(end, each)
        produce(stack, [(name, name, RUNS.get(name)) for name in SCENARIOS])
        await_until(
            lambda: is_expected_there(names_told(webhook)), "every alert was told of", LIMIT_S
        )
        produce(stack, [("quiet", name, 1) for name in SCENARIOS])
        with suppress(AssertionError):  # the tests say which are left
            await_until(lambda: is_all_over(stack, webhook), "all is well again", LIMIT_S)
        yield Outcome(names_told(webhook), names_told(webhook, "resolved"), active(stack))


def expected(scenario: str) -> set[str]:
    """The alerts of a scenario, as its records alone have them judged."""
    order = Order(scenario=scenario, runs=RUNS.get(scenario), company=scenario, speed=SPEED)
    return alerts(course(order)) - EXPECTED_OF_PIPELINE


EXPECTED_OF_PIPELINE: Final = {"FilrougeDeadLetters"}
OF_A_BUSY_MACHINE: Final = {
    "FilrougeConsumerLag",
    "FilrougeConsumerStuck",
    "FilrougePartDown",
    "FilrougeReconciliationMismatch",
}
"""They say how long something takes on this machine, where ten minutes are twenty seconds and lag
is measured each five; no scenario has a part in that. Their own tests are in tests/prometheus."""
EXPECTED: Final = {name: expected(name) for name in SCENARIOS}


def is_expected_there(raised: dict[str, set[str]]) -> bool:
    wanted = {**EXPECTED, PIPELINE: EXPECTED_OF_PIPELINE}
    return all(names <= raised[company] for company, names in wanted.items())


def is_found_up(stack: Stack, since: datetime) -> bool:
    """Whether the rules have looked since then, and missed no part and no service."""
    answer = requests.get(f"{stack.url(Port.PROMETHEUS)}/api/v1/rules?type=alert", timeout=30)
    answer.raise_for_status()
    rules = [rule for group in answer.json()["data"]["groups"] for rule in group["rules"]]
    looking = [
        rule for rule in rules if rule["name"] in {"FilrougePartDown", "FilrougeServiceDown"}
    ]
    return bool(looking) and all(
        rule["state"] == "inactive" and datetime.fromisoformat(rule["lastEvaluation"]) > since
        for rule in looking
    )


def is_all_over(stack: Stack, webhook: Webhook) -> bool:
    """Whether no alert is active and the webhook knows; objectives look hours back."""
    raised, resolved = names_told(webhook), names_told(webhook, "resolved")
    left = {name for company in raised for name in raised[company] - resolved[company]}
    return not active(stack) and all(name.startswith(OBJECTIVES) for name in left)


def names_told(webhook: Webhook, status: str = "") -> dict[str, set[str]]:
    """Names of alerts by company; one that was told of only when it was over did fire, too."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for alert in [each for message in list(webhook.messages) for each in message["alerts"]]:
        if status in {"", alert["status"]}:
            labels = alert["labels"]
            told[labels.get("ingestion_company", PIPELINE)].add(labels["alertname"])
    return told


def active(stack: Stack) -> list[str]:
    """Alerts that Alertmanager has now, inhibited ones too; objectives look hours back."""
    answer = requests.get(f"{stack.url(Port.ALERTMANAGER)}/api/v2/alerts", timeout=30)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return sorted(
        f"{each['labels']['alertname']} {each['labels'].get('ingestion_company', '')}"
        for each in found
        if not each["labels"]["alertname"].startswith(OBJECTIVES)
    )


def simulator(stack: Stack, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "filrouge_sim", *arguments],
        env=environment(settings_of(stack)),
        stdout=subprocess.DEVNULL,
    )


def follow(stack: Stack, service: str) -> subprocess.Popen[bytes]:
    return simulator(stack, service, "--session", "alerts")


def produce(stack: Stack, courses: Sequence[tuple[str, str, int | None]]) -> None:
    """Runs scenarios, each for a company, until the last of their runs has begun and is through."""
    started = [
        simulator(
            stack,
            *("ingestion", "--session", "alerts", "--scenario", scenario, "--company", company),
            *("--speed", str(SPEED)),
            *(("--runs", str(runs)) if runs else ()),
        )
        for scenario, company, runs in courses
    ]
    for each in started:
        assert each.wait(LIMIT_S) == 0


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def test_records_alone_say_what_the_catalogue_says() -> None:
    told = {name: each.seen for name, each in SCENARIOS.items()}

    for name, names in EXPECTED.items():
        assert all(alert in told[name] for alert in names), (name, names)
    assert EXPECTED["quiet"] == set()
    assert {"IngestionSourceSilent", "IngestionSlow", "IngestionHeavy"} <= set().union(
        *EXPECTED.values()
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_raises_exactly_its_alerts(outcome: Outcome, scenario: str) -> None:
    raised = outcome.raised[scenario]

    assert {name for name in raised if not name.startswith(OBJECTIVES)} == EXPECTED[scenario]
    if not EXPECTED[scenario]:
        assert raised == set()


def test_what_is_of_no_company_is_told_of_the_pipeline(outcome: Outcome) -> None:
    assert outcome.raised[PIPELINE] - OF_A_BUSY_MACHINE == EXPECTED_OF_PIPELINE


@pytest.mark.parametrize("scenario", [PIPELINE, *SCENARIOS])
def test_all_is_resolved_when_runs_are_quiet_again(outcome: Outcome, scenario: str) -> None:
    raised, resolved = outcome.raised[scenario], outcome.resolved[scenario]
    assert {name for name in raised - resolved if not name.startswith(OBJECTIVES)} == set()
    assert [each for each in outcome.left if each.endswith(f" {scenario}")] == []
