"""Telemetry to a collector: in order, with retry and back-pressure, over HTTP or gRPC."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Event
from typing import Protocol

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_before_delay,
    stop_when_event_set,
    wait_exponential_jitter,
)

from filrouge.errors import DeliveryError
from filrouge.telemetry.otlp_json import Signal

_WAITING_REQUESTS = 4
"""For each signal. More would only take memory (a megabyte each): the collector is the slower."""

APART_S = 5.0
"""How far apart two copies of a request are sent when nobody knows whether the first was taken.

Tempo keeps one of two copies of a span only if they reach it some seconds apart (tempo/README.md).
"""
_NOTHING = b"{}"  # a request without items, which every receiver takes


class RetryableError(Exception):
    """The collector is away or busy; the same request may succeed later.

    Attributes:
        retry_after_s: how long the collector asks to wait, or None.
        unsure: whether the collector may have taken it, though it did not say so.
    """

    def __init__(
        self, message: str, retry_after_s: float | None = None, *, unsure: bool = False
    ) -> None:
        asked = "" if retry_after_s is None else f", and asks to wait {retry_after_s:g} s"
        super().__init__(message + asked)
        self.retry_after_s = retry_after_s
        self.unsure = unsure


class RefusedRequestError(DeliveryError):
    """The collector says that this request is wrong: it is no use to send the same again."""


class Transport(Protocol):
    """One way to hand a request to a collector."""

    def send(self, signal: Signal, request: bytes) -> None:
        """Hands over one request, once.

        Raises:
            RetryableError: it was not taken, but may be later.
            RefusedRequestError: it was refused for what it holds.
            DeliveryError: it was refused for another reason, such as a missing authorization.
        """

    def close(self) -> None:
        """Lets go of connections."""


def retrying(abandoned: Event, patience_s: float | None = None) -> Retrying:
    """Tries again what raises RetryableError: as soon as the collector asks, else ever more rarely.

    The last RetryableError is raised when there is no more trying.

    Args:
        abandoned: once set, there is no more trying.
        patience_s: nor after so long; None tries for ever.
    """
    given_up = stop_when_event_set(abandoned)
    return Retrying(
        retry=retry_if_exception_type(RetryableError),
        stop=given_up if patience_s is None else stop_before_delay(patience_s) | given_up,
        sleep=sleep_using_event(abandoned),
        wait=_wait,
        reraise=True,
    )


class CollectorSink:
    """Sends requests by a transport, each signal in its own order.

    Writing waits while four requests of a signal are under way, so that a slow collector slows the
    reader down instead of filling memory.

    Args:
        transport: how to send.
        patience_s: how long one request is tried again before delivery has failed.
    """

    def __init__(self, transport: Transport, patience_s: float) -> None:
        self._transport = transport
        self._patience_s = patience_s
        self._workers = {signal: ThreadPoolExecutor(max_workers=1) for signal in Signal}
        self._room = {signal: BoundedSemaphore(_WAITING_REQUESTS) for signal in Signal}
        self._failure: DeliveryError | None = None
        self._abandoned = Event()

    def write(self, signal: Signal, request: bytes) -> None:
        """Takes one request; waits for room.

        Raises:
            DeliveryError: an earlier request could not be handed over.
        """
        self._raise_failure()
        self._room[signal].acquire()
        sent = self._workers[signal].submit(self._send, signal, request)
        sent.add_done_callback(self._release(signal))

    def close(self) -> None:
        """Waits until all is handed over.

        Raises:
            DeliveryError: something could not be.
        """
        for worker in self._workers.values():
            worker.shutdown(wait=True)
        self._transport.close()
        self._raise_failure()

    def abandon(self) -> None:
        """Stops trying: what is under way may be lost."""
        self._abandoned.set()
        for worker in self._workers.values():
            worker.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    def _send(self, signal: Signal, request: bytes) -> None:
        if self._failure:
            return  # the rest would fail likewise, each after its own patience
        try:
            tries = Tries(self._transport.send, signal, request, self._abandoned.wait)
            retrying(self._abandoned, self._patience_s)(tries)
        except RetryableError as error:
            self._failure = DeliveryError(
                f"{error}; gave up, for otlp_patience_s is {self._patience_s:g}"
            )
        except DeliveryError as error:
            self._failure = error

    def _release(self, signal: Signal) -> Callable[[Future[None]], None]:
        def release(sent: Future[None]) -> None:
            error = None if sent.cancelled() else sent.exception()
            if error:  # a defect of ours; it is not to be lost in the thread
                self._failure = DeliveryError(f"could not send {signal}: {error!r}")
            self._room[signal].release()

        return release

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure


class Tries:
    """One request, sent at each call; once nobody knows whether it was taken, its copy comes late.

    Args:
        send: hands over a request, as a transport does.
        signal, request: what is sent.
        wait: for so many seconds.
    """

    def __init__(
        self,
        send: Callable[[Signal, bytes], None],
        signal: Signal,
        request: bytes,
        wait: Callable[[float], object],
    ) -> None:
        self._send = send
        self._signal: Signal = signal
        self._request = request
        self._wait = wait
        self._is_unsure = False

    def __call__(self) -> None:
        """Sends it once.

        Raises:
            RetryableError, DeliveryError: as `send` does.
        """
        if self._is_unsure:
            settle(self._send, self._signal, self._wait)
        try:
            self._send(self._signal, self._request)
        except RetryableError as error:
            self._is_unsure |= error.unsure
            raise


def settle(
    send: Callable[[Signal, bytes], None], signal: Signal, wait: Callable[[float], object]
) -> None:
    """Returns when a copy may be sent of what the collector may have taken.

    That the collector answers again is asked with nothing in hand, so that the wait begins when
    what it had taken is on its way.

    Args:
        send: hands over a request, as a transport does.
        signal: of what may be sent again.
        wait: for so many seconds.

    Raises:
        RetryableError, DeliveryError: as `send` does; ask again later.
    """
    send(signal, _NOTHING)
    wait(APART_S)


_back_off = wait_exponential_jitter(multiplier=0.2, max=5)


def _wait(state: RetryCallState) -> float:
    """As long as the collector asks, else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, RetryableError) else None
    return asked if asked is not None else _back_off(state)
