"""From a request's body to its records, cut out as the content type says, and checked one by one.

Pure: nothing is read or written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import unquote

import orjson

from filrouge.ingestion.answers import Refusal
from filrouge.ingestion.problems import Kind, ProblemError
from filrouge.kafka.topics import message_key
from filrouge.records.parse import RecordParser, is_event
from filrouge.records.reading.framing import frame
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line
from filrouge.records.record import Record, TaskFinished
from filrouge.records.rejection import Reason, shown

FOREIGN_COMPANY: Final = "foreign_company"
"""The reason of a refusal that only the gateway has, besides those of `records.rejection`."""

JSON: Final = "application/json"
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
EVENT: Final = "application/cloudevents+json"
EVENTS: Final = "application/cloudevents-batch+json"
MEDIA_TYPES: Final = (JSON, *NDJSON, EVENT, EVENTS)

_UTF8: Final = {"", "utf-8", "utf8", "us-ascii"}
_ATTRIBUTE: Final = "ce-"
_ATTRIBUTE_NAME: Final = re.compile(r"[a-z0-9]+")
_BODY: Final = "body"


class Form(Enum):
    """How records lie in a body."""

    ONE_OR_ARRAY = "one or array"
    LINES = "lines"
    EVENT = "event"
    EVENTS = "events"
    BINARY_EVENT = "binary event"

    @property
    def is_of_events(self) -> bool:
        """Whether each record must be a CloudEvent, for the sender says so."""
        return self in {Form.EVENT, Form.EVENTS, Form.BINARY_EVENT}


@dataclass(frozen=True, slots=True)
class Message:
    """A record as it goes to Kafka: its bytes are the sender's own."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What a request holds.

    Attributes:
        messages: its good records, in order.
        traceparents: of those that name the span they come from.
        refusals: the others, in order.
    """

    messages: list[Message]
    traceparents: list[str]
    refusals: list[Refusal]

    @property
    def size(self) -> int:
        """How many records, good or not."""
        return len(self.messages) + len(self.refusals)


def find_form(headers: Mapping[str, str]) -> Form:
    """How the records lie in the body, by the request's headers.

    Args:
        headers: names in lower case.

    Raises:
        ProblemError: the content type is none of ours.
    """
    media, charset = _content_type(headers.get("content-type", ""))
    if charset not in _UTF8:
        raise _unsupported(f"the body's charset is {charset!r}; send UTF-8")
    if f"{_ATTRIBUTE}specversion" in headers and media == JSON:
        return Form.BINARY_EVENT
    if media == JSON:
        return Form.ONE_OR_ARRAY
    if media in NDJSON:
        return Form.LINES
    if media in {EVENT, EVENTS}:
        return Form.EVENT if media == EVENT else Form.EVENTS
    seen = f"Content-Type is {media!r}" if media else "Content-Type is missing"
    raise _unsupported(f"{seen}; expected one of {', '.join(MEDIA_TYPES)}")


def read_batch(
    parser: RecordParser,
    form: Form,
    headers: Mapping[str, str],
    body: bytes,
    company: str | None,
    limit: int,
) -> Batch:
    """The records of a body, each checked.

    Args:
        parser: of records.
        form: how they lie in the body.
        headers: of the request, for the attributes of a binary event; names in lower case.
        body: decompressed.
        company: the only one whose records are taken; None for any.
        limit: records that one request may hold.

    Raises:
        ProblemError: the body is empty, has too many records, or is not in its form at all.
    """
    if not body.strip():
        raise ProblemError(
            Kind.MALFORMED_BODY, "the body is empty; send records, or at least an empty array: []"
        )
    batch = Batch([], [], [])
    for index, line in enumerate(_lines(form, headers, body)):
        if index == limit:
            raise ProblemError(
                Kind.BODY_TOO_LARGE,
                f"over {limit} records; send them in several requests, nothing was taken of these",
            )
        found = _checked(parser, form, index, line, company)
        if isinstance(found, Refusal):
            batch.refusals.append(found)
        else:
            batch.messages.append(Message(message_key(found.run), line.data))
            if isinstance(found, TaskFinished) and found.traceparent:
                batch.traceparents.append(found.traceparent)
    return batch


def _checked(
    parser: RecordParser, form: Form, index: int, line: Line, company: str | None
) -> Record | Refusal:
    record = parse_line(parser, line)
    if isinstance(record, Rejection):
        return _refusal(index, line, record.reason, record.field, record.message)
    if form.is_of_events and not is_event(line.data):
        text = "specversion is missing; the content type says that this is a CloudEvent"
        return _refusal(index, line, Reason.MISSING_FIELD, "specversion", text)
    if company is not None and record.run.company != company:
        text = f"the key is for records of {shown(company)}, not of {shown(record.run.company)}"
        return _refusal(index, line, FOREIGN_COMPANY, None, text)
    return record


def _lines(form: Form, headers: Mapping[str, str], body: bytes) -> Iterable[Line]:
    match form:
        case Form.LINES:
            return frame([body], _BODY)
        case Form.ONE_OR_ARRAY:
            return frame([body], _BODY) if _is_array(body) else [_one(body)]
        case Form.EVENTS:
            if not _is_array(body):
                raise ProblemError(Kind.MALFORMED_BODY, f"a body of {EVENTS} is an array")
            return frame([body], _BODY)
        case Form.EVENT:
            return [_one(body)]
        case Form.BINARY_EVENT:
            return [_one(_structured(headers, body))]


def _is_array(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _one(body: bytes) -> Line:
    return Line(body.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n"), 1, 0, _BODY)


def _structured(headers: Mapping[str, str], body: bytes) -> bytes:
    """A binary event in the structured form, in which all of it lies on the topic.

    The data are kept as they were sent, once they are known to be one JSON value and no more.
    """
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(
            Kind.MALFORMED_BODY, f"the event's data are no JSON: {error}; they are the whole body"
        ) from None
    event: dict[str, Any] = dict(_attributes(headers))
    event["datacontenttype"] = JSON
    event["data"] = orjson.Fragment(body.strip(b" \t\r\n"))
    return orjson.dumps(event)


def _attributes(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for header, value in headers.items():
        name = header.removeprefix(_ATTRIBUTE)
        if name != header and _ATTRIBUTE_NAME.fullmatch(name) and name != "data":
            yield name, unquote(value)


def _content_type(header: str) -> tuple[str, str]:
    media, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = [each.partition("=")[2].strip('" ') for each in parameters if "charset" in each]
    return media, charsets[0] if charsets else ""


def _unsupported(detail: str) -> ProblemError:
    return ProblemError(Kind.UNSUPPORTED_MEDIA, detail, {"Accept-Post": ", ".join(MEDIA_TYPES)})


def _refusal(index: int, line: Line, reason: str, field: str | None, detail: str) -> Refusal:
    return Refusal(index=index, line=line.number, reason=reason, field=field, detail=detail)
