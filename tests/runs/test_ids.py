from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from tests.runs.strategies import any_text

RUN = ("akonovia", "2025-09-05-16-45", "1")
TASK = ("1-Raw", "zohoprojects", "607", "bugs", "05-09-2025 16:47:45.991557")


def test_trace_and_span_ids_of_the_sample_never_change() -> None:
    ids = ids_of(*RUN)
    zone, source, *attempt = TASK

    assert {
        "trace": ids.trace_id,
        "run": ids.run(),
        "stage": ids.stage(zone),
        "source": ids.source(zone, source),
        "task": ids.tasks(zone, source).task(*attempt),
        "part": ids.part(zone, source, 0),
    } == {
        "trace": "fe2279ab03cf5948453eb2e90e37ee33",
        "run": "5a012e09433425d8",
        "stage": "a164ee64b43c2bb4",
        "source": "71f7e3ace0111896",
        "task": "0d9e42ab5e6e3d9d",
        "part": ("e80d5712cc57929b4e70fa39ad139c26", "472f5c944e10dc23"),
    }


def test_ids_follow_the_rule_as_it_is_worded() -> None:
    ids = ids_of(*RUN)
    zone, source, *attempt = TASK
    *names, start = TASK
    run = hexes("filrouge/1", *RUN)

    assert ids.trace_id == digest(run)[:32]
    assert ids.run() == digest(run + hexes("run"))[:16]
    assert ids.stage(zone) == digest(run + hexes("stage", zone))[:16]
    assert ids.source(zone, source) == digest(run + hexes("source", zone, source))[:16]
    assert (
        ids.tasks(zone, source).task(*attempt) == digest(run + hexes("task", *names) + start)[:16]
    )
    part = digest(run + hexes("part", zone, source, "3"))
    assert ids.part(zone, source, 3) == (part[:32], part[32:48])


@given(st.tuples(*[any_text] * 8), st.integers(1, 10**6))
def test_any_names_have_ids_of_the_right_form_and_the_same_ones_twice(
    names: tuple[str, ...], attempt: int
) -> None:
    ids = every_id(names, attempt)

    assert [len(bytes.fromhex(each)) for each in ids] == [16, 8, 8, 8, 8, 16, 8]
    assert not any(each.strip("0") == "" for each in ids), "all-zero ids are invalid"
    assert ids == every_id(names, attempt)


@given(st.tuples(*[any_text] * 7), st.integers(1, 99))
def test_levels_of_one_run_never_share_an_id(names: tuple[str, ...], attempt: int) -> None:
    ids = every_id((*names, names[-1]), attempt)

    assert len(set(ids)) == len(ids)


@given(st.lists(any_text, min_size=7, max_size=7), st.lists(any_text, min_size=7, max_size=7))
def test_different_paths_have_different_ids(one: list[str], other: list[str]) -> None:
    assert (one == other) == (task_path_ids(one) == task_path_ids(other))


@given(any_text, st.tuples(*[st.integers(0, 12)] * 6), st.tuples(*[st.integers(0, 12)] * 6))
def test_characters_moved_from_name_to_name_change_the_id(
    text: str, cuts: tuple[int, ...], other_cuts: tuple[int, ...]
) -> None:
    one, other = cut_up(text, cuts), cut_up(text, other_cuts)

    assert (one == other) == (task_path_ids(one) == task_path_ids(other))


@given(st.lists(any_text, min_size=7, max_size=7), st.integers(0, 6), any_text)
def test_every_part_of_a_path_counts(path: list[str], index: int, other: str) -> None:
    changed = [*path[:index], path[index] + "-" + other, *path[index + 1 :]]

    assert task_path_ids(path) != task_path_ids(changed)


def test_another_attempt_is_another_trace_with_other_spans() -> None:
    first, second = (every_id((*RUN[:2], *TASK, "run"), attempt) for attempt in (1, 2))

    assert not set(first) & set(second)


def test_the_attempts_number_is_not_mixed_up_with_the_runs_name() -> None:
    assert ids_of("akonovia", "run-1", "11").trace_id != ids_of("akonovia", "run-11", "1").trace_id


def hexes(*names: str) -> str:
    """The hexadecimal SHA-256 digests of the names, one after another."""
    return "".join(map(digest, names))


def digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def ids_of(company: str, run_id: str, attempt: str) -> RunIds:
    return RunIds(RunKey(company, run_id, int(attempt)))


def task_path_ids(path: list[str]) -> tuple[str, str]:
    """Trace and span id of company, run id, zone, source, object id, object name and start."""
    company, run_id, zone, source, *attempt = path
    ids = RunIds(RunKey(company, run_id, 1))
    return ids.trace_id, ids.tasks(zone, source).task(*attempt)


def every_id(names: tuple[str, ...], attempt: int) -> list[str]:
    company, run_id, zone, source, object_id, object_name, started, _ = names
    ids = RunIds(RunKey(company, run_id, attempt))
    return [
        ids.trace_id,
        ids.run(),
        ids.stage(zone),
        ids.source(zone, source),
        ids.tasks(zone, source).task(object_id, object_name, started),
        *ids.part(zone, source, 0),
    ]


def cut_up(text: str, cuts: tuple[int, ...]) -> list[str]:
    """The text as seven names, cut at these places."""
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[start:end] for start, end in pairwise(places)]
