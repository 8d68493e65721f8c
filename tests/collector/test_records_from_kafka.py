"""OTTL against Python: a record from Kafka becomes the log record that a replay would send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from filrouge.telemetry import names
from filrouge_sim.config import Config
from filrouge_sim.simulation import simulate
from tests.collector.backends import wait_until
from tests.collector.bench import Bench
from tests.collector.decoded import Plain
from tests.collector.expected import log_of
from tests.collector.strategies import schema1_lines, schema2_lines
from tests.conftest import CHECKOUT
from tests.records import samples

pytestmark = pytest.mark.stack

_NASTY: Final = 1200
_ODD_CLOCK: Final = {"ambiguous_local_time", "nonexistent_local_time"}
_ZONES: Final = ("1-Raw", "2-Standard", "3-Application")
_SCHEMA1: Final = schema1_lines()
_SCHEMA2: Final = schema2_lines()
INVALID: Final = names.RECORD_INVALID.name
"""The event name of what is no record."""


def differences(bench: Bench, lines: Iterable[bytes], timezone: str) -> list[tuple[Plain, Plain]]:
    """What the collector makes of lines otherwise than Python, each beside what was expected."""
    sent = list(dict.fromkeys(lines))  # a body tells which line it came from
    bench.start(FILROUGE_TIMEZONE=timezone)
    bench.backends.clear()
    bench.publish(sent)
    wait_until("every record is a log record", lambda: len(bench.backends.logs()) >= len(sent))
    made = bench.backends.logs()
    assert Counter(log["body"] for log in made) == Counter(line.decode() for line in sent)
    by_body = {log["body"]: log for log in made}
    pairs = [(by_body[line.decode()], log_of(line, ZoneInfo(timezone))) for line in sent]
    return [
        (seen, expected or {"name": INVALID})
        for seen, expected in pairs
        if (seen["name"] != INVALID if expected is None else seen != expected)
    ]


@cache
def drawn(lines: st.SearchStrategy[bytes]) -> list[bytes]:
    """Many lines at once: each by itself would take a second on its way through Kafka."""
    found: list[bytes] = []

    @seed(1)
    @settings(
        max_examples=_NASTY,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(lines)
    def collect(line: bytes) -> None:
        found.append(line)

    collect()
    return found


def has_odd_clock(line: bytes, timezone: str) -> bool:
    """Whether the clock was set at one of its times: there the collector may read otherwise."""
    log = log_of(line, ZoneInfo(timezone))
    remarks = log["attributes"].get("ingestion.task.remarks", []) if log else []
    return not _ODD_CLOCK.isdisjoint(remarks)


def test_every_record_of_the_sample_becomes_the_log_record_of_a_replay(bench: Bench) -> None:
    lines = (CHECKOUT / "logs.json").read_bytes().splitlines()
    assert differences(bench, lines, "America/Toronto") == []


@pytest.mark.parametrize(
    "config",
    [
        Config(runs=4, companies=2, zones=_ZONES, failure_rate=0.4, faults={"duplicate": 0.1}),
        Config(runs=4, companies=2, zones=_ZONES, failure_rate=0.4, schema=2, task_started=True),
    ],
    ids=["schema 1", "schema 2"],
)
def test_simulated_runs_become_the_log_records_of_a_replay(bench: Bench, config: Config) -> None:
    lines = [delivery.line for delivery in simulate(config)]
    assert differences(bench, lines, "America/Toronto") == []


@pytest.mark.parametrize("timezone", ["America/Toronto", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_nasty_records_of_schema_1_are_read_alike(bench: Bench, timezone: str) -> None:
    lines = [line for line in drawn(_SCHEMA1) if not has_odd_clock(line, timezone)]
    assert differences(bench, lines, timezone) == []


def test_nasty_records_of_schema_2_are_read_alike(bench: Bench) -> None:
    assert differences(bench, drawn(_SCHEMA2), "UTC") == []


_LINE: Final = samples.schema1()
_ODD_HOUR: Final = {"Debut": "02-11-2025 01:50:00", "Fin": "02-11-2025 01:10:00"}
COMPLETED: Final = "ingestion.task.completed"


@pytest.mark.parametrize(
    ("line", "by_filrouge", "by_collector"),
    [
        (_LINE.replace(b'"Objet_Id": 12', b'"Objet_Id": 12.0'), None, COMPLETED),
        (samples.event(data={"attempt": None}), None, COMPLETED),
        (samples.schema1({"cpu_time (sec)": "1_0"}), COMPLETED, INVALID),
        (_LINE.replace(b"Contacts", b"Cont\xff"), None, COMPLETED),
        (_LINE.replace(b"Contacts", b"Cont\x01"), None, COMPLETED),
        (_LINE[:-1] + b', "more": 01}', None, COMPLETED),
        (_LINE[:-1] + b', "more": ' + b"[" * 300 + b"]" * 300 + b"}", None, COMPLETED),
        (samples.schema1({"more": {"specversion": "1.0"}}), COMPLETED, INVALID),
        (samples.schema1({"Duree secondes": None, **_ODD_HOUR}), COMPLETED, INVALID),
    ],
    ids=[
        "12.0 as id",
        "no attempt",
        "underscore in a number",
        "no UTF-8",
        "control character",
        "zero before a number",
        "300 levels",
        "specversion within a field",
        "an hour that comes twice",
    ],
)
def test_what_is_read_otherwise_is_what_the_docs_say(
    bench: Bench, line: bytes, by_filrouge: str | None, by_collector: str
) -> None:
    bench.start(FILROUGE_TIMEZONE="America/Toronto")
    bench.backends.clear()
    bench.publish([line])
    wait_until("it is there", lambda: bool(bench.backends.logs()))
    [log] = bench.backends.logs()
    known = log_of(line, ZoneInfo("America/Toronto"))
    assert (known and known["name"], log["name"]) == (by_filrouge, by_collector)
