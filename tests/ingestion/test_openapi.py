"""The description against the application: requests made up from it, right and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from filrouge.ingestion.keys import Key, new_key
from tests.ingestion.gateway import RunningGateway

NOT_MEANT: list[Any] = [
    # A schema cannot say that an end must not lie before its start, nor that a day is in the
    # calendar; such records are refused with 422, as the description says.
    positive_data_acceptance,
]


PLAIN, KEY = new_key("*", "testing")
RECORDS = "POST /v1/records"


@pytest.fixture(scope="module", params=[None, [KEY]], ids=["open", "with keys"])
def description(request: pytest.FixtureRequest) -> Iterator[schemathesis.BaseSchema]:
    keys: list[Key] | None = request.param
    with RunningGateway(keys, ingestion_request_rate="1000000/second") as gateway:
        found = schemathesis.openapi.from_asgi("/openapi.json", gateway.app)
        yield found


# Schemathesis draws from `random` in strategies of its own, which is not for us to mend.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module:Warning")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", [RECORDS, "GET /healthz", "GET /readyz"])
def test_answers_are_as_described(
    description: schemathesis.BaseSchema, route: str, mode: GenerationMode
) -> None:
    method, path = route.split()
    operation = description[path][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=100,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def answer(case: Case[Any]) -> None:
        case.call_and_validate(
            excluded_checks=NOT_MEANT, headers={"Authorization": f"Bearer {PLAIN}"}
        )

    try:
        answer()
    except Unsatisfiable:
        assert route != RECORDS, "only a request without parameters cannot be wrong"


def test_every_route_is_tested(description: schemathesis.BaseSchema) -> None:
    operations: list[Any] = list(description.get_all_operations())
    routes = {operation.ok().label for operation in operations}

    assert routes == {"POST /v1/records", "GET /healthz", "GET /readyz"}
