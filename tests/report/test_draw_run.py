from __future__ import annotations

import re
from pathlib import Path

from scripts.draw_run import main

ROOT = Path(__file__).parents[2]


def test_picture_in_the_readme_shows_the_sample(tmp_path: Path) -> None:
    picture = tmp_path / "images" / "run.svg"
    main([str(ROOT / "logs.json"), str(picture)])
    kept = ROOT / "docs" / "images" / "run.svg"
    assert picture.read_bytes() == kept.read_bytes(), "run scripts/draw_run.py"


def test_picture_loads_nothing_from_the_network(tmp_path: Path) -> None:
    picture = tmp_path / "run.svg"
    main([str(ROOT / "logs.json"), str(picture)])
    addresses = re.findall(r"\w+://[^\"'\s)<]*", picture.read_text(encoding="utf-8"))
    assert addresses == ["http://www.w3.org/2000/svg"]  # the name of the format, never fetched
    assert "@import" not in picture.read_text(encoding="utf-8")
