"""The types that both dialects share: what may name a task, and what may measure it."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticKnownError

from filrouge.errors import RejectedRecord
from filrouge.records.rejection import Reason, shown

MAX_NAME_CHARACTERS = 512
"""Longer names are refused: four bytes each still fit Loki's 2,048 bytes for a label's value."""

MAX_EXACT_INT = 2**53 - 1  # JSON readers that know only doubles, the collector's too, keep these

Name = Annotated[str, StringConstraints(strict=True, pattern=r"\S", max_length=MAX_NAME_CHARACTERS)]
_TRIED_IN_ORDER = Field(union_mode="left_to_right")  # else pydantic tries all, to find the best

ObjectId = Annotated[
    Annotated[StrictInt, Field(ge=-MAX_EXACT_INT, le=MAX_EXACT_INT)] | Name, _TRIED_IN_ORDER
]
Number = Annotated[StrictFloat | StrictStr, _TRIED_IN_ORDER]
"""A number, or a number in a string as schema 1 has it; see `finite`."""
WholeNumber = Annotated[StrictInt | StrictFloat | StrictStr, _TRIED_IN_ORDER]
"""The same for whole numbers; see `whole`."""


def _refuse_infinite(value: object) -> object:
    """The value, when every number inside is finite.

    JSON has neither NaN nor infinity, but many writers let them through, and so does pydantic
    where a value's type is open.
    """
    match value:
        case float() if not math.isfinite(value):
            raise PydanticKnownError("finite_number")
        case dict():
            for part in value.values():
                _refuse_infinite(part)
        case list():
            for part in value:
                _refuse_infinite(part)
    return value


Open = Annotated[
    StrictStr | Annotated[Any, AfterValidator(_refuse_infinite)],  # text first: it is checked fast
    _TRIED_IN_ORDER,
    WithJsonSchema({}),
]
"""Any JSON value: what is kept, but not understood."""


def finite(value: float | str | None, field: str) -> float | None:
    """The value as a finite number; None and the empty string are none.

    Raises:
        RejectedRecord: the text is no number, or the number is NaN or infinite.
    """
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise RejectedRecord(
            Reason.WRONG_TYPE, f"{field} is {shown(value)}, which is no number", field
        ) from None
    if not math.isfinite(number):
        raise RejectedRecord(
            Reason.NOT_FINITE,
            f"{field} is {shown(value)}; send a finite number or leave it out",
            field,
        )
    return number


def seconds(value: float | str | None, field: str) -> float | None:
    """The value as a time that has been spent: finite, not negative, and small enough to add up.

    Raises:
        RejectedRecord: it is no such number.
    """
    number = finite(value, field)
    if number is not None and not 0 <= number <= MAX_EXACT_INT:
        raise RejectedRecord(
            Reason.OUT_OF_RANGE,
            f"{field} is {shown(value)}; expected seconds from 0 to 2^53 - 1",
            field,
        )
    return number


def whole(value: float | str | None, field: str) -> int | None:
    """The value as a whole number of a size that every reader keeps exactly.

    Raises:
        RejectedRecord: it is no number, has a fraction, or is too large.
    """
    if type(value) is not int:
        number = finite(value, field)
        if number is None:
            return None
        if number != int(number):
            raise RejectedRecord(
                Reason.WRONG_TYPE, f"{field} is {shown(value)}; expected a whole number", field
            )
        value = int(number)
    if abs(value) > MAX_EXACT_INT:
        raise RejectedRecord(
            Reason.OUT_OF_RANGE, f"{field} is {shown(value)}; the limit is 2^53 - 1", field
        )
    return value
