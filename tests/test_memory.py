"""What a replay changes in the process is put back."""

from __future__ import annotations

import gc

from filrouge.memory import tuned_for_batches


def test_collector_is_as_before_even_after_an_error() -> None:
    """A service in the same process must not find it changed."""
    before = gc.get_threshold()
    try:
        with tuned_for_batches():
            assert gc.isenabled()
            assert gc.get_threshold() > before
            raise InterruptedError
    except InterruptedError:
        assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
