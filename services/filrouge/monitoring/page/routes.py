"""The routes of the page: two for people, and the events that keep what they see up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from filrouge.monitoring.page.feed import OVERVIEW, Feed, FullError
from filrouge.monitoring.page.sights import TRACE_ID, Sights

EVENTS: Final = "/v1/events"
_TOPIC: Final = rf"^({TRACE_ID})?$"
_TRACE_ID_HEX: Final = 32
_BUSY_S: Final = "10"


def page_routes(sights: Sights, feed: Feed) -> APIRouter:
    """The routes. They are for browsers, so the API's description leaves them out."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def overview() -> Response:
        return _page(sights, sights.overview_page())

    @router.get("/runs/{trace_id}")
    def run(trace_id: str) -> Response:
        # Tempo's search leaves out the zeros that an id begins with, and Grafana links with it.
        found = sights.run_page(trace_id.zfill(_TRACE_ID_HEX))
        if found is None:
            return _page(sights, sights.missing_page(trace_id), HTTPStatus.NOT_FOUND)
        return _page(sights, found)

    # Not in the generator, for by then the answer has begun and cannot be a refusal.
    async def watching(
        run: Annotated[str, Query(pattern=_TOPIC)] = OVERVIEW,
    ) -> AsyncIterator[str]:
        try:
            with feed.watch(run):
                yield run
        except FullError:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{feed.most} pages are open, which is as many as may be; close some",
                {"Retry-After": _BUSY_S},
            ) from None

    @router.get(EVENTS, response_class=EventSourceResponse)
    async def events(
        topic: str = Depends(watching),
        seen: Annotated[str, Query(max_length=64)] = "",
        last_event_id: Annotated[str, Header(max_length=64)] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in feed.events(topic, last_event_id or seen):
            yield event

    return router


def _page(sights: Sights, page: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    headers = {
        "Content-Security-Policy": f"{sights.pages.policy}; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(page, status, headers)
