"""The published JSON Schemas, generated from the models that read the records."""

from __future__ import annotations

from typing import Any

from filrouge.records.schema1 import Schema1
from filrouge.records.schema2 import schema2

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(number: int) -> dict[str, Any]:
    """The JSON Schema of one dialect, 1 or 2."""
    schema = Schema1.model_json_schema() if number == 1 else schema2.json_schema()
    return {"$schema": _DIALECT, **schema}
