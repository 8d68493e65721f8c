"""The description against the application: questions made up from it, right and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from filrouge.monitoring.registry.database import open_database
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from tests.monitoring.driving import Monitor
from tests.monitoring.lines import run_completed, task
from tests.monitoring.test_api import application

RUN: Final = "/v1/runs/{trace_id}"
ROUTES: Final = (
    "/v1/runs",
    RUN,
    "/v1/sources",
    "/v1/errors",
    "/v1/reconciliation",
    "/healthz",
    "/readyz",
)
NEVER_WRONG: Final = (RUN, "/v1/sources", "/v1/reconciliation", "/healthz", "/readyz")
"""They take no parameters, or any text: there is no question that the description rules out."""

NOT_MEANT: Final[list[Any]] = [
    # A page has to be one that an answer gave, and a range must not end before it begins: such
    # questions are refused with 422, as the description says, and no schema can say which.
    positive_data_acceptance,
]


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """That of an application whose registry has a run in it."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('api') / 'registry.db'}")
    monitor = Monitor(engine)
    monitor.read(task(), task("B", error="x"), run_completed())
    monitor.wait(11)
    yield schemathesis.openapi.from_asgi("/openapi.json", application(engine))
    engine.dispose()


# Schemathesis draws from `random` in strategies of its own, which is not for us to mend.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module:Warning")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES)
def test_answers_are_as_described(
    description: schemathesis.BaseSchema, route: str, mode: GenerationMode
) -> None:
    operation = description[route]["GET"]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def answer(case: Case[Any]) -> None:
        case.call_and_validate(excluded_checks=NOT_MEANT)

    try:
        answer()
    except Unsatisfiable:
        assert route in NEVER_WRONG


def test_a_run_that_is_there_is_answered_as_described(
    description: schemathesis.BaseSchema,
) -> None:
    """Which no made-up id would find."""
    trace_id = RunIds(RunKey("akonovia", "r1", 1)).trace_id

    answer = description[RUN]["GET"].Case(path_parameters={"trace_id": trace_id}).call()

    description[RUN]["GET"].validate_response(answer)
    assert (answer.status_code, answer.json()["trace_id"]) == (200, trace_id)


def test_every_route_but_streams_is_tested(description: schemathesis.BaseSchema) -> None:
    """A stream has no end to wait for."""
    described = {
        path
        for path, methods in description.raw_schema["paths"].items()
        if not any(is_stream(operation) for operation in methods.values())
    }

    assert described == set(ROUTES)


def is_stream(operation: dict[str, Any]) -> bool:
    return "text/event-stream" in operation["responses"]["200"].get("content", {})
