"""A test session that is killed takes its stacks along."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from filrouge.stack.processes import gone, marked
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, NewStack

SESSION = """
import sys, time
from pathlib import Path
from filrouge.stack.guard import guard_stacks_below
from filrouge.stack.stack import Stack

root = Path(sys.argv[2])
guard_stacks_below(root.parent)
Stack(Path(sys.argv[1]), root, int(sys.argv[3])).up(["alertmanager"])
print("up", flush=True)
time.sleep(60)
"""


def test_killed_session_leaves_no_process(new_stack: NewStack, tmp_path: Path) -> None:
    root = tmp_path / "stack"
    arguments = [str(CHECKOUT), str(root), str(new_stack().place.offset)]
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION, *arguments], stdout=subprocess.PIPE, text=True
    )
    with session:
        assert session.stdout is not None
        assert session.stdout.readline() == "up\n"
        running = marked(root)
        assert set(running.values()) == {None, "alertmanager"}

        session.kill()

    assert gone(running, wait_s=60)


def test_stack_elsewhere_outlives_the_session(new_stack: NewStack, tmp_path: Path) -> None:
    guarded = tmp_path / "guarded" / "stack"
    elsewhere: Stack = new_stack()
    elsewhere.up(["alertmanager"])
    other = new_stack().place.offset
    arguments = [str(CHECKOUT), str(guarded), str(other)]
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION, *arguments], stdout=subprocess.PIPE, text=True
    )
    with session:
        assert session.stdout is not None
        session.stdout.readline()
        running = marked(guarded)
        session.kill()

    assert gone(running, wait_s=60)
    time.sleep(1)
    assert elsewhere.pid("alertmanager") > 0
