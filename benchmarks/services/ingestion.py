"""The gateway beside a bare FastAPI echo: the same client, the same bodies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

import orjson
import psutil

from benchmarks.services.bench import CHECKOUT, Bench
from benchmarks.services.client import FORMS, Seen
from benchmarks.services.plan import Plan
from benchmarks.stack.meter import cpu_s
from filrouge.stack.ports import Port

GATEWAY: Final = "Filrouge ingestion"
ECHO: Final = "bare FastAPI echo"
SERVERS: Final = (ECHO, GATEWAY)
_NO_LIMIT: Final = "100000000/minute"


@dataclass(frozen=True, slots=True)
class Served:
    """What a server did in one turn; `cpu_us` is its CPU time of a record."""

    seen: Seen
    cpu_us: float

    @property
    def per_s(self) -> float:
        """Records per second."""
        return self.seen.records / self.seen.wall_s


@dataclass(frozen=True, slots=True)
class Requests:
    """Rounds, by form of the body and server."""

    rounds: Sequence[dict[tuple[str, str], Served]]

    def per_s(self, form: str, server: str) -> float:
        """The median over the rounds; likewise the others."""
        return median(each[form, server].per_s for each in self.rounds)

    def p50_ms(self, form: str, server: str) -> float:
        """Of a request."""
        return median(each[form, server].seen.p50_ms for each in self.rounds)

    def p99_ms(self, form: str, server: str) -> float:
        """Of a request."""
        return median(each[form, server].seen.p99_ms for each in self.rounds)

    def cpu_us(self, form: str, server: str) -> float:
        """Of a record."""
        return median(each[form, server].cpu_us for each in self.rounds)


def requests(bench: Bench, plan: Plan) -> Requests:
    """Both servers at once, of which one is busy at a time."""
    rounds = []
    with _gateway(bench) as gateway, _echo(bench) as echo:
        servers = {GATEWAY: gateway, ECHO: echo}
        for number in range(1, plan.request_rounds + 1):
            served = {}
            for form in FORMS:
                for name in SERVERS:
                    bench.watch(f"round {number} of {plan.request_rounds}: {form}, {name}")
                    served[form, name] = _measure(bench, servers[name], form, plan.requests_s)
            rounds.append(served)
    return Requests(rounds)


@dataclass(frozen=True, slots=True)
class _Server:
    process: psutil.Process
    port: int


def _measure(bench: Bench, server: _Server, form: str, seconds: float) -> Served:
    before_s = cpu_s(server.process)
    arguments = [str(server.port), form, str(bench.records), str(seconds)]
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.services.client", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
    )
    seen = Seen(**orjson.loads(answer.stdout))
    return Served(seen, (cpu_s(server.process) - before_s) / seen.all_records * 1e6)


@contextmanager
def _gateway(bench: Bench) -> Iterator[_Server]:
    limits = {
        "FILROUGE_INGESTION_REQUEST_RATE": _NO_LIMIT,
        "FILROUGE_INGESTION_RECORD_RATE": _NO_LIMIT,
    }
    with bench.service("ingestion", limits) as process:
        bench.wait_ready(process, Port.INGESTION, "/readyz")
        port = Port.INGESTION.at(bench.stack.place.offset)
        yield _Server(psutil.Process(process.pid), port)


@contextmanager
def _echo(bench: Bench) -> Iterator[_Server]:
    port = Port.MONITORING.at(bench.stack.place.offset)  # free at this time
    with bench.running(["-m", "benchmarks.services.echo", str(port)], {}) as process:
        bench.wait_ready(process, Port.MONITORING)
        yield _Server(psutil.Process(process.pid), port)
