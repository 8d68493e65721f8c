"""What containers run and ask, with the native stack's executables: the same releases."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from filrouge.kafka.topics import DEAD_LETTERS, PARTITIONS, TEMPO_SPANS, TOPIC
from filrouge.stack.built import built
from filrouge.stack.ports import HOST, Port
from tests.commands import filrouge
from tests.conftest import CHECKOUT, PartialStack, free_offset
from tests.containers.compose import SERVICES, environment
from tests.faults.driving import await_until

_PATIENCE_S: Final = 90.0
_HOST_LISTENER: Final = "29092"
_SPARE: Final = Port.TEMPO_HTTP
"""Nobody's in a block that has Kafka alone: where its listener for this machine is."""


def probe(part: str, offset: int) -> list[str]:
    """The health check, of a part in a block of ports that is shifted."""
    kind, executable, *arguments = SERVICES[part]["healthcheck"]["test"]
    assert kind == "CMD"
    tool = built().executable(executable.rpartition("/")[2])
    [port] = [port for port in Port if f":{int(port)}" in " ".join(arguments)]
    return [
        str(tool),
        *(each.replace(f":{int(port)}", f":{port.at(offset)}") for each in arguments),
    ]


def status(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode


def test_health_checks_tell_what_is_ready_from_what_is_not(partial_stack: PartialStack) -> None:
    parts = ["loki", "prometheus", "alertmanager"]
    stack = partial_stack(parts)

    assert {part: status(probe(part, stack.place.offset)) for part in parts} == dict.fromkeys(
        parts, 0
    )

    nobody = free_offset()
    assert all(status(probe(part, nobody)) for part in parts)


@pytest.mark.stack
def test_kafka_starts_as_its_container_does_and_is_given_its_topics(tmp_path: Path) -> None:
    _, *command = SERVICES["kafka"]["healthcheck"]["test"]
    offset = free_offset()
    asked = [each.replace("kafka/9092", f"{HOST}/{Port.KAFKA.at(offset)}") for each in command]
    assert status(asked) != 0
    with running_kafka(offset, tmp_path) as kafka:
        await_until(
            lambda: status(asked) == 0 or kafka.poll() is not None, "Kafka listens", _PATIENCE_S
        )
        assert kafka.poll() is None, (tmp_path / "kafka.log").read_text()

        brokers = f"{HOST}:{Port.KAFKA.at(offset)}"
        env = {"FILROUGE_KAFKA_BROKERS": brokers, "FILROUGE_KAFKA_PATIENCE_S": str(_PATIENCE_S)}
        made = [filrouge(*SERVICES["topics"]["command"], cwd=tmp_path, env=env) for _ in range(2)]

        assert [(each.returncode, each.stderr) for each in made] == [(0, b"")] * 2
        assert [each.stdout.decode().strip() for each in made] == [
            f"created: {TOPIC}, {DEAD_LETTERS}, {TEMPO_SPANS}",
            "all topics are there",
        ]
        # By the listener for this machine, which says where the brokers are that clients go to.
        client = AdminClient({"bootstrap.servers": f"{HOST}:{_SPARE.at(offset)}"})
        found = client.list_topics(timeout=30)
        assert {name: len(each.partitions) for name, each in found.topics.items()} == {
            TOPIC: PARTITIONS,
            DEAD_LETTERS: 1,
            TEMPO_SPANS: 1,
        }
        assert [f"{each.host}:{each.port}" for each in found.brokers.values()] == [brokers]
        resource = ConfigResource(ResourceType.TOPIC, TEMPO_SPANS)
        [told] = client.describe_configs([resource]).values()
        assert told.result()["max.message.bytes"].value == str(16 << 20)


def test_topics_of_a_kafka_that_is_away_are_told_in_a_sentence(tmp_path: Path) -> None:
    env = {"FILROUGE_KAFKA_BROKERS": f"{HOST}:1", "FILROUGE_KAFKA_PATIENCE_S": "0.1"}

    done = filrouge("topics", cwd=tmp_path, env=env)

    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"filrouge: Kafka at {HOST}:1 has not made the topics")


@contextmanager
def running_kafka(offset: int, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Kafka by the container's own command, with what differs on this machine put in its place."""
    [text] = SERVICES["kafka"]["command"]
    text = (
        text.replace("'/opt/kafka/libs/*'", shlex.quote(built().kafka_classpath()))
        .replace("java ", f"{shlex.quote(str(built().java()))} ")
        .replace("/etc/filrouge/kafka", str(CHECKOUT / "stack" / "kafka"))
        .replace(_HOST_LISTENER, str(_SPARE.at(offset)))
        .replace(f"{HOST}:{int(Port.KAFKA)}", f"{HOST}:{Port.KAFKA.at(offset)}")
    )
    variables = {
        **environment("kafka"),
        "FILROUGE_DATA": str(data / "kafka"),
        "FILROUGE_LISTEN": HOST,
        Port.KAFKA.variable(): str(Port.KAFKA.at(offset)),
        Port.KAFKA_CONTROLLER.variable(): str(Port.KAFKA_CONTROLLER.at(offset)),
    }
    with (data / "kafka.log").open("wb") as told:
        process = subprocess.Popen(
            [*SERVICES["kafka"]["entrypoint"], text], env=variables, stdout=told, stderr=told
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)
