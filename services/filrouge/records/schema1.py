"""Schema 1: the French one-line record that producers write today."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from filrouge.errors import RejectedRecord
from filrouge.records.localtime import WALL_TIME, LocalClock
from filrouge.records.names import (
    Name,
    Number,
    ObjectId,
    Open,
    WholeNumber,
    finite,
    seconds,
    whole,
)
from filrouge.records.record import RunKey, TaskFinished, TaskOutcome
from filrouge.records.rejection import Reason, rejected_by_model, shown

FIRST_ATTEMPT: Final = 1  # schema 1 does not number attempts
_OUTCOMES: Final = {"SUCCESS": TaskOutcome.SUCCESS, "FAILED": TaskOutcome.FAILURE}

_WallTime = Annotated[str, StringConstraints(strict=True, pattern=WALL_TIME)]


class Schema1(BaseModel):
    """One finished object of one source, as the producers' log file has it."""

    model_config = ConfigDict(extra="allow", title="Filrouge record, schema 1")
    __pydantic_extra__: dict[str, Open]

    No_Sequence: Name = Field(description="The run: one sequence of one company, over all zones.")
    Date_Sequence: Open = Field(None, description="Redundant with No_Sequence; not read.")
    Heure_Sequence: Open = Field(None, description="Redundant with No_Sequence; not read.")
    Minute_Sequence: Open = Field(None, description="Redundant with No_Sequence; not read.")
    Entreprise: Name = Field(description="The company whose data is ingested.")
    Zone: Name = Field(description="The zone, such as 1-Raw: a stage of the run.")
    Source: Name = Field(description="The business system the object comes from.")
    Objet_Id: ObjectId = Field(description="Unique for an object of a source; 12 and '12' agree.")
    Objet: Name = Field(description="The object's name.")
    Transformation: StrictStr | None = Field(None, description="The function that did the work.")
    Etat: StrictStr = Field(description="SUCCESS or FAILED, in any case.")
    Debut: _WallTime = Field(description="Start in local time: 05-09-2025 16:45:26.191702.")
    Fin: _WallTime = Field(description="End, in the same form.")
    duration_s: Number | None = Field(
        None, alias="Duree secondes", description="Seconds from start to end; the times decide."
    )
    Description: StrictStr | None = Field(None, description="On failure the error's text.")
    cpu_time_s: Number | None = Field(
        None, alias="cpu_time (sec)", description="CPU time in seconds, often in a string."
    )
    memory_delta_bytes: WholeNumber | None = Field(
        None,
        alias="memory_used (bytes)",
        description="Change of resident memory in bytes; may be 0 or negative.",
    )


_run_key = lru_cache(maxsize=1024)(RunKey)  # few runs, many records
_validate_json = TypeAdapter(Schema1).validator.validate_json  # spares a wrapper of 0.6 µs


class Schema1Parser:
    """Reads records of schema 1, whose local times are those of `clock`'s zone."""

    def __init__(self, clock: LocalClock) -> None:
        self._clock = clock

    def parse(self, line: bytes) -> TaskFinished:
        """The normalised record of one line.

        Raises:
            RejectedRecord: a field is missing, of the wrong type or without meaning.
        """
        try:
            seen: Schema1 = _validate_json(line)
        except ValidationError as error:
            raise rejected_by_model(error) from None
        extra = seen.__pydantic_extra__
        duration_s = finite(seen.duration_s, "Duree secondes")
        start_ns, end_ns, remarks = self._clock.interval(seen.Debut, seen.Fin, duration_s)
        return TaskFinished(  # by position, in order of its fields: names cost 0.7 µs here
            _run_key(seen.Entreprise, seen.No_Sequence, FIRST_ATTEMPT),
            seen.Zone,
            seen.Source,
            str(seen.Objet_Id),
            seen.Objet,
            seen.Debut,
            start_ns,
            end_ns,
            _OUTCOMES.get(seen.Etat) or _outcome(seen.Etat),
            line,
            seen.Description or "",
            None,  # error_type: schema 1 has none
            seen.Transformation or None,
            seconds(seen.cpu_time_s, "cpu_time (sec)"),
            whole(seen.memory_delta_bytes, "memory_used (bytes)"),
            None,  # traceparent: schema 1 has none
            remarks,
            extra,
        )


def _outcome(state: str) -> TaskOutcome:
    try:
        return _OUTCOMES[state.strip().upper()]
    except KeyError:
        raise RejectedRecord(
            Reason.UNKNOWN_STATE, f"Etat is {shown(state)}; expected SUCCESS or FAILED", "Etat"
        ) from None
