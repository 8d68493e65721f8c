import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from filrouge.report.terminal.inert import cut, inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Employés d'été", "Employés d'été"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("two\nlines\r\n\tand a tab", r"two\nlines\r\n\tand a tab"),
        ("\x9b31m one-byte CSI", r"\x9b31m one-byte CSI"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("\u2066isolated\u2069", r"\u2066isolated\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("next\u2028line", r"next\u2028line"),
        ("lone \ud800", r"lone \ud800"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("espace\u00a0insécable\u202f!", "espace insécable !"),
        ("[bold]brackets[/bold] :smile:", "[bold]brackets[/bold] :smile:"),
        ("日本語 🎉", "日本語 🎉"),
        ("heart ❤\ufe0f", "heart ❤"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_what_the_encoding_lacks_is_escaped() -> None:
    assert inert("Employés 日", "ascii") == r"Employ\xe9s \u65e5"
    assert inert("Employés 日", "cp1252") == r"Employés \u65e5"


@given(st.text())
def test_inert_text_prints_on_one_line(text: str) -> None:
    assert inert(text).isprintable()


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("Contacts", 8, "Contacts"),
        ("Contacts", 7, "Contac…"),
        ("日本語の表", 10, "日本語の表"),
        ("日本語の表", 9, "日本語の…"),
        ("日本語の表", 8, "日本語…"),
        ("Contacts", 1, "…"),
        ("Contacts", 0, ""),
    ],
)
def test_long_text_ends_in_an_ellipsis(text: str, cells: int, shown: str) -> None:
    assert cut(text, cells, "…") == shown


@given(st.text().map(inert), st.integers(0, 40), st.sampled_from(["…", "..."]))
def test_cut_text_fits(text: str, cells: int, ellipsis: str) -> None:
    assert cell_len(cut(text, cells, ellipsis)) <= cells
