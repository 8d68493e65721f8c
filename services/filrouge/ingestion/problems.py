"""What is wrong with a request, as RFC 9457 has it: status, kind, sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
_URN: Final = "urn:filrouge:problem:"


class Kind(Enum):
    """Every problem of a request: its name in `type`, its status and its title."""

    MALFORMED_BODY = "malformed-body", HTTPStatus.BAD_REQUEST, "The body cannot be read"
    UNAUTHORIZED = "unauthorized", HTTPStatus.UNAUTHORIZED, "No valid API key"
    FOREIGN_COMPANY = "foreign-company", HTTPStatus.FORBIDDEN, "Records of another company"
    NOT_FOUND = "not-found", HTTPStatus.NOT_FOUND, "Nothing is here"
    METHOD_NOT_ALLOWED = "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "Not this method"
    BODY_TIMEOUT = "body-timeout", HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly"
    BODY_TOO_LARGE = (
        "body-too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Too much in one request",
    )
    UNSUPPORTED_MEDIA = (
        "unsupported-media",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Not this kind of body",
    )
    NO_RECORD = "no-record", HTTPStatus.UNPROCESSABLE_ENTITY, "No record could be read"
    RATE_LIMITED = "rate-limited", HTTPStatus.TOO_MANY_REQUESTS, "Too much in too short a time"
    INTERNAL = "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "The gateway failed"
    UNAVAILABLE = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Not now"

    def __init__(self, name: str, status: HTTPStatus, title: str) -> None:
        self.urn = f"{_URN}{name}"
        self.status = int(status)
        self.title = title


@dataclass(eq=False)
class ProblemError(Exception):
    """Ends a request with a problem.

    Attributes:
        kind: which.
        detail: what was seen, what was expected, and what to do.
        headers: of the answer, such as Retry-After.
        more: further members of the answer.
    """

    kind: Kind
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.title}: {self.detail}"


def unavailable(detail: str, retry_after_s: int) -> ProblemError:
    """The problem of a request that may be sent again as it is."""
    return ProblemError(Kind.UNAVAILABLE, detail, {"Retry-After": str(retry_after_s)})


def answer_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem: ours, the framework's, and what nobody foresaw."""
    app.add_exception_handler(ProblemError, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_framework)
    app.add_exception_handler(Exception, _answer_unforeseen)


async def _answer_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - for the type
    body = {
        "type": error.kind.urn,
        "title": error.kind.title,
        "status": error.kind.status,
        "detail": error.detail,
        **error.more,
    }
    return Response(orjson.dumps(body), error.kind.status, dict(error.headers), MEDIA_TYPE)


async def _answer_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type
    kind = next((kind for kind in Kind if kind.status == error.status_code), Kind.INTERNAL)
    detail = f"{request.method} {request.url.path}: {error.detail}; see /docs for what there is"
    return await _answer_problem(request, ProblemError(kind, detail, error.headers or {}))


async def _answer_unforeseen(request: Request, _: Exception) -> Response:
    detail = "this is a fault of ours, and in our log; nothing was acknowledged, so send it again"
    return await _answer_problem(request, ProblemError(Kind.INTERNAL, detail))
