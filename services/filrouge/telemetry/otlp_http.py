"""OTLP over HTTP, in its JSON encoding."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import orjson
import requests
from urllib3.exceptions import NewConnectionError

from filrouge.errors import DeliveryError
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RefusedRequestError, RetryableError

_RETRYABLE = {429, 502, 503, 504}  # the OTLP specification's list
_AWAY = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
_TOO_LARGE = 413
_REFUSED = {400, _TOO_LARGE}  # for what the request holds; a retry is no use
_SHOWN_CHARACTERS = 300
_REJECTED = ("rejectedSpans", "rejectedLogRecords", "rejectedDataPoints")


class HttpTransport:
    """Posts requests to a collector's OTLP receiver.

    Args:
        url: the receiver, such as `http://127.0.0.1:4318`; `/v1/traces` and so on are added.
        headers: sent with each request, such as authorization.
        timeout_s: for one request.
        compress: whether bodies are sent with gzip; it costs CPU here and saves network.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], timeout_s: float, compress: bool
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._compress = compress
        self._headers = {**headers, "Content-Type": "application/json"}
        if compress:
            self._headers["Content-Encoding"] = "gzip"
        self._sessions = {signal: _session(self._url) for signal in Signal}  # one thread each

    def send(self, signal: Signal, request: bytes) -> None:
        """Posts one request.

        Raises:
            RetryableError: no answer, or one that asks to try again.
            RefusedRequestError: the collector refused the request, or a part of it, for what it
                holds.
            DeliveryError: it cannot be sent, or was refused for another reason.
        """
        url = f"{self._url}/v1/{signal}"
        body = gzip.compress(request, compresslevel=1) if self._compress else request
        try:
            answer = self._sessions[signal].post(
                url, data=body, headers=self._headers, timeout=self._timeout_s
            )
        except _AWAY as error:
            told = f"no answer from {url}: {_cause(error)}"
            raise RetryableError(told, unsure=not _never_left(error)) from error
        except requests.RequestException as error:
            raise DeliveryError(f"cannot send to {url}: {error}; check --otlp") from error
        _check(url, answer)

    def close(self) -> None:
        """Closes the connections."""
        for session in self._sessions.values():
            session.close()


def _session(url: str) -> requests.Session:
    """A session that has asked the environment once, of proxies, certificates and `.netrc`.

    By itself it asks at each request, also the file system, which a profile of processing showed.
    """
    session = requests.Session()
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = found["proxies"], found["verify"], found["cert"]
    session.auth = requests.utils.get_netrc_auth(url)
    session.trust_env = False
    return session


def _check(url: str, answer: requests.Response) -> None:
    if answer.status_code in _RETRYABLE:
        raise RetryableError(
            f"{url} answers {answer.status_code} {answer.reason}", _retry_after_s(answer)
        )
    if not answer.ok:
        hint = "; raise its max_request_body_size" if answer.status_code == _TOO_LARGE else ""
        said = answer.text[:_SHOWN_CHARACTERS].strip()
        refusal = RefusedRequestError if answer.status_code in _REFUSED else DeliveryError
        raise refusal(f"{url} answers {answer.status_code} {answer.reason}: {said}{hint}")
    _check_partial_success(url, answer.content)


def _check_partial_success(url: str, content: bytes) -> None:
    try:
        partial = orjson.loads(content or b"{}").get("partialSuccess") or {}
    except (orjson.JSONDecodeError, AttributeError):
        raise DeliveryError(
            f"{url} does not answer in OTLP; is a collector's OTLP receiver (HTTP) there?"
        ) from None
    count = sum(int(partial.get(key, 0)) for key in _REJECTED)
    if count:
        said = partial.get("errorMessage", "")
        raise RefusedRequestError(f"{url} refused {count} items: {said}")


def _retry_after_s(answer: requests.Response) -> float | None:
    """Seconds; the form with a date is as good as no answer for us."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None


def _never_left(error: requests.RequestException) -> bool:
    """Whether there was no connection over which the request could have gone."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _cause(error: Exception) -> str:
    """The innermost reason, such as `Connection refused`, without the layers around it."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    return str(getattr(inner, "strerror", None) or inner)
