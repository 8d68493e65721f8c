"""`filrouge stack build` and `lock` as people see them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from filrouge.cli import stack_build
from filrouge.stack.build.progress import Lines, Spinners, clocks
from filrouge.stack.build.running import BuildError
from filrouge.stack.build.targets import CACHE_VARIABLE
from tests.stack.small_checkout import GO, SmallCheckout, small_checkout

TIDY = GO.replace("env)", 'mod) echo "tidied $*" >> go.sum ;;\nenv)')
RESOLVING_BUILDER = """
case "$PATH" in */bin:*) ;; *) exit 1 ;; esac
while [ "$1" != --output-path ]; do shift; done
echo "module resolved" > "$2/go.mod"
echo "receiver h1:new" >> "$2/go.sum"
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    made = small_checkout(tmp_path, monkeypatch)
    monkeypatch.setenv(CACHE_VARIABLE, str(made.cache))
    monkeypatch.setattr(stack_build, "find_checkout", lambda: made.root)
    return made


def without_times(text: str) -> list[str]:
    return re.sub(r"in \d+ s", "in N s", text).splitlines()


@pytest.mark.usefixtures("checkout")
def test_build_prints_a_line_at_each_beginning_and_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack_build.build(["east", "collector"])
    assert without_times(capsys.readouterr().out) == [
        "collector-builder 1.2.3: building",
        "collector-builder 1.2.3: built in N s, 0 MB",
        "collector 0.158.0: building",
        "collector 0.158.0: built in N s, 0 MB",
        "east 1.2.3: building",
        "east 1.2.3: built in N s, 0 MB",
        "built: collector 0.158.0, east 1.2.3",
    ]


def test_second_build_says_what_is_there_and_prunes_when_asked(
    checkout: SmallCheckout, capsys: pytest.CaptureFixture[str]
) -> None:
    stack_build.build(["east"])
    old = checkout.targets().all["east"].folder
    checkout.write("stack/east/go.sum", "east h1:other\n")
    stack_build.build(["east"])
    capsys.readouterr()
    stack_build.build(["east"], prune_others=True)
    assert capsys.readouterr().out == f"built: east 1.2.3\nremoved {old}\n"


def test_lock_renews_the_sums_of_a_go_part(checkout: SmallCheckout) -> None:
    checkout.put_program("go", TIDY)
    stack_build.lock(["west"])
    assert (checkout.root / "stack/west/go.sum").read_text() == "west h1:hash\ntidied mod tidy\n"
    assert (checkout.root / "stack/east/go.sum").read_text() == "east h1:hash\n"


def test_lock_takes_what_the_builder_resolves_for_the_collector(checkout: SmallCheckout) -> None:
    """It is the builder as just renewed, and is given the sums that were there, to check them."""
    checkout.put_program("ocb", RESOLVING_BUILDER)
    checkout.put_program("go", TIDY)
    stack_build.lock(["collector-builder", "collector"])
    collector = checkout.root / "collector"
    assert checkout.targets().all["collector-builder"].is_built
    assert (collector / "go.mod").read_text() == "module resolved\n"
    assert (collector / "go.sum").read_text() == "receiver h1:hash\nreceiver h1:new\n"


def test_lock_that_fails_leaves_what_was_there(checkout: SmallCheckout) -> None:
    checkout.put_program("ocb", RESOLVING_BUILDER + "echo no such module; exit 1")
    with pytest.raises(BuildError, match="no such module"):
        stack_build.lock(["collector"])
    assert (checkout.root / "collector/go.sum").read_text() == "receiver h1:hash\n"


def test_lines_tell_minutes_seconds_and_megabytes() -> None:
    out = io.StringIO()
    lines = Lines(Console(file=out))
    lines.started("loki 3.7.8")
    lines.still("loki 3.7.8", 119.7)
    lines.finished("loki 3.7.8", 162.6, 157_200_000)
    assert out.getvalue().splitlines() == [
        "loki 3.7.8: building",
        "loki 3.7.8: still building after 2 min",
        "loki 3.7.8: built in 163 s, 157 MB",
    ]


def test_terminal_shows_a_clock_for_each_part_at_work() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, color_system=None)
    with clocks(console) as progress:
        spinners = Spinners(console, progress)
        spinners.started("loki 3.7.8")
        spinners.started("kafka 4.1.1")
        spinners.still("loki 3.7.8", 60)
        spinners.finished("kafka 4.1.1", 12, 44_000_000)
        progress.refresh()
        assert [task.description for task in progress.tasks] == ["loki 3.7.8"]
        spinners.failed("loki 3.7.8")
        assert progress.tasks == []
    assert "loki 3.7.8: building 0:00:00" in out.getvalue()
    assert "kafka 4.1.1: built in 12 s, 44 MB" in out.getvalue()
