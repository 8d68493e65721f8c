"""What is said when a stack cannot start, and that nothing of it stays behind."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import psutil
import pytest

from filrouge.errors import UsageError
from filrouge.stack.alone import alone
from filrouge.stack.built import built
from filrouge.stack.errors import StackError
from filrouge.stack.ports import HOST, Port
from filrouge.stack.processes import marked
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, NewStack, PartialStack

PART = "alertmanager"


@pytest.fixture
def broken_checkout(tmp_path: Path) -> Path:
    """A checkout whose alertmanager.yaml names a receiver that there is not."""
    folder = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / PART, folder / PART)
    (folder / PART / "alertmanager.yaml").write_text("route: {receiver: nobody-at-all}\n")
    shutil.copytree(CHECKOUT / "prometheus", folder / "prometheus")
    return folder


def test_taken_port_is_told_with_its_part_and_holder(new_stack: NewStack) -> None:
    stack = new_stack()
    port = Port.ALERTMANAGER.at(stack.place.offset)
    me = psutil.Process()

    with socket.create_server((HOST, port)), pytest.raises(UsageError) as raised:
        stack.up([PART, "prometheus"])

    assert str(raised.value) == (
        "ports that the stack needs are taken:\n"
        f"  {port} (alertmanager) for alertmanager: held by {me.name()} (pid {me.pid})\n"
        "Stop who holds them, or move all of the stack's ports with --port-offset N (and name "
        "another folder with --data DIR to run beside another stack)."
    )
    assert marked(stack.place.root) == {}


def test_part_that_cannot_start_shows_the_end_of_its_log(
    new_stack: NewStack, broken_checkout: Path
) -> None:
    place = new_stack().place
    stack = Stack(broken_checkout, place.root, place.offset, tools=built(CHECKOUT))

    with pytest.raises(StackError) as raised:
        stack.up(["prometheus", PART])

    assert "alertmanager is not ready after" in str(raised.value)
    assert f"The end of {place.log(PART)}:" in str(raised.value)
    assert 'undefined receiver \\"nobody-at-all\\" used in route' in str(raised.value)
    assert marked(place.root) == {}


def test_failed_up_leaves_alone_what_ran_before(new_stack: NewStack, broken_checkout: Path) -> None:
    place = new_stack().place
    stack = Stack(broken_checkout, place.root, place.offset, tools=built(CHECKOUT))
    stack.up(["prometheus"])
    pid = stack.pid("prometheus")

    with pytest.raises(StackError):
        stack.up(["prometheus", PART])

    assert stack.pid("prometheus") == pid
    assert set(marked(place.root).values()) == {None, "prometheus"}


def test_part_that_is_not_ready_in_time_says_what_it_answered(new_stack: NewStack) -> None:
    stack = new_stack()
    address = stack.url(Port.PROMETHEUS)

    with pytest.raises(StackError, match="prometheus is not ready after 0 s") as raised:
        stack.up(["prometheus"], timeout_s=0)

    assert f"({address}/-/ready: Connection refused)" in str(raised.value)
    assert marked(stack.place.root) == {}


def test_part_that_was_not_built_is_told_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILROUGE_CACHE", str(tmp_path / "empty"))
    stack = Stack(CHECKOUT, tmp_path / "stack", 0)

    with pytest.raises(UsageError, match="is not built; run `filrouge stack build`"):
        stack.up([PART])

    assert not stack.place.root.exists()


def test_second_command_at_the_same_time_is_refused(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])

    with alone(stack.place.root), pytest.raises(UsageError, match="another command is starting"):
        stack.down()

    assert stack.pid(PART) > 0


def test_supervisord_that_cannot_start_says_why(
    new_stack: NewStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = new_stack()
    monkeypatch.setenv("PYTHONHOME", os.devnull)

    with pytest.raises(StackError, match=r"supervisord cannot be started in .*/stacks"):
        stack.up([PART])
