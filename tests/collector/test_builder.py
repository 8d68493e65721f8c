"""The distribution holds what the layers use, and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from typing import Any, Final

import pytest
import yaml

from filrouge.stack.built import built
from tests.collector.test_layers import LAYERS, OVERRIDES, load
from tests.conftest import CHECKOUT

_KINDS: Final = ("receivers", "processors", "exporters", "extensions", "connectors")
_FOR_WHO_CHANGES_A_LAYER: Final = {"debug"}


def components(kind: str) -> Iterable[str]:
    """The types of a kind that the built collector has."""
    command = [str(built().executable("otelcol-filrouge")), "components"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    listed: dict[str, Any] = yaml.safe_load(said)
    return {each["name"] for each in listed[kind]}


@pytest.mark.stack
@pytest.mark.parametrize("kind", _KINDS)
def test_each_component_is_used_by_its_current_name(kind: str) -> None:
    used = {
        component.partition("/")[0]
        for name in (*LAYERS, *OVERRIDES)
        for component in load(name).get(kind) or {}
    }
    assert set(components(kind)) - _FOR_WHO_CHANGES_A_LAYER == used


@pytest.mark.stack
def test_the_version_is_the_release_that_all_components_come_from() -> None:
    manifest = yaml.safe_load((CHECKOUT / "collector" / "builder.yaml").read_text())
    version = manifest["dist"]["version"]
    said = subprocess.run(
        [built().executable("otelcol-filrouge"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["otelcol-filrouge", "version", version]
    versions = {each["gomod"].split()[1] for kind in _KINDS for each in manifest[kind]}
    assert versions == {f"v{version}"}


def test_the_dockerfile_starts_the_layers_that_the_list_names() -> None:
    dockerfile = (CHECKOUT / "collector" / "Dockerfile").read_text()
    [line] = [line for line in dockerfile.splitlines() if line.startswith("CMD ")]
    folder = "/etc/filrouge/otel-config"
    assert json.loads(line.removeprefix("CMD ")) == [
        *(f"--config={folder}/{name}" for name in LAYERS),
        f"--config={folder}/compose.yaml",
    ]
