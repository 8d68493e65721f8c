"""Prometheus as a part of the stack: how it is started, and the folder it reads.

Its configuration cannot name a variable, so the addresses stand in files beside a link to it.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Final

from filrouge.stack.place import Place
from filrouge.stack.ports import Port

_SCRAPED: Final = {
    "alertmanager": Port.ALERTMANAGER,
    "collector": Port.COLLECTOR_METRICS,
    "loki": Port.LOKI_HTTP,
    "prometheus": Port.PROMETHEUS,
    "tempo": Port.TEMPO_HTTP,
}
"""What serves /metrics, by job. Kafka has only JMX, which takes an agent of its own."""


def script(place: Place, executable: str) -> str:
    """The shell commands that become Prometheus."""
    arguments = [
        executable,
        f"--config.file={_folder(place) / 'prometheus.yaml'}",
        f"--storage.tsdb.path={place.data('prometheus')}",
        f"--web.listen-address={place.address(Port.PROMETHEUS)}",
        "--web.enable-otlp-receiver",
        "--enable-feature=exemplar-storage",
        "--log.level=warn",
    ]
    # Three years, by the points' own times, as Tempo and Loki have it.
    retention = '--storage.tsdb.retention.time="${FILROUGE_RETENTION:-26280h}"'
    block = '--storage.tsdb.min-block-duration="${FILROUGE_PROMETHEUS_BLOCK:-2h}"'
    return f"exec {shlex.join(arguments)} {retention} {block}\n"


def link_rules(place: Place) -> str:
    """The shell command that links the rules: the checkout's, or those of FILROUGE_RULES."""
    rules = f'"${{FILROUGE_RULES:-{place.checkout / "prometheus" / "rules"}}}"'
    return f"ln -sfn {rules} {shlex.quote(str(_folder(place) / 'rules'))}\n"


def write_folder(place: Place) -> None:
    """Writes the folder with a link to the configuration, and the targets."""
    folder = _folder(place)
    (folder / "targets").mkdir(parents=True, exist_ok=True)
    _link(folder / "prometheus.yaml", place.checkout / "prometheus" / "prometheus.yaml")
    stack = [_target(place, job, port) for job, port in _SCRAPED.items()]
    _write(folder / "targets" / "stack.yaml", stack)
    _write(folder / "targets" / "alertmanager.yaml", [_address(place, Port.ALERTMANAGER)])


def _folder(place: Place) -> Path:
    return place.root / "prometheus"


def _target(place: Place, job: str, port: Port) -> dict[str, object]:
    # The instance is the part, not its address, so that a series goes on in another block of ports.
    return {**_address(place, port), "labels": {"job": job, "instance": job}}


def _address(place: Place, port: Port) -> dict[str, object]:
    return {"targets": [place.address(port)]}


def _write(path: Path, groups: list[dict[str, object]]) -> None:
    path.write_text(json.dumps(groups, indent=2) + "\n")  # JSON is YAML too


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
