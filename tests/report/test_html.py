import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from weakref import ref
from zoneinfo import ZoneInfo

import pytest

from filrouge.records.reading.reader import Rejection
from filrouge.records.rejection import Reason
from filrouge.report.html import Limits, Report
from filrouge.report.totals import Totals
from filrouge.report.view import RunView
from tests.factories import rejection
from tests.report.hand_made import run_started, task, task_started, view_of
from tests.report.pages import large_run, one_task_run, sample_run, write_report

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\u2028\x1b[31m\u202e"

WITHIN = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
INLINE = {"a", "b", "bdi", "code", "small", "span", "strong", "time"}


class Page(HTMLParser):
    """A page as a browser takes it apart: its elements, its text, and what stands in scripts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.data: list[Any] = []
        self._text: list[str] = []
        self._open: tuple[str, dict[str, str | None]] = ("", {})
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = (tag, dict(attrs))
        self.elements.append(self._open)
        self._text += [] if tag in INLINE else [" "]

    def handle_endtag(self, tag: str) -> None:
        self._open = ("", {})
        self._text += [] if tag in INLINE else [" "]

    def handle_data(self, data: str) -> None:
        match self._open:
            case "script", {"type": "application/json"}:
                self.data.append(json.loads(data))
            case "script", _:
                self.scripts.append(data)
            case "style", _:
                self.styles.append(data)
            case _:
                self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    @property
    def runs(self) -> list[str]:
        """The ids of the runs in full, in order."""
        return [run["run_id"] for run in self.data[:-1]]

    @property
    def rows(self) -> list[str]:
        """The ids of the runs in the table, in order."""
        at = self.data[-1]["columns"].index("run_id")
        return [row[at] for row in self.data[-1]["rows"]]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


# --- what the page says without scripts ---


def test_headline_says_how_the_run_ended(path: Path) -> None:
    text = Page(write_report(path, [sample_run()])).text

    assert text.startswith("akonovia 2025-09-05-16-45: failed in part · Filrouge")
    assert "akonovia 2025-09-05-16-45 failed in part 1 of 72 tasks failed." in text
    assert "Took 14 min 42 s" in text
    assert "Started 2025-09-05 16:45:20 America/Toronto · 20:45:20 UTC" in text
    assert "Tasks 72 1 failed, 71 succeeded" in text
    assert "Slowest task 13 min 06 s EasyProjects / TimeEntries" in text


def test_error_is_told_in_full_with_where_and_when(path: Path) -> None:
    error = "first line\nsecond line " + "and more " * 500
    view = view_of([task("bills", 0, 2.5, error, source="zohobooks", object_id=303)])

    page = Page(write_report(path, [view]))

    assert " ".join(error.split()) in page.text
    assert f"1-Raw {WITHIN} zohobooks {WITHIN} bills object 303" in page.text
    assert "2025-09-05 16:45:02 America/Toronto 2.50 s into the run" in page.text
    link = f"#{view['trace_id']}-{view['errors'][0]['span_id']}"
    assert link in [attributes["href"] for attributes in page.attributes("a")]


def test_critical_path_is_told_in_words(path: Path) -> None:
    view = view_of([task("a", 0, 1), task("b", 2, 6), task("c", 8, 0.5), task("d", 8.5, 1.5)])

    text = Page(write_report(path, [view])).text

    assert (
        "The red thread (critical path) decided the 10.0 s: zohobooks/a 1.00 s (10 %), then"
        " zohobooks/b 6.00 s (60 %), then zohobooks/d 1.50 s (15 %); 1 other task 500 ms;"
        " waiting 1.00 s."
    ) in text


def test_unfinished_tasks_are_told(path: Path) -> None:
    view = view_of([run_started(), task("Users", 1, 4), task_started("Contacts", 5.5)])

    text = Page(write_report(path, [view])).text

    where = f"1-Raw {WITHIN} zohobooks {WITHIN} Contacts object 1"
    assert f"Begun and never finished {where} begun 5.50 s into the run" in text


def test_run_without_tasks_is_told(path: Path) -> None:
    text = Page(write_report(path, [view_of([run_started(expected_tasks=6)])])).text

    assert "Tasks 0 of 6" in text
    assert "This run has no task." in text


def test_page_without_runs_says_so(path: Path) -> None:
    text = Page(write_report(path, [])).text

    assert "No run: no record could be read." in text


def test_many_errors_are_summed_up_and_counted(path: Path) -> None:
    view = view_of(
        task(f"object {number}", number, 1, "'id'" if number % 2 else "503 Service Unavailable")
        for number in range(230)
    )

    page = Page(write_report(path, [view]))

    assert "230 errors 503 × 115 KeyError × 115" in page.text
    assert "194 more" in page.text  # six are open, 200 are written
    assert "30 further errors are in the waterfall (Failures only)." in page.text
    assert len([a for a in page.attributes("li") if a.get("class") == "error"]) == 200


def test_totals_and_rejected_lines_are_told(path: Path) -> None:
    rejections = [
        rejection("logs.json", line, "invalid_json", f"not JSON: line {line}")
        for line in range(1, 102)
    ]
    totals = Totals(
        files=["logs.json", "more.json.gz"],
        accepted=12_345,
        duplicates=6,
        rejected=789,
        rejections=rejections,
        remarks={"ambiguous_local_time": 7},
    )

    text = Page(write_report(path, [one_task_run("a")], totals)).text

    assert "789 lines could not be read and are missing here. See why" in text
    assert "Records 12,345 Duplicates 6 Rejected lines 789 Files logs.json, more.json.gz" in text
    assert "7 × the clock was set back, this local time existed twice" in text
    assert "The first 100 of 789." in text
    assert "logs.json 100 invalid_json not JSON: line 100" in text
    assert "line 101" not in text


# --- which runs it holds ---


def test_runs_that_did_not_succeed_come_first_then_the_latest(path: Path) -> None:
    views = [
        one_task_run("failed early", 0, "'id'"),
        one_task_run("succeeded late", 900),
        one_task_run("failed late", 600, "'id'"),
        one_task_run("succeeded early", 300),
    ]

    page = Page(write_report(path, views))

    order = ["failed late", "failed early", "succeeded late", "succeeded early"]
    assert (page.runs, page.rows) == (order, order)


def test_page_says_how_many_runs_it_leaves_out(path: Path) -> None:
    views = [one_task_run(f"{number}", number) for number in range(9)]

    page = Page(write_report(path, views, limits=Limits(full_runs=2, rows=5)))

    assert page.runs == ["8", "7"]
    assert page.rows == ["8", "7", "6", "5", "4"]
    assert "The 2 most telling runs are shown in full" in page.text
    assert "4 more runs are left out: the table holds 5." in page.text


def test_large_runs_count_by_their_tasks(path: Path) -> None:
    views = [large_run(40), one_task_run("small", 500), one_task_run("latest", 600)]

    page = Page(write_report(path, views, limits=Limits(full_tasks=40)))

    assert page.runs == ["latest", "small"]


def test_single_run_over_the_limit_is_shown_all_the_same(path: Path) -> None:
    page = Page(write_report(path, [large_run(40)], limits=Limits(full_tasks=10)))

    assert page.runs == ["2025-09-05-16-45"]


def test_runs_out_of_the_page_are_not_kept() -> None:
    class FullRun:
        def __call__(self) -> RunView:
            raise AssertionError("asked for before the page is written")

    report = Report(ZoneInfo("UTC"), Limits(full_runs=3))
    kept = []
    for number in range(20):
        full = FullRun()
        kept.append(ref(full))
        report.add(one_task_run(f"{number}", number), full)
        del full

    assert [number for number, held in enumerate(kept) if held()] == [17, 18, 19]


# --- what it lets in ---


def test_nothing_that_was_read_becomes_markup(path: Path) -> None:
    plain = Page(write_report(path, [view_of(_lines("plain", "plain"))], _totals("plain")))

    page = Page(write_report(path, [view_of(_lines(HOSTILE, HOSTILE))], _totals(HOSTILE)))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert page.scripts == plain.scripts
    task_data = page.data[0]["stages"][0]["sources"][0]["tasks"][0]
    assert (task_data["object_name"], task_data["extra"]) == (HOSTILE, {HOSTILE: HOSTILE})


def test_what_cannot_be_seen_is_written_as_escapes(path: Path) -> None:
    view = view_of([task("a\x00b\x1b[31m\u202egpj.exe", 0, 1, "boom\r\n\tthen\x9b")])

    text = write_report(path, [view]).read_bytes().decode()

    assert r"a\x00b\x1b[31m\u202egpj.exe" in text
    assert "boom\r\n\tthen\\x9b" in text
    assert not set(text) & set("\x00\x1b\x9b\u202e")


def test_unknown_fields_keep_every_digit(path: Path) -> None:
    exact: dict[str, Any] = {
        "large": 123456789012345678901234567890,
        "nested": {"é": [1, None]},
        "text": "as is",
    }

    page = Page(write_report(path, [view_of([task("Users", 0, 1, **exact)])]))

    assert page.data[0]["stages"][0]["sources"][0]["tasks"][0]["extra"] == {
        "large": "123456789012345678901234567890",
        "nested": '{"é":[1,null]}',
        "text": "as is",
    }


def test_policy_lets_in_own_scripts_and_styles_only(path: Path) -> None:
    page = Page(write_report(path, [sample_run()]))

    (policy,) = [
        attributes["content"]
        for attributes in page.attributes("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hashes(page.styles)}",
            f"script-src {_hashes(page.scripts)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def test_page_names_no_address_but_the_link_to_grafana(path: Path) -> None:
    link = "https://grafana.example/explore?panes=%7B%7D&orgId=1"
    view = view_of([task("Users", 0, 1)], grafana_url=link)

    page = Page(write_report(path, [view]))

    addresses = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"href", "src"} and value and not value.startswith(("#", "data:"))
    ]
    assert addresses == [link]
    names = {"http://www.w3.org/2000/svg"}  # the name of SVG's vocabulary; nothing is asked there
    assert set(re.findall(r"https?://[^\s\"'<>)]+", "".join(page.scripts + page.styles))) == names


def test_scripts_and_styles_stay_small(path: Path) -> None:
    page = Page(write_report(path, [sample_run()]))

    assert len("".join(page.scripts + page.styles)) < 88_000


def _lines(name: str, value: str) -> list[bytes]:
    names = {"company": name, "run_id": name, "zone": name, "source": name, "transformation": name}
    return [task(name, 0, 1, value, **names, **{name: value})]


def _totals(text: str) -> Totals:
    return Totals(files=[text], rejected=1, rejections=[rejection(text, 1, message=text)])


def _rejection(file: str, line: int, message: str) -> Rejection:
    return Rejection(file, line, 0, Reason.INVALID_JSON, None, message, b"")


def _hashes(texts: list[str]) -> str:
    digests = (sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
