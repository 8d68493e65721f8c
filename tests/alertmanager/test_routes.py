"""Who is told of what: routes, groups and what is inhibited, as Alertmanager's own tool sees it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from filrouge.stack.built import built
from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name
from tests.alerting import heard
from tests.conftest import CHECKOUT
from tests.prometheus.reading import ALERT_NAMES

pytestmark = pytest.mark.stack  # needs what the stack is built of

FOLDER = CHECKOUT / "alertmanager"
CONFIG = yaml.safe_load((FOLDER / "alertmanager.yaml").read_text())
COMPANY = label_name(names.COMPANY)


def amtool(*arguments: str) -> str:
    command = [str(built().executable("amtool")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_amtool_finds_no_fault(path: Path) -> None:
    assert "SUCCESS" in amtool("check-config", str(path))


@pytest.mark.parametrize(
    ("file", "labels", "receivers"),
    [
        ("alertmanager", {"severity": "critical", COMPANY: "a"}, "urgent"),
        ("alertmanager", {"severity": "warning", COMPANY: "a"}, "later"),
        ("alertmanager", {"severity": "critical"}, "urgent"),
        ("alertmanager", {"severity": "warning"}, "later"),
        ("example", {"severity": "critical", COMPANY: "a"}, "on-call"),
        ("example", {"severity": "warning", COMPANY: "a"}, "mail"),
        ("example", {"severity": "critical", COMPANY: "akonovia"}, "akonovia,on-call"),
        ("example", {"severity": "warning", COMPANY: "akonovia"}, "akonovia"),
        ("example", {"severity": "critical"}, "on-call"),
    ],
)
def test_alerts_go_by_severity_and_company(
    file: str, labels: dict[str, str], receivers: str
) -> None:
    told = [f"{name}={text}" for name, text in labels.items()]

    assert (
        amtool("config", "routes", "test", f"--config.file={FOLDER / file}.yaml", *told)
        == receivers
    )


def test_what_is_wrong_with_a_company_is_one_message() -> None:
    [of_companies] = [
        route for route in CONFIG["route"]["routes"] if f'{COMPANY}!=""' in route["matchers"]
    ]

    assert of_companies["group_by"] == [COMPANY]
    assert all("group_by" not in route for route in of_companies["routes"])


def test_inhibitions_name_alerts_that_there_are() -> None:
    named = {
        name
        for rule in CONFIG["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        if matcher.startswith("alertname")
        for name in re.split(r"\|", re.sub(r'^alertname=~?"|"$', "", matcher))
    }

    assert named
    assert named <= set(ALERT_NAMES)


def test_a_webhook_is_put_in_place_of_every_receiver() -> None:
    text = (FOLDER / "alertmanager.yaml").read_text()

    config = yaml.safe_load(heard(text, "http://127.0.0.1:1/", speed=60))

    assert config["route"]["group_wait"] == "500ms"
    assert {receiver["name"] for receiver in config["receivers"]} == {"urgent", "later"}
    for receiver in config["receivers"]:
        assert receiver["webhook_configs"] == [
            {"url": "http://127.0.0.1:1/", "send_resolved": True}
        ]
