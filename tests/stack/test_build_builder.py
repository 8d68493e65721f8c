"""Building with a Go and a Maven that do it in no time: what lies in the cache, what is told."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.stack.build.missing import build_missing, choose
from filrouge.stack.build.pruning import prune
from filrouge.stack.build.running import BuildError, Runner
from tests.stack.small_checkout import GO, SmallCheckout, Told, small_checkout

FAILING_GO = GO.replace('    echo "building $name"', '    echo "east.go:7: no such thing"; exit 3')
SLOW_GO = GO.replace('    echo "building $name"', '    echo "building $name"; sleep 300')


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    return small_checkout(tmp_path, monkeypatch)


def build(checkout: SmallCheckout, *names: str, runner: Runner | None = None) -> list[str]:
    """Builds parts; gives what was told."""
    told = Told()
    targets = checkout.targets()
    build_missing(targets, choose(targets, names), told, runner or Runner())
    return told.lines


def below(checkout: SmallCheckout, name: str) -> dict[str, str]:
    """All files of a part's finished build, with their content."""
    folder = checkout.targets().all[name].folder
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


def shelved(checkout: SmallCheckout, name: str) -> list[str]:
    """What lies beside a part's finished builds and among them, by name."""
    shelf = checkout.targets().all[name].shelf
    return sorted(path.name for path in shelf.iterdir())


def test_each_kind_of_part_lies_in_its_folder(checkout: SmallCheckout) -> None:
    build(checkout, "collector", "east", "kafka")
    assert below(checkout, "east") == {"bin/east": "east\n"}
    assert below(checkout, "kafka") == {"jars/clients.jar": "jar\n", "jars/kafka.jar": "jar\n"}
    collector = checkout.root / "collector"
    assert below(checkout, "collector") == {
        "bin/otelcol": "package main\n"
        + (collector / "go.mod").read_text()
        + (collector / "go.sum").read_text()
    }


def test_go_is_told_versions_flags_and_to_keep_to_go_sum(checkout: SmallCheckout) -> None:
    build(checkout, "east")
    target = checkout.targets().all["east"]
    first = (target.shelf / "build.log").read_text().splitlines()[0]
    before, out = first.split(" -o ")
    assert before == (
        f"$ cd {checkout.root}/stack/east && CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off "
        f"{checkout.bin}/go build -mod=readonly -trimpath -tags netgo "
        "-ldflags '-s -w -X main.Version=1.2.3'"
    )
    assert Path(out.removesuffix("/ tool")).is_relative_to(target.shelf)


def test_what_is_built_is_not_built_again(checkout: SmallCheckout) -> None:
    assert build(checkout, "east", "west") == [
        "east 1.2.3 started",
        "east 1.2.3 finished, 5 bytes",
        "west 1.2.3 started",
        "west 1.2.3 finished, 5 bytes",
    ]
    assert build(checkout, "east", "west") == []
    checkout.write("stack/west/go.sum", "west h1:other\n")
    assert build(checkout, "east", "west") == ["west 1.2.3 started", "west 1.2.3 finished, 5 bytes"]


def test_collector_brings_its_builder(checkout: SmallCheckout) -> None:
    told = [line.partition(",")[0] for line in build(checkout, "collector")]
    assert told == [
        "collector-builder 1.2.3 started",
        "collector-builder 1.2.3 finished",
        "collector 0.158.0 started",
        "collector 0.158.0 finished",
    ]


def test_failure_shows_the_end_of_the_log_and_the_command(checkout: SmallCheckout) -> None:
    checkout.put_program("go", FAILING_GO)
    with pytest.raises(BuildError) as raised:
        build(checkout, "east")
    target = checkout.targets().all["east"]
    command = (target.shelf / "build.log").read_text().splitlines()[0]
    assert str(raised.value) == (
        f"{checkout.bin}/go ended with status 3. The end of {target.shelf}/build.log:\n\n"
        f"{command}\neast.go:7: no such thing\n\n"
        f"The same by hand:\n\n{command.removeprefix('$ ')}"
    )
    assert not target.is_built


def test_long_log_is_shown_from_its_last_lines_only(checkout: SmallCheckout) -> None:
    lines = "\n".join(f"echo line {number}" for number in range(100))
    checkout.put_program("go", FAILING_GO.replace("exit 3", f"\n{lines}\nexit 3"))
    with pytest.raises(BuildError) as raised:
        build(checkout, "east")
    assert "\n\nline 80\nline 81\n" in str(raised.value)


def test_after_a_failure_nothing_more_is_begun_and_the_rest_stays(checkout: SmallCheckout) -> None:
    build(checkout, "kafka")
    checkout.put_program("go", FAILING_GO)
    told = Told()
    targets = checkout.targets()
    with pytest.raises(BuildError):
        build_missing(targets, choose(targets, ["east", "west", "kafka"]), told, Runner())
    assert told.lines == ["east 1.2.3 started", "east 1.2.3 failed"]
    assert sorted(below(checkout, "kafka")) == ["jars/clients.jar", "jars/kafka.jar"]


def test_next_build_clears_what_a_failed_one_left(checkout: SmallCheckout) -> None:
    checkout.put_program("go", FAILING_GO)
    with pytest.raises(BuildError):
        build(checkout, "east")
    assert [name for name in shelved(checkout, "east") if name.startswith("unfinished-")]
    checkout.put_program("go", GO)
    build(checkout, "east")
    key = checkout.folders()["east"]
    assert shelved(checkout, "east") == sorted([".lock", key, "build.log"])


def test_long_build_gives_a_sign_of_life(checkout: SmallCheckout) -> None:
    checkout.put_program("go", SLOW_GO.replace("sleep 300", "sleep 0.5"))
    told = build(checkout, "west", runner=Runner(beat_s=0.1))
    assert told[0] == "west 1.2.3 started"
    assert set(told[1:-1]) == {"west 1.2.3 still"}
    assert told[-1] == "west 1.2.3 finished, 5 bytes"


BUILD_EAST = """
import sys
from pathlib import Path
from filrouge.stack.build.missing import build_missing, choose
from filrouge.stack.build.running import Runner
from filrouge.stack.build.targets import find_targets
from tests.stack.small_checkout import Told

targets = find_targets(Path(sys.argv[1]), Path(sys.argv[2]))
told = Told()
try:
    build_missing(targets, choose(targets, ["east"]), told, Runner())
finally:
    print(told.lines)
"""


def start_build(checkout: SmallCheckout) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BUILD_EAST, str(checkout.root), str(checkout.cache)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that within 120 s"
        time.sleep(0.02)


def compiling(checkout: SmallCheckout) -> bool:
    """Whether the fake Go has said that it builds."""
    log = checkout.targets().all["east"].shelf / "build.log"
    return log.exists() and "building east" in log.read_text()


def test_killed_build_leaves_nothing_that_passes_for_built(checkout: SmallCheckout) -> None:
    checkout.put_program("go", SLOW_GO)
    with start_build(checkout) as process:
        wait_until(lambda: compiling(checkout))
        os.killpg(process.pid, signal.SIGKILL)
    assert not checkout.targets().all["east"].is_built
    checkout.put_program("go", GO)
    assert build(checkout, "east") == ["east 1.2.3 started", "east 1.2.3 finished, 5 bytes"]


def test_ctrl_c_ends_the_compiler_too(checkout: SmallCheckout) -> None:
    """Even when only the command itself is told."""
    checkout.put_program("go", SLOW_GO.replace("sleep 300", "exec sleep 300"))
    begun = time.monotonic()
    with start_build(checkout) as process:
        wait_until(lambda: compiling(checkout))
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate()
    assert time.monotonic() - begun < 200
    assert told == "['east 1.2.3 started', 'east 1.2.3 failed']\n"


def test_second_builder_waits_and_takes_what_the_first_made(checkout: SmallCheckout) -> None:
    """A lock on an open file is the file's, not the process's: a thread will do here."""
    targets = checkout.targets()
    east, told = targets.all["east"], Told()
    second = threading.Thread(target=build_missing, args=(targets, [east], told, Runner()))
    east.shelf.mkdir(parents=True)
    with (east.shelf / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        wait_until(
            lambda: told.lines == [f"{east.label}: waiting for another process that builds it"]
        )
        east.executable("east").parent.mkdir(parents=True)
        east.executable("east").write_text("made by the first")
        assert second.is_alive()
    second.join(30)
    assert len(told.lines) == 1
    assert below(checkout, "east") == {"bin/east": "made by the first"}


def test_prune_removes_other_builds_of_the_part_only(checkout: SmallCheckout) -> None:
    build(checkout, "east", "west")
    old = checkout.targets().all["east"].folder
    checkout.write("stack/east/go.sum", "east h1:other\n")
    build(checkout, "east")
    assert prune(checkout.targets().all.values()) == [old]
    assert below(checkout, "east") == {"bin/east": "east\n"}
    assert below(checkout, "west") == {"bin/west": "west\n"}


def test_a_part_that_does_not_exist_is_told_with_those_that_do(checkout: SmallCheckout) -> None:
    with pytest.raises(UsageError) as raised:
        choose(checkout.targets(), ["east", "south"])
    assert str(raised.value) == (
        "no part is called south; there are collector-builder, collector, east, west, kafka"
    )
