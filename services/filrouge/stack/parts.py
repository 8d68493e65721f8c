"""The parts of the stack: one entry each says all that the supervisor has to know.

Another part is another entry in `PARTS`. Nothing else names the parts one by one.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from filrouge.errors import UsageError
from filrouge.stack import broker, collector, prometheus
from filrouge.stack.place import Place
from filrouge.stack.ports import Port
from filrouge.stack.readiness import Check, http_ok


class Tools(Protocol):
    """Where what was built is; each raises UsageError, saying what to do, when it is not there."""

    def executable(self, name: str, /) -> Path:
        """A part's executable."""

    def java(self) -> Path:
        """The virtual machine that Kafka runs on."""

    def kafka_classpath(self) -> str:
        """Kafka's jars."""


def _nothing(_: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Part:
    """A process of the stack.

    Attributes:
        name: what people call it.
        ports: where it listens.
        script: the shell commands that start it, the last of which becomes it (`exec`).
        ready: whether it can work.
        needs: parts that must be ready before, and stop after it.
        prepare: writes what it reads; before each start.
        settle: done while it is not ready, until it is; the same again does no harm.
        stop_wait_s: how long it may take to stop before it is killed.
    """

    name: str
    ports: tuple[Port, ...]
    script: Callable[[Place, Tools], str]
    ready: Check
    needs: tuple[str, ...] = ()
    prepare: Callable[[Place], None] = _nothing
    settle: Callable[[Place], None] = _nothing
    stop_wait_s: int = 30


def _kafka(place: Place, tools: Tools) -> str:
    return broker.script(place, str(tools.java()), tools.kafka_classpath())


def _grafana_labs(name: str) -> Callable[[Place, Tools], str]:
    """Tempo and Loki, which are started alike."""

    def script(place: Place, tools: Tools) -> str:
        config = place.checkout / name / f"{name}.yaml"
        return _become(tools.executable(name), f"-config.file={config}", "-config.expand-env=true")

    return script


def _prometheus(place: Place, tools: Tools) -> str:
    executable = str(tools.executable("prometheus"))
    return prometheus.link_rules(place) + prometheus.script(place, executable)


def _alertmanager(place: Place, tools: Tools) -> str:
    config = place.checkout / "alertmanager" / "alertmanager.yaml"
    command = _become(
        tools.executable("alertmanager"),
        f"--storage.path={place.data('alertmanager')}",
        f"--web.listen-address={place.address(Port.ALERTMANAGER)}",
        "--cluster.listen-address=",  # there is one
    )
    # A site may have its own, with receivers.
    own = f'--config.file="${{FILROUGE_ALERTMANAGER_CONFIG:-{config}}}"'
    return f"{command.rstrip()} {own}\n"


def _collector(place: Place, tools: Tools) -> str:
    return _become(tools.executable("otelcol-filrouge"), *collector.flags(place))


def _service(name: str) -> Callable[[Place, Tools], str]:
    """One of ours, run by the Python that runs this."""

    def script(_: Place, __: Tools) -> str:
        return _become(Path(sys.executable), "-m", "filrouge", "serve", name)

    return script


def _monitoring(place: Place, tools: Tools) -> str:
    own = {  # unless the site names others
        "FILROUGE_DATABASE_URL": f"sqlite:///{place.data('monitoring') / 'registry.db'}",
        "FILROUGE_EXPECTATIONS": str(place.checkout / "expectations.toml"),
    }
    set_up = (f': "${{{name}:={value}}}"\nexport {name}\n' for name, value in own.items())
    return "".join(set_up) + _service("monitoring")(place, tools)


def _become(executable: Path, *arguments: str) -> str:
    return f"exec {shlex.join([str(executable), *arguments])}\n"


_ALL: Final = (
    Part(
        name="kafka",
        ports=(Port.KAFKA, Port.KAFKA_CONTROLLER),
        script=_kafka,
        ready=broker.check_topics,
        settle=broker.create_topics,
    ),
    Part(
        name="tempo",
        ports=(Port.TEMPO_HTTP, Port.TEMPO_GRPC, Port.TEMPO_OTLP_GRPC),
        script=_grafana_labs("tempo"),
        ready=http_ok(Port.TEMPO_HTTP, "/ready"),
        needs=("kafka",),
        stop_wait_s=20,  # all is written after 5; once it was asked something, it never ends
    ),
    Part(
        name="loki",
        ports=(Port.LOKI_HTTP, Port.LOKI_GRPC),
        script=_grafana_labs("loki"),
        ready=http_ok(Port.LOKI_HTTP, "/ready"),
        stop_wait_s=60,
    ),
    Part(
        name="prometheus",
        ports=(Port.PROMETHEUS,),
        script=_prometheus,
        ready=http_ok(Port.PROMETHEUS, "/-/ready"),
        prepare=prometheus.write_folder,
    ),
    Part(
        name="alertmanager",
        ports=(Port.ALERTMANAGER,),
        script=_alertmanager,
        ready=http_ok(Port.ALERTMANAGER, "/-/ready"),
    ),
    Part(
        name="collector",
        ports=(Port.OTLP_GRPC, Port.OTLP_HTTP, Port.COLLECTOR_HEALTH, Port.COLLECTOR_METRICS),
        script=_collector,
        ready=http_ok(Port.COLLECTOR_HEALTH, "/"),
        needs=("kafka", "tempo", "loki", "prometheus"),
    ),
    Part(
        name="ingestion",
        ports=(Port.INGESTION,),
        script=_service("ingestion"),
        ready=http_ok(Port.INGESTION, "/readyz"),
        needs=("kafka", "collector"),
        stop_wait_s=60,  # requests in hand are answered, which takes Kafka 20 s at worst
    ),
    Part(
        name="processing",
        ports=(Port.PROCESSING,),
        script=_service("processing"),
        ready=http_ok(Port.PROCESSING, "/readyz"),
        needs=("kafka", "collector"),
    ),
    Part(
        name="monitoring",
        ports=(Port.MONITORING,),
        script=_monitoring,
        ready=http_ok(Port.MONITORING, "/readyz"),
        needs=("kafka", "collector"),
    ),
)

PARTS: Final[Mapping[str, Part]] = {part.name: part for part in _ALL}
"""All parts by name; what a part needs stands before it."""


def find_parts(names: Iterable[str] | None) -> list[Part]:
    """The parts of these names, or all of them.

    Raises:
        UsageError: there is no part of such a name.
    """
    if names is None:
        return list(PARTS.values())
    wanted = list(names)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise UsageError(
            f"the stack has no part {', '.join(unknown)}; its parts are {', '.join(PARTS)}"
        )
    return [PARTS[name] for name in wanted]


def stage(part: Part) -> int:
    """0 for parts that need none, else one more than those it needs; parts stop by stages."""
    return max((1 + stage(PARTS[name]) for name in part.needs), default=0)


def environment(place: Place) -> dict[str, str]:
    """Where the parts find each other."""
    return {
        "FILROUGE_STACK_PORT_OFFSET": str(place.offset),
        "FILROUGE_OTLP_URL": place.url(Port.OTLP_HTTP),
        "FILROUGE_KAFKA_BROKERS": place.address(Port.KAFKA),
        "FILROUGE_TEMPO_ENDPOINT": place.address(Port.TEMPO_OTLP_GRPC),
        "FILROUGE_LOKI_URL": place.url(Port.LOKI_HTTP),
        "FILROUGE_PROMETHEUS_URL": place.url(Port.PROMETHEUS),
    }
