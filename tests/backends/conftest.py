"""A stack of these tests' own, with the sample in it: as history, and as a copy that ends now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from filrouge.stack.stack import Stack
from tests.backends.asking import DAY_END_S, DAY_START_S, Backends, eventually
from tests.backends.records import SAMPLE
from tests.backends.sending import replay
from tests.conftest import CHECKOUT, WIDE_BLOCKS, free_offset, throwaway


@pytest.fixture(scope="package")
def backends(stack_folder: Path) -> Iterator[Backends]:
    """The backends, once the sample has been sent to them with its own times and as of now.

    Live figures are written each second. Other data in them is of other companies and days.
    """
    environment = {"FILROUGE_SPAN_METRICS_INTERVAL": "1s", **WIDE_BLOCKS}
    with throwaway(Stack(CHECKOUT, stack_folder / "backends", free_offset(), environment)) as stack:
        stack.up()
        replay(stack, SAMPLE)
        replay(stack, SAMPLE, "--rebase", "now")
        backends = Backends(stack)
        # Just started, Tempo takes some seconds to write a block; a copy in the same one stays.
        written = "{ span.ingestion.level = `task` } | count_over_time()"
        eventually(lambda: bool(backends.series(written, DAY_START_S, DAY_END_S)), True)
        yield backends
