"""The layers fit together: each by itself, in every combination, under every override."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from filrouge.kafka.topics import TOPIC
from filrouge.settings import Settings
from filrouge.stack import ports
from filrouge.stack.built import built
from tests.conftest import CHECKOUT

FOLDER: Final = CHECKOUT / "otel-config"
LAYERS: Final = (FOLDER / "layers.txt").read_text().split()
OVERRIDES: Final = ("native.yaml", "compose.yaml", "kubernetes.yaml")
_OPTIONAL: Final = ("kafka.yaml", "span-metrics.yaml", "self-telemetry.yaml")
_COMBINATIONS: Final = [
    left_out for count in range(len(_OPTIONAL) + 1) for left_out in combinations(_OPTIONAL, count)
]
_VARIABLE: Final = re.compile(r"\$\{env:(\w+)(?::-([^}]*))?\}")


def load(name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return config


def settings_of(config: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """The path of every value that merging would not descend into."""
    if isinstance(config, dict) and config:
        for key, value in config.items():
            yield from settings_of(value, *path, str(key))
    else:
        yield path


def validate(
    names: Iterable[str], data: Path, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What `otelcol-filrouge validate` says of these files, in an environment of its own."""
    command = [str(built().executable("otelcol-filrouge")), "validate"]
    command += [f"--config={FOLDER / name}" for name in names]
    environment = {"PATH": os.defpath, "FILROUGE_DATA": str(data), **(variables or {})}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_every_file_is_a_layer_or_an_override() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*LAYERS, *OVERRIDES}
    assert len(set(LAYERS)) == len(LAYERS)


def test_no_layer_sets_what_another_sets() -> None:
    counts = Counter(path for name in LAYERS for path in settings_of(load(name)))
    assert [path for path, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("override", OVERRIDES)
def test_an_override_only_changes_what_the_layers_have(override: str) -> None:
    pipelines = {
        pipeline for name in LAYERS for pipeline in load(name)["service"].get("pipelines", {})
    }
    components = {
        (kind, component)
        for name in LAYERS
        for kind, section in load(name).items()
        if kind != "service"
        for component in section
    }
    config = load(override)
    changed = config.pop("service", {})
    assert changed.get("pipelines", {}).keys() <= pipelines
    assert {(kind, each) for kind, section in config.items() for each in section} <= components


@pytest.mark.stack
@pytest.mark.parametrize("override", [None, *OVERRIDES])
@pytest.mark.parametrize("left_out", _COMBINATIONS, ids=lambda names: "+".join(names) or "nothing")
def test_every_combination_is_valid(
    override: str | None, left_out: tuple[str, ...], tmp_path: Path
) -> None:
    layers = [name for name in LAYERS if name not in left_out]
    said = validate([*layers, *([override] if override else [])], tmp_path)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.stack
def test_the_order_of_layers_does_not_matter(tmp_path: Path) -> None:
    assert validate(reversed(LAYERS), tmp_path).returncode == 0


@pytest.mark.stack
def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("exporters: {otlp_http/loki: {no_such_setting: 1}}")
    said = validate([*LAYERS, str(wrong)], tmp_path)
    assert said.returncode != 0
    assert "no_such_setting" in said.stderr


def test_defaults_are_the_ports_of_a_stack_that_is_not_shifted() -> None:
    known = ports.environment(0)
    found = {
        name: default
        for layer in LAYERS
        for name, default in _VARIABLE.findall((FOLDER / layer).read_text())
        if name.startswith("FILROUGE_PORT_")
    }
    assert found == {name: known[name] for name in found}
    assert len(found) == 4


def test_the_topic_is_the_one_that_filrouge_publishes_to() -> None:
    assert f"${{env:FILROUGE_KAFKA_TOPIC:-{TOPIC}}}" in (FOLDER / "kafka.yaml").read_text()


def test_the_zones_have_the_services_of_the_setting() -> None:
    text = (FOLDER / "kafka.yaml").read_text()
    found = re.findall(
        r'\["service.name"\], "(\w+)"\) where .*\["ingestion.zone"\] == "([^"]+)"', text
    )
    assert {zone: service for service, zone in found} == Settings().services


def test_every_variable_is_in_the_docs_with_its_default() -> None:
    used = {
        (name, default)
        for file in (*LAYERS, *OVERRIDES)
        for name, default in _VARIABLE.findall((FOLDER / file).read_text())
    }
    rows = re.findall(
        r"^\| `(FILROUGE_\w+)` \| (.*?) \|",
        (CHECKOUT / "docs" / "collector.md").read_text(),
        re.MULTILINE,
    )
    told = {
        (name, default) for name, cell in rows for default in re.findall("`([^`]*)`", cell) or [""]
    }
    assert told == used


@pytest.mark.stack
def test_a_data_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    said = validate(LAYERS, tmp_path / "data")
    assert said.returncode != 0
    assert f"problem accessing configured directory: {tmp_path}/data/queues" in said.stderr
