"""Every error that Filrouge raises on purpose.

FilrougeError            what happened, to what, and what to do next; shown without a traceback
├── UsageError           the call is wrong: stop
├── BrokenInputError     a file cannot be read further: report it, and go on with the next
├── RejectedRecord       one record cannot be read: set it aside and go on with the next
├── DeliveryError        telemetry or records could not be handed over: stop, exit status 3
│   └── RefusedRequestError  one request is refused for what it holds (telemetry/sender.py)
├── BackendError         Tempo, Loki or Prometheus is away or refuses (backends/http.py)
├── BrokerError          Kafka is away, or has no such topic (kafka/client.py)
├── NotTakenError        Kafka has not acknowledged a request: 503, come again (ingestion/sink.py)
├── BuildError           a backend could not be built (stack/build/running.py)
└── StackError           a part of the stack does not start or stop: exit status 3 (stack/errors.py)

Where no exit status is named it is 2.
"""

from __future__ import annotations


class FilrougeError(Exception):
    """A fault whose text is meant for the person at the keyboard."""


class UsageError(FilrougeError):
    """The command, a setting or a file name is wrong; nothing was done."""


class RejectedRecord(FilrougeError):  # noqa: N818 - it names the outcome, as `rejected.jsonl` does
    """One record cannot be read; its neighbours are not concerned.

    Attributes:
        reason: one of `records.rejection.Reason`, stable, for programs.
        field: the field at fault as the producer spells it, or None for the whole record.
    """

    def __init__(self, reason: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field


class BrokenInputError(FilrougeError):
    """A file is cut or corrupt; what came before is good.

    Attributes:
        reason: one of `records.rejection.Reason`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class DeliveryError(FilrougeError):
    """The collector did not take what it was sent, and trying again did not help."""
