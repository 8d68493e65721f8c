"""`docker-compose.yml` against all that it names: what can be known without an engine."""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from typing import Any

import pytest
import typer.main
import yaml
from jsonschema import Draft202012Validator

import filrouge
from filrouge.cli.main import app
from filrouge.settings import Settings
from filrouge.stack.build.manifest import load_manifest
from filrouge.stack.build.versions import pinned_version
from filrouge.stack.parts import PARTS
from filrouge.stack.place import Place
from filrouge.stack.ports import HOST, Port
from filrouge.stack.prometheus import script
from filrouge_sim.cli import app as simulators
from tests.conftest import CHECKOUT
from tests.containers.compose import BACKENDS, COMPOSE, FILE, OURS, SERVICES, SIMULATORS, on_host

GRAFANA_PORT = 3000
"""The one that is not of the native stack."""
POSTGRES = "postgres"
SHARED = "topics"
"""Builds the image that `OURS` run."""


def test_it_is_what_the_specification_allows() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    validator = Draft202012Validator(json.loads(schema.read_text("utf-8")))
    faults = [fault.message for fault in validator.iter_errors(yaml.safe_load(FILE.read_text()))]
    assert faults == []


def test_every_part_of_the_native_stack_is_a_service() -> None:
    assert set(PARTS) < set(SERVICES)
    assert set(SERVICES) - set(PARTS) == {
        "topics",
        POSTGRES,
        "grafana",
        *SIMULATORS,
    }


@pytest.mark.parametrize("part", BACKENDS)
def test_versions_are_those_of_the_native_stack(part: str) -> None:
    built = load_manifest(CHECKOUT).parts[part]
    _, tag = SERVICES[part]["image"].split(":")
    assert tag.removeprefix("v") == pinned_version(built, CHECKOUT)


def test_our_images_bear_our_versions() -> None:
    assert {SERVICES[name]["image"] for name in OURS} == {f"filrouge:{filrouge.__version__}"}
    version = pinned_version(load_manifest(CHECKOUT).parts["collector"], CHECKOUT)
    assert SERVICES["collector"]["image"] == f"otelcol-filrouge:{version}"
    assert f"filrouge:{filrouge.__version__}" in (CHECKOUT / "deploy/secrets.sh").read_text()


def test_every_image_has_a_version_and_no_host() -> None:
    for name, service in SERVICES.items():
        image, tag = service["image"].split(":")
        assert re.search(r"\d+\.\d+", tag), name
        assert "." not in image, name


def test_one_service_builds_each_image() -> None:
    built = [service["image"] for service in SERVICES.values() if "build" in service]
    assert sorted(built) == sorted(set(built))
    assert set(built) == {SERVICES[SHARED]["image"], SERVICES["collector"]["image"]}
    for service in SERVICES.values():
        # What is not built is not to be had from a stranger of the same name.
        assert (service.get("pull_policy") == "never") == (service["image"] in built)
        if "build" in service:
            assert (CHECKOUT / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback_and_those_of_the_native_stack(name: str) -> None:
    for published in SERVICES[name].get("ports", []):
        host, outside, inside = published.split(":")
        assert host == HOST
        if name == "grafana":
            assert int(outside) == int(inside) == GRAFANA_PORT
            continue
        assert Port(int(outside)) in PARTS[name].ports
        # Kafka tells its clients where it is: those of this machine have a listener of their own.
        assert inside == (outside if name != "kafka" else "29092")


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].partition(":")[0]) > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["restart"] in {"unless-stopped", "on-failure:5"}
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_what_runs_is_probed(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) == (name not in {"topics", *SIMULATORS})


@pytest.mark.parametrize("name", PARTS)
def test_what_a_part_needs_is_ready_before(name: str) -> None:
    after: dict[str, Any] = SERVICES[name].get("depends_on", {})
    needed = {each for each in PARTS[name].needs if each != "kafka" or name != "tempo"}
    assert needed <= set(after)
    for other, condition in after.items():
        ends = other == "topics"
        expected = "service_completed_successfully" if ends else "service_healthy"
        assert condition == {"condition": expected}
    if "kafka" in PARTS[name].needs:
        assert "topics" in after


@pytest.mark.parametrize("name", PARTS)
def test_a_container_has_as_long_to_stop_as_the_part(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == f"{PARTS[name].stop_wait_s}s"


def test_prometheus_has_the_flags_of_the_native_stack() -> None:
    def named(flags: list[str]) -> dict[str, str]:
        return {name: value for name, _, value in (flag.partition("=") for flag in flags)}

    native = named(shlex.split(script(Place(CHECKOUT, CHECKOUT, 0), "prometheus"))[2:])
    ours = named(SERVICES["prometheus"]["command"])
    own = {"--config.file", "--storage.tsdb.path", "--web.listen-address"}
    assert native["--storage.tsdb.retention.time"] == "${FILROUGE_RETENTION:-26280h}"
    assert native["--storage.tsdb.min-block-duration"] == "${FILROUGE_PROMETHEUS_BLOCK:-2h}"
    assert set(ours) == set(native)
    for name in set(native) - own:
        default = re.fullmatch(r"\$\{\w+:-(.*)\}", native[name])
        assert ours[name] == (default[1] if default else native[name])


def test_every_mounted_path_is_there() -> None:
    grafana = {"provisioning", "dashboards"}
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, _, mode = (*volume.split(":"), "rw")[:3]
            if source.startswith("./"):
                assert mode == "ro", f"{name} may write {source}"
                assert (CHECKOUT / source).exists() or source.rpartition("/")[2] in grafana
            else:
                assert source in COMPOSE["volumes"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kafka", "stack/kafka/server.properties"),
        ("kafka", "stack/kafka/log4j2.properties"),
        ("tempo", "tempo/tempo.yaml"),
        ("loki", "loki/loki.yaml"),
        ("prometheus", "prometheus/prometheus.yaml"),
        ("alertmanager", "alertmanager/alertmanager.yaml"),
    ],
)
def test_a_backend_reads_the_very_file_of_the_native_stack(name: str, path: str) -> None:
    command = " ".join(SERVICES[name]["command"])
    named = re.findall(r"/etc/filrouge/[\w./-]+", command)
    assert CHECKOUT / path in {on_host(name, each) for each in named}
    assert all(each and each.is_file() for each in (on_host(name, path) for path in named))


def test_every_secret_is_used_and_stands_in_no_file_of_the_checkout() -> None:
    used = {
        each if isinstance(each, str) else each["source"]
        for service in SERVICES.values()
        for each in service.get("secrets", [])
    }
    assert used == set(COMPOSE["secrets"])
    ignored = (CHECKOUT / ".gitignore").read_text().splitlines()
    assert "/deploy/secrets/" in ignored
    assert {each["file"].rpartition("/")[0] for each in COMPOSE["secrets"].values()} == {
        "./deploy/secrets"
    }
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("/run/secrets/")


def test_a_secret_lies_where_its_reader_looks() -> None:
    def paths(name: str) -> set[str]:
        return {
            "/run/secrets/" + (each if isinstance(each, str) else each["target"])
            for each in SERVICES[name]["secrets"]
        }

    told = SERVICES["ingestion"]["environment"]["FILROUGE_INGESTION_KEYS"]
    assert paths("ingestion") == {told}
    told = SERVICES[POSTGRES]["environment"]["POSTGRES_PASSWORD_FILE"]
    assert paths(POSTGRES) == {told}
    told = SERVICES["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"]
    assert paths("grafana") == {told}
    folder = SERVICES["monitoring"]["environment"]["FILROUGE_SECRETS"]
    assert paths("monitoring") == {f"{folder}/filrouge_database_url"}
    assert "database_url" in Settings.model_fields


@pytest.mark.parametrize("name", ["topics", "ingestion", "processing", "monitoring"])
def test_our_commands_are_there(name: str) -> None:
    _parse(app, "filrouge", SERVICES[name]["command"])


@pytest.mark.parametrize("name", SIMULATORS)
def test_the_commands_of_the_simulators_are_there(name: str) -> None:
    assert SERVICES[name]["entrypoint"] == ["filrouge-sim"]
    _parse(simulators, "filrouge-sim", SERVICES[name]["command"])


def test_a_command_that_is_not_there_is_refused() -> None:
    with pytest.raises(Exception, match="nonsense"):
        _parse(app, "filrouge", ["serve", "nonsense"])
    with pytest.raises(Exception, match="nonsense"):
        _parse(app, "filrouge", ["nonsense"])


def _parse(cli: typer.Typer, name: str, arguments: list[str]) -> None:
    """Understands a command line, and does nothing.

    Raises:
        Exception: it cannot be understood.
    """
    command: Any = typer.main.get_command(cli)
    context = command.make_context(name, list(arguments))
    if hasattr(command, "resolve_command"):
        sub, child, rest = command.resolve_command(
            context, [*getattr(context, "_protected_args", []), *context.args]
        )
        child.make_context(sub, rest, parent=context)
