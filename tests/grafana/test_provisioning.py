"""Data sources and dashboards are found where links and compose say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from filrouge.settings import Settings
from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from grafana.asking.questions import dashboards
from grafana.generate.links import MONITORING_URL, Uid
from tests.grafana.provisioned import FOLDER, data_sources

_COMPOSE: Final = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
_GRAFANA: Final = _COMPOSE["services"]["grafana"]
_VARIABLE: Final = re.compile(r"(?<!\$)\$\{?(\w+)\}?")


def test_uids_are_those_that_links_name() -> None:
    defaults = Settings.model_fields

    assert {source["type"]: uid for uid, source in data_sources().items()} == {
        "tempo": defaults["grafana_tempo_uid"].default,
        "loki": defaults["grafana_loki_uid"].default,
        "prometheus": defaults["grafana_prometheus_uid"].default,
        "alertmanager": "alertmanager",
    }


def test_every_data_source_that_is_named_is_there() -> None:
    known = set(data_sources())

    def named(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (value for key, value in node.items() if key == "datasourceUid")
            if isinstance(node.get("datasource"), dict):
                yield node["datasource"]["uid"]
            for value in node.values():
                yield from named(value)
        elif isinstance(node, list):
            for value in node:
                yield from named(value)

    assert set(named(list(data_sources().values()))) <= known
    assert {uid for each in dashboards().values() for uid in named(each)} == known - {
        "alertmanager"
    }


def test_every_variable_of_the_environment_is_set_by_compose() -> None:
    texts = [file.read_text() for file in FOLDER.rglob("*.yaml")]
    named = {found for text in texts for found in _VARIABLE.findall(text)}

    assert named == {name for name in _GRAFANA["environment"] if name.startswith("FILROUGE_")}


def test_run_pages_are_where_compose_has_monitoring() -> None:
    assert _GRAFANA["environment"]["FILROUGE_MONITORING_URL"] == MONITORING_URL


def test_dashboards_lie_where_compose_puts_them() -> None:
    provider = yaml.safe_load((FOLDER / "dashboards" / "filrouge.yaml").read_text())["providers"][0]
    mounted = {
        source: target for source, target, *_ in (each.split(":") for each in _GRAFANA["volumes"])
    }

    assert mounted["./grafana/dashboards"] == provider["options"]["path"]
    assert mounted["./grafana/provisioning"] == "/etc/grafana/provisioning"
    home = _GRAFANA["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/{Uid.HOME}.json"
    assert Uid.HOME in dashboards()


def test_a_span_leads_to_metrics_by_names_of_the_register() -> None:
    correlation = data_sources()["tempo"]["jsonData"]["tracesToMetrics"]
    tags = {each["key"]: each["value"] for each in correlation["tags"]}

    assert tags == {
        attribute.key: label_name(attribute)
        for attribute in (names.COMPANY, names.ZONE, names.SOURCE)
    }
    queries = " ".join(each["query"] for each in correlation["queries"])
    for metric in (names.SOURCE_DURATION, names.SOURCE_TASKS):
        assert prometheus_name(metric) in queries


def test_log_lines_and_exemplars_lead_to_traces() -> None:
    loki = {each["name"]: each for each in data_sources()["loki"]["jsonData"]["derivedFields"]}
    (exemplar,) = data_sources()["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]

    assert {each["matcherRegex"] for each in loki.values()} == {"trace_id"}
    assert loki["Trace"]["datasourceUid"] == exemplar["datasourceUid"] == "tempo"
    assert exemplar["name"] == "trace_id"
