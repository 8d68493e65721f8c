"""The keys of the cache: what changes them and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.stack.build.targets import cache_folder
from tests.stack.small_checkout import MANIFEST, SmallCheckout, small_checkout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    return small_checkout(tmp_path, monkeypatch)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("file", "text", "parts"),
    [
        ("stack/east/go.sum", "east h1:other\n", {"east"}),
        ("stack/kafka/pom.xml", "<kafka.version>4.1.2</kafka.version>\n", {"kafka"}),
        ("collector/go.sum", "receiver h1:other\n", {"collector"}),
        ("collector/builder.yaml", "dist: {version: 0.159.0}\n", {"collector"}),
        # Another builder makes another collector.
        ("stack/collector-builder/go.sum", "other\n", {"collector-builder", "collector"}),
        ("stack/manifest.toml", MANIFEST.replace("netgo", "osusergo"), {"east"}),
        ("stack/manifest.toml", MANIFEST.replace("main.Version", "main.Release"), {"east"}),
        # What only runs or fetches them does not change what comes out.
        ("stack/manifest.toml", MANIFEST.replace("1.26.6", "1.26.7"), set()),
        ("collector/Dockerfile", "FROM scratch\n", set()),
        ("stack/kafka/server.properties", "listeners=\n", set()),
    ],
)
def test_a_change_builds_anew_what_is_made_of_it_and_nothing_else(
    checkout: SmallCheckout, file: str, text: str, parts: set[str]
) -> None:
    before = checkout.folders()
    checkout.write(file, text)
    assert changed(before, checkout.folders()) == parts


def test_keys_do_not_depend_on_where_checkout_and_cache_lie(
    checkout: SmallCheckout, tmp_path: Path
) -> None:
    before = checkout.folders()
    checkout.root = checkout.root.rename(tmp_path / "elsewhere")
    checkout.cache = tmp_path / "other-cache"
    assert checkout.folders() == before


def test_a_file_that_a_part_is_built_from_is_missed_by_name(checkout: SmallCheckout) -> None:
    (checkout.root / "stack/west/go.sum").unlink()
    with pytest.raises(UsageError, match=r"stack/west/go\.sum cannot be read: No such file"):
        checkout.targets()


def test_cache_is_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILROUGE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("FILROUGE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().name == "filrouge"
