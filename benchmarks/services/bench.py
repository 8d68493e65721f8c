"""What most measurements share: a real broker with records on it, and a collector that drops all.

The collector is the product's own binary with OTLP in and nothing out, so that on a small machine
it is the consumers that are measured, and not how busy the backends keep it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.services.broker import Broker
from benchmarks.stack import collectors
from benchmarks.stack.collectors import Collector
from benchmarks.workload import ENVIRONMENT, TIMEZONE, write_records
from filrouge.stack.guard import guard_stacks_below
from filrouge.stack.ports import HOST, Port
from filrouge.stack.processes import ROOT_MARK
from filrouge.stack.readiness import NotReady, http_ok
from filrouge.stack.stack import Stack

CHECKOUT: Final = Path(__file__).parents[2]
_READY_S: Final = 90.0
_STOP_S: Final = 60.0
_POLL_S: Final = 0.1
_HEALTH: Final = {"ingestion": Port.INGESTION, "monitoring": Port.MONITORING}


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured on.

    Attributes:
        stack: with Kafka alone.
        broker: the same, with what is done to topics and groups.
        collector: takes all and drops it.
        records: a file of records of schema 1.
        folder: for whatever is written.
        watch: is told what is running.
    """

    stack: Stack
    broker: Broker
    collector: Collector
    records: Path
    folder: Path
    watch: Callable[[str], None]

    @property
    def otlp(self) -> str:
        """The collector's address."""
        return self.collector.place.url(Port.OTLP_HTTP)

    @contextmanager
    def running(
        self, arguments: Sequence[str], environment: Mapping[str, str], python: str = sys.executable
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A Python process, asked to end with the block, and killed if it does not.

        What it writes is kept in the bench's folder, and its end told when it fails.
        """
        log = self.folder / f"{arguments[-1]}-{time.monotonic_ns()}.log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [python, *arguments],
                env={**_clean(), ROOT_MARK: str(self.stack.place.root), **environment},
                stdout=written,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
            )
        try:
            yield process
        except BaseException:
            sys.stderr.write(log.read_text(errors="replace")[-3000:])
            raise
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextmanager
    def service(
        self, name: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One of ours, ready where its readiness does not depend on the measurement."""
        own = {
            "FILROUGE_STACK_PORT_OFFSET": str(self.stack.place.offset),
            "FILROUGE_OTLP_URL": self.otlp,
            "FILROUGE_TIMEZONE": TIMEZONE,
        }
        arguments = ["-m", "filrouge", "serve", name]
        with self.running(arguments, {**own, **(environment or {})}) as process:
            if name in _HEALTH:
                self.wait_ready(process, _HEALTH[name])
            yield process

    def wait_ready(
        self, process: subprocess.Popen[bytes], port: Port, path: str = "/healthz"
    ) -> None:
        """Returns when the process answers.

        Raises:
            TimeoutError: it does not in time, or has ended.
        """
        check = http_ok(port, path)
        deadline_s = time.monotonic() + _READY_S
        while True:
            try:
                check(self.stack.place)
            except NotReady as reason:
                if process.poll() is not None or time.monotonic() > deadline_s:
                    raise TimeoutError(str(reason)) from None
                time.sleep(_POLL_S)
            else:
                return


@contextmanager
def opened(port_offset: int, records: int, watch: Callable[[str], None]) -> Iterator[Bench]:
    """A bench, which is gone when the block ends.

    Args:
        port_offset: the block of ports; the collector has the one above.
        records: how many there are to be in the file.
        watch: is told what is running.

    Raises:
        UsageError: something is not built, or a port is taken.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        guard_stacks_below(folder)
        watch("writing records")
        file = folder / "records.ndjson"
        write_records(file, records)
        watch("starting Kafka")
        with Stack(CHECKOUT, folder / "stack", port_offset) as stack:
            stack.up(["kafka"])
            configs = [collectors.layers(stack)["self-telemetry"], collectors.config("bare")]
            with collectors.running("bare", stack, 1, configs) as bare:
                broker = Broker(f"{HOST}:{Port.KAFKA.at(port_offset)}")
                yield Bench(stack, broker, bare, file, folder, watch)


def _clean() -> dict[str, str]:
    """Without settings of the site."""
    return {
        **{name: text for name, text in ENVIRONMENT.items() if not name.startswith("FILROUGE_")},
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "services")]),
    }
