"""Schema 2: what producers should send, a CloudEvents 1.0 envelope around typed data.

The envelope's rules are those of the CloudEvents 1.0 JSON format and its distributed-tracing
extension.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from filrouge.errors import RejectedRecord
from filrouge.records.names import MAX_EXACT_INT, Name, ObjectId, Open, whole
from filrouge.records.record import (
    Record,
    RunCompleted,
    RunKey,
    RunOutcome,
    RunStarted,
    TaskFinished,
    TaskOutcome,
    TaskStarted,
)
from filrouge.records.rejection import Reason, rejected_by_model
from filrouge.records.utctime import instant_ns

_Seconds = Annotated[FiniteFloat, Field(strict=True, ge=0, le=MAX_EXACT_INT)]
_Text = Annotated[str, StringConstraints(strict=True, min_length=1)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Open]

    company: Name = Field(description="The company whose data is ingested.")
    run_id: Name = Field(description="Unique for a run of the company, the same over all zones.")
    attempt: Annotated[int, Field(strict=True, ge=1, le=MAX_EXACT_INT)] = Field(
        1, description="1, and one more each time the whole run is tried again under its id."
    )
    started_at: StrictStr = Field(description="RFC 3339 with offset; names the try of the task.")

    @property
    def run(self) -> RunKey:
        return RunKey(self.company, self.run_id, self.attempt)


class TaskStartedData(_Data):
    """A task that has begun."""

    zone: Name = Field(description="The zone, such as 1-Raw: a stage of the run.")
    source: Name = Field(description="The business system the object comes from.")
    object_id: ObjectId = Field(description="Unique for an object of a source; 12 and '12' agree.")
    object_name: Name = Field(description="The object's name.")
    transformation: StrictStr | None = Field(None, description="The function that does the work.")
    parameters: Open = Field(None, description="What the function was called with.")


class TaskFinishedData(TaskStartedData):
    """A task that has ended."""

    ended_at: StrictStr = Field(description="RFC 3339 with offset.")
    cpu_time_s: _Seconds | None = Field(None, description="CPU time in seconds.")
    memory_delta_bytes: StrictInt | None = Field(
        None, description="Change of resident memory in bytes; may be 0 or negative."
    )
    message: StrictStr | None = Field(None, description="A sentence for people.")


class TaskError(BaseModel):
    """Why a task failed."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Open]

    type: StrictStr | None = Field(None, description="The error's class, such as KeyError.")
    message: StrictStr = Field(description="The error's text.")


class TaskFailedData(TaskFinishedData):
    """A task that has failed."""

    error: TaskError = Field(description="Why.")


class RunStartedData(_Data):
    """A run that has begun."""

    expected_tasks: Annotated[int, Field(strict=True, ge=0, le=MAX_EXACT_INT)] | None = Field(
        None, description="How many tasks the producer means to run."
    )


class RunCompletedData(RunStartedData):
    """A run that has ended: nothing more is to come."""

    ended_at: StrictStr = Field(description="RFC 3339 with offset.")
    outcome: RunOutcome | None = Field(None, description="The producer's own verdict.")


class _Event(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Open]

    specversion: Literal["1.0"] = Field(description="CloudEvents 1.0.")
    id: _Text = Field(description="Unique for the event's source.")
    source: _Text = Field(description="URI reference of the producer.")
    subject: StrictStr | None = None
    time: StrictStr | None = Field(None, description="When the event was made; RFC 3339.")
    datacontenttype: StrictStr | None = None
    traceparent: StrictStr | None = Field(
        None, description="W3C trace context of the producer's own work; becomes a span link."
    )


class TaskStartedEvent(_Event):
    """The event `io.filrouge.task.started`."""

    type: Literal["io.filrouge.task.started"]
    data: TaskStartedData


class TaskCompletedEvent(_Event):
    """The event `io.filrouge.task.completed`."""

    type: Literal["io.filrouge.task.completed"]
    data: TaskFinishedData


class TaskFailedEvent(_Event):
    """The event `io.filrouge.task.failed`."""

    type: Literal["io.filrouge.task.failed"]
    data: TaskFailedData


class RunStartedEvent(_Event):
    """The event `io.filrouge.run.started`."""

    type: Literal["io.filrouge.run.started"]
    data: RunStartedData


class RunCompletedEvent(_Event):
    """The event `io.filrouge.run.completed`."""

    type: Literal["io.filrouge.run.completed"]
    data: RunCompletedData


Schema2 = Annotated[
    TaskStartedEvent | TaskCompletedEvent | TaskFailedEvent | RunStartedEvent | RunCompletedEvent,
    Field(discriminator="type", title="Filrouge record, schema 2"),
]
schema2: TypeAdapter[
    TaskStartedEvent | TaskCompletedEvent | TaskFailedEvent | RunStartedEvent | RunCompletedEvent
] = TypeAdapter(Schema2)


def parse_schema2(line: bytes) -> Record:
    """The normalised record of one CloudEvent.

    Raises:
        RejectedRecord: a field is missing, of the wrong type or without meaning.
    """
    try:
        event = schema2.validate_json(line)
    except ValidationError as error:
        raise rejected_by_model(error) from None
    start_ns = instant_ns(event.data.started_at, "data.started_at")
    match event:
        case TaskCompletedEvent() | TaskFailedEvent():
            return _finished(event, start_ns, line)
        case TaskStartedEvent(data=data):
            return TaskStarted(
                run=data.run,
                zone=data.zone,
                source=data.source,
                object_id=str(data.object_id),
                object_name=data.object_name,
                started=data.started_at,
                start_ns=start_ns,
                line=line,
            )
        case RunStartedEvent(data=data):
            return RunStarted(data.run, start_ns, data.expected_tasks, line)
        case RunCompletedEvent(data=data):
            end_ns = _end_ns(data.ended_at, data.started_at, start_ns)
            return RunCompleted(data.run, start_ns, end_ns, data.outcome, data.expected_tasks, line)


def _finished(
    event: TaskCompletedEvent | TaskFailedEvent, start_ns: int, line: bytes
) -> TaskFinished:
    data = event.data
    error = data.error if isinstance(data, TaskFailedData) else None
    extra = dict(data.__pydantic_extra__)
    if data.parameters is not None:
        extra["parameters"] = data.parameters
    return TaskFinished(
        run=data.run,
        zone=data.zone,
        source=data.source,
        object_id=str(data.object_id),
        object_name=data.object_name,
        started=data.started_at,
        start_ns=start_ns,
        end_ns=_end_ns(data.ended_at, data.started_at, start_ns),
        outcome=TaskOutcome.FAILURE if error else TaskOutcome.SUCCESS,
        line=line,
        message=error.message if error else data.message or "",
        error_type=error.type if error else None,
        transformation=data.transformation or None,
        cpu_time_s=data.cpu_time_s,
        memory_delta_bytes=whole(data.memory_delta_bytes, "data.memory_delta_bytes"),
        traceparent=event.traceparent,
        extra=extra,
    )


def _end_ns(ended_at: str, started_at: str, start_ns: int) -> int:
    end_ns = instant_ns(ended_at, "data.ended_at")
    if end_ns < start_ns:
        raise RejectedRecord(
            Reason.END_BEFORE_START,
            f"data.ended_at {ended_at} lies before data.started_at {started_at}",
            "data.ended_at",
        )
    return end_ns
