"""What people see and do in the waterfall; JavaScript's own arithmetic is tested here as well."""

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from filrouge.report.words import duration_words, share_words, size_words
from tests.report.hand_made import run_started, task, task_started, view_of
from tests.report.pages import OpenPage, large_run, sample_run, write_report
from tests.report.screen import PHONE, box, details, names, row, ticks, zoom_in, zoom_into

pytestmark = pytest.mark.browser


# --- the waterfall ---


def test_run_opens_where_it_hurts(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample, viewport={"width": 1400, "height": 2000})

    opened = page.locator(".row--source[aria-expanded=true] .row__text")
    expect(opened).to_have_text(["EasyProjects", "zohoprojects"])  # the slowest, the failed
    expect(page.locator(".row--task.row--failure .row__text")).to_have_text(["bugs"])
    expect(page.locator(".row--slowest .row__text")).to_have_text(["TimeEntries"])


def test_search_narrows_to_what_matches(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    before = names(page)

    page.keyboard.press("/")
    page.keyboard.type("zoho contacts")

    expect(page.locator(".found").first).to_have_text("1 of 72 tasks")
    assert names(page) == ["1-Raw", "zohobooks", "contacts"]

    page.get_by_role("searchbox").fill("no such thing")
    page.get_by_role("button", name="Clear the filter").click()

    assert names(page) == before


def test_only_failures_are_shown_on_demand(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    page.get_by_role("button", name="Failures only").click()

    expect(page.locator(".found").first).to_have_text("1 of 72 tasks")
    assert names(page) == ["1-Raw", "zohoprojects", "bugs"]


def test_only_slow_tasks_are_shown_on_demand(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    page.get_by_role("combobox", name="Duration").select_option("Slower than 1 min 00 s")

    assert names(page) == ["1-Raw", "EasyProjects", "TimeEntries"]


def test_rows_are_walked_by_keyboard(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    page.get_by_role("treegrid").get_by_role("row").nth(1).focus()
    walked = []

    for key in ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft"]:
        page.keyboard.press(key)
        row = page.locator(".row:focus")
        walked.append(
            (row.locator(".row__text").text_content(), row.get_attribute("aria-expanded"))
        )

    assert walked == [
        ("sharepoint_graph", "false"),
        ("sharepoint_graph", "true"),
        ("Contrats", None),
        ("Fournisseurs", None),
        ("sharepoint_graph", "true"),
        ("sharepoint_graph", "false"),
    ]


def test_rows_keep_one_place_in_the_tab_order(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    page.get_by_role("treegrid").get_by_role("row").nth(1).focus()

    page.keyboard.press("End")

    expect(page.locator(".row:focus .row__text")).to_have_text("events")
    expect(page.locator(".row:focus")).to_be_in_viewport()
    expect(page.locator(".row[tabindex='0']")).to_have_count(1)


def test_details_follow_the_keyboard(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    page.locator(".error__where a").click()

    page.keyboard.press("ArrowUp")
    expect(page.locator(".detail h3")).to_have_text("timelogs")
    page.keyboard.press("Escape")

    expect(page.locator(".detail")).to_be_hidden()
    expect(row(page, "timelogs")).to_be_focused()


def test_rows_tell_a_screen_reader_their_place(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    found = row(page, "TimeEntries")

    assert {
        name: found.get_attribute(f"aria-{name}")
        for name in ("level", "posinset", "setsize", "rowindex")
    } == {"level": "3", "posinset": "3", "setsize": "10", "rowindex": "7"}
    expect(found.get_by_role("gridcell")).to_have_text(
        [
            "TimeEntries",
            "13 min 06 s",
            "succeeded, begins 41.7 s into the run, slowest task, on the critical path",
        ]
    )
    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "28")


@pytest.mark.parametrize("how", ["button", "key", "wheel"])
def test_zoom_changes_the_axis(open_page: OpenPage, sample: Path, how: str) -> None:
    page = open_page(sample)
    whole = ticks(page)
    assert whole == ["0", *(f"{minute} min" for minute in range(2, 15, 2))]

    for _ in range(3):
        zoom_in(page, how)

    expect(page.locator(".tick").first).not_to_have_text("0")
    assert len(set(ticks(page)) - set(whole)) > 2

    page.get_by_role("treegrid").get_by_role("row").nth(1).focus()
    page.keyboard.press("0")
    expect(page.locator(".tick")).to_have_text(whole)


def test_dragging_zooms_to_what_was_marked(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    zoom_into(page, 0.0, 0.1)

    expect(page.locator(".tick")).to_have_text(
        ["0", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00", "1:10", "1:20"]
    )


def test_part_in_view_is_moved_by_keyboard(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    zoom_into(page, 0.0, 0.1)
    strip = page.get_by_role("scrollbar", name="Part of the run in view")

    strip.press("End")
    expect(strip).to_have_attribute("aria-valuenow", "100")
    strip.press("Home")
    strip.press("ArrowRight")

    expect(strip).to_have_attribute("aria-valuetext", "from 17.6 s to 1 min 46 s")


def test_two_fingers_zoom(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample, **PHONE)
    lane = row(page, "EasyProjects")
    lane.scroll_into_view_if_needed()
    strip = box(lane.locator(".strip"))
    middle, y = strip["x"] + strip["width"] / 2, strip["y"] + 15
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *apart: float) -> None:
        points = [{"x": middle + by, "y": y, "id": index} for index, by in enumerate(apart)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", -20, 20)
    fingers("touchMove", -80, 80)
    fingers("touchEnd")

    part = page.get_by_role("scrollbar")
    expect(part).to_have_attribute("aria-valuetext", "from 5 min 31 s to 9 min 11 s")


def test_clock_times_stand_on_round_minutes(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    page.get_by_role("button", name="Clock").click()

    assert ticks(page) == [*(f"16:{minute}" for minute in range(46, 60, 2)), "17:00"]


def test_red_thread_can_be_taken_away(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    thread = page.locator(".lines .thread:not(.thread--waiting)")
    assert "M" in (thread.get_attribute("d") or "")

    page.get_by_role("button", name="Red thread").click()

    assert thread.get_attribute("d") is None
    expect(page.get_by_role("button", name="Red thread")).to_have_attribute("aria-pressed", "false")


def test_every_task_of_a_lane_can_be_seen_and_hit(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)

    lanes = page.evaluate(
        """(view) => {
            const tree = new filrouge.Tree(view);
            const viewport = new filrouge.Viewport(view.duration_s);
            viewport.width = 900;
            return tree.lanes.map((lane) => filrouge.laneBars(lane, viewport)
                .map((bar) => [bar.x0, bar.x1, bar.tasks.length]));
        }""",
        sample_run(),
    )

    assert sum(tasks for bars in lanes for _, _, tasks in bars) == 72
    for bars in lanes:
        assert min(right - left for left, right, _ in bars) >= 4
        gaps = [after[0] - before[1] for before, after in pairwise(bars)]
        assert min(gaps) >= 1 - 1e-9


def test_tasks_side_by_side_lie_above_one_another(open_page: OpenPage, tmp_path: Path) -> None:
    lines = [task("a", 0, 9), task("b", 1, 3), task("c", 5, 3), task("d", 6, 1)]
    page = open_page(write_report(tmp_path / "report.html", [view_of(lines)]))

    tops = page.evaluate(
        """(view) => {
            const [lane] = new filrouge.Tree(view).lanes;
            const viewport = new filrouge.Viewport(view.duration_s);
            viewport.width = 900;
            return filrouge.laneBars(lane, viewport).map((bar) => [bar.tasks[0].name, bar.track]);
        }""",
        view_of(lines),
    )

    assert tops == [["a", 0], ["b", 1], ["c", 1], ["d", 2]]


def test_unfinished_task_lasts_to_the_end_of_the_run(open_page: OpenPage, tmp_path: Path) -> None:
    view = view_of([run_started(), task("Users", 0, 10), task_started("Contacts", 4)])
    page = open_page(write_report(tmp_path / "report.html", [view]))

    row(page, "Contacts").click()

    told = details(page)
    assert (told["Took"], told["Ended"]) == ("unknown", "unknown")
    expect(page.locator(".detail")).to_contain_text("Task never finished")


def test_run_of_nine_thousand_tasks_stays_light(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(write_report(tmp_path / "report.html", [large_run(9000)]))
    expect(page.get_by_role("heading", name="90 errors")).to_be_visible()

    page.get_by_role("button", name="Expand all").click()
    page.get_by_role("treegrid").get_by_role("row").nth(1).focus()
    page.keyboard.press("End")

    expect(page.locator(".row:focus .row__text")).to_have_text("object 8999")
    assert page.locator(".row").count() < 120
    page.get_by_role("searchbox").fill("object 4321")
    expect(page.locator(".found").first).to_have_text("1 of 9,000 tasks")


def test_source_leads_to_its_lane_and_sorts(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    table = page.locator("table[data-sortable]")

    table.get_by_role("button", name="Memory peak").click()

    expect(table.get_by_role("columnheader", name="Memory peak")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(table.locator("tbody th").first).to_have_text("EasyProjects")
    table.get_by_role("link", name="PowerBI").click()
    expect(row(page, "PowerBI")).to_be_focused()


# --- arithmetic in JavaScript ---


def test_figures_are_worded_as_in_the_terminal(open_page: OpenPage, sample: Path) -> None:
    durations = [0, 1e-5, 0.0042, 0.0099, 0.25, 0.9996, 1, 9.994, 9.996, 59.9, 59.96, 784, 3599.6]
    durations += [7500, 86399, 86400, 273_600]
    sizes = [0, 512, -3000, 999, 1_500_000, 99_950_000, 180_000_000, 5 * 10**15]
    shares = [(0, 0), (0, 5), (1, 1000), (98, 100), (5, 5)]
    page = open_page(sample)

    worded = page.evaluate(
        """([durations, sizes, shares]) => [durations.map(filrouge.duration),
            sizes.map(filrouge.size), shares.map((pair) => filrouge.share(...pair))]""",
        [durations, sizes, shares],
    )

    assert worded == [
        [duration_words(seconds) for seconds in durations],
        [size_words(size) for size in sizes],
        [share_words(*pair) for pair in shares],
    ]


def test_ticks_are_round(open_page: OpenPage, sample: Path) -> None:
    expected = {
        0.001: ["0", "0.2 ms", "0.4 ms", "0.6 ms", "0.8 ms", "1.0 ms"],
        0.9: ["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s"],
        42: ["0", "10 s", "20 s", "30 s", "40 s"],
        95: ["0", "0:30", "1:00", "1:30"],
        900: ["0", "5 min", "10 min", "15 min"],
        9000: ["0", "30 min", "1 h 00", "1 h 30", "2 h 00", "2 h 30"],
        40_000: ["0", "2 h", "4 h", "6 h", "8 h", "10 h"],
        500_000: ["0", "1 d", "2 d", "3 d", "4 d", "5 d"],
    }
    page = open_page(sample)

    found = page.evaluate(
        """(spans) => spans.map((span) => {
            const { step, places } = filrouge.ticks(0, span, 6);
            return places.map((at) => filrouge.tickText(at, step, span));
        })""",
        list(expected),
    )

    assert dict(zip(expected, found, strict=True)) == expected
