"""Structured logs: one JSON object a line on standard error, and the same as OTLP log records."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import orjson
import structlog
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs._internal import std_to_otel
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from opentelemetry.util.types import AnyValue
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict

_OF_THE_EXPORT: Final = ("opentelemetry", "urllib3", "requests")
"""Loggers that tell of sending telemetry. By OTLP they would tell of themselves without end."""
_REPETITIVE: Final = (*_OF_THE_EXPORT, "filrouge.kafka.client")
"""Loggers that tell of each try again: 20 a second from Kafka's client while Kafka is away."""
for _name in _OF_THE_EXPORT:  # else Python prints what is left of it after the end by itself
    logging.getLogger(_name).addHandler(logging.NullHandler())
_NOW_AND_THEN_S: Final = 60.0
_MARK: Final = "_filrouge_passes"
_SEVERITY_TEXTS: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # OTLP's words


@contextmanager
def logging_to(provider: LoggerProvider, name: str) -> Iterator[BoundLogger]:
    """The logger of that name; while the block runs, all logging of the process goes both ways.

    Args:
        provider: takes the log records.
        name: of the logger, and of the instrumentation scope.
    """
    root = logging.getLogger()
    handlers: list[logging.Handler] = [_standard_error(), _Otlp(provider, name)]
    level = root.level
    root.setLevel(logging.INFO)
    now_and_then = NowAndThen()
    for handler in handlers:
        handler.addFilter(now_and_then)
        root.addHandler(handler)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    try:
        yield cast("BoundLogger", structlog.get_logger(name))
    finally:
        structlog.reset_defaults()
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def _standard_error() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,  # has to see what the next line removes
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _add_trace_ids,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(_to_json),
            ]
        )
    )
    return handler


class NowAndThen(logging.Filter):
    """Lets one line a minute pass of each logger that repeats itself, and all of the others.

    Several handlers may share it: what one has let pass, all do.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._next_s: dict[str, float] = {}
        self._withheld: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line may pass; it says how many did not since the last one."""
        group = _group(record, _REPETITIVE)
        if group is None:
            return True
        if not hasattr(record, _MARK):
            setattr(record, _MARK, self._decide(record, group))
        return bool(getattr(record, _MARK))

    def _decide(self, record: logging.LogRecord, group: str) -> bool:
        if self._clock() < self._next_s.get(group, -math.inf):
            self._withheld[group] += 1
            return False
        self._next_s[group] = self._clock() + _NOW_AND_THEN_S
        if withheld := self._withheld.pop(group, 0):
            record.msg = f"{record.getMessage()} ({withheld} more lines like it before)"
            record.args = ()
        return True


class _Otlp(logging.Handler):
    """Makes an OTLP log record of each record; trace and span are those of the caller."""

    def __init__(self, provider: LoggerProvider, name: str) -> None:
        super().__init__()
        self._logger = provider.get_logger(name)

    def emit(self, record: logging.LogRecord) -> None:
        """Hands it to the exporter's queue, which never waits."""
        if _group(record, _OF_THE_EXPORT):
            return
        fields = dict(record.msg) if isinstance(record.msg, dict) else {}
        body = fields.pop("event", None) if fields else record.getMessage()
        error = _exception(fields.pop("exc_info", None) or record.exc_info)
        self._logger.emit(
            timestamp=int(record.created * 1e9),
            severity_number=std_to_otel(record.levelno),
            severity_text=_SEVERITY_TEXTS.get(record.levelname, record.levelname),
            body=str(body),
            attributes={"logger": record.name, **_attributes(fields)},
            exception=error,
        )


def _group(record: logging.LogRecord, groups: Sequence[str]) -> str | None:
    """The one of these loggers that the record's is, or is below of."""
    return next((each for each in groups if f"{record.name}.".startswith(f"{each}.")), None)


def _exception(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return cast("BaseException | None", info[1])
    return sys.exception() if info else None


def _attributes(fields: Mapping[str, Any]) -> dict[str, AnyValue]:
    """The fields as OTLP can say them."""
    return {
        name: value if isinstance(value, str | bool | int | float) else _to_json(value)
        for name, value in fields.items()
        if value is not None and not name.startswith("_")
    }


def _add_trace_ids(_: Any, __: str, event: EventDict) -> EventDict:
    here = get_current_span().get_span_context()
    if here.is_valid:
        event["trace_id"] = format_trace_id(here.trace_id)
        event["span_id"] = format_span_id(here.span_id)
    return event


def _to_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
