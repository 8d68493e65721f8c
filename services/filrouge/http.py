"""The HTTP side of a service: its socket, and a server that ends when it is asked to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

from filrouge.errors import UsageError
from filrouge.stack.processes import holder

_BACKLOG: Final = 2048
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """The socket that the server is to accept connections on.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, for only then does asyncio switch Nagle's algorithm off; with it each
    # answer, which is written in two pieces, waits 40 ms for the sender's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error} ({holder(port)}); stop who "
            "holds it, or set FILROUGE_LISTEN or FILROUGE_STACK_PORT_OFFSET to another place"
        ) from None
    return listener


class Server(uvicorn.Server):
    """Ends on a signal as if it had come to its end, and does not raise the signal again.

    Args:
        config: uvicorn's.
        on_stop: called at the signal, from its handler, to end answers that would never end.
    """

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Handles signals while the server runs."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)
            if self._on_stop is not None:
                self._on_stop()

        before = {number: signal.signal(number, stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
