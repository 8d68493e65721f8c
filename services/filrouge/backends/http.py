"""A backend's HTTP API: asked with patience for a passing fault, and told in a sentence else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import requests
from requests.adapters import HTTPAdapter
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from filrouge.errors import FilrougeError

_TIMEOUT_S: Final = (5, 60)  # to connect, to answer
_ATTEMPTS: Final = 4
_CONNECTIONS: Final = 8
_SHOWN_CHARACTERS: Final = 300
_NOT_FOUND: Final = 404
_OK: Final = 200
_BUSY: Final = frozenset({429, 500, 502, 503, 504})

Query = Mapping[str, str | int | float]


class BackendError(FilrougeError):
    """A backend is away, or did not understand the question."""


class _BusyError(BackendError):
    """Worth another try."""


class HttpApi:
    """One backend's API.

    Args:
        name: what people call the backend.
        url: its address, without a slash at the end.
    """

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._url = url
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=_CONNECTIONS))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=_CONNECTIONS))

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON that a path answers; None where it answers that there is nothing.

        Raises:
            BackendError: it is away, or refuses.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_BusyError),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=0.2, max=2),
            reraise=True,
        )
        return retrying(self._get, path, query or {})

    def _get(self, path: str, query: Query) -> Any:
        try:
            answer = self._session.get(
                self._url + path,
                params=dict(query),
                headers={"Accept": "application/json"},
                timeout=_TIMEOUT_S,
            )
        except requests.RequestException as error:
            reason = type(error).__name__
            raise _BusyError(
                f"{self._name} at {self._url} does not answer ({reason}); start it, or set "
                f"FILROUGE_{self._name.upper()}_URL to where it is (filrouge stack status tells "
                "of the native one)"
            ) from None
        if answer.status_code == _NOT_FOUND:
            return None
        if answer.status_code != _OK:
            kind = _BusyError if answer.status_code in _BUSY else BackendError
            text = answer.text.strip()[:_SHOWN_CHARACTERS]
            raise kind(f"{self._name} answered {answer.status_code} to {path}: {text}")
        return orjson.loads(answer.content)
