"""How tasks fail: the errors that the sources and the reshaping really give.

Texts are what `str(error)` leaves in a record, thin ones (`'id'` is all that remains of a
KeyError) among them.
"""

from random import Random
from typing import NamedTuple
from urllib.parse import quote

from filrouge_sim.plan import Step

__all__ = ["Failure", "draw_failure"]


class Failure(NamedTuple):
    """Why a task failed, and after how long at least; `None`: as long as if it had succeeded."""

    error_type: str
    message: str
    least_s: float | None


# Repeated lines are the weights: thin KeyErrors and rate limits are the commonest in practice.
PULL_FAILURES = (
    Failure("KeyError", "'id'", None),
    Failure("KeyError", "'id'", None),
    Failure("KeyError", "'value'", None),
    Failure("KeyError", "'access_token'", 0.4),
    Failure("HTTPError", "429 Client Error: Too Many Requests for url: {url}", 1.8),
    Failure("HTTPError", "429 Client Error: Too Many Requests for url: {url}", 1.8),
    Failure("HTTPError", "401 Client Error: Unauthorized for url: {url}", 0.3),
    Failure("HTTPError", "500 Server Error: Internal Server Error for url: {url}", 4.5),
    Failure(
        "ReadTimeout",
        "HTTPSConnectionPool(host='{host}', port=443): Read timed out. (read timeout=60)",
        60.0,
    ),
    Failure(
        "ConnectionError",
        "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
        7.0,
    ),
    Failure("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", 2.0),
    Failure("TypeError", "'NoneType' object is not subscriptable", None),
)

RESHAPE_FAILURES = (
    Failure("KeyError", "'id'", 0.2),
    Failure("ValueError", "Cannot convert non-finite values (NA or inf) to integer", None),
    Failure(
        "MergeError", "Merge keys are not unique in right dataset; not a one-to-one merge", None
    ),
    Failure("ArrowTypeError", "Expected bytes, got a 'float' object", None),
    Failure("OperationalError", "deadlock detected", 1.2),
)


def draw_failure(random: Random, company: str, step: Step) -> Failure:
    """One of the failures a step may meet, its text filled in with where it happened."""
    known = RESHAPE_FAILURES if step.zone.transformation else PULL_FAILURES
    failure = known[int(random.random() * len(known))]
    url = step.source.url.format(company=company, object=quote(step.name))
    host = url.split("/")[2]
    return failure._replace(message=failure.message.format(url=url, host=host))
