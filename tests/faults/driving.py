"""Commands at work on a stack, how far they have come, and whether all arrived in the end."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import orjson
import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.commands import command, environment, filrouge, settings_of

PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.02
_SAMPLE: Final = re.compile(r"^(?P<name>\w+)(\{(?P<labels>.*)\})? (?P<value>\S+)$", re.MULTILINE)


class Work:
    """A `filrouge` command under way."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def finish(self) -> tuple[int, str]:
        """Waits for the end: the exit status, and what was said on standard error."""
        _, stderr = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode, stderr.decode()


@contextmanager
def work(stack: Stack, folder: Path, *arguments: str | Path) -> Iterator[Work]:
    """The command, started; it does not outlive the block."""
    patience = {"FILROUGE_OTLP_PATIENCE_S": "120", "FILROUGE_KAFKA_PATIENCE_S": "120"}
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment({**settings_of(stack), **patience}),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield Work(process)
    finally:
        process.kill()
        process.communicate()


def replay_of(stack: Stack, file: Path) -> tuple[str | Path, ...]:
    """The arguments that replay a file to the collector."""
    return "replay", file, "--no-files", "--otlp", stack.url(Port.OTLP_HTTP)


def await_until(reached: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Returns as soon as it is so."""
    deadline_s = time.monotonic() + timeout_s
    while not reached():
        assert time.monotonic() < deadline_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(_POLL_S)


def measured(stack: Stack, metric: str, label: str = "") -> float:
    """One of the collector's own metrics, summed where `label` is in its labels; 0 if absent."""
    text = requests.get(f"{stack.url(Port.COLLECTOR_METRICS)}/metrics", timeout=10).text
    return sum(
        float(each["value"])
        for each in _SAMPLE.finditer(text)
        if each["name"] in {metric, f"{metric}_total"} and label in (each["labels"] or "")
    )


def assert_everywhere(stack: Stack, file: Path, *places: str) -> None:
    """Every record of the file is in each place exactly once."""
    status, runs = verdicts(stack, file, *places)
    wrong = [run for run in runs if not run["right"]]
    assert not wrong, f"{len(wrong)} runs differ, the first in {wrong[0]['places']}"
    assert runs
    assert status == 0


def verdicts(
    stack: Stack, file: Path, *places: str, wait_s: int = 90
) -> tuple[int, list[dict[str, Any]]]:
    """`filrouge verify`: its exit status, and what it tells of each run."""
    where = [argument for place in places for argument in ("--in", place)]
    done = filrouge(
        "verify",
        file,
        *where,
        "--wait",
        str(wait_s),
        "--format",
        "json",
        cwd=file.parent,
        env=settings_of(stack),
        timeout_s=300,
    )
    assert done.stderr == b""
    told = [orjson.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [each for each in told if each["kind"] == "run"]
