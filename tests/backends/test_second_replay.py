"""The same file again changes nothing: at once, and after every backend was killed."""

from __future__ import annotations

from pathlib import Path

from tests.backends.asking import DAY_END_S, DAY_START_S, Answer, Backends, eventually
from tests.backends.page import queries
from tests.backends.records import EXPECTED, SAMPLE, SPANS, TASKS
from tests.backends.sending import AT_NOON, DAY, record, replay, written

BACKENDS = ("tempo", "loki", "prometheus")
HISTORY = [
    query
    for query in queries()
    if query.answer
    and "now" not in query.options
    # TraceQL metrics count a span as often as it was sent, until Tempo has merged its blocks.
    and not (query.language == "traceql" and "metrics" in query.options)
]
POINTS = 'sum(count_over_time(ingestion_source_tasks{ingestion_company="akonovia"}[1d]))'


def state(backends: Backends) -> tuple[dict[str, Answer], int, int, Answer]:
    """What the page's queries find, and the spans, entries and points that there are."""
    entries = backends.entries('{ingestion_company="akonovia"}', DAY_START_S, DAY_END_S)
    return (
        {query.name: backends.ask(query) for query in HISTORY},
        len(backends.trace("fe2279ab03cf5948453eb2e90e37ee33")),
        len(entries),
        backends.value(POINTS, DAY_END_S),
    )


def send_sample(backends: Backends, file: Path) -> None:
    """Sends the sample, and returns when what was sent after it has arrived everywhere."""
    replay(backends.stack, SAMPLE)
    mark = file.name
    replay(backends.stack, written(file, [record(Entreprise=mark, No_Sequence=mark, **AT_NOON)]))
    run = f'{{ span.ingestion.company = "{mark}" && span.ingestion.level = "run" }} | select(name)'
    points = (
        f'count(last_over_time(ingestion_run_duration_seconds{{ingestion_company="{mark}"}}[1d]))'
    )

    eventually(lambda: backends.search(run, *DAY), (f"run {mark}",))
    eventually(lambda: len(backends.entries(f'{{ingestion_company="{mark}"}}', *DAY)), 1)
    eventually(lambda: backends.value(points, DAY[1]), ("1",))


def test_second_replay_changes_nothing(backends: Backends, tmp_path: Path) -> None:
    answers = {query.name: EXPECTED[query.name] for query in HISTORY}
    expected = (answers, SPANS, len(TASKS), ("18",))  # points of 6 sources, 3 outcomes each

    send_sample(backends, tmp_path / "once-more")
    eventually(lambda: state(backends), expected)
    for part in BACKENDS:
        backends.stack.kill(part)
    for part in BACKENDS:
        backends.stack.start(part)
    eventually(lambda: state(backends), expected)
    send_sample(backends, tmp_path / "after-the-kill")
    eventually(lambda: state(backends), expected)
