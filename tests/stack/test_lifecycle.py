"""A stack's life with its quickest parts; they are real processes below a real supervisord."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from filrouge.errors import UsageError
from filrouge.stack.errors import NotRunningError, StackError
from filrouge.stack.ports import Port
from filrouge.stack.processes import gone, marked
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, NewStack, PartialStack, free_offset
from tests.stack.watching import Recorder

PART = "alertmanager"
PARTS = ("alertmanager", "prometheus")


def kill_supervisor(stack: Stack) -> None:
    (found,) = [process for process, part in marked(stack.place.root).items() if part is None]
    found.kill()
    assert gone([found], wait_s=60)


def states(stack: Stack) -> dict[str, tuple[str, bool]]:
    return {each.part: (each.state, each.ready) for each in stack.status() if each.part in PARTS}


def logged_at(stack: Stack, part: str, words: str) -> str:
    """The time of a log line, which comes first or behind `time=`; in UTC, so text compares."""
    (line,) = [line for line in stack.log_tail(part).splitlines() if words in line]
    return line.removeprefix("time=").split()[0]


def test_up_makes_parts_ready_and_down_leaves_no_process(new_stack: NewStack) -> None:
    stack = new_stack()
    watcher = Recorder()

    stack.up(PARTS, watcher=watcher)

    running = marked(stack.place.root)
    assert sorted(part or "supervisord" for part in running.values()) == [*PARTS, "supervisord"]
    assert [each.part for each in stack.status() if each.ready] == ["prometheus", "alertmanager"]
    assert sorted(watcher.became_ready) == sorted(PARTS)

    stack.down(watcher=watcher)

    assert gone(running, wait_s=0)
    assert marked(stack.place.root) == {}
    assert sorted(watcher.have_stopped) == sorted(PARTS)
    assert not stack.place.socket.exists()


def test_collector_stops_before_the_backends(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART, "collector"])
    watcher = Recorder()

    stack.down(watcher=watcher)

    assert watcher.have_stopped == ["collector", PART]
    assert logged_at(stack, "collector", "Shutdown complete") < logged_at(stack, PART, "SIGTERM")


def test_down_keeps_data_unless_it_is_to_be_deleted(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])

    stack.down()
    assert stack.place.data(PART).is_dir()

    stack.down(delete_data=True)
    assert not stack.place.root.exists()


def test_down_where_nothing_ever_ran_changes_nothing(new_stack: NewStack) -> None:
    stack = new_stack()

    stack.down(delete_data=True)

    assert not stack.place.root.exists()


def test_second_up_leaves_the_processes_alone(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    pid = stack.pid(PART)

    stack.up([PART])

    assert stack.pid(PART) == pid


def test_up_starts_only_what_is_missing(partial_stack: PartialStack) -> None:
    stack = partial_stack(PARTS)
    stack.kill("prometheus")
    before = stack.pid(PART)
    assert {part: ready for part, (_, ready) in states(stack).items()} == {
        "alertmanager": True,
        "prometheus": False,
    }

    stack.up(PARTS)

    assert stack.pid(PART) == before
    assert all(ready for _, ready in states(stack).values())


def test_part_with_another_environment_is_started_again(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    before = stack.pid(PART)

    stack.start(PART, environment={"FILROUGE_WORD": 'it\'s "quoted" $HOME %(here)s ; #'})

    environ = psutil.Process(stack.pid(PART)).environ()
    assert stack.pid(PART) != before
    assert environ["FILROUGE_WORD"] == 'it\'s "quoted" $HOME %(here)s ; #'


def test_killed_part_stays_down_until_started(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    process = psutil.Process(stack.pid(PART))

    stack.kill(PART)

    assert gone([process], wait_s=0)
    assert "Received SIGTERM" not in stack.log_tail(PART)
    with pytest.raises(StackError, match="alertmanager does not run"):
        stack.pid(PART)

    stack.start(PART)
    assert stack.pid(PART) != process.pid


def test_stopped_part_has_time_to_end_well(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])

    stack.stop(PART)

    assert "Received SIGTERM" in stack.log_tail(PART)


def test_part_that_dies_is_started_again(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    process = psutil.Process(stack.pid(PART))

    process.kill()
    assert gone([process], wait_s=60)
    stack.wait_ready(PART, timeout_s=90)

    assert stack.pid(PART) != process.pid


def test_restarted_part_is_another_process(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    before = stack.pid(PART)

    stack.restart(PART)

    assert stack.pid(PART) != before


def test_two_stacks_live_side_by_side(partial_stack: PartialStack) -> None:
    one, other = partial_stack([PART]), partial_stack([PART])

    one.down()

    assert one.url(Port.ALERTMANAGER) != other.url(Port.ALERTMANAGER)
    assert states(one)[PART] == ("stopped", False)
    assert states(other)[PART][1] is True


def test_up_takes_over_when_supervisord_was_killed(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    orphan = psutil.Process(stack.pid(PART))
    kill_supervisor(stack)

    assert states(stack)[PART][0] == "orphaned"
    stack.up([PART])

    assert gone([orphan], wait_s=0)
    assert states(stack)[PART][1] is True


def test_down_finds_the_orphans_of_a_killed_supervisord(partial_stack: PartialStack) -> None:
    stack = partial_stack(PARTS)
    running = marked(stack.place.root)
    kill_supervisor(stack)

    stack.down()

    assert gone(running, wait_s=0)


def test_stale_pid_file_and_socket_harm_nobody(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    kill_supervisor(stack)
    pid_file = stack.place.root / "supervisord.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert stack.place.socket.exists()

    stack.up([PART])
    stack.down()

    assert not pid_file.exists()
    assert states(stack)[PART] == ("stopped", False)


def test_stopping_a_part_of_no_stack_says_how_to_start_one(new_stack: NewStack) -> None:
    stack = new_stack()

    with pytest.raises(NotRunningError, match=r"no stack lives in .*; start one with filrouge"):
        stack.stop(PART)

    stack.place.create()
    with pytest.raises(NotRunningError, match=r"no stack runs in .*; start it with filrouge"):
        stack.stop(PART)


def test_other_ports_are_refused_while_the_stack_runs(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    place = stack.place
    moved = Stack(CHECKOUT, place.root, place.offset + 1)

    with pytest.raises(UsageError, match=f"runs with --port-offset {place.offset}"):
        moved.up([PART])


def test_stopped_stack_can_move_to_other_ports(partial_stack: PartialStack) -> None:
    stack = partial_stack([PART])
    stack.down()
    offset = free_offset()

    with Stack(CHECKOUT, stack.place.root, offset) as moved:
        moved.up([PART])
        assert moved.remembered_offset() == offset


def test_parts_are_stopped_when_up_is_interrupted(new_stack: NewStack) -> None:
    stack = new_stack()
    watcher = Recorder(on_ready=lambda: os.kill(os.getpid(), signal.SIGINT))

    with pytest.raises(KeyboardInterrupt):
        stack.up(PARTS, watcher=watcher)

    assert marked(stack.place.root) == {}


@pytest.mark.parametrize("name", ['it\'s 100% "mine" ; #1 é', "x" * 100], ids=["odd", "long"])
def test_folder_may_have_any_name(stack_folder: Path, name: str) -> None:
    with Stack(CHECKOUT, stack_folder / name, free_offset()) as stack:
        stack.up(["prometheus"])

        environ = psutil.Process(stack.pid("prometheus")).environ()
        assert environ["FILROUGE_DATA"] == str(stack_folder / name / "data" / "prometheus")

    assert marked(stack.place.root) == {}


def test_unknown_part_is_answered_with_the_known_ones(new_stack: NewStack) -> None:
    with pytest.raises(UsageError, match=r"no part tempi; its parts are kafka, tempo, loki"):
        new_stack().up(["tempi"])


def test_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(UsageError, match="holds something that no stack wrote"):
        Stack(CHECKOUT, tmp_path, 0).up([PART])

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
