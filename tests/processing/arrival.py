"""What processing must have delivered, and whether it has."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import requests
from confluent_kafka import Consumer, Producer, TopicPartition

from filrouge.backends.tempo import Tempo
from filrouge.kafka.topics import PARTITIONS, PROCESSING_GROUP, TOPIC, message_key
from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.line import Line
from filrouge.stack.ports import HOST, Port
from filrouge.stack.stack import Stack
from filrouge.verify.expected import Place, expected
from filrouge.verify.items import Item, span
from filrouge.verify.reference import Wanted, reference
from tests.commands import command, environment, settings_of
from tests.faults.driving import await_until
from tests.records.samples import ZONES

_TASK: Final = "task "
_TEXTS: Final = ZoneInfo("UTC")


def publish(stack: Stack, lines: list[bytes]) -> None:
    """Puts records on the topic as their producers would; returns when Kafka has them."""
    producer = Producer({"bootstrap.servers": stack.address(Port.KAFKA), "linger.ms": 20})
    for line in lines:
        record = line.rstrip(b"\n")
        run = run_of(record)
        producer.produce(TOPIC, record, message_key(run) if run else None)
        producer.poll(0)
    assert producer.flush(60) == 0


def expected_tasks(lines: list[bytes]) -> Counter[Item]:
    """The span of each task that the records tell of."""
    told = [Line(line.rstrip(b"\n"), 0, 0, "test") for line in lines]
    runs = reference(lambda: iter(told), Wanted([])).runs(RecordParser(_TEXTS, ZONES))
    return Counter(
        item for run in runs for item in expected(run).items[Place.TEMPO] if _is_task(item)
    )


def found_tasks(stack: Stack, wanted: Counter[Item]) -> Counter[Item]:
    """All task spans in the traces of the wanted ones."""
    tempo = Tempo(stack.url(Port.TEMPO_HTTP))
    traces = {str(item.key[0]) for item in wanted}
    seen = (span(*each) for trace in traces for each in tempo.spans(trace))
    return Counter(item for item in seen if _is_task(item))


def assert_all_arrive(stack: Stack, lines: list[bytes], copies: bool = False) -> None:
    """Every task's span comes to be in Tempo, and nothing is left to commit.

    Args:
        stack: where.
        lines: the records.
        copies: whether a span may be there twice, for what was under way between other parts when
            one of them died may come twice at once, and Tempo keeps both (docs/faults.md).
    """
    wanted = expected_tasks(lines)
    assert wanted
    await_until(lambda: lag(stack) == 0, "everything is committed")
    await_until(lambda: (found_tasks(stack, wanted) & wanted) == wanted, "every span is in Tempo")
    found = found_tasks(stack, wanted)
    assert found.keys() == wanted.keys()
    assert copies or found == wanted


def lag(stack: Stack) -> int:
    """Messages on the topic that the group has not committed."""
    return sum(end - committed for committed, end in positions(stack))


def positions(stack: Stack) -> list[tuple[int, int]]:
    """Of each partition what the group has committed, and its end."""
    consumer = Consumer(
        {"bootstrap.servers": stack.address(Port.KAFKA), "group.id": PROCESSING_GROUP}
    )
    try:
        partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        committed = consumer.committed(partitions, timeout=30)
        ends = [consumer.get_watermark_offsets(each, timeout=30)[1] for each in partitions]
        return [(max(each.offset, 0), end) for each, end in zip(committed, ends, strict=True)]
    finally:
        consumer.close()


class Instance:
    """A second instance of the service."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self._url = url

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self._url}/readyz", timeout=10).ok
        except requests.RequestException:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def another_instance(
    stack: Stack, log: Path, port: int, more: Mapping[str, str] | None = None
) -> Iterator[Instance]:
    """The service in a process of its own, ready; it does not outlive the block."""
    variables = {
        **settings_of(stack),
        "FILROUGE_PROCESSING_PORT": str(port),
        **(more or {}),
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            command("serve", "processing"),
            env=environment(variables),
            cwd=log.parent,
            stderr=file,
        )
    instance = Instance(process, f"http://{HOST}:{port}")
    try:
        await_until(instance.is_ready, f"the instance is ready: {log.read_text()}")
        yield instance
    finally:
        process.kill()
        process.wait()


def _is_task(item: Item) -> bool:
    return f"({_TASK}" in item.words
