"""`docs/settings.md`: every setting, from the model that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk import environment_variables as otel

from filrouge import settings
from filrouge.docs.markdown import code, paragraphs, table
from filrouge.settings import Settings

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "object": "mapping of texts",
    "null": "",
}


def settings_page() -> str:
    """The page as Markdown."""
    _, precedence = (settings.__doc__ or "").split("\n\n", 1)
    return paragraphs(
        "# Settings",
        "Generated from `services/filrouge/settings.py` by `make docs`.",
        " ".join(precedence.split()),
        table(["setting", "variable", "type", "default", "meaning"], _rows()),
        f"In the environment a mapping is written as JSON: "
        f"`FILROUGE_SERVICES='{json.dumps({'1-Raw': 'ingestion'})}'`. "
        f"In `filrouge.toml` it is a table:",
        _example(),
        "## Sending to a collector",
        "With `--otlp`, three of OpenTelemetry's own variables count as for its Python exporters:",
        table(["variable", "default", "meaning"], _otel_rows()),
    )


def _rows() -> Iterator[list[str]]:
    for name, schema in Settings.model_json_schema()["properties"].items():
        default = schema["default"]
        yield [
            code(name),
            code(f"FILROUGE_{name.upper()}"),
            _type(schema),
            "none" if default is None else code(json.dumps(default)),
            schema["description"],
        ]


def _type(schema: dict[str, Any]) -> str:
    kinds = [each["type"] for each in schema.get("anyOf", [schema])]
    return " or ".join(filter(None, (_TYPES[kind] for kind in kinds)))


def _example() -> str:
    fields = Settings.model_fields
    services = fields["services"].default
    lines = ["```toml", f'timezone = "{fields["timezone"].default}"', "", "[services]"]
    lines += [f"{json.dumps(zone)} = {json.dumps(service)}" for zone, service in services.items()]
    return "\n".join([*lines, "```"])


def _otel_rows() -> list[list[str]]:
    return [
        [
            code(otel.OTEL_EXPORTER_OTLP_HEADERS),
            "none",
            "Sent with each request: `authorization=Basic%20abc,x-scope-orgid=1`.",
        ],
        [code(otel.OTEL_EXPORTER_OTLP_TIMEOUT), "`10`", "Seconds for one request."],
        [code(otel.OTEL_EXPORTER_OTLP_COMPRESSION), "`none`", "`gzip` saves network, costs CPU."],
    ]
