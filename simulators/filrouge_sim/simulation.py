"""The stream of all records of all companies, in the order in which they are written."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count

from filrouge_sim.config import Config
from filrouge_sim.delivery import Delivery, Run
from filrouge_sim.faults import afflict
from filrouge_sim.plan import plan
from filrouge_sim.schedule import runs
from filrouge_sim.schema1 import Schema1
from filrouge_sim.schema2 import Schema2
from filrouge_sim.tasks import play

__all__ = ["simulate"]


def simulate(config: Config) -> Iterator[Delivery]:
    """Every line of the simulated runs, ordered by when it is delivered.

    Depends on `config` alone. A run's lines are the same whatever the number of runs and
    companies; memory holds only the runs under way (and what is delayed on its way).
    """
    schema = _schema(config)
    steps = plan(config.zones, config.tasks)

    def lines(run: Run) -> Iterator[Delivery]:
        random = run.random(config.seed, "tasks")
        tasks = list(play(random, run.due_us, run.company, steps, config.failure_rate))
        written = schema.write(run, tasks)
        if not config.faults:
            return written
        randoms = {name: run.random(config.seed, name) for name in config.faults}
        return afflict(written, config.faults, randoms)

    return _in_order((run, lines(run)) for run in runs(config))


def _schema(config: Config) -> Schema1 | Schema2:
    if config.schema == 1:
        return Schema1(config.timezone)
    return Schema2(config.seed, task_started=config.task_started)


def _in_order(runs: Iterable[tuple[Run, Iterable[Delivery]]]) -> Iterator[Delivery]:
    """Merges runs that come in the order they are due, and deliver nothing before that."""
    waiting: list[tuple[int, int, Delivery]] = []
    arrival = count()  # keeps deliveries of one instant in the order they were made
    for run, deliveries in runs:
        while waiting and waiting[0][0] < run.due_us:
            yield heappop(waiting)[2]
        for delivery in deliveries:
            heappush(waiting, (delivery.at_us, next(arrival), delivery))
    while waiting:
        yield heappop(waiting)[2]
