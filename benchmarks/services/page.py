"""SERVICES.md, and the same tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.results import Table
from benchmarks.services.client import CONNECTIONS
from benchmarks.services.visible import TASKS
from benchmarks.stack.page import section


def markdown(found: Sequence[Table], facts: str, told: Sequence[str], command: str) -> str:
    """The page."""
    head = [
        "# What the services take and give",
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}. {facts}",
        "\n".join(f"- {each}" for each in told),
        "## How it is measured",
        _EXPLANATION,
    ]
    return "\n\n".join([*head, *map(section, found)]) + "\n"


_EXPLANATION: Final = f"""\
A real broker with the records on it, and the product's own collector with nothing behind it, so
that on a small machine the backends take no time from what is measured. Sender, broker, collector
and what is measured share the machine; so CPU time per record, of all threads of the process, is
the steadier figure, and ratios are those of figures from the same round, then the median.

- **Bare loop**: confluent-kafka's `consume`, a thousand messages at a time, and `orjson.loads`;
  *polled* takes them by `poll`, one at a time, as the client's documentation begins.
- **Filrouge processing**: the service itself, `filrouge serve processing`, as it is deployed: it
  validates each record, derives ids, sends task spans, counts live metrics, writes its own
  telemetry, and commits only what the collector has taken. Its commits are what is counted. Log
  records are made by the collector, which reads the same topic (`STACK.md` has what that costs).
- **Plain SDK**: the bare loop, and for each record a span, a log record, three histograms and a
  counter by the SDK with batch processors, exported over HTTP; without validation, without ids that
  can be derived, and committing by time, so that a kill loses records. Until the exporters are done
  is what counts, and the collector has to have as many spans and log records as there were records.
- **FastStream** and **Quix Streams**: their documented consumers, one function that does what the
  plain way does; in an environment of their own (`requirements-peers.txt`).
- **With several processes**: one partition each. The bare and the plain way are given theirs, the
  others get it from the group, and are measured once each has one.
- **Taking requests**: {CONNECTIONS} connections, each of which sends the next request when the last
  is answered. The echo reads the body and gives it back; the gateway validates each record and
  answers when every replica of the broker has it. Both have one process.
- **Keeping records**: the monitoring service reading one partition into an empty registry.
- **From POST to visible**: a whole stack, runs of {TASKS} tasks one at a time; each backend is
  asked again 20 ms after its answer."""
