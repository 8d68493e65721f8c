"""Whether a part is ready to work, asked of the part itself."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from typing import Final

from filrouge.stack.place import Place
from filrouge.stack.ports import HOST, Port

_TIMEOUT_S: Final = 2.0
_LONGEST_REASON: Final = 200

Check = Callable[[Place], None]
"""Asks a part of the stack at a place; raises NotReady with what it answered."""


class NotReady(Exception):  # noqa: N818 - a state that passes, not an error
    """The part does not work yet; the text says why."""


def listens(place: Place, port: Port) -> None:
    """Returns when something listens at a port; quicker to say no than most clients.

    Raises:
        NotReady: nothing does.
    """
    try:
        socket.create_connection((HOST, port.at(place.offset)), _TIMEOUT_S).close()
    except OSError as error:
        raise NotReady(f"{place.address(port)}: {error.strerror or error}") from None


def http_ok(port: Port, path: str) -> Check:
    """A check that an HTTP endpoint answers 200."""

    def check(place: Place) -> None:
        # Plain http.client: a proxy that the environment names has no business on loopback.
        connection = http.client.HTTPConnection(HOST, port.at(place.offset), timeout=_TIMEOUT_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except OSError as error:
            raise NotReady(f"{place.url(port)}{path}: {error.strerror or error}") from None
        except http.client.HTTPException as error:
            raise NotReady(f"{place.url(port)}{path}: {error!r}") from None
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise NotReady(f"HTTP {answer.status}: {_first_line(text)}")

    return check


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:_LONGEST_REASON]
