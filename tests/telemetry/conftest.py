"""Receivers to send to, and a sender that does not wait long."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tenacity import RetryCallState

from filrouge.telemetry import sender
from tests.telemetry.receivers import GrpcReceiver, HttpReceiver, Receiver


@pytest.fixture(params=[HttpReceiver, GrpcReceiver], ids=["http", "grpc"])
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    """A receiver of each kind in turn."""
    with request.param() as receiver:
        yield receiver


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Makes the sender try again after a hundredth of a second; set once it has to."""
    event = threading.Event()

    def back_off(_: RetryCallState) -> float:
        event.set()
        return 0.01

    monkeypatch.setattr(sender, "_back_off", back_off)
    return event
