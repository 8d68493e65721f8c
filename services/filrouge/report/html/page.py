"""Writes the page: the template filled, styles and scripts inlined, data escaped.

Nothing that was read can become markup: Jinja escapes what it writes, and data for the scripts
stands as JSON in which no character has a meaning to HTML. Were it otherwise, the page's Content
Security Policy still runs only scripts of known hash and forbids every request.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import filrouge
from filrouge.report.html.summary import error_types, path_summary, slowest
from filrouge.report.html.text import clock_text, visible_text
from filrouge.report.words import REMARKS, count_words, duration_words, size_words

_ASSETS: Final = Path(__file__).parent / "assets"
_STYLES: Final = ("page.css", "waterfall.css")
_SCRIPTS: Final = (
    "format.js",
    "dom.js",
    "scale.js",
    "tree.js",
    "bars.js",
    "thread.js",
    "axis.js",
    "overview.js",
    "gestures.js",
    "detail.js",
    "toolbar.js",
    "rows.js",
    "pointer.js",
    "keyboard.js",
    "legend.js",
    "waterfall.js",
    "tables.js",
    "page.js",
)
_ESCAPED: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})


def write_page(path: Path, content: Mapping[str, Any]) -> None:
    """Fills the template and writes it in pieces, so that the page is never in memory as a whole.

    Args:
        path: the file to write.
        content: what `assets/page.html.jinja` names.
    """
    styles = [_style(name) for name in _STYLES]
    scripts = [_script(name) for name in _SCRIPTS]
    policy = _policy(styles, scripts)
    stream = (
        _environment()
        .get_template("page.html.jinja")
        .stream(
            **content,
            version=filrouge.__version__,
            styles=styles,
            scripts=scripts,
            policy=policy,
        )
    )
    with path.open("w", encoding="utf-8", newline="\n") as page:
        page.writelines(stream)


def embedded(data: object) -> str:
    """The data as JSON that may stand inside a script element."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPED)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": duration_words,
        "size": size_words,
        "counted": count_words,
        "clock": clock_text,
        "visible": visible_text,
        "slowest": slowest,
        "error_types": error_types,
        "path_summary": path_summary,
        "embedded": embedded,
    }
    environment.globals |= {"utc": ZoneInfo("UTC"), "remark_words": REMARKS}
    return environment


def _policy(styles: list[str], scripts: list[str]) -> str:
    """The Content Security Policy: our own inline styles and scripts, and nothing from anywhere."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(_source_hash, styles))}",
            f"script-src {' '.join(map(_source_hash, scripts))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _script(name: str) -> str:
    """A script of our own, without indentation and line comments."""
    lines = map(str.strip, _asset(name).splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    return "\n".join(kept)


def _style(name: str) -> str:
    """A style sheet of our own, without comments and idle spaces."""
    bare = re.sub(r"/\*.*?\*/", "", _asset(name), flags=re.DOTALL)
    tight = re.sub(r"\s*([{};,])\s*", r"\1", bare).replace(": ", ":").replace(";}", "}")
    return tight.strip()


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
