"""A record's telemetry by the plain SDK, with the exporters its documentation shows.

One span, one log record, three histograms and a counter for each record, as in `benchmarks.plain`.
What reads record by record knows no run, so each span is a trace of its own.
"""

from __future__ import annotations

from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from benchmarks.plain import Task, emit_task, instant_ns
from benchmarks.plain_sdk import Sdk
from filrouge.telemetry import names

_ATTEMPT: Final = 1


def sdk(otlp: str) -> Sdk:
    """The SDK, sending to a collector."""
    return Sdk(
        OTLPSpanExporter(f"{otlp}/v1/traces"),
        OTLPLogExporter(f"{otlp}/v1/logs"),
        OTLPMetricExporter(f"{otlp}/v1/metrics"),
    )


def emit(sdk: Sdk, line: str, record: dict[str, Any], with_log: bool = True) -> None:
    """All that is told of a record.

    Args:
        sdk: takes it.
        line: the record as it came, which is the log record's body.
        record: the same, as JSON.
        with_log: whether there is to be a log record.
    """
    task = Task(line, record, instant_ns(record["Debut"]), instant_ns(record["Fin"]))
    shared = {
        names.COMPANY.key: record["Entreprise"],
        names.RUN_ID.key: record["No_Sequence"],
        names.RUN_ATTEMPT.key: _ATTEMPT,
        names.ZONE.key: record["Zone"],
        names.SOURCE.key: record["Source"],
    }
    emit_task(sdk, None, shared, task, with_log)
