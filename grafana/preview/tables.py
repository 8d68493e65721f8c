"""A table panel's rows, as its transformations make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grafana.asking.answers import Answer


def table(
    panel: Mapping[str, Any], answers: Sequence[Answer]
) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """The columns, each by its field and title, in their order; and the rows by field."""
    options = {each["id"]: each.get("options", {}) for each in panel["transformations"]}
    order = options["organize"]["indexByName"]
    titles = options["organize"]["renameByName"]
    columns = [(name, titles[name]) for name in sorted(order, key=order.__getitem__)]
    rows = _merged(answers)
    for each in reversed(panel["options"].get("sortBy") or []):
        field = next(name for name, title in columns if title == each["displayName"])
        rows.sort(key=lambda row: _rank(row.get(field)), reverse=bool(each.get("desc")))
    return columns, rows


def _merged(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    if answers and answers[0].rows:
        return [dict(row) for row in answers[0].rows]
    rows: dict[frozenset[tuple[str, str]], dict[str, Any]] = {}
    for letter, answer in zip("ABCDEFGH", answers, strict=False):
        name = "Value" if len(answers) == 1 else f"Value #{letter}"
        for series in answer.series:
            key = frozenset(series.labels.items())
            rows.setdefault(key, dict(series.labels))[name] = series.last
    return list(rows.values())


def _rank(value: object) -> tuple[int, float, str]:
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return (0, 0.0, "") if value is None else (2, 0.0, str(value))
