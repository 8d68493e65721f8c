"""The gateway as an ASGI application: routes, their descriptions, and their errors.

Annotations are evaluated here, for FastAPI reads those of the functions inside functions.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import ClientDisconnect

from filrouge import __version__
from filrouge.ingestion import openapi
from filrouge.ingestion.answers import Receipt, State
from filrouge.ingestion.gateway import Gateway
from filrouge.ingestion.keys import Key
from filrouge.ingestion.metrics import Metrics
from filrouge.ingestion.problems import Kind, answer_problems, unavailable
from filrouge.observability import Observed
from filrouge.observability.http import instrument

_GONE: Final = 499  # nobody reads it; the span does
_NOT_READY_RETRY_S: Final = 5

_DESCRIPTION: Final = """
Takes the records of ingestion runs and puts them on Kafka, unchanged.

An answer of 202 means that every replica of Kafka has the records it counts as accepted. After any
other answer, or none, send the request again: a record that comes twice counts once. Each refused
record has its reason; the good ones of the same request go through.
"""


def create_app(gateway: Gateway, observed: Observed) -> FastAPI:
    """The application.

    Args:
        gateway: does the work.
        observed: what the service tells of itself with.
    """
    app = FastAPI(
        title="Filrouge ingestion",
        version=__version__,
        description=_DESCRIPTION,
        redoc_url=None,
    )
    answer_problems(app)
    _add_records(app, gateway)
    _add_probes(app, gateway)
    gateway.metrics = Metrics(
        observed.meter,
        waiting=lambda: gateway.kafka.waiting,
        room=lambda: gateway.room.taken,
        available=lambda: gateway.kafka.trouble is None,
    )
    instrument(app, observed)
    return app


def _add_records(app: FastAPI, gateway: Gateway) -> None:
    bearer = HTTPBearer(auto_error=False, description="The API key; not needed where none are set.")

    # Not in a thread, which costs more than what is done: a hash, now and then a look at a file.
    async def identify(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> Key | None:
        return gateway.identify(credentials.credentials if credentials else None)

    @app.post(
        "/v1/records",
        status_code=202,
        summary="Send records",
        response_description="All good records are on Kafka; those refused are named.",
        openapi_extra=openapi.request(needs_key=not gateway.is_open),
        responses=openapi.problem(
            Kind.MALFORMED_BODY,
            Kind.UNAUTHORIZED,
            Kind.FOREIGN_COMPANY,
            Kind.BODY_TIMEOUT,
            Kind.BODY_TOO_LARGE,
            Kind.UNSUPPORTED_MEDIA,
            Kind.NO_RECORD,
            Kind.RATE_LIMITED,
            Kind.UNAVAILABLE,
        ),
        response_model=Receipt,
    )
    async def send_records(
        request: Request, key: Annotated[Key | None, Depends(identify)]
    ) -> Response | Receipt:
        try:
            return await gateway.take(request, key)
        except ClientDisconnect:
            return Response(status_code=_GONE)


def _add_probes(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/healthz", summary="Whether the process works")
    async def healthz() -> State:
        return State(status="ok")

    @app.get(
        "/readyz",
        summary="Whether Kafka takes records",
        responses=openapi.problem(Kind.UNAVAILABLE),
    )
    async def readyz() -> State:
        if trouble := gateway.kafka.trouble:
            raise unavailable(f"Kafka takes no records: {trouble}", _NOT_READY_RETRY_S)
        return State(status="ok")
