"""A collector under test: what is sent to it, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.request import urlopen
from uuid import uuid4

import requests
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from filrouge.kafka.topics import PARTITIONS
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge.telemetry.otlp_json import Signal
from tests.collector.backends import Backends

_ANSWER_S: Final = 30.0


class Bench:
    """A collector that listens to a topic of its own.

    Attributes:
        stack: in which it runs.
        backends: what it sends to.
        topic: its own.
    """

    def __init__(self, stack: Stack, backends: Backends) -> None:
        self.stack = stack
        self.backends = backends
        self.topic = f"records-{uuid4()}"
        admin = AdminClient({"bootstrap.servers": stack.address(Port.KAFKA)})
        [created] = admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)]).values()
        created.result()

    def start(self, **variables: str) -> None:
        """Starts it, or starts it again if these variables are others than before."""
        environment = {
            **self.backends.environment(),
            "FILROUGE_DATA": str(self.stack.place.data("collector") / self.topic),
            "FILROUGE_KAFKA_TOPIC": self.topic,
            "FILROUGE_KAFKA_GROUP": self.topic,
            "FILROUGE_SPAN_METRICS_INTERVAL": "1s",
            **variables,
        }
        self.stack.up(["collector"], environment)

    def come_back(self) -> Backends:
        """Backends where the former ones were, which are gone."""
        self.backends = self.backends.again()
        return self.backends

    def publish(self, records: Iterable[bytes]) -> None:
        """Puts messages on the topic; returns when Kafka has them."""
        producer = Producer(
            {"bootstrap.servers": self.stack.address(Port.KAFKA), "message.max.bytes": 2 << 20}
        )
        for record in records:
            producer.produce(self.topic, record)
        assert producer.flush(_ANSWER_S) == 0

    def send(self, signal: Signal, request: bytes) -> int:
        """Posts OTLP/JSON to the collector; the HTTP status of its answer."""
        url = f"{self.stack.url(Port.OTLP_HTTP)}/v1/{signal}"
        headers = {"Content-Type": "application/json"}
        return requests.post(url, request, headers=headers, timeout=_ANSWER_S).status_code

    def own_metrics(self) -> str:
        """What Prometheus would scrape of the collector itself."""
        with urlopen(f"{self.stack.url(Port.COLLECTOR_METRICS)}/metrics") as answer:  # noqa: S310
            text: str = answer.read().decode()
        return text

    def own_metric(self, name: str) -> float:
        """The sum of one of its metrics over all labels; 0 before it is there."""
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self.own_metrics(), re.MULTILINE)
        return sum(map(float, found))
