"""What people see and do in report.html, around the waterfall."""

import socket
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.report.hand_made import task, view_of
from tests.report.pages import OpenPage, write_report
from tests.report.probes import TOO_PALE, TRY_EVERYTHING
from tests.report.screen import PHONE, details, row, zoom_into

pytestmark = pytest.mark.browser

HOSTILE = '</script><script>document.title="taken"</script><img src=x onerror="alert(1)">'


# --- the page as a whole ---


def test_policy_stops_every_request(browser: Browser, sample: Path) -> None:
    page = browser.new_page()
    page.goto(sample.as_uri())

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        stopped = page.evaluate(TRY_EVERYTHING, f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()

    page.close()
    assert stopped == ["connect-src", "img-src", "script-src-elem", "style-src-elem"]


def test_headline_and_errors_are_there_without_scripts(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample, java_script_enabled=False)

    expect(page.get_by_role("heading", level=1)).to_have_text("2025-09-05-16-45 failed in part")
    expect(page.locator(".error")).to_have_count(1)
    expect(page.locator(".error")).to_be_visible()
    expect(page.get_by_role("table")).to_be_visible()
    expect(page.locator("[data-waterfall] noscript p")).to_be_visible()


def test_hostile_names_are_only_text(open_page: OpenPage, tmp_path: Path) -> None:
    names = {"company": HOSTILE, "run_id": HOSTILE, "zone": HOSTILE, "source": HOSTILE}
    lines = [
        task(HOSTILE, 0, 3, HOSTILE, **names, parameters=HOSTILE, object_id=HOSTILE),
        task(f"\x00\x1b[31m\u202e{HOSTILE}", 3, 3, **names, transformation=HOSTILE),
    ]
    page = open_page(write_report(tmp_path / "report.html", [view_of(lines)]))

    page.locator(".error__where a").click()

    expect(page.locator(".detail h3")).to_have_text(HOSTILE)
    expect(page.locator(".detail")).to_contain_text(f"parameters{HOSTILE}")
    expect(row(page, r"\x00\x1b[31m\u202e</script>")).to_be_visible()
    assert page.title().startswith(f"{HOSTILE} {HOSTILE}: failed in part")
    assert page.locator("img").count() == 0


def test_theme_follows_the_system_until_it_is_chosen(open_page: OpenPage, sample: Path) -> None:
    light, dark = open_page(sample), open_page(sample, color_scheme="dark")

    assert _ground(light) == "rgb(247, 245, 242)"
    assert _ground(dark) == "rgb(22, 20, 19)"

    dark.get_by_role("button", name="Light colours").click()

    expect(dark.get_by_role("button", name="Dark colours")).to_be_visible()
    assert _ground(dark) == _ground(light)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_aa(open_page: OpenPage, sample: Path, scheme: str) -> None:
    page = open_page(sample, color_scheme=scheme)
    page.locator(".error__where a").click()

    assert page.evaluate(TOO_PALE) == []


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_everything_that_takes_the_focus_has_a_name(
    open_page: OpenPage, several: Path, options: dict[str, Any]
) -> None:
    page = open_page(several, **options)

    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]

    focusable = [node for node in nodes if _is_focusable(node)]
    assert len(focusable) > 50
    assert [node["role"]["value"] for node in focusable if not node["name"]["value"]] == []


@pytest.mark.parametrize("detail", [False, True], ids=["closed", "with details"])
def test_phone_scrolls_down_only(
    open_page: OpenPage, sample: Path, several: Path, detail: bool
) -> None:
    for path in (sample, several):
        page = open_page(path, **PHONE)
        if detail:
            page.locator(".error__where a").first.click()
            expect(page.locator(".detail")).to_be_in_viewport()

        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_paper_holds_every_row(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample, viewport={"width": 1400, "height": 500})
    page.get_by_role("button", name="Expand all").click()
    on_screen = page.get_by_role("row").filter(has=page.locator(".strip")).count()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    on_paper = page.locator(".row").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert on_screen < on_paper == 72 + 6 + 1
    assert page.locator(".row").count() == on_screen


# --- errors and details ---


def test_error_leads_to_its_task(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    row(page, "zohoprojects").locator(".row__name").click()  # folds it away
    expect(row(page, "bugs")).to_have_count(0)

    page.locator(".error__where a").click()

    expect(row(page, "bugs")).to_be_focused()
    expect(row(page, "bugs")).to_be_in_viewport()
    expect(row(page, "bugs")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("Task failed")


def test_error_leads_to_its_task_again(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    link = page.locator(".error__where a")
    link.click()
    page.keyboard.press("Escape")
    expect(page.locator(".detail")).to_be_hidden()

    link.click()

    expect(page.locator(".detail")).to_be_visible()


def test_error_leads_through_filter_and_zoom(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    page.get_by_role("searchbox").fill("Efficy")
    zoom_into(page, 0.6, 0.8)

    page.locator(".error__where a").click()

    expect(row(page, "bugs")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_role("button", name="Show the whole run (0)")).to_be_disabled()


def test_details_tell_every_field(open_page: OpenPage, tmp_path: Path) -> None:
    line = task(
        "Users",
        3.25,
        4.5,
        "boom\nbang",
        object_id=77,
        transformation="efficy_API_get_data",
        parameters={"limit": 5},
        cpu_time_s=0.9,
        memory_delta_bytes=-3000,
        colour="red",
        zone="9-Unknown",
    )
    view = view_of([task("Contacts", 0, 3), line])
    page = open_page(write_report(tmp_path / "report.html", [view]), timezone_id="Asia/Tokyo")

    page.locator(".error__where a").click()

    assert details(page) == {
        "Message": "boom\nbang",
        "Took": "4.50 s, 58 % of the run",
        "Started": "2025-09-05 16:45:03.250 America/Toronto\n20:45:03.250 UTC\n"
        "05:45:03.250 Asia/Tokyo\n3.25 s into the run",
        "Ended": "2025-09-05 16:45:07.750 America/Toronto\n20:45:07.750 UTC\n"
        "05:45:07.750 Asia/Tokyo",
        "CPU": "900 ms, 20 % of the time",
        "Memory": "−3.0 kB",
        "Transformation": "efficy_API_get_data",
        "Object": "Users\nid 77",
        "Source": "zohobooks",
        "Zone": "9-Unknown",
        "Remark": "a zone that the settings do not name",
        "colour": "red",
        "parameters": '{"limit":5}',
        "Span id": view["errors"][0]["span_id"],
        "Trace id": view["trace_id"],
    }


def test_copying_a_span_id_fills_the_clipboard(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".error__where a").click()

    page.get_by_role("button", name="Copy the span id").click()

    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == details(page)["Span id"]


def test_card_under_the_pointer_tells_the_gist(open_page: OpenPage, sample: Path) -> None:
    page = open_page(sample)
    strip = row(page, "TimeEntries").locator(".strip")

    strip.hover()

    expect(page.locator(".card")).to_have_text(
        "TimeEntriesTask succeededon the critical path▼ slowest"
        "13 min 06 s · from 16:46:02 (20:46:02 UTC)CPU 17.6 s · memory 174 MB"
    )
    page.mouse.move(5, 5)
    expect(page.locator(".card")).to_be_hidden()


# --- several runs ---


def test_worst_and_latest_run_is_shown_first(open_page: OpenPage, several: Path) -> None:
    page = open_page(several)

    expect(page.get_by_role("heading", level=1)).to_have_text("run-30 failed")
    expect(page.locator(".overall")).to_have_text("40 runs 4 failed 36 succeeded All runs")


def test_another_run_is_picked_from_the_table(open_page: OpenPage, several: Path) -> None:
    page = open_page(several)
    page.get_by_role("searchbox", name="Search company").fill("run-17")

    page.locator(".table--runs").get_by_role("link", name="run-17").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("run-17 succeeded")
    expect(page.locator("article:visible").locator(".row")).to_have_count(3)
    page.go_back()
    page.get_by_role("button", name="Next run").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("run-17 succeeded")


def test_runs_are_filtered_and_sorted(open_page: OpenPage, several: Path) -> None:
    page = open_page(several)
    table = page.locator(".table--runs")
    expect(table.locator("tbody tr")).to_have_count(25)

    page.get_by_role("button", name="Show 15 more").click()
    expect(table.locator("tbody tr")).to_have_count(40)
    page.get_by_role("combobox", name="Outcome").select_option("failed")
    table.get_by_role("button", name="Run").click()

    expect(table.locator("tbody th")).to_have_text(["run-0", "run-10", "run-20", "run-30"])


def _ground(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def _is_focusable(node: dict[str, Any]) -> bool:
    if node["ignored"] or node["role"]["value"] == "RootWebArea":
        return False
    return any(each["name"] == "focusable" for each in node.get("properties", ()))
