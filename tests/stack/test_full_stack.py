"""All parts together: the stack that other tests share."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

import psutil
import requests
from confluent_kafka.admin import AdminClient

from filrouge.kafka.topics import DEAD_LETTERS, PARTITIONS, TEMPO_SPANS, TOPIC
from filrouge.stack.parts import PARTS
from filrouge.stack.ports import Port
from filrouge.stack.processes import marked
from filrouge.stack.stack import Stack
from tests.conftest import PartialStack

SCRAPED = {"alertmanager", "collector", "loki", "prometheus", "tempo"}


def fetch(url: str) -> Any:
    answer = requests.get(url, timeout=30)
    assert answer.status_code == HTTPStatus.OK
    return answer.json()["data"]


def test_every_part_is_ready(stack: Stack) -> None:
    found = {part.part: part for part in stack.status()}

    assert {name: (part.ready, part.reason) for name, part in found.items()} == dict.fromkeys(
        PARTS, (True, "")
    )
    assert {name: part.pid for name, part in found.items()} == {
        name: process.pid for process, name in marked(stack.place.root).items() if name
    }
    assert all(part.usage and part.usage.memory_bytes > 10_000_000 for part in found.values())


def test_parts_listen_on_loopback_and_on_their_own_ports_alone(stack: Stack) -> None:
    for part in stack.status():
        assert part.pid is not None
        sockets = psutil.Process(part.pid).net_connections("inet")
        listening = {each.laddr for each in sockets if each.status == psutil.CONN_LISTEN}
        hosts = {address[0].removeprefix("::ffff:") for address in listening}
        assert (part.part, hosts) == (part.part, {"127.0.0.1"})
        assert {address[1] for address in listening} == set(part.ports.values()), part.part


def test_topics_have_their_partitions(stack: Stack) -> None:
    topics = AdminClient({"bootstrap.servers": stack.address(Port.KAFKA)}).list_topics().topics

    assert {name: len(topic.partitions) for name, topic in topics.items() if name[0] != "_"} == {
        TOPIC: PARTITIONS,
        DEAD_LETTERS: 1,
        TEMPO_SPANS: 1,
    }


def test_prometheus_scrapes_every_part_under_names_that_stay(stack: Stack) -> None:
    deadline = time.monotonic() + 60
    up: dict[str, str] = {}
    while set(up) != SCRAPED or set(up.values()) != {"up"}:
        assert time.monotonic() < deadline, f"not all targets are scraped: {up}"
        time.sleep(0.5)
        targets = fetch(f"{stack.url(Port.PROMETHEUS)}/api/v1/targets")["activeTargets"]
        up = {target["labels"]["job"]: target["health"] for target in targets}
        assert all(target["labels"]["instance"] == target["labels"]["job"] for target in targets)


def test_prometheus_knows_its_alertmanager(stack: Stack) -> None:
    known = fetch(f"{stack.url(Port.PROMETHEUS)}/api/v1/alertmanagers")["activeAlertmanagers"]

    assert [each["url"] for each in known] == [f"{stack.url(Port.ALERTMANAGER)}/api/v2/alerts"]


def test_retention_of_prometheus_is_the_sites(partial_stack: PartialStack) -> None:
    url = "{}/api/v1/status/flags"
    usual = partial_stack(["prometheus"]).url(Port.PROMETHEUS)
    short = partial_stack(["prometheus"], {"FILROUGE_RETENTION": "48h"}).url(Port.PROMETHEUS)

    assert fetch(url.format(usual))["storage.tsdb.retention.time"] == "3y"
    assert fetch(url.format(short))["storage.tsdb.retention.time"] == "2d"


def test_killed_broker_still_has_its_topics(stack: Stack) -> None:
    stack.kill("kafka")

    stack.start("kafka")

    test_topics_have_their_partitions(stack)
