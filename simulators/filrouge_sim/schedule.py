"""Which runs there are, and when each is due."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from filrouge_sim.catalogue import company
from filrouge_sim.config import Config
from filrouge_sim.delivery import Run

__all__ = ["runs"]


def runs(config: Config) -> Iterator[Run]:
    """The runs of all companies in the order in which they are due."""
    companies = [company(index) for index in range(config.companies)]
    endless = (Run(name, run_id, due_us) for due_us, run_id in _ticks(config) for name in companies)
    return islice(endless, config.runs)


def _ticks(config: Config) -> Iterator[tuple[int, str]]:
    """The instants at which runs are due, and their sequences.

    When clocks go back an hour of sequences would come again. A sequence names one run, so the
    second hour is left out, as schedulers by local time do.
    """
    start = config.start if config.start.tzinfo else config.start.replace(tzinfo=config.timezone)
    due_s = int(start.timestamp())
    while True:
        local = datetime.fromtimestamp(due_s, config.timezone)
        if not local.fold:
            yield due_s * 1_000_000, local.strftime("%Y-%m-%d-%H-%M")
        due_s += int(config.every.total_seconds())
