"""Why a record was refused, in words for the reader and a code for programs."""

from __future__ import annotations

from enum import StrEnum

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from filrouge.errors import RejectedRecord

_MISSING = {"missing", "union_tag_not_found"}
_SHOWN_CHARACTERS = 80  # enough to recognise a value in a terminal line


class Reason(StrEnum):
    """The stable code of a refusal; `docs/records.md` lists what each means."""

    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    NOT_AN_OBJECT = "not_an_object"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    UNREADABLE = "unreadable"
    MISSING_FIELD = "missing_field"
    EMPTY_FIELD = "empty_field"
    NAME_TOO_LONG = "name_too_long"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    INVALID_TIME = "invalid_time"
    END_BEFORE_START = "end_before_start"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_EVENT = "unknown_event"


def shown(value: object) -> str:
    """The value as a person should see it: quoted, on one line, cut when long."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def rejected_by_model(error: ValidationError) -> RejectedRecord:
    """The refusal that says what the first fault of a validation was.

    Faults of the whole text (not JSON, not an object) come before faults of fields; where several
    fields are missing, all of them are named, for they usually have one cause.
    """
    faults = error.errors(include_url=False, include_context=True)
    missing = [_field(fault) for fault in faults if fault["type"] in _MISSING]
    if missing:
        names = ", ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        return RejectedRecord(
            Reason.MISSING_FIELD, f"{names} {verb} missing; no record goes without", missing[0]
        )
    return _rejected_by_faults([fault for fault in faults if _field(fault) == _field(faults[0])])


def _rejected_by_faults(faults: list[ErrorDetails]) -> RejectedRecord:
    """The refusal for one field: a fault for each type that it may have."""
    fault = next((fault for fault in faults if not fault["type"].endswith("_type")), faults[0])
    kind, field, seen = fault["type"], _field(fault), shown(fault["input"])
    match kind:
        case "json_invalid":
            return _rejected_as_json(str(fault["ctx"]["error"]))
        case "model_type" | "model_attributes_type" | "dict_type" if not fault["loc"]:
            return RejectedRecord(Reason.NOT_AN_OBJECT, f"expected a JSON object, seen {seen}")
        case _ if isinstance(fault["input"], str) and not fault["input"].strip():
            return RejectedRecord(
                Reason.EMPTY_FIELD, f"{field} is empty; no record goes without", field
            )
        case "string_pattern_mismatch":  # the only other pattern is that of a name: not blank
            return RejectedRecord(
                Reason.INVALID_TIME,
                f"{field} is {seen}; expected day-month-year, such as 05-09-2025 16:45:26.191702",
                field,
            )
        case "string_too_long":
            return RejectedRecord(
                Reason.NAME_TOO_LONG,
                f"{field} has {len(fault['input'])} characters; "
                f"the limit is {fault['ctx']['max_length']}, shorten it",
                field,
            )
        case "finite_number":
            return RejectedRecord(
                Reason.NOT_FINITE, f"{field} is not finite; send a number or leave it out", field
            )
        case "greater_than_equal" | "less_than_equal":
            return RejectedRecord(
                Reason.OUT_OF_RANGE, f"{field} is {seen}; it must be {_demand(fault)}", field
            )
        case "union_tag_invalid":
            known = fault["ctx"]["expected_tags"]
            return RejectedRecord(
                Reason.UNKNOWN_EVENT,
                f"type is {shown(fault['ctx']['tag'])}; expected one of {known}",
                "type",
            )
        case "literal_error" | "enum":
            reason = Reason.UNKNOWN_STATE if kind == "enum" else Reason.UNKNOWN_EVENT
            return RejectedRecord(
                reason, f"{field} is {seen}; expected {fault['ctx']['expected']}", field
            )
        case _:
            expected = " or ".join(_demand(fault) for fault in faults)
            return RejectedRecord(
                Reason.WRONG_TYPE, f"{field} is {seen}; expected {expected}", field
            )


def _rejected_as_json(error: str) -> RejectedRecord:
    detail = error.partition(" at line ")[0]
    if detail == "recursion limit exceeded":
        return RejectedRecord(Reason.TOO_DEEP, "nested deeper than 200 levels; send it flatter")
    return RejectedRecord(Reason.INVALID_JSON, f"not JSON: {detail}")


def _field(fault: ErrorDetails) -> str:
    """The field's name as the producer spells it, without the models that a union tried."""
    if fault["type"] == "union_tag_not_found":
        return "type"
    names = [_printable(str(part)) for part in fault["loc"] if not _is_model_tag(part)]
    return ".".join(names) or "record"


def _printable(name: str) -> str:
    """The name, safe for a terminal: that of an unknown field is the producer's choice."""
    return name if name.isprintable() and len(name) <= _SHOWN_CHARACTERS else shown(name)


def _demand(fault: ErrorDetails) -> str:
    return fault["msg"].removeprefix("Input should be ")


def _is_model_tag(part: int | str) -> bool:
    text = str(part)
    return text in {"int", "float", "str"} or text.startswith(
        ("constrained-", "function-", "io.filrouge.")
    )
