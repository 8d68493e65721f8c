"""Every variable that a container is told is read there, and what has to differ is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from filrouge.settings import SECRETS_VARIABLE, Settings, load_settings
from filrouge.stack.ports import HOST, Port
from tests.collector.test_layers import FOLDER, LAYERS, validate
from tests.conftest import CHECKOUT
from tests.containers.compose import FILE, OURS, SERVICES, VARIABLE, environment

OF_THE_COLLECTOR = re.compile(r"\$\{env:(\w+)(?::-([^}]*))?\}")
OF_GRAFANA = re.compile(r"(?<!\$)\$\{?(FILROUGE_\w+)")
FILES = {
    "kafka": CHECKOUT / "stack/kafka/server.properties",
    "tempo": CHECKOUT / "tempo/tempo.yaml",
    "loki": CHECKOUT / "loki/loki.yaml",
}
READ_BY_IMAGES = {"GOMEMLIMIT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD_FILE"}
ALL_OTHERS = sorted(set(SERVICES) - set(FILES) - set(OURS) - {"collector", "grafana"})


def ours(name: str) -> set[str]:
    return {each for each in environment(name) if each.startswith("FILROUGE_")}


def own_to_its_place(default: str | None) -> bool:
    """Whether a value is of one machine: no default, loopback, or a folder of its own."""
    return default is None or HOST in default or default.startswith("/var/lib/filrouge")


@pytest.mark.parametrize("name", FILES)
def test_a_backend_is_told_what_it_asks_for(name: str) -> None:
    pattern = r"\$\{(?:env:)?(FILROUGE_\w+)(?::-([^}]*))?\}"
    text = "\n".join(line.partition(" #")[0] for line in FILES[name].read_text().splitlines())
    asked = {each[1]: each[2] for each in re.finditer(pattern, text)}
    # The command of Kafka asks as well.
    inline = set(re.findall(r"\$(FILROUGE_\w+)", " ".join(SERVICES[name]["command"])))

    assert ours(name) <= set(asked) | inline
    assert {each for each, default in asked.items() if own_to_its_place(default)} <= ours(name)
    assert inline <= ours(name)


def test_kafkas_ports_are_those_of_the_native_stack() -> None:
    told = environment("kafka")
    for port in (Port.KAFKA, Port.KAFKA_CONTROLLER):
        assert told[port.variable()] == str(int(port))


def test_the_collector_is_told_what_it_asks_for() -> None:
    merged: dict[str, Any] = {}
    for layer in (*LAYERS, "compose.yaml"):
        merged = merge(merged, yaml.safe_load((FOLDER / layer).read_text()))
    asked = {
        match[1]: match[2] for text in texts(merged) for match in OF_THE_COLLECTOR.finditer(text)
    }

    assert ours("collector") <= set(asked)
    there = "/var/lib/filrouge/collector"
    assert f"collector:{there}" in SERVICES["collector"]["volumes"]
    must = {name for name, default in asked.items() if default and own_to_its_place(default)}
    assert must - {"FILROUGE_DATA"} == set()
    assert asked["FILROUGE_DATA"] == there


@pytest.mark.stack
def test_the_collector_takes_its_layers_as_the_container_has_them(tmp_path: Path) -> None:
    said = validate([*LAYERS, "compose.yaml"], tmp_path, environment("collector"))
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("name", OURS)
def test_our_variables_are_settings_and_of_right_values(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"FILROUGE_{field.upper()}" for field in Settings.model_fields}
    assert set(environment(name)) <= {*known, SECRETS_VARIABLE}
    for variable, value in environment(name).items():
        if variable != SECRETS_VARIABLE:
            monkeypatch.setenv(variable, value)

    settings = load_settings()

    assert HOST not in settings.brokers
    if name in {"ingestion", "processing", "monitoring"}:
        assert (settings.listen, settings.collector) == ("0.0.0.0", "http://collector:4318")  # noqa: S104


def test_what_monitoring_asks_is_told_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment("monitoring").items():
        if variable != SECRETS_VARIABLE:
            monkeypatch.setenv(variable, value)

    settings = load_settings()

    for port in (Port.TEMPO_HTTP, Port.LOKI_HTTP, Port.PROMETHEUS):
        host = port.name.partition("_")[0].lower()
        assert settings.backend(port) == f"http://{host}:{int(port)}"


def test_grafana_is_told_what_its_provisioning_asks_for() -> None:
    folder = CHECKOUT / "grafana" / "provisioning"
    text = "\n".join(each.read_text() for each in folder.rglob("*.yaml"))
    values = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    if not values:
        pytest.skip("there is no provisioning")  # of a checkout without Grafana's folder
    assert set(OF_GRAFANA.findall(values)) == ours("grafana")
    [path] = re.findall(r"^ *path: (\S+)$", values, re.MULTILINE)
    assert f"./grafana/dashboards:{path}:ro" in SERVICES["grafana"]["volumes"]
    home = environment("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(f"{path}/")
    assert (CHECKOUT / "grafana" / "dashboards" / home.removeprefix(f"{path}/")).is_file()


@pytest.mark.parametrize("name", ALL_OTHERS)
def test_others_are_told_nothing_of_ours(name: str) -> None:
    assert set(environment(name)) <= READ_BY_IMAGES


def test_addresses_name_services_and_the_ports_they_have() -> None:
    for name in SERVICES:
        for variable, value in environment(name).items():
            for host, port in re.findall(r"([a-z]+):(\d{4,5})\b", value.replace("http://", "")):
                assert host in SERVICES, (name, variable)
                assert int(port) in set(Port), (name, variable)


def test_what_a_site_may_decide_is_in_the_example() -> None:
    asked = dict(VARIABLE.findall(FILE.read_text()))
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert example == asked


def merge(under: Any, over: Any) -> Any:
    """As the collector merges its configurations: maps by key, all else is replaced."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {
            key: merge(under.get(key), over[key]) if key in over else under[key]
            for key in (*under, *(each for each in over if each not in under))
        }
    return over


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
