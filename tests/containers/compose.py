"""`docker-compose.yml` as compose reads it, where nobody has set a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.conftest import CHECKOUT

FILE: Final = CHECKOUT / "docker-compose.yml"
SIMULATORS: Final = ("simulator-ingestion", "simulator-standardization", "simulator-application")
OURS: Final = ("topics", "ingestion", "processing", "monitoring", *SIMULATORS)
"""Containers that run the image of `deploy/Dockerfile`."""
BACKENDS: Final = ("kafka", "tempo", "loki", "prometheus", "alertmanager")
VARIABLE: Final = re.compile(r"\$\{(\w+):-([^}]*)\}")


def _interpolated(value: Any) -> Any:
    """With `${NAME:-default}` as the default, and `$$` as `$`."""
    if isinstance(value, dict):
        return {key: _interpolated(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_interpolated(each) for each in value]
    if isinstance(value, str):
        return VARIABLE.sub(r"\2", value).replace("$$", "$")
    return value


COMPOSE: Final[Mapping[str, Any]] = _interpolated(yaml.safe_load(FILE.read_text("utf-8")))
SERVICES: Final[Mapping[str, Any]] = COMPOSE["services"]


def environment(service: str) -> dict[str, str]:
    """What a container is told."""
    told: dict[str, str] = SERVICES[service].get("environment", {})
    return told


def mounts(service: str) -> Iterator[tuple[str, str, str]]:
    """Volume or path on the host, path in the container, mode."""
    for each in SERVICES[service].get("volumes", []):
        source, target, *mode = each.split(":")
        yield source, target, mode[0] if mode else "rw"


def on_host(service: str, path: str) -> Path | None:
    """The file of the checkout that a container sees at a path."""
    for source, target, _ in mounts(service):
        if source.startswith("./") and (path == target or path.startswith(f"{target}/")):
            return CHECKOUT / source / path.removeprefix(target).lstrip("/")
    return None
