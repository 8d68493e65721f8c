"""The rules: made of their sources, true to their unit tests, and each with all that it needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from filrouge.ingestion import metrics as ingestion
from filrouge.monitoring import meters
from filrouge.processing.instruments import Instruments
from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from grafana.generate.links import Uid
from scripts.rules import HOME, RULES, quickened, rendered, write
from tests.conftest import CHECKOUT
from tests.prometheus.reading import (
    ALERT_NAMES,
    ALERTS,
    RECORDS,
    UNIT_TESTS,
    cases,
    promtool,
    rules,
)

pytestmark = pytest.mark.stack  # needs what the stack is built of

OF_THE_COLLECTOR = {  # docs/collector.md names them
    "otelcol_exporter_queue_capacity",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_send_failed_",
    "otelcol_exporter_send_failed_log_records",
    "otelcol_exporter_send_failed_metric_points",
    "otelcol_exporter_send_failed_spans",
}
OF_SPANS = {"traces_span_metrics_calls_total", "traces_span_metrics_duration_seconds_bucket"}
LABELS = {
    "filrouge_processing_dead_letter_reason",
    "filrouge_run_state",
    label_name(names.RUN_TIMELINESS),
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


def test_rules_are_what_is_made_of_their_sources() -> None:
    """`make rules` mends it; Sloth itself makes the objectives."""
    assert {path.name: path.read_text() for path in RULES.glob("*.yaml")} == rendered()


def test_promtool_finds_no_fault() -> None:
    checked = run(promtool(), "check", "rules", *map(str, sorted(RULES.glob("*.yaml"))))

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_unit_tests_of_rules_hold(path: Path) -> None:
    tested = run(promtool(), "test", "rules", str(path))

    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", ALERT_NAMES)
def test_an_alert_is_seen_to_fire_to_resolve_and_to_stay_silent(alert: str) -> None:
    found = cases(alert)

    assert any(any(case.fires) for case in found), "no unit test in which it fires"
    assert any(any(case.fires) and not case.fires[-1] for case in found), "none that it resolves"
    assert any(not any(case.fires) for case in found), "none in which it stays silent"


def test_every_recorded_series_is_in_a_unit_test() -> None:
    texts = "".join(path.read_text() for path in UNIT_TESTS)
    ours = {rule["record"] for rule in RECORDS if rule["record"].startswith("filrouge:")}

    assert ours
    assert [name for name in ours if name not in texts] == []


@pytest.mark.parametrize(
    "rule", ALERTS, ids=lambda rule: f"{rule['alert']} {rule['labels']['severity']}"
)
def test_an_alert_has_severity_text_and_links(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]

    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert "{{" in notes["summary"] + notes["description"]
    page = CHECKOUT / notes["runbook_url"]
    assert page.stem == rule["alert"]
    assert page.read_text().startswith(f"# {rule['alert']}\n\nSeverity: ")
    dashboard = re.search(r"/d/([a-z-]+)\?", notes["dashboard"])
    assert dashboard is not None
    assert dashboard[1] in set(Uid)
    assert '"queryType":"traceql"' in unquote(notes["traces"])


@pytest.mark.parametrize("alert", ALERT_NAMES)
def test_the_index_of_runbooks_has_every_page(alert: str) -> None:
    assert f"[{alert}]({alert}.md)" in (CHECKOUT / "docs/runbooks/README.md").read_text()


def test_there_is_no_runbook_without_an_alert() -> None:
    pages = {path.stem for path in (CHECKOUT / "docs/runbooks").glob("*.md")}

    assert pages - {"README"} == set(ALERT_NAMES)


def test_rules_name_only_metrics_that_there_are() -> None:
    told = {prometheus_name(metric) for metric in (*names.METRICS, *names.EXPECTATION_METRICS)}
    recorded = {rule["record"] for rule in RECORDS}
    known = told | recorded | OF_THE_COLLECTOR | OF_SPANS | of_services() | LABELS

    named = {
        name
        for rule in rules()
        for name in re.findall(
            r"\b(?:filrouge|ingestion|traces|otelcol|slo)[_:][\w:]*", rule["expr"]
        )
    }
    labels = {label_name(attribute) for attribute in names.ATTRIBUTES}
    assert named - known - labels == set()


def test_the_collectors_metrics_are_those_of_its_page() -> None:
    page = (CHECKOUT / "docs/collector.md").read_text()

    assert "`otelcol_exporter_send_failed_*`" in page
    assert {name for name in OF_THE_COLLECTOR if "send_failed" not in name} == set(
        re.findall(r"otelcol_exporter_queue_\w+", page)
    )


def of_services() -> set[str]:
    """What services measure of themselves, as Prometheus names it."""
    reader = InMemoryMetricReader()
    instruments = Instruments(MeterProvider([reader]).get_meter("test"), lambda: {0: 1})
    instruments.watch_depth(lambda: 1)
    instruments.dead_letter("invalid_json")
    data = reader.get_metrics_data()
    assert data is not None
    processing = {
        metric.name.replace(".", "_")
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    others = {name.replace(".", "_") for name in (meters.LAG, meters.OUTBOX, meters.RUNS)}
    return {
        *(f"{name}_total" if name.endswith("dead_letters") else name for name in processing),
        *others,
        ingestion.KAFKA.replace(".", "_") + "_ratio",
    }


def test_parts_that_may_be_down_are_those_that_are_scraped() -> None:
    targets = yaml.safe_load((HOME / "targets/stack.yaml").read_text())
    scraped = {target["labels"]["job"] for target in targets}
    [rule] = [rule for rule in ALERTS if rule["alert"] == "FilrougePartDown"]

    assert set(re.findall(r'absent\(up\{job="(\w+)"\}\)', rule["expr"])) == scraped - {"prometheus"}
    [listed] = re.findall(r'up\{job=~"([\w|]+)"\}', rule["expr"])
    assert set(listed.split("|")) == scraped - {"prometheus"}


def test_no_rule_names_a_company_zone_or_source() -> None:
    """So another one needs no rule."""
    named = [
        rule["expr"]
        for rule in rules()
        if re.search(r"ingestion_(?:company|zone|source) *[=!]", rule["expr"])
    ]
    assert named == []


def test_quicker_rules_are_rules_with_all_windows_shorter(tmp_path: Path) -> None:
    write(tmp_path, 60)
    files = sorted(tmp_path.glob("*.yaml"))

    checked = run(promtool(), "check", "rules", *map(str, files))

    assert checked.returncode == 0, checked.stdout + checked.stderr
    text = "".join(path.read_text() for path in files)
    assert "[75000ms]" in text
    assert "[43200000ms:15000ms]" in text
    assert "offset 15000ms" in text
    assert not re.search(r"\[\d+[mhd]\]", text)
    assert {path.name for path in files} == {path.name for path in RULES.glob("*.yaml")}


@pytest.mark.parametrize(
    ("usual", "quick"),
    [
        ("x[5m]", "x[5000ms]"),
        ("x[1h15m]", "x[75000ms]"),
        ("x[30d:15m]", "x[43200000ms:15000ms]"),
        ("x offset 15m", "x offset 15000ms"),
        ("  for: 30m", "  for: 30000ms"),
        ("  for: 2m", "  for: 20000ms"),
        ("  interval: 15s", "  interval: 1000ms"),
        ("  group_wait: 30s", "  group_wait: 500ms"),
        ("  repeat_interval: 12h", "  repeat_interval: 720000ms"),
        ("time() - x > 4500", "time() - x > 4500"),
        ("http://127.0.0.1:3000/d", "http://127.0.0.1:3000/d"),
        ("description: over 5m", "description: over 5m"),
    ],
)
def test_windows_holds_and_intervals_are_shorter_and_nothing_else_is(
    usual: str, quick: str
) -> None:
    assert quickened(usual, 60) == quick


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_annotations_are_whole_sentences(path: Path, tmp_path: Path) -> None:
    """Whatever fires in a unit test says what it has to, with no value missing."""
    told = fired(path, tmp_path)

    assert told
    for text in told:
        assert "summary=" in text
        assert "no value" not in text
        assert "error expanding" not in text
        assert "%!" not in text  # what Go prints of a value that does not fit


def fired(path: Path, folder: Path) -> list[str]:
    """What a file of unit tests fires, as promtool prints it when it is told to expect nothing."""
    told = yaml.safe_load(path.read_text())
    told["rule_files"] = [str((path.parent / each).resolve()) for each in told["rule_files"]]
    for test in told["tests"]:
        test["alert_rule_test"] = [
            {"eval_time": each["eval_time"], "alertname": name[1]}
            for each in test.pop("promql_expr_test")
            if each.get("exp_samples") and (name := re.search(r'alertname="(\w+)"', each["expr"]))
        ]
    (folder / path.name).write_text(yaml.safe_dump(told))
    printed = run(promtool(), "test", "rules", str(folder / path.name))
    return re.findall(r"Annotations:(\{.*\})", printed.stdout + printed.stderr)
