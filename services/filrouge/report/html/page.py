"""Makes pages: templates filled, styles and scripts inlined, data escaped.

Nothing that was read can become markup: Jinja escapes what it writes, and data for the scripts
stands as JSON in which no character has a meaning to HTML. Were it otherwise, the page's Content
Security Policy still runs only scripts of known hash and forbids every request.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateStream

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
# How many of each are written out before the page says how many more there are.
_SHOWN: Final = {"open_errors": 6, "errors": 200, "path_pieces": 100, "files": 20}
_ESCAPED: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})


class Pages:
    """Pages of one kind: templates, and the styles and scripts that go into each.

    Args:
        folder: more templates, styles and scripts, beside those of `report.html`.
        styles: which of the folder's go in, after the others.
        scripts: likewise.
        connects: whether the page may ask the server that it came from.
    """

    def __init__(
        self,
        folder: Path | None = None,
        styles: Sequence[str] = (),
        scripts: Sequence[str] = (),
        *,
        connects: bool = False,
    ) -> None:
        folders = [_ASSETS] if folder is None else [_ASSETS, folder]
        self.environment = _environment(folders)
        self._styles = [_style(_asset(folders, name)) for name in (*_STYLES, *styles)]
        self._scripts = [_script(_asset(folders, name)) for name in (*_SCRIPTS, *scripts)]
        self.policy = _policy(self._styles, self._scripts, connects)

    def stream(self, template: str, content: Mapping[str, Any]) -> TemplateStream:
        """The page in pieces, so that it need never be in memory as a whole.

        Args:
            template: one that extends `base.html.jinja`.
            content: what it names.
        """
        return self.environment.get_template(template).stream(
            **content,
            version=filrouge.__version__,
            styles=self._styles,
            scripts=self._scripts,
            policy=self.policy,
        )


def write_page(path: Path, content: Mapping[str, Any]) -> None:
    """Writes `report.html`.

    Args:
        path: the file to write.
        content: what `assets/page.html.jinja` names.
    """
    with path.open("w", encoding="utf-8", newline="\n") as page:
        page.writelines(Pages().stream("page.html.jinja", content))


def embedded(data: object) -> str:
    """The data as JSON that may stand inside a script element."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPED)


def _environment(folders: list[Path]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folders),
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
    environment.globals |= {"utc": ZoneInfo("UTC"), "remark_words": REMARKS, "shown": _SHOWN}
    return environment


def _policy(styles: list[str], scripts: list[str], connects: bool) -> str:
    """The Content Security Policy: our own inline styles and scripts, and nothing from anywhere."""
    more = ["connect-src 'self'"] if connects else []
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(_source_hash, styles))}",
            f"script-src {' '.join(map(_source_hash, scripts))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            *more,
        )
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _script(text: str) -> str:
    """A script of our own, without indentation and line comments."""
    lines = map(str.strip, text.splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    return "\n".join(kept)


def _style(text: str) -> str:
    """A style sheet of our own, without comments and idle spaces."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    tight = re.sub(r"\s*([{};,])\s*", r"\1", bare).replace(": ", ":").replace(";}", "}")
    return tight.strip()


def _asset(folders: list[Path], name: str) -> str:
    found = next(path for folder in folders if (path := folder / name).exists())
    return found.read_text(encoding="utf-8")
