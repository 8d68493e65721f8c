"""Kafka as a part of the stack: how it is started, and the topics it must have."""

from __future__ import annotations

import logging
import shlex
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from filrouge.kafka import creating
from filrouge.stack.place import Place
from filrouge.stack.ports import Port
from filrouge.stack.readiness import NotReady, listens

_CLUSTER_ID: Final = "filrouge-native-stack0"
"""Kafka wants 22 characters. Always the same: clusters are told apart by their ports."""
_HEAP: Final = "-Xmx512m"  # idles at a quarter of it; Kafka leaves the rest to the page cache
_ANSWER_S: Final = 2.0
_SILENT: Final = logging.getLogger("filrouge.stack.broker")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def script(place: Place, java: str, classpath: str) -> str:
    """The shell commands that format the storage, the first time, and become the broker."""
    folder = place.checkout / "stack" / "kafka"
    properties = str(folder / "server.properties")
    virtual_machine = [
        java,
        _HEAP,
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        "-cp",
        classpath,
    ]
    format_it = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", properties]
    formatted = shlex.quote(str(place.data("kafka") / "meta.properties"))
    return (
        f"[ -e {formatted} ] || {shlex.join(virtual_machine + format_it)}\n"
        f"exec {shlex.join([*virtual_machine, 'kafka.Kafka', properties])}\n"
    )


def check_topics(place: Place) -> None:
    """Returns when the broker answers and has the topics.

    Raises:
        NotReady: it does not, or has not.
    """
    listens(place, Port.KAFKA)
    try:
        missing = creating.missing_topics(_client(place), _ANSWER_S)
    except KafkaException as error:
        raise _not_ready(error) from None
    if missing:
        raise NotReady(f"topics are missing, or have no leader yet: {', '.join(missing)}")


def create_topics(place: Place) -> None:
    """Creates the topics that are not there.

    Raises:
        NotReady: the broker does not answer yet, or does not take them.
    """
    listens(place, Port.KAFKA)
    try:
        creating.create_topics(_client(place), _ANSWER_S)
    except KafkaException as error:
        raise _not_ready(error) from None


def _not_ready(error: KafkaException) -> NotReady:
    return NotReady(f"Kafka: {error.args[0].str()}")


def _client(place: Place) -> AdminClient:
    options: dict[str, Any] = {
        "bootstrap.servers": place.address(Port.KAFKA),
        "logger": _SILENT,  # else each failed connection is told on standard error
    }
    return AdminClient(options)
