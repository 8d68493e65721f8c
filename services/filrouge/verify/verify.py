"""The comparison of many runs, several at a time, with patience for what is still under way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential

from filrouge.runs.model import Run
from filrouge.verify.difference import Difference, difference
from filrouge.verify.expected import Expected, Place, expected
from filrouge.verify.look import Look

_AT_ONCE: Final = 4
_WINDOW: Final = 32  # runs in memory


@dataclass(frozen=True, slots=True)
class Verdict:
    """One run, and how each place differs from what it must hold."""

    run: Run
    differences: Mapping[Place, Difference]

    @property
    def is_right(self) -> bool:
        """Whether every place holds everything exactly once."""
        return all(difference.is_none for difference in self.differences.values())


def verify(
    runs: Iterable[Run],
    looks: Mapping[Place, Look],
    patience_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Verdict]:
    """A verdict on each run, in their order.

    Args:
        runs: closed runs.
        looks: how to look into each place.
        patience_s: for so long, from now or from the last place that lacked nothing, a place that
            lacks something is looked at again: what is under way goes on arriving.
        clock: seconds.

    Raises:
        BackendError: a place cannot be asked.
    """
    patience = _Patience(patience_s, clock)
    left = iter(runs)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while window := list(islice(left, _WINDOW)):
            yield from pool.map(partial(_verdict, looks=looks, patience=patience), window)


class _Patience:
    """How long to wait yet; renewed by each success."""

    def __init__(self, patience_s: float, clock: Callable[[], float]) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self.renew()

    def renew(self) -> None:
        self._deadline_s = self._clock() + self._patience_s

    def is_over(self, _: RetryCallState) -> bool:
        return self._clock() >= self._deadline_s


def _verdict(run: Run, looks: Mapping[Place, Look], patience: _Patience) -> Verdict:
    wanted = expected(run)
    return Verdict(
        run, {place: _compare(wanted, place, look, patience) for place, look in looks.items()}
    )


def _compare(wanted: Expected, place: Place, look: Look, patience: _Patience) -> Difference:
    again: Retrying = Retrying(
        retry=retry_if_result(_is_under_way),
        stop=patience.is_over,
        wait=wait_exponential(multiplier=0.1, max=2),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    result: Difference = again(lambda: difference(wanted.items[place], look(wanted)))
    if not result.missing:
        patience.renew()
    return result


def _is_under_way(result: Difference) -> bool:
    """Whether waiting may mend it: what is double or unexpected does not go away."""
    return bool(result.missing)
