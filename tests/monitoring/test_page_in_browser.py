"""What people see while runs come, grow and close, in a real browser."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from filrouge.monitoring.expectations.file import Expectations, SourceEntry
from filrouge.monitoring.registry.database import open_database
from filrouge.monitoring.standings import Standings
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from tests.browsing import chromium
from tests.monitoring.driving import POLICY, Monitor
from tests.monitoring.lines import run_completed, run_started, task, task_started
from tests.monitoring.serving import Served, served
from tests.report.probes import TOO_PALE, TRY_EVERYTHING
from tests.report.screen import PHONE, details, names, row

pytestmark = pytest.mark.browser

HOSTILE = '</script><script>document.title="taken"</script><img src=x onerror="alert(1)">'
PATIENCE_MS = 60_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for this file."""
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as browser:
        yield browser
    expect.set_options(timeout=5_000)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'registry.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def monitor(registry: Engine) -> Monitor:
    return Monitor(registry)


@pytest.fixture
def standings(registry: Engine) -> Standings:
    return Standings(registry, Expectations(), POLICY)


@pytest.fixture
def site(standings: Standings) -> Iterator[Served]:
    with served(standings) as site:
        yield site


@pytest.fixture
def open_page(browser: Browser, site: Served) -> Iterator[OpenPage]:  # noqa: ARG001
    """Opens an address; fails the test if the page complains or asks another server.

    Pages are closed before the site ends, for they would complain of that.
    """
    heard: list[str] = []
    opened: list[Page] = []
    asked: list[str] = []
    ours: list[str] = []

    def open_(url: str, **options: Any) -> Page:
        page = browser.new_page(**{"viewport": {"width": 1400, "height": 1600}, **options})
        opened.append(page)
        ours.append(f"http://{urlsplit(url).netloc}/")
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        return page

    yield open_
    for page in opened:
        page.close()
    assert heard == []
    assert asked
    assert [url for url in asked if not url.startswith(tuple(ours))] == []


def run_page(site: Served, run_id: str = "r1") -> str:
    return f"{site.url}/runs/{RunIds(RunKey('akonovia', run_id, 1)).trace_id}"


def test_runs_appear_by_themselves(open_page: OpenPage, monitor: Monitor, site: Served) -> None:
    page = open_page(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("No runs yet")

    monitor.read(task(run_id="first", error="'id'"))
    expect(page.get_by_role("link", name="first")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 error in the newest runs")

    link = page.get_by_role("link", name="first")
    link.focus()
    monitor.read(task("Later", 60, run_id="second"))
    expect(page.locator("#runs tbody tr")).to_have_count(2)
    expect(link).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("first running")


def test_a_run_grows_and_what_the_reader_did_stays(
    open_page: OpenPage, monitor: Monitor, site: Served
) -> None:
    monitor.read(run_started(), task("Users", 0, 5), task("Sites", 5, 5, source="PowerBI"))
    page = open_page(run_page(site))
    row(page, "PowerBI").locator(".row__name").click()  # folds it
    row(page, "Users").locator(".row__text").click()
    assert details(page)["Object"].startswith("Users")

    monitor.read(task("Lists", 5, 20, error="'id'"), task("More", 10, source="PowerBI"))
    monitor.read(task_started("Slow", 25))

    expect(row(page, "Lists")).to_be_visible()
    expect(row(page, "Slow")).to_be_visible()
    assert names(page) == ["1-Raw", "Efficy", "Users", "Lists", "Slow", "PowerBI"]
    assert details(page)["Object"].startswith("Users")
    expect(row(page, "Users")).to_be_focused()
    expect(page.get_by_role("heading", name="1 error")).to_be_visible()
    expect(row(page, "Efficy")).to_contain_text("1 failed1 running")
    page.get_by_role("button", name="Failures only").click()
    assert names(page) == ["1-Raw", "Efficy", "Lists"]  # what still runs is no failure

    monitor.read(task("Slow", 25, 5), run_completed())
    monitor.wait(11)

    expect(page.get_by_role("heading", level=1)).to_have_text("r1 failed in part")
    expect(page.locator(".found").first).to_have_text("1 of 5 tasks")
    assert names(page) == ["1-Raw", "Efficy", "Lists"]


def test_a_run_that_is_not_there_yet_shows_when_it_comes(
    browser: Browser, monitor: Monitor, site: Served
) -> None:
    page = browser.new_page()
    page.goto(run_page(site))
    expect(page.get_by_role("heading", level=1)).to_have_text("No such run")

    monitor.read(run_started())
    expect(page.get_by_role("heading", level=1)).to_have_text("r1 running")
    monitor.read(task())
    expect(row(page, "Sites")).to_be_visible()  # the waterfall came with the first task
    page.close()


def test_a_lost_connection_is_told_and_found_again(
    browser: Browser, monitor: Monitor, standings: Standings
) -> None:
    page = browser.new_page()
    with served(standings) as site:
        page.goto(site.url)
        expect(page.locator("[data-live]")).to_have_text("Live")
    expect(page.locator("[data-live]")).to_have_text("Connection lost")
    expect(page.get_by_role("alert")).to_contain_text("What stands here is as it was then")

    monitor.read(task(run_id="meanwhile"))
    with served(standings, port=urlsplit(site.url).port or 0):
        expect(page.get_by_role("link", name="meanwhile")).to_be_visible()
        expect(page.locator("[data-live]")).to_have_text("Live")
        expect(page.get_by_role("alert")).to_be_hidden()
        page.close()


def test_hostile_names_are_only_text(open_page: OpenPage, monitor: Monitor, site: Served) -> None:
    lane: dict[str, Any] = {"zone": HOSTILE, "source": HOSTILE}
    monitor.read(task(HOSTILE, error=HOSTILE, **lane))
    overview, run = open_page(site.url), open_page(run_page(site))

    monitor.read(task(f"{HOSTILE} again", 5, error=HOSTILE, **lane))

    expect(overview.locator(".error")).to_have_count(2)
    expect(overview.locator(".error__text").first).to_have_text(HOSTILE)
    expect(run.locator(".error")).to_have_count(2)
    expect(row(run, f"{HOSTILE} again")).to_be_visible()
    for page in (overview, run):
        assert page.title().startswith(("Runs", "akonovia"))
        assert page.locator("img").count() == 0


def test_policy_stops_requests_to_others(browser: Browser, monitor: Monitor, site: Served) -> None:
    monitor.read(task())
    page = browser.new_page()
    page.goto(site.url)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        stopped = page.evaluate(TRY_EVERYTHING, f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()

    page.close()
    assert set(stopped) == {"connect-src", "img-src", "script-src-elem", "style-src-elem"}


@pytest.fixture
def troubled(monitor: Monitor, standings: Standings) -> Monitor:
    """A registry with all there may be to tell: silence, errors in a row, a run that grows."""
    never = SourceEntry(company="akonovia", zone="1-Raw", source="zohobooks", cadence=7200)
    standings.expectations = Expectations([never])
    standings.expect(0)
    for number in range(3):
        run: dict[str, Any] = {"run_id": f"r{number}"}
        monitor.read(task("A", 60 * number, error="x", **run), run_completed(60 * number, **run))
        monitor.wait(11)
    monitor.read(run_started(300, run_id="r3", expected_tasks=9), task("B", 300, run_id="r3"))
    monitor.read(task_started("C", 301, run_id="r3"))
    return monitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("troubled")
def test_text_has_the_contrast_of_aa(open_page: OpenPage, site: Served, scheme: str) -> None:
    for url in (site.url, run_page(site, "r3"), run_page(site, "r2")):
        page = open_page(url, color_scheme=scheme)
        expect(page.locator("[data-live]")).to_have_text("Live")
        assert page.evaluate(TOO_PALE) == []


@pytest.mark.usefixtures("troubled")
def test_a_phone_scrolls_down_only(open_page: OpenPage, site: Served) -> None:
    for url in (site.url, run_page(site, "r3")):
        page = open_page(url, **PHONE)
        expect(page.locator("[data-live]")).to_have_text("Live")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        table = page.locator(".table--live")
        for each in table.locator("td, th[scope=row]").all():
            box = each.bounding_box()
            assert box is None or box["x"] + box["width"] <= 390


@pytest.mark.usefixtures("troubled")
def test_trouble_is_reached_by_keyboard(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.url, viewport={"width": 1000, "height": 300})
    link = page.get_by_role("link", name="1 source never came")
    expect(page.locator("#sources")).not_to_be_in_viewport()

    link.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#sources")).to_be_in_viewport()
    expect(page.locator("#sources tbody tr").first).to_contain_text("zohobooks")
    expect(page.locator("#sources tbody tr").first).to_contain_text("never came")
