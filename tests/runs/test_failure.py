from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.runs.failure import error_type, status_text
from tests.factories import task

HTTP_404 = "HTTPError: 404 Client Error: Not Found for url: https://graph.example/v1.0/sites"
REFUSED = "HTTPSConnectionPool(host='api.example', port=443): Max retries exceeded with url: /v3"
ODBC = "('08001', '[08001] [Microsoft][ODBC Driver 17] Login timeout expired (0)')"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'id'", "KeyError"),
        ('"value"', "KeyError"),
        (" 'access_token' ", "KeyError"),
        ("'it' is not 'that'", "_OTHER"),
        ("KeyError: 'id'", "KeyError"),
        ("ValueError: could not convert string to float: ''", "ValueError"),
        (HTTP_404, "HTTPError"),
        ("requests.exceptions.ReadTimeout: read timed out", "ReadTimeout"),
        ("json.decoder.JSONDecodeError: Expecting value: line 1", "JSONDecodeError"),
        ("pyodbc.OperationalError('08001')", "OperationalError"),
        ("ConnectionRefused by peer", "ConnectionRefused"),
        ("401 Client Error: Unauthorized for url: https://login.example/token", "401"),
        ("Request failed with status code 503", "503"),
        ("HTTP 429 Too Many Requests", "429"),
        ("Error 500: internal server error", "500"),
        ("got status: 502", "502"),
        ("200 rows read, 400 expected", "_OTHER"),
        ("4040 rows were refused", "_OTHER"),
        ("Read timed out. (read timeout=30)", "timeout"),
        (ODBC, "timeout"),
        (REFUSED, "_OTHER"),
        ("Le jeton a expiré", "_OTHER"),
        ("", "_OTHER"),
        ("\x00\n", "_OTHER"),
    ],
)
def test_the_class_of_a_failure_is_read_from_its_text(text: str, expected: str) -> None:
    assert error_type(task(error=text)) == expected


def test_the_producers_own_word_for_the_class_comes_first() -> None:
    assert error_type(task(error="'id'", error_type="quota_exceeded")) == "quota_exceeded"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "'id'",
            "Efficy/Sites failed: 'id' (an error text that is only a key: 'id' was missing)",
        ),
        ("", "Efficy/Sites failed without an error text"),
        (" \n", "Efficy/Sites failed without an error text"),
        ("Read timed out.\n", "Efficy/Sites failed: Read timed out."),
    ],
)
def test_a_status_says_what_failed_and_why(text: str, expected: str) -> None:
    assert status_text(task("Sites", error=text)) == expected


@given(st.text())
def test_any_text_has_a_class_and_a_status(text: str) -> None:
    failed = task(error=text)

    assert error_type(failed)
    assert status_text(failed).startswith("Efficy/Sites failed")


@pytest.mark.parametrize(
    "text", ["a" * 10**6, " " * 10**6, "a." * 10**5, "error " * 10**5, "'" * 10**5]
)
def test_a_text_of_any_length_is_read_at_once(text: str) -> None:
    assert error_type(task(error=text)) == "_OTHER"
