"""The real stack, for every test that asks for it.

Such a test gets the marker `stack`. What is not built fails it, and the failure says what to run.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
from psutil import NoSuchProcess

from filrouge.stack.guard import guard_stacks_below
from filrouge.stack.processes import marked
from filrouge.stack.stack import Stack
from tests.offsets import free_offset
from tests.spreading import StackScheduling, order

__all__ = ["CHECKOUT", "WIDE_BLOCKS", "NewStack", "PartialStack", "free_offset", "throwaway"]

CHECKOUT = Path(__file__).parents[1]
WIDE_BLOCKS: Final = {"FILROUGE_PROMETHEUS_BLOCK": "1d"}
"""For tests that send points of many months: Prometheus goes through them block by block."""

os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")  # brokers live for minutes


@contextmanager
def throwaway(stack: Stack) -> Iterator[Stack]:
    """The stack, to be used in the block; nobody needs its data after that.

    So it is killed, for Tempo takes 25 s to stop; tests/stack stops stacks as people do.
    """
    try:
        yield stack
    finally:
        processes = marked(stack.place.root)
        for process in sorted(processes, key=lambda each: processes[each] is not None):
            with suppress(NoSuchProcess):
                process.kill()  # supervisord first, lest it starts parts anew
        stack.down()


class NewStack(Protocol):
    """Makes a stack of the test's own, which is not started yet and ends with the test."""

    def __call__(self, environment: Mapping[str, str] | None = None) -> Stack:
        """The stack; `environment` is over what the parts are told otherwise."""


class PartialStack(Protocol):
    """Makes a stack of the test's own with some parts up and ready; it ends with the test."""

    def __call__(self, parts: Iterable[str], environment: Mapping[str, str] | None = None) -> Stack:
        """The stack; `environment` is over what the parts are told otherwise."""


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "stack_folder" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stack)
    if hasattr(config, "workerinput"):  # one of several
        items.sort(key=order)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> StackScheduling:
    return StackScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C works in tests that send it; a shell's background job, say of a CI, ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tests have their stacks, which end with this session even if it is killed."""
    folder = tmp_path_factory.mktemp("stacks")
    guard_stacks_below(folder)
    return folder


@pytest.fixture(scope="session")
def stack(stack_folder: Path) -> Iterator[Stack]:
    """All parts, up and ready: one stack for the whole session.

    A test that stops, kills or restarts a part leaves it ready again.
    """
    with throwaway(Stack(CHECKOUT, stack_folder / "shared", free_offset())) as stack:
        stack.up()
        yield stack


@pytest.fixture(scope="session")
def stack_roots(stack_folder: Path) -> Iterator[Path]:
    """A folder for each stack that a test has of its own."""
    return (stack_folder / str(number) for number in count())


@pytest.fixture
def new_stack(stack_roots: Iterator[Path]) -> Iterator[NewStack]:
    """`new_stack()`: a stack of the test's own, to be started by it."""
    with ExitStack() as opened:

        def make(environment: Mapping[str, str] | None = None) -> Stack:
            stack = Stack(CHECKOUT, next(stack_roots), free_offset(), environment)
            return opened.enter_context(throwaway(stack))

        yield make


@pytest.fixture
def partial_stack(new_stack: NewStack) -> PartialStack:
    """`partial_stack(["tempo"])`: a stack of the test's own with these parts ready."""

    def make(parts: Iterable[str], environment: Mapping[str, str] | None = None) -> Stack:
        stack = new_stack(environment)
        stack.up(parts)
        return stack

    return make
