from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from filrouge.records.record import Remark
from filrouge.report.terminal import render_run, render_run_line, render_totals
from filrouge.report.totals import Totals
from filrouge.report.view import RunView
from filrouge.report.words import REMARKS
from tests.factories import rejection
from tests.report.hand_made import run_started, task, task_started, view_of

SHAREPOINT = {"source": "sharepoint_graph"}
ZOHO = {"source": "zohobooks", "transformation": "Zoho_API_get_data"}
HOSTILE = "\x1b[31mA\x1b[0m\n[bold]B[/bold]\u202eexe.gpj\x07"


def printed(shown: RenderableType, width: int = 80, encoding: str = "utf-8") -> str:
    """What arrives in a pipe; a line without blanks at its end."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    Console(file=file, width=width, _environ={}).print(shown, crop=False)
    file.flush()
    return raw.getvalue().decode(encoding)


def on_terminal(shown: RenderableType, **environ: str) -> str:
    file = io.StringIO()
    environ = {"TERM": "xterm-256color", **environ}
    Console(file=file, width=80, force_terminal=True, _environ=environ).print(shown, crop=False)
    return file.getvalue()


def small_run() -> RunView:
    lines = [
        task("Sites", 2, 784, cpu_time_s=41.2, memory_delta_bytes=181_000_000, **SHAREPOINT),
        task("Lists", 806, 12.5, cpu_time_s=1.5, memory_delta_bytes=-4096, **SHAREPOINT),
        task("contacts", 0, 30, cpu_time_s=0.4, memory_delta_bytes=0, **ZOHO),
        task("items", 31, 95, "'id'", object_id=502, **ZOHO),
        task_started("bills", 130, source="zohobooks"),
    ]
    return view_of(lines, grafana_url="http://localhost:3000/explore?traceId=5")


def long_lane(failed: frozenset[int] = frozenset()) -> RunView:
    """Thirty tasks of 1.0 to 3.9 s beside the task that decides the run's length."""
    lane = [
        task(f"t{index:02}", index * 4, 1 + index / 10, "boom" if index in failed else None)
        for index in range(30)
    ]
    return view_of([*lane, task("Sites", 0, 300, **SHAREPOINT)])


RUN_AT_80_COLUMNS = """\
 ◐ PARTIAL   akonovia  run 2025-09-05-16-45
  1 of 5 tasks failed, 1 never finished
  2025-09-05 20:45:00 UTC  ·  13 min 39 s  ·
  5 tasks, 3 succeeded, 1 failed, 1 never finished
  trace fe2279ab03cf5948453eb2e90e37ee33
  http://localhost:3000/explore?traceId=5

                        ╷0               ╷5m              ╷10m
◐ 1-Raw               ┃ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 13m39s
◐ ├─ zohobooks          ━━━━━━━          ┊                ┊              2m06s
  │  ├─ contacts        █▊               ┊                ┊              30.0s
✖ │  ├─ items            ▕█████▎         ┊                ┊              1m35s
? │  └─ bills                  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
  └─ sharepoint_graph ┃ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 13m37s
     ├─ Sites         ┃ █████████████████████████████████████████████▏  13m04s ◆
     └─ Lists         ┃                  ┊                ┊          ╌▐  12.5s
  ✖ failed  ◐ partly failed  ? never finished  ┃ critical path  ╌ waiting
  ◆ slowest

Critical path 13 min 39 s: waiting 2.00 s (< 1 %) →
  sharepoint_graph/Sites 13 min 04 s (96 %) → waiting 20.0 s (2 %) →
  sharepoint_graph/Lists 12.5 s (2 %) – waiting in all 22.0 s (3 %)

                   tasks failed unfinished   p50    p95    max   CPU memory
1-Raw                  5      1          1
  zohobooks            3      1          1 1m03s  1m32s  1m35s 400ms    0 B
  sharepoint_graph     2      -          - 6m38s 12m25s 13m04s 42.7s 181 MB

1 failed task
✖ 1-Raw / zohobooks / items (502)
    KeyError: 'id' (an error text that is only a key: 'id' was missing)
    in Zoho_API_get_data, at 20:47:06 UTC, 2 min 06 s after the start
"""


def test_run_at_80_columns() -> None:
    assert printed(render_run(small_run())) == RUN_AT_80_COLUMNS


RUN_IN_ASCII = """\
 ~ PARTIAL   akonovia  run 2025-09-05-16-45
  1 of 5 tasks failed, 1 never finished
  2025-09-05 20:45:00 UTC  -  13 min 39 s  -
  5 tasks, 3 succeeded, 1 failed, 1 never finished
  trace fe2279ab03cf5948453eb2e90e37ee33
  http://localhost:3000/explore?traceId=5

                        |0               |5m              |10m
~ 1-Raw               ! =============================================== 13m39s
~ |- zohobooks          =======          :                :              2m06s
  |  |- contacts        ##               :                :              30.0s
x |  |- items             #####          :                :              1m35s
? |  `- bills                  ........................................
  `- sharepoint_graph ! =============================================== 13m37s
     |- Sites         ! #############################################   13m04s <
     `- Lists         !                  :                :          .#  12.5s
  x failed  ~ partly failed  ? never finished  ! critical path  . waiting
  < slowest

Critical path 13 min 39 s: waiting 2.00 s (< 1 %) ->
  sharepoint_graph/Sites 13 min 04 s (96 %) -> waiting 20.0 s (2 %) ->
  sharepoint_graph/Lists 12.5 s (2 %) - waiting in all 22.0 s (3 %)

                   tasks failed unfinished   p50    p95    max   CPU memory
1-Raw                  5      1          1
  zohobooks            3      1          1 1m03s  1m32s  1m35s 400ms    0 B
  sharepoint_graph     2      -          - 6m38s 12m25s 13m04s 42.7s 181 MB

1 failed task
x 1-Raw / zohobooks / items (502)
    KeyError: 'id' (an error text that is only a key: 'id' was missing)
    in Zoho_API_get_data, at 20:47:06 UTC, 2 min 06 s after the start
"""


def test_run_in_ascii_where_the_terminal_knows_no_more() -> None:
    assert printed(render_run(small_run()), encoding="ascii") == RUN_IN_ASCII


def test_wider_terminal_gets_a_longer_axis() -> None:
    head, *rows = printed(render_run(small_run()), 160).split("\n\n")[1].splitlines()
    assert re.findall(r"╷(\w+)", head) == ["0", "2m", "4m", "6m", "8m", "10m", "12m"]
    timed = [row for row in rows if re.search(r"\ds( ◆)?$", row)]
    assert {cell_len(row.removesuffix(" ◆")) for row in timed} == {158}
    assert len(timed) == 7


def test_run_in_one_line() -> None:
    line = render_run_line(small_run())
    run, trace = (
        "akonovia          2025-09-05-16-45      13m39s",
        "fe2279ab03cf5948453eb2e90e37ee33",
    )
    assert [printed(line, width) for width in (80, 120, 160)] == [
        "◐ partial  akonovia      2025-09-05-16-45   13m39s  1 of 5 tasks failed, 1 neve…\n",
        f"◐ partial  {run}  {trace}  1 of 5 tasks failed, 1 nev…\n",
        f"◐ partial  2025-09-05 20:45:00 UTC  {run}  {trace}  "
        "1 of 5 tasks failed, 1 never finished\n",
    ]


def test_copy_of_a_run_and_a_further_attempt_say_so() -> None:
    view = view_of([task("Sites", 0, 1, attempt=2)], rebased_from="2025-09-04-16-45")
    assert printed(render_run(view), 100).splitlines()[0] == (
        " ✔ SUCCESS   akonovia  run 2025-09-05-16-45  attempt 2  copy of 2025-09-04-16-45"
    )
    assert printed(render_run(view)).splitlines()[:2] == [
        " ✔ SUCCESS   akonovia  run 2025-09-05-16-45  attempt 2",
        "  copy of 2025-09-04-16-45",
    ]


RUN_WITHOUT_TASKS = """\
 ◐ PARTIAL   akonovia  run 2025-09-05-16-45
  3 of 3 tasks missing; begun but never completed
  2025-09-05 20:45:00 UTC  ·  0 ms  ·  0 tasks, 3 expected
  trace fe2279ab03cf5948453eb2e90e37ee33
"""


def test_run_without_tasks_is_a_headline() -> None:
    view = view_of([run_started(expected_tasks=3)])
    assert printed(render_run(view)) == RUN_WITHOUT_TASKS


def test_lane_of_many_tasks_is_folded() -> None:
    lane = printed(render_run(long_lane(failed=frozenset({4}))), 100).split("\n\n")[1]
    assert [line[:30].rstrip() for line in lane.splitlines()[2:-1]] == [
        "  ├─ sharepoint_graph",
        "  │  └─ Sites",
        "◐ └─ zohobooks",
        "✖    ├─ t04",
        "     ├─ t27",
        "     ├─ t28",
        "     ├─ t29",
        "     └─ … 26 more, 1.00s–3.60s",
    ]


def test_all_tasks_are_shown_on_request() -> None:
    shown = printed(render_run(long_lane(), show_all=True))
    assert [f"t{index:02}" in shown for index in range(30)] == [True] * 30
    assert "more" not in shown.split("\n\n")[1]


TIMES_AND_KINDS = st.tuples(st.integers(0, 500), st.integers(0, 100), st.sampled_from("ssssfu"))


@settings(deadline=None)
@given(st.lists(TIMES_AND_KINDS, min_size=20, max_size=40), st.integers(80, 200))
def test_no_failure_is_ever_hidden(tasks: list[tuple[int, int, str]], width: int) -> None:
    lines = [
        task_started(f"task{index:03}", start_s)
        if kind == "u"
        else task(f"task{index:03}", start_s, duration_s, "boom" if kind == "f" else None)
        for index, (start_s, duration_s, kind) in enumerate(tasks)
    ]
    shown = printed(render_run(view_of(lines)), width)
    rows = re.findall(r"^(.) +[├└]─ task(\d+)", shown, re.MULTILINE)
    folded = re.findall(r"… (\d+) more,", shown)
    signs = {int(index): sign for sign, index in rows}
    expected = dict(enumerate({"s": " ", "f": "✖", "u": "?"}[kind] for *_, kind in tasks))
    assert {index: sign for index, sign in expected.items() if sign != " "}.items() <= signs.items()
    assert signs.items() <= expected.items()
    assert len(rows) + sum(map(int, folded)) == len(tasks)


@settings(deadline=None)
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
            str.strip
        ),
        min_size=1,
        max_size=5,
    ),
    width=st.integers(80, 200),
    encoding=st.sampled_from(["utf-8", "cp1252", "ascii"]),
)
def test_columns_stay_aligned_whatever_the_names(
    names: list[str], width: int, encoding: str
) -> None:
    lines = [
        task(name, index, 1, name, source=name, object_id=name) for index, name in enumerate(names)
    ]
    shown = printed(render_run(view_of(lines)), width, encoding)
    waterfall = shown.split("\n\n")[1].splitlines()
    rows = [line for line in waterfall[1:] if not line.startswith(("  x ", "  ✖ "))]
    assert {cell_len(re.sub(" [◆<]$", "", row)) for row in rows} == {width - 2}
    assert max(map(cell_len, shown.split("\n"))) <= width
    assert shown.replace("\n", "").isprintable()


def test_hostile_text_is_inert() -> None:
    names = {"source": HOSTILE, "transformation": HOSTILE, "run_id": HOSTILE, "company": HOSTILE}
    view = view_of([task(HOSTILE, 0, 1, f"{HOSTILE}\x1b[2J", **names)], rebased_from=HOSTILE)
    rejections = [rejection(HOSTILE, 1, "wrong_type", HOSTILE)]
    totals = Totals([HOSTILE], rejected=1, outputs=[HOSTILE], rejections=rejections)
    shown = [render_run(view), render_run_line(view), render_totals(totals)]
    text = "".join(printed(each, 200) for each in shown)
    assert text.replace("\n", "").isprintable()
    assert r"\x1b[31mA\x1b[0m\n[bold]B[/bold]\u202eexe.gpj\x07\x1b[2J" in text


def test_colour_adds_nothing_to_the_text() -> None:
    coloured = on_terminal(render_run(long_lane(failed=frozenset({4}))))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == printed(
        render_run(long_lane(failed=frozenset({4})))
    )
    assert "\x1b[1;31m" in coloured


def test_no_color_is_respected() -> None:
    shown = on_terminal(render_run(long_lane(failed=frozenset({4}))), NO_COLOR="1")
    codes = {code for codes in re.findall(r"\x1b\[([\d;]*)m", shown) for code in codes.split(";")}
    assert codes <= {"0", "1", "2", "4"}  # reset, bold, dim, underlined


def test_grafana_link_stays_in_one_piece() -> None:
    link = f"http://localhost:3000/explore?panes={'%7B' * 60}"
    view = view_of([task("Sites", 0, 1)], grafana_url=link)
    assert f"\n  {link}\n" in printed(render_run(view))


ERRORS_OF_TWO_CAUSES = """\
3 failed tasks
✖ 1-Raw / zohobooks / contacts (501), bills (503)
    401 Unauthorized
    in Zoho_API_get_data, 20:45:30 to 20:47:11 UTC, the first 30.0 s after the
    start
✖ 1-Raw / zohobooks / items (502)
    KeyError: 'id' (an error text that is only a key: 'id' was missing)
    in Zoho_API_get_data, at 20:47:06 UTC, 2 min 06 s after the start
"""


def test_failures_of_one_cause_are_told_together() -> None:
    lines = [
        task("contacts", 0, 30, "401 Unauthorized", object_id=501, **ZOHO),
        task("items", 31, 95, "'id'", object_id=502, **ZOHO),
        task("bills", 130, 1, "401 Unauthorized", object_id=503, **ZOHO),
    ]
    errors = printed(render_run(view_of(lines))).split("\n\n")[-1]
    assert errors == ERRORS_OF_TWO_CAUSES


def test_long_error_text_ends_with_what_is_left_out() -> None:
    errors = printed(render_run(view_of([task("Sites", 0, 1, "y" * 1234)]))).split("\n\n")[-1]
    assert errors.count("y") == 1000
    assert " … 234 more characters\n" in errors


TOTALS_OF_A_CLEAN_REPLAY = """\
Read logs.json: 72 records accepted
1 run   ✔ 1 success
→ out
"""


def test_totals_of_a_clean_replay() -> None:
    totals = Totals(["logs.json"], 72, runs_by_outcome={"success": 1}, outputs=["out"])
    assert printed(render_totals(totals)) == TOTALS_OF_A_CLEAN_REPLAY


TOTALS_WITH_REJECTIONS = """\
Read a.json, b.json, c.json, 2 more: 1,000,000 records accepted, 3 duplicates,
  40 rejected
1,203 runs   ✔ 1,200 success   ◐ 2 partial   ✖ 1 failure
→ out
→ http://localhost:4318

Remarks on accepted records
  3 ambiguous_local_time  the clock was set back, this local time existed
    twice
  1 unknown_zone  a zone that the settings do not name

Rejected lines
  a.json:1 missing_field Objet is missing; no record goes without
  a.json:2 missing_field Objet is missing; no record goes without
  a.json:3 missing_field Objet is missing; no record goes without
  a.json:4 missing_field Objet is missing; no record goes without
  a.json:5 missing_field Objet is missing; no record goes without
  a.json:6 missing_field Objet is missing; no record goes without
  a.json:7 missing_field Objet is missing; no record goes without
  a.json:8 missing_field Objet is missing; no record goes without
  a.json:9 missing_field Objet is missing; no record goes without
  a.json:10 missing_field Objet is missing; no record goes without
  … 30 more
"""


def test_totals_name_what_was_refused_and_what_was_odd() -> None:
    rejections = [
        rejection("a.json", line, "missing_field", "Objet is missing; no record goes without")
        for line in range(1, 13)
    ]
    totals = Totals(
        ["a.json", "b.json", "c.json", "d.json", "e.json"],
        accepted=1_000_000,
        duplicates=3,
        rejected=40,
        runs_by_outcome={"failure": 1, "success": 1200, "partial": 2},
        remarks={Remark.AMBIGUOUS_LOCAL_TIME: 3, Remark.UNKNOWN_ZONE: 1},
        outputs=["out", "http://localhost:4318"],
        rejections=rejections,
    )
    assert printed(render_totals(totals)) == TOTALS_WITH_REJECTIONS


@pytest.mark.parametrize("remark", Remark)
def test_every_remark_has_words(remark: Remark) -> None:
    assert REMARKS[remark]
