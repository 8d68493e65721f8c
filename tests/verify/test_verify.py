from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count, repeat

from filrouge.records.record import RunKey
from filrouge.verify.expected import Expected, Place
from filrouge.verify.items import Item
from filrouge.verify.look import Look
from filrouge.verify.verify import verify
from tests.factories import RUN, run_of, task


def holding_all_but(place: Place, missing: int) -> Look:
    """A place that lacks so many items."""

    def look(expected: Expected) -> Counter[Item]:
        return Counter(list(expected.items[place].elements())[missing:])

    return look


def filling_up(place: Place, answers: Iterator[int]) -> Look:
    """A place that lacks a different number of items each time it is asked."""

    def look(expected: Expected) -> Counter[Item]:
        return holding_all_but(place, next(answers))(expected)

    return look


def test_a_run_that_is_everywhere_is_right() -> None:
    looks = {place: holding_all_but(place, 0) for place in Place}

    [verdict] = verify([run_of(task())], looks, patience_s=0)

    assert verdict.is_right
    assert set(verdict.differences) == set(Place)


def test_a_place_that_lacks_something_makes_the_run_wrong() -> None:
    looks = {
        Place.TEMPO: holding_all_but(Place.TEMPO, 0),
        Place.LOKI: holding_all_but(Place.LOKI, 1),
    }

    [verdict] = verify([run_of(task())], looks, patience_s=0)

    assert not verdict.is_right
    assert [len(each.missing) for each in verdict.differences.values()] == [0, 1]


def test_what_is_under_way_is_waited_for() -> None:
    looks = {Place.TEMPO: filling_up(Place.TEMPO, iter([4, 1, 0]))}

    [verdict] = verify([run_of(task())], looks, patience_s=30)

    assert verdict.is_right


def test_patience_is_renewed_by_what_arrives() -> None:
    """The clock moves on by each look at it; a late run has as long as the first one."""
    clock = count()
    answers = chain.from_iterable(repeat((1, 0)))

    verdicts = verify(
        [run_of(task())] * 40,
        {Place.LOKI: filling_up(Place.LOKI, answers)},
        patience_s=30,
        clock=lambda: float(next(clock)),
    )

    assert all(verdict.is_right for verdict in verdicts)
    assert next(clock) > 40


def test_without_patience_a_place_is_asked_once() -> None:
    answers = iter([4, 0])

    [verdict] = verify([run_of(task())], {Place.TEMPO: filling_up(Place.TEMPO, answers)}, 0)

    assert not verdict.is_right
    assert next(answers) == 0


def test_verdicts_come_in_the_order_of_the_runs() -> None:
    keys = [RunKey("akonovia", f"run {number}", 1) for number in range(100)]
    runs = [run_of(task(run=key)) for key in keys]

    verdicts = verify(runs, {Place.LOKI: holding_all_but(Place.LOKI, 0)}, patience_s=0)

    assert [verdict.run.key for verdict in verdicts] == keys


def test_what_is_double_is_not_waited_for() -> None:
    def twice(expected: Expected) -> Counter[Item]:
        return expected.items[Place.LOKI] + expected.items[Place.LOKI]

    [verdict] = verify([run_of(task(run=RUN))], {Place.LOKI: twice}, patience_s=600)

    assert len(verdict.differences[Place.LOKI].double) == 1
