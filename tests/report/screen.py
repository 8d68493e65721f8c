"""What the tests in the browser read from the screen, and how they handle it."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import FloatRect, Locator, Page

PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


def row(page: Page, name: str) -> Locator:
    """The row of that name, the first one."""
    return page.locator(".row").filter(has=page.locator(".row__text", has_text=name)).first


def names(page: Page) -> list[str]:
    """The names of all rows, in order."""
    return page.locator(".row .row__text").all_text_contents()


def ticks(page: Page) -> list[str]:
    """What the time axis says, from left to right."""
    return page.locator(".tick").all_text_contents()


def details(page: Page) -> dict[str, str]:
    """What the panel tells of the selected row."""
    facts = page.locator(".detail dl > div")
    return {
        fact.locator("dt").inner_text(): fact.locator("dd").inner_text() for fact in facts.all()
    }


def box(element: Locator) -> FloatRect:
    """Where an element is on the screen."""
    found = element.bounding_box()
    assert found
    return found


def zoom_in(page: Page, how: str) -> None:
    """One step, by `button`, `key` or `wheel`."""
    first = page.get_by_role("treegrid").get_by_role("row").nth(1)
    if how == "button":
        page.get_by_role("button", name="Zoom in (+)").click()
    elif how == "key":
        first.focus()
        page.keyboard.press("+")
    else:
        first.locator(".strip").hover()
        page.keyboard.down("Control")
        page.mouse.wheel(0, -200)
        page.keyboard.up("Control")


def zoom_into(page: Page, start: float, end: float) -> None:
    """Marks a part of the axis, in shares of it, by dragging over the first row."""
    strip = page.locator(".row .strip").first
    strip.scroll_into_view_if_needed()
    found = box(strip)
    inset, y = 6, found["y"] + 15
    left, width = found["x"] + inset, found["width"] - 2 * inset
    page.mouse.move(left + start * width, y)
    page.mouse.down()
    page.mouse.move(left + end * width, y, steps=4)
    page.mouse.up()
