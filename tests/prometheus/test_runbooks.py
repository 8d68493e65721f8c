"""The runbooks: a page for each alert, of one form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.prometheus.reading import RUNBOOKS, queries


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_page_says_what_it_means_how_to_look_and_what_to_do(path: Path) -> None:
    headings = re.findall(r"^## (.*)$", path.read_text(), re.MULTILINE)

    assert headings == ["What it means", "How to look", "What to do"]
    assert queries(path)
