"""A real browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_FIND_BROWSER = Path(__file__).parents[1] / "scripts" / "browser.sh"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium from $FILROUGE_BROWSER, or the one that scripts/browser.sh finds.

    While Playwright is there this thread has a running event loop, and no other test could have
    one; so it is for a file at most.
    """
    found = os.environ.get("FILROUGE_BROWSER") or subprocess.check_output(_FIND_BROWSER, text=True)
    with sync_playwright() as playwright:
        # Root may not use the sandbox, and CI often is root; the pages are our own.
        browser = playwright.chromium.launch(executable_path=found.strip(), args=["--no-sandbox"])
        yield browser
        browser.close()
