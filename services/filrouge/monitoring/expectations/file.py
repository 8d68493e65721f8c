"""The file of expectations: a model of it, and what it says of one source or company."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as Invalid

from filrouge.errors import UsageError
from filrouge.monitoring.expectations.durations import seconds
from filrouge.monitoring.expectations.patterns import Place, closeness, fits, is_exact

LEARN: Final = "learn"


def _seconds_or_learn(written: object) -> object:
    return written if written == LEARN else seconds(written)


_Pattern = Annotated[str, StringConstraints(min_length=1, max_length=512)]
_Name = Annotated[str, StringConstraints(min_length=1)]
_Limit = Annotated[float, BeforeValidator(seconds)]
_Learnable = Annotated[float | Literal["learn"], BeforeValidator(_seconds_or_learn)]
_Objects = Annotated[int, Field(strict=True, ge=1)] | Annotated[list[_Name], Field(min_length=1)]


class SourceEntry(BaseModel):
    """One `[[source]]`: what is left out is said by the entry of the next lower precedence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company: _Pattern = "*"
    zone: _Pattern = "*"
    source: _Pattern = "*"
    expected: bool | None = None
    cadence: _Learnable | None = None
    silence_limit: _Limit | None = None
    freshness_limit: _Limit | None = None
    objects: _Objects | Literal["learn"] | None = None
    learn_from: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None

    @property
    def patterns(self) -> Place:
        """Which sources it is about."""
        return Place(self.company, self.zone, self.source)


class RunEntry(BaseModel):
    """One `[[run]]`: when a company's runs are due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company: _Pattern = "*"
    cadence: _Learnable | None = None
    deadline: _Limit | None = None

    @property
    def patterns(self) -> tuple[str]:
        """Whose runs it is about."""
        return (self.company,)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: list[SourceEntry] = []
    run: list[RunEntry] = []


@dataclass(frozen=True, slots=True)
class SourceRule:
    """What the file says of one source; None: to be learnt, or the default.

    Attributes:
        expected: False: nothing is, whatever it does.
        by_name: whether an entry names it without wildcards, so that it may be missed before it
            ever came.
        objects: how many, or which.
        learn_from: how many of the last runs are learnt from.
    """

    expected: bool
    by_name: bool
    cadence_s: float | None
    silence_limit_s: float | None
    freshness_limit_s: float | None
    objects: int | frozenset[str] | None
    learn_from: int


@dataclass(frozen=True, slots=True)
class RunRule:
    """When a company's runs are due; a cadence of None is learnt."""

    deadline_s: float
    cadence_s: float | None


_LEARN_FROM: Final = 20
_Entry = TypeVar("_Entry", SourceEntry, RunEntry)


class Expectations:
    """What the file says.

    Args:
        sources: entries about sources, in any order.
        runs: entries about runs.
    """

    def __init__(self, sources: Iterable[SourceEntry] = (), runs: Iterable[RunEntry] = ()) -> None:
        self._sources = _by_precedence(sources)
        self._runs = _by_precedence(runs)

    def of_source(self, place: Place) -> SourceRule:
        """What is said of one source."""
        told = [each for each in self._sources if all(map(fits, each.patterns, place))]
        objects = _first(each.objects for each in told)
        expected = _first(each.expected for each in told)
        return SourceRule(
            expected=expected is not False,
            by_name=any(each.patterns == place and _is_by_name(each) for each in told),
            cadence_s=_given(_first(each.cadence for each in told)),
            silence_limit_s=_first(each.silence_limit for each in told),
            freshness_limit_s=_first(each.freshness_limit for each in told),
            objects=frozenset(objects) if isinstance(objects, list) else _number(objects),
            learn_from=_first(each.learn_from for each in told) or _LEARN_FROM,
        )

    def of_runs(self, company: str) -> RunRule | None:
        """What is said of a company's runs; None when they have no deadline."""
        told = [each for each in self._runs if fits(each.company, company)]
        deadline_s = _first(each.deadline for each in told)
        if deadline_s is None:
            return None
        return RunRule(deadline_s, _given(_first(each.cadence for each in told)))

    def sources_by_name(self) -> set[Place]:
        """Those that may be missed before they ever came."""
        named = {each.patterns for each in self._sources if _is_by_name(each)}
        return {place for place in named if self.of_source(place).expected}

    def companies_by_name(self) -> set[str]:
        """Those whose runs may be missed before any came."""
        named = {each.company for each in self._runs if is_exact(each.company)}
        return {company for company in named if self.of_runs(company)}


def load_expectations(path: Path | None) -> Expectations:
    """What a file says; without a file all is learnt.

    Raises:
        UsageError: it cannot be read or is wrong; all faults are told at once.
    """
    if path is None:
        return Expectations()
    hint = "docs/expectations.md describes the file"
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(
            f"cannot read the expectations {path}: {error.strerror or error}; correct the setting "
            "expectations, or leave it out to learn all"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the expectations {path} are no TOML: {error}; {hint}") from None
    except Invalid as error:
        faults = dict.fromkeys(_faults(error))
        raise UsageError(
            f"the expectations {path} are wrong:\n" + "\n".join(faults) + f"\n{hint}"
        ) from None
    return Expectations(file.source, file.run)


def _faults(error: Invalid) -> Iterator[str]:
    """A line for each fault: which entry, which field, what is wrong."""
    for fault in error.errors():
        match fault["loc"]:
            case (table, int(at), field, *_):
                place = f"[[{table}]] number {at + 1}, {field}"
            case (table, int(at)):
                place = f"[[{table}]] number {at + 1}"
            case loc:
                place = ".".join(map(str, loc))
        yield f"  {place}: {_told(fault)}"


def _told(fault: Any) -> str:
    match fault["type"], fault["loc"]:
        case "extra_forbidden", _:
            return "there is no such field; take it out, or correct its name"
        case _, (_, _, "objects", *_):
            return 'expected a number above 0, a list of names, or "learn"'
        case "list_type", _:
            return "is written with two pairs of brackets, once for each entry"
        case _:
            return str(fault["msg"]).removeprefix("Value error, ")


def _is_by_name(entry: SourceEntry) -> bool:
    return all(map(is_exact, entry.patterns))


def _by_precedence(entries: Iterable[_Entry]) -> Sequence[_Entry]:
    """Those that name more closely first; of two that are alike the later one."""
    ordered = sorted(entries, key=lambda entry: closeness(*entry.patterns))
    return ordered[::-1]


_Value = TypeVar("_Value")


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value is not None), None)


def _given(value: float | Literal["learn"] | None) -> float | None:
    return None if value == LEARN else value


def _number(objects: object) -> int | None:
    """The number, if it is one."""
    return objects if isinstance(objects, int) else None
