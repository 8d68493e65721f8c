"""The collector cannot write its queue."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from filrouge.stack.errors import StackError
from filrouge.stack.stack import Stack
from tests.conftest import NewStack
from tests.faults.driving import assert_everywhere, await_until, measured, replay_of, work
from tests.simulated import write_simulated

pytestmark = pytest.mark.slow


@contextmanager
def files_up_to(stack: Stack, part: str, size: int) -> Iterator[None]:
    """The part's files cannot grow beyond so many bytes, as if the disk were full there.

    A limit on the running process, for mounting a small disk takes rights that not everybody has.
    """
    pid = stack.pid(part)
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def test_a_sender_waits_until_a_full_disk_has_room_again(
    broken_stack: Stack, tmp_path: Path
) -> None:
    file = write_simulated(tmp_path / "records.ndjson", "2025-09-01T06:00", runs=20, tasks=400)
    broken_stack.restart("collector")  # which makes its queues' files as small as they can be
    refused = "otelcol_exporter_enqueue_failed_log_records"
    before = measured(broken_stack, refused, "otlp_http/loki")
    queues = broken_stack.place.data("collector") / "queues"
    largest = max(each.stat().st_size for each in queues.iterdir() if each.is_file())

    with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
        with files_up_to(broken_stack, "collector", largest):
            await_until(
                lambda: measured(broken_stack, refused, "otlp_http/loki") > before, "it is refused"
            )
            assert replay.is_running

        assert replay.finish() == (0, "")

    assert_everywhere(broken_stack, file)


def test_a_collector_that_may_not_write_its_queue_says_so_and_does_not_start(
    new_stack: NewStack,
) -> None:
    """/sys takes no new folder, whoever asks."""
    stack = new_stack({"FILROUGE_DATA": "/sys"})

    with pytest.raises(StackError, match=r"collector is not ready .*(\n.*)*/sys/queues"):
        stack.up(["collector"])
