"""The registry driven by hand: a clock that the test moves, and messages without a broker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from filrouge.monitoring.intake import Message, batch
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.registry import closing
from filrouge.monitoring.registry.intake import Taken, take
from filrouge.monitoring.registry.offsets import position
from filrouge.records.parse import RecordParser
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Run

PARSER: Final = RecordParser(ZoneInfo("UTC"), frozenset({"1-Raw"}))
POLICY: Final = Policy(10 * NS_PER_S, 900 * NS_PER_S, 3600 * NS_PER_S)
_ANY_OFFSET: Final = 1 << 60


@dataclass
class Monitor:
    """The registry, a topic with as many partitions as are named, and a clock."""

    engine: Engine
    now_s: float = 1_000
    policy: Policy = POLICY
    parser: RecordParser = PARSER
    positions: dict[int, int] = field(default_factory=dict)

    @property
    def now_ns(self) -> int:
        return round(self.now_s * NS_PER_S)

    def read(self, *lines: bytes, partition: int = 0) -> Taken:
        """Reads these lines as the next messages of a partition."""
        first = self.positions.get(partition)
        if first is None:
            first = position(self.engine, partition, 0, _ANY_OFFSET)
        messages = [Message(partition, first + at, line) for at, line in enumerate(lines)]
        taken = self.read_messages(messages, {partition: first})
        self.positions[partition] = first + len(lines)
        return taken

    def read_messages(self, messages: Sequence[Message], positions: dict[int, int]) -> Taken:
        return take(self.engine, batch(self.parser, messages, positions), self.policy, self.now_ns)

    def close_due(self, partitions: Iterable[int] = range(6)) -> list[Run]:
        """Looks at every run that is due."""
        closed = []
        read = list(partitions)
        closing.set_right(self.engine, read, self.policy, self.now_ns)
        for run in closing.due_runs(self.engine, read, self.now_ns):
            found = closing.look_at(self.engine, self.parser, run, self.policy, self.now_ns)
            if found:
                closed.append(found)
        return closed

    def wait(self, seconds: float) -> list[Run]:
        """Lets time pass, and looks again."""
        self.now_s += seconds
        return self.close_due()
