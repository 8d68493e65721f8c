"""What Prometheus calls what it receives over OTLP, by its default translation."""

from __future__ import annotations

from typing import Final

from filrouge.telemetry.names import Attribute, Instrument, Metric

_UNIT_SUFFIXES: Final = {"s": "_seconds", "By": "_bytes"}


def prometheus_name(metric: Metric) -> str:
    """The metric's name; a histogram's series have `_bucket`, `_count` and `_sum` after it."""
    suffix = _UNIT_SUFFIXES.get(metric.unit, "")
    if metric.instrument is Instrument.COUNTER:
        suffix += "_total"
    elif metric.unit == "1":
        suffix += "_ratio"
    return metric.name.replace(".", "_") + suffix


def label_name(attribute: Attribute) -> str:
    """The label of an attribute, in Prometheus and in Loki alike."""
    return attribute.key.replace(".", "_")
