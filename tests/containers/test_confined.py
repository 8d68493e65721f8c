"""What runs in containers is content with what they give it: a root that it cannot write, a folder
for its data, `/tmp`, no capabilities, and a user who is not root.

Without an engine, by the kernel's own means: a mount namespace, which only root can make.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from filrouge.kafka.creating import create_topics, missing_topics
from filrouge.stack import ports
from filrouge.stack.build.targets import cache_folder
from filrouge.stack.built import built
from filrouge.stack.ports import HOST, Port
from tests.conftest import CHECKOUT, free_offset
from tests.containers.compose import BACKENDS, SERVICES, environment
from tests.faults.driving import await_until

_CONFINE: Final = r"""
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/cache /mnt/checkout /mnt/data
mount --bind "$CACHE" /mnt/cache; mount -o remount,ro,bind /mnt/cache
mount --bind "$CHECKOUT" /mnt/checkout; mount -o remount,ro,bind /mnt/checkout
mount --bind "$DATA" /mnt/data
mount -o remount,ro /mnt
mount -t tmpfs -o mode=1777,size=64m tmpfs /tmp
mount -o remount,ro,bind /
cd /
exec setpriv --reuid="${OWNER%:*}" --regid="${OWNER#*:}" --clear-groups --no-new-privs \
    --inh-caps=-all --bounding-set=-all env -i PATH="$PATH" "$@"
"""
_UNSHARE: Final = ("unshare", "--mount", "sh", "-euc")
_READY: Final = {
    "tempo": (Port.TEMPO_HTTP, "/ready"),
    "loki": (Port.LOKI_HTTP, "/ready"),
    "prometheus": (Port.PROMETHEUS, "/-/ready"),
    "alertmanager": (Port.ALERTMANAGER, "/-/ready"),
    "collector": (Port.COLLECTOR_HEALTH, "/"),
}


def can_confine() -> bool:
    command = ["unshare", "--mount", "setpriv", "--reuid=1", "--clear-groups", "true"]
    tools = all(shutil.which(each) for each in ("unshare", "setpriv"))
    return tools and subprocess.run(command, capture_output=True, check=False).returncode == 0


def command_of(name: str, offset: int) -> list[str]:
    """What a container runs, where its files and ports are here."""
    service = SERVICES[name]
    if name == "kafka":
        [text] = service["command"]
        text = (
            seen_inside(name, text, offset)
            .replace("'/opt/kafka/libs/*'", shlex.quote(built().kafka_classpath()))
            .replace("java ", f"{shlex.quote(str(built().java()))} ")
            .replace("29092", str(Port.INGESTION.at(offset)))
            .replace("127.0.0.1:9092", f"{HOST}:{Port.KAFKA.at(offset)}")
        )
        command = [*service["entrypoint"], text]
    else:
        arguments = service["command"] if name != "collector" else collector_flags()
        executable = built().executable("otelcol-filrouge" if name == "collector" else name)
        command = [str(executable), *(seen_inside(name, each, offset) for each in arguments)]
    return [each.replace(str(cache_folder()), "/mnt/cache") for each in command]


def collector_flags() -> list[str]:
    """Those of its image."""
    dockerfile = (CHECKOUT / "collector" / "Dockerfile").read_text()
    [flags] = re.findall(r"^CMD (.*)$", dockerfile, re.MULTILINE)
    found: list[str] = json.loads(flags)
    return found


def seen_inside(name: str, text: str, offset: int) -> str:
    """Paths and addresses of a container as they are in the namespace."""
    for volume in SERVICES[name]["volumes"]:
        source, target = volume.split(":")[:2]
        place = f"/mnt/checkout/{source[2:]}" if source.startswith("./") else "/mnt/data"
        text = re.sub(rf"(?<![\w./-]){target}(?=[/\s]|$)", place, text)
    for port in (Port.PROMETHEUS, Port.ALERTMANAGER):
        text = text.replace(f"0.0.0.0:{int(port)}", f"{HOST}:{port.at(offset)}")
    return text


def variables_of(name: str, offset: int) -> dict[str, str]:
    inside = {
        "FILROUGE_DATA": "/mnt/data",
        "FILROUGE_LISTEN": HOST,
        "FILROUGE_KAFKA_BROKERS": f"{HOST}:{Port.KAFKA.at(offset)}",
        "FILROUGE_TEMPO_ENDPOINT": f"{HOST}:{Port.TEMPO_OTLP_GRPC.at(offset)}",
        "FILROUGE_LOKI_URL": f"http://{HOST}:{Port.LOKI_HTTP.at(offset)}",
        "FILROUGE_PROMETHEUS_URL": f"http://{HOST}:{Port.PROMETHEUS.at(offset)}",
    }
    return {**environment(name), **ports.environment(offset), **inside}


@contextmanager
def confined(name: str, folder: Path, offset: int) -> Iterator[subprocess.Popen[bytes]]:
    """What a container runs, as it would be confined; it ends with the block."""
    data = folder / name
    data.mkdir()
    owner = SERVICES[name]["user"]
    user, _, group = owner.partition(":")
    os.chown(data, int(user), int(group))
    variables = [f"{key}={value}" for key, value in variables_of(name, offset).items()]
    outside = {
        "PATH": os.environ["PATH"],
        "CACHE": str(cache_folder()),
        "CHECKOUT": str(CHECKOUT),
        "DATA": str(data),
        "OWNER": owner,
    }
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*_UNSHARE, _CONFINE, name, *variables, *command_of(name, offset)],
            env=outside,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)  # what stopping takes is told elsewhere
            process.wait(60)


def is_ready(name: str, offset: int) -> bool:
    if name == "kafka":
        return has_topics(f"{HOST}:{Port.KAFKA.at(offset)}")
    port, path = _READY[name]
    try:
        return requests.get(f"http://{HOST}:{port.at(offset)}{path}", timeout=5).ok
    except requests.RequestException:
        return False


def has_come_up(process: subprocess.Popen[bytes], name: str, offset: int) -> bool:
    """Whether there is nothing to wait for any more."""
    return process.poll() is not None or is_ready(name, offset)


def is_confined(process: int, owner: str) -> bool:
    """Whether a process has no rights, and sees the root as what it cannot write."""
    status = Path(f"/proc/{process}/status").read_text()
    told = dict(line.split(":", 1) for line in status.splitlines())
    mounts = Path(f"/proc/{process}/mountinfo").read_text().splitlines()
    [*_, root] = [fields[5] for fields in map(str.split, mounts) if fields[4] == "/"]
    return (
        "ro" in root.split(",")
        and set(told["Uid"].split()) == {owner.partition(":")[0]}
        and int(told["CapEff"], 16) == int(told["CapBnd"], 16) == 0
        and told["NoNewPrivs"].strip() == "1"
    )


def has_topics(brokers: str) -> bool:
    """Whether it has them now, for which it is asked."""
    quiet: Any = logging.getLogger(__name__)
    client = AdminClient({"bootstrap.servers": brokers, "logger": quiet})
    try:
        create_topics(client, 5)
        return missing_topics(client, 5) == []
    except KafkaException:
        return False


@pytest.mark.stack
@pytest.mark.skipif(not can_confine(), reason="only root can make a mount namespace")
def test_backends_start_on_a_root_that_they_cannot_write_as_users_without_rights(
    tmp_path: Path,
) -> None:
    offset = free_offset()
    with ExitStack() as opened:
        for name in (*BACKENDS, "collector"):
            process = opened.enter_context(confined(name, tmp_path, offset))
            await_until(partial(has_come_up, process, name, offset), f"{name} is ready")
            assert process.poll() is None, (tmp_path / f"{name}.log").read_text()[-3000:]
            assert is_confined(process.pid, SERVICES[name]["user"])
