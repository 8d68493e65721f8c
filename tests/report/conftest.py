"""A real browser for report.html, shared by all tests, and pages that must stay silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsing import chromium
from tests.report.pages import OpenPage, one_task_run, sample_run, write_report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for each file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> Iterator[BrowserContext]:
    """What most tests look at the page with; a context of one's own costs a quarter of a second."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def open_page(browser: Browser, desktop: BrowserContext) -> Iterator[OpenPage]:
    """Opens a report; fails the test if the page says or asks for anything.

    Keyword arguments, such as `viewport` and `color_scheme`, are those of Playwright's contexts;
    with any of them the page has a context of its own.
    """
    heard: list[str] = []
    opened: list[Page] = []

    def open_(path: Path, **options: Any) -> Page:
        page = browser.new_page(**options) if options else desktop.new_page()
        opened.append(page)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: heard.append(f"request: {request.url}"))
        page.goto(path.as_uri())
        assert heard.pop(0) == f"request: {path.as_uri()}"
        return page

    yield open_
    for page in opened:
        page.close()
    assert heard == []


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the project's sample file: 72 tasks, one of them failed."""
    return write_report(tmp_path_factory.mktemp("sample") / "report.html", [sample_run()])


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of forty runs, every tenth of them failed."""
    views = [
        one_task_run(f"run-{number}", number * 60, "'id'" if number % 10 == 0 else None)
        for number in range(40)
    ]
    return write_report(tmp_path_factory.mktemp("several") / "report.html", views)
