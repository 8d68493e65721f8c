"""Whether the service lives and can work, and who tells others so over HTTP."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Response

from filrouge.errors import UsageError

_STUCK_S: Final = 60.0
"""The loop turns several times a second, and waits at most some seconds when partitions go."""


class Health:
    """What the parts of the service last knew; written and read by several threads.

    Attributes:
        kafka: what is wrong with Kafka or our membership of the group, or None.
        collector: what is wrong with the collector, or None.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turned_s = clock()
        self.kafka: str | None = "not a member of the group yet"
        self.collector: str | None = None

    def turn(self) -> None:
        """The loop has come round once more."""
        self._turned_s = self._clock()

    def is_alive(self) -> bool:
        """Whether the loop still turns."""
        return self._clock() - self._turned_s < _STUCK_S

    def troubles(self) -> dict[str, str]:
        """What keeps the service from working now, by what is at fault."""
        known = {"kafka": self.kafka, "collector": self.collector}
        return {name: trouble for name, trouble in known.items() if trouble}


def health_app(health: Health) -> FastAPI:
    """`/healthz`: start it again when this fails; `/readyz`: it works, and if not, why.

    It is not instrumented: probes every few seconds would be most of the service's spans.
    """
    app = FastAPI(title="Filrouge processing", docs_url=None, redoc_url=None)

    @app.get("/healthz")
    def healthz(response: Response) -> dict[str, Any]:
        """Whether the service lives."""
        if not health.is_alive():
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            return {"status": "stuck"}
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        """Whether the service can work now."""
        if troubles := health.troubles():
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            return {"status": "not ready", "troubles": troubles}
        return {"status": "ok"}

    return app


@contextmanager
def answering(health: Health, address: tuple[str, int]) -> Iterator[None]:
    """Answers at an address while the block runs, in a thread of its own.

    Raises:
        UsageError: the address cannot be had.
    """
    listener = _listen(address)
    config = uvicorn.Config(
        health_app(health), log_config=None, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        raise UsageError(
            f"cannot listen at {address[0]}:{address[1]} ({error.strerror or error}); "
            "set FILROUGE_PROCESSING_PORT to one that is free"
        ) from error
