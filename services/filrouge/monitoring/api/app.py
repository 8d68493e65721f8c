"""The application: routes, and what an error looks like (RFC 9457)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from filrouge import __version__
from filrouge.monitoring.api import answers
from filrouge.monitoring.api.parts import Parts
from filrouge.monitoring.api.schemas import (
    ErrorPage,
    Health,
    Reconciliation,
    RunDetail,
    RunPage,
    SourcePage,
)
from filrouge.monitoring.api.searching import RunQuery, WrongPageError
from filrouge.monitoring.page.routes import EVENTS, page_routes
from filrouge.observability import Observed
from filrouge.observability.http import instrument

_PROBLEM: Final = "application/problem+json"
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"description": "A parameter is wrong.", "content": {_PROBLEM: {}}},
    503: {"description": "The registry is away.", "content": {_PROBLEM: {}}},
}
_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "There is no such run.", "content": {_PROBLEM: {}}}
}


def create_app(parts: Parts, own: Observed) -> FastAPI:
    """The application over the parts, seen by the service's own telemetry."""
    app = FastAPI(
        title="Filrouge monitoring",
        version=__version__,
        description="Which runs there are, how they ended, and whether all of it arrived.",
    )
    app.include_router(_routes(parts))
    app.include_router(page_routes(parts.sights, parts.feed))
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(WrongPageError, _wrong_page)
    app.add_exception_handler(DBAPIError, _registry_away)
    instrument(app, own, EVENTS)  # events last as long as a page is open
    return app


def _routes(parts: Parts) -> APIRouter:
    router = APIRouter(responses=_PROBLEMS)

    @router.get("/v1/runs")
    def runs(query: Annotated[RunQuery, Query()]) -> RunPage:
        """Runs, the newest first unless `sort` says otherwise."""
        return answers.runs(parts.engine, query)

    @router.get("/v1/runs/{trace_id}", responses=_NOT_FOUND)
    def run(trace_id: str) -> RunDetail:
        """One run with all that is in it, by its trace id (`filrouge inspect` tells it)."""
        found = answers.run(parts.engine, parts.parser, trace_id)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"no run has the trace id {trace_id!r}")
        return found

    @router.get("/v1/sources")
    def sources() -> SourcePage:
        """Every source that is known or expected, and how it stands."""
        return answers.sources(parts.standings, time.time_ns())

    @router.get("/v1/errors")
    def errors(
        company: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ErrorPage:
        """Errors by fingerprint, over all runs; the newest first."""
        return answers.errors(parts.engine, company, limit)

    @router.get("/v1/reconciliation")
    def reconciliation() -> Reconciliation:
        """What came in, held against what is kept and what was sent."""
        return answers.reconciliation(parts.engine, parts.consumer.reading.lag)

    @router.get("/healthz")
    def healthz(response: Response) -> Health:
        """Whether the process works; if not, it has to be started again."""
        dead = [f"{thread.name} has ended" for thread in parts.threads if not thread.is_alive()]
        return _health(response, dead)

    @router.get("/readyz")
    def readyz(response: Response) -> Health:
        """Whether it reads the topic and reaches the registry."""
        trouble = parts.consumer.reading.trouble
        reasons = [trouble] if trouble and not trouble.startswith("has no partition") else []
        try:
            answers.ping(parts.engine)
        except DBAPIError as error:
            reasons.append(f"the registry does not answer: {str(error.orig).strip()}")
        return _health(response, reasons)

    return router


def _health(response: Response, reasons: list[str]) -> Health:
    if reasons:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Health(status="trouble" if reasons else "ok", reasons=reasons)


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    title = HTTPStatus(status).phrase
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": detail},
        status,
        headers,
        _PROBLEM,
    )


def _wrong_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    told = (f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(told))


def _wrong_page(_: Request, error: Exception) -> Response:
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return _problem(error.status_code, str(error.detail), error.headers)


def _registry_away(_: Request, __: Exception) -> Response:
    return _problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "the registry does not answer; try again in a moment"
    )
