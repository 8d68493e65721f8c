"""What all measurements share: one stack of their own, and a bare collector beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.stack import collectors, records
from benchmarks.stack.collectors import Collector
from filrouge.settings import Settings
from filrouge.stack.guard import guard_stacks_below
from filrouge.stack.stack import Stack

_CHECKOUT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured on.

    Attributes:
        stack: all parts, ready.
        bare: OTLP in, nothing out.
        settings: what makes our own code use the stack.
        folder: for files of records.
        starts: a time for each file, so that no two hold the same runs.
        watch: is told what is running.
    """

    stack: Stack
    bare: Collector
    settings: Settings
    folder: Path
    starts: Iterator[datetime]
    watch: Callable[[str], None]


@contextmanager
def opened(port_offset: int, watch: Callable[[str], None]) -> Iterator[Bench]:
    """A bench with a fresh stack, which is gone when the block ends.

    Args:
        port_offset: the stack's block of ports; the collectors beside it have the blocks above.
        watch: is told what is running.

    Raises:
        UsageError: something is not built, or a port is taken.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        guard_stacks_below(folder)
        environment = {"FILROUGE_TIMEZONE": records.TIMEZONE}
        watch("starting the stack")
        with Stack(_CHECKOUT, folder / "stack", port_offset, environment) as stack:
            stack.up()
            # Both have the layer of their own metrics, so that its cost is no difference.
            configs = [collectors.layers(stack)["self-telemetry"], collectors.config("bare")]
            with collectors.running("bare", stack, 1, configs) as bare:
                settings = Settings(timezone=records.TIMEZONE, stack_port_offset=port_offset)
                yield Bench(stack, bare, settings, folder, records.starts(), watch)
