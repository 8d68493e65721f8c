"""Every generated page by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from filrouge.docs.settings import settings_page
from filrouge.docs.telemetry import telemetry_page
from filrouge.records.json_schema import json_schema


def pages() -> dict[str, bytes]:
    """File names and what the files must hold."""
    return {
        "telemetry.md": telemetry_page().encode(),
        "settings.md": settings_page().encode(),
        "schema1.json": _json(json_schema(1)),
        "schema2.json": _json(json_schema(2)),
    }


def stale(folder: Path) -> list[str]:
    """Names of the pages that are not there, or that hold something else than they must."""
    return [
        name
        for name, content in pages().items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
