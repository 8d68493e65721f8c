"""What OpenAPI says of the bodies and answers, with examples that are real requests."""

from __future__ import annotations

from typing import Any, Final

import orjson

from filrouge.ingestion.answers import Problem
from filrouge.ingestion.bodies import EVENT, EVENTS, JSON, NDJSON
from filrouge.ingestion.problems import MEDIA_TYPE, Kind
from filrouge.records.json_schema import json_schema

RECORD: Final[dict[str, Any]] = {
    "No_Sequence": "2025-09-05-16-45",
    "Entreprise": "akonovia",
    "Zone": "1-Raw",
    "Source": "Efficy",
    "Objet_Id": 12,
    "Objet": "Contacts",
    "Transformation": "efficy_API_get_data",
    "Etat": "SUCCESS",
    "Debut": "05-09-2025 16:45:26.191702",
    "Fin": "05-09-2025 16:45:28.441702",
    "Duree secondes": 2.25,
    "Description": "Tout roule, pas de stress!",
    "cpu_time (sec)": "0.09",
    "memory_used (bytes)": 0,
}
CLOUD_EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "2025-09-05-16-45/Efficy/12",
    "source": "/akonovia/ingestion",
    "type": "io.filrouge.task.completed",
    "data": {
        "company": "akonovia",
        "run_id": "2025-09-05-16-45",
        "zone": "1-Raw",
        "source": "Efficy",
        "object_id": 12,
        "object_name": "Contacts",
        "started_at": "2025-09-05T20:45:26.191702Z",
        "ended_at": "2025-09-05T20:45:28.441702Z",
    },
}
_EVENT_ATTRIBUTES: Final = ("specversion", "type", "id", "source", "traceparent")


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema without references, for OpenAPI resolves them from its own root."""
    definitions = schema.get("$defs", {})

    def resolved(node: Any) -> Any:
        match node:
            case {"$ref": str(name)}:
                return resolved(definitions[name.rpartition("/")[2]])
            case dict():
                skipped = {"$defs", "$schema", "discriminator"}  # whose mapping are references
                return {key: resolved(each) for key, each in node.items() if key not in skipped}
            case list():
                return [resolved(each) for each in node]
            case _:
                return node

    found: dict[str, Any] = resolved(schema)
    return found


def _body() -> dict[str, Any]:
    record, event = _inline(json_schema(1)), _inline(json_schema(2))
    either = {"anyOf": [record, event]}
    lines = (orjson.dumps(RECORD) + b"\n" + orjson.dumps(CLOUD_EVENT) + b"\n").decode()
    text = {
        "schema": {"type": "string", "description": "One record a line, of either schema."},
        "examples": {"two records": {"value": lines}},
    }
    return {
        "required": True,
        "description": "Records of schema 1 or 2, in UTF-8; gzip or zstd by Content-Encoding. "
        "A CloudEvent in binary mode has its data in a body of application/json, and its "
        "attributes in headers: " + ", ".join(f"ce-{name}" for name in _EVENT_ATTRIBUTES) + ".",
        "content": {
            JSON: {
                "schema": {"anyOf": [record, event, {"type": "array", "items": either}]},
                "examples": {
                    "schema 1": {"value": RECORD},
                    "schema 2": {"value": CLOUD_EVENT},
                    "several": {"value": [RECORD, CLOUD_EVENT]},
                },
            },
            **dict.fromkeys(NDJSON, text),
            EVENT: {"schema": event, "examples": {"structured": {"value": CLOUD_EVENT}}},
            EVENTS: {
                "schema": {"type": "array", "items": event},
                "examples": {"batched": {"value": [CLOUD_EVENT]}},
            },
        },
    }


def problem(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The answers that these problems are."""
    return {
        kind.status: {
            "description": kind.title,
            "model": Problem,
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": {
                        "type": kind.urn,
                        "title": kind.title,
                        "status": kind.status,
                        "detail": "what was seen, what was expected, and what to do",
                    },
                }
            },
        }
        for kind in kinds
    }


def request(needs_key: bool) -> dict[str, Any]:
    """What is said of the route that takes records, besides its answers."""
    # Added to what FastAPI says of the key; nothing is the other thing that may be presented.
    security: dict[str, Any] = {} if needs_key else {"security": [{}]}
    return {"requestBody": _body(), **security}
