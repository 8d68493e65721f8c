"""To the collector, however long it is away; what it will never take is told apart."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Final

from structlog.stdlib import BoundLogger

from filrouge.errors import DeliveryError
from filrouge.processing.health import Health
from filrouge.telemetry import otlp_json
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import (
    RefusedRequestError,
    RetryableError,
    Transport,
    Tries,
    retrying,
)

_PROBE: Final = otlp_json.request(Signal.TRACES, ())


class Collector:
    """The collector as one thread sees it.

    Args:
        transport: the way to it; no other thread uses it.
        abandoned: once set, nothing is tried again.
        health: is told whether it takes what it is sent.
        on_retry: is called each time that it does not.
        log: is told when it goes away and when it is back.
    """

    def __init__(
        self,
        transport: Transport,
        abandoned: Event,
        health: Health,
        on_retry: Callable[[], None],
        log: BoundLogger,
    ) -> None:
        self._transport = transport
        self._abandoned = abandoned
        self._health = health
        self._on_retry = on_retry
        self._log = log

    def send(self, signal: Signal, request: bytes) -> None:
        """Returns when the collector has taken the request, which is tried again until then.

        Raises:
            RefusedRequestError: it will never take this request, but it takes others.
            RetryableError: it had not taken it when all was abandoned.
        """
        tries = Tries(self._send_or_probe, signal, request, self._abandoned.wait)
        retrying(self._abandoned)(tries)

    def send_once(self, signal: Signal, request: bytes) -> None:
        """Hands over a request that another will follow and replace.

        Raises:
            RetryableError: the collector is away.
            DeliveryError: it does not take it.
        """
        self._transport.send(signal, request)

    def close(self) -> None:
        """Lets go of connections."""
        self._transport.close()

    def _send_or_probe(self, signal: Signal, request: bytes) -> None:
        try:
            self._attempt(signal, request)
        except RefusedRequestError:
            # Whatever refuses an empty request refuses everything: it is no collector, or wrongly
            # set up, and no record is to blame.
            self._probe()
            raise

    def _probe(self) -> None:
        try:
            self._attempt(Signal.TRACES, _PROBE)
        except RefusedRequestError as refusal:
            raise self._away(str(refusal)) from refusal

    def _attempt(self, signal: Signal, request: bytes) -> None:
        try:
            self._transport.send(signal, request)
        except RefusedRequestError:
            raise
        except RetryableError as error:
            self._away(str(error))
            raise
        except DeliveryError as error:  # such as 401: somebody will mend it
            raise self._away(str(error)) from error
        if self._health.collector:
            self._health.collector = None
            self._log.info("collector takes requests again")

    def _away(self, reason: str) -> RetryableError:
        self._on_retry()
        if not self._health.collector:
            self._log.warning("collector does not take requests; trying again", reason=reason)
        self._health.collector = reason
        return RetryableError(reason)
