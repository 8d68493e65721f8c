from __future__ import annotations

from collections import Counter

from filrouge.verify.difference import Difference, difference
from filrouge.verify.items import Item, log_line, sample, span

A, B, C = (span("trace", name, name) for name in "abc")


def test_equal_multisets_do_not_differ() -> None:
    found = difference(Counter([A, B]), Counter([B, A]))

    assert found == Difference(2, 2, (), (), ())
    assert found.is_none


def test_missing_double_and_unexpected_are_told_apart() -> None:
    found = difference(Counter([A, B]), Counter([B, B, B, C]))

    assert found == Difference(2, 4, missing=(A,), double=(B, B), unexpected=(C,))
    assert not found.is_none


def test_what_is_expected_twice_is_missing_when_it_is_there_once() -> None:
    assert difference(Counter([A, A]), Counter([A])).missing == (A,)


def test_an_items_words_do_not_make_it_another() -> None:
    assert span("trace", "a", "one name") == span("trace", "a", "another")
    assert log_line("trace", "a", 1, "done") != log_line("trace", "a", 2, "done")


def test_samples_differ_by_labels_and_value() -> None:
    labels = {"company": "akonovia", "zone": "1-Raw"}
    one = sample("tasks", labels, 5, 72)

    assert one == sample("tasks", dict(reversed(labels.items())), 5, 72)
    assert one != sample("tasks", labels, 5, 71)
    assert one != sample("tasks", {**labels, "job": "twice"}, 5, 72)


def test_labels_that_hold_delimiters_do_not_collide() -> None:
    assert sample("m", {"a": "x', b='y"}, 1, 1) != sample("m", {"a": "x", "b": "y"}, 1, 1)


def test_an_item_says_what_it_is() -> None:
    said: list[Item] = [
        span("t", "s1", "task Efficy/Sites"),
        log_line("t", "s1", 1_757_105_123_000_000_001, "ingestion.task.failed"),
        sample("ingestion_run_tasks", {"ingestion_company": "akonovia"}, 1_757_105_123_007, 72),
    ]
    assert [item.words for item in said] == [
        "span s1 (task Efficy/Sites)",
        "ingestion.task.failed at 2025-09-05T20:45:23.000000001Z of span s1",
        "ingestion_run_tasks{ingestion_company='akonovia'} = 72 at 2025-09-05T20:45:23.007000000Z",
    ]
