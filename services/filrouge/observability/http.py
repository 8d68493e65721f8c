"""The requests that a service answers, as OpenTelemetry's HTTP conventions tell them."""

from __future__ import annotations

import os
from typing import Final

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from filrouge.observability.observe import Observed

_CONVENTIONS: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"
_PROBES: Final = ("healthz", "readyz")
"""A span each few seconds that says nothing."""


def instrument(app: FastAPI, observed: Observed, *quiet: str) -> None:
    """Has a span and a measurement made of each request but probes.

    Args:
        app: answers them.
        observed: what the service tells of itself with.
        quiet: more paths that say nothing when they are asked.
    """
    # Else the instrumentation writes names that were given up in 2023. It is read once a process.
    os.environ.setdefault(_CONVENTIONS, "http")
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=observed.tracer_provider,
        meter_provider=observed.meter_provider,
        excluded_urls=",".join([*_PROBES, *quiet]),
        exclude_spans=["receive", "send"],  # one for each piece of the body
    )
