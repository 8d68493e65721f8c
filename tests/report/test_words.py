import pytest

from filrouge.report.words import (
    count_words,
    duration_short,
    duration_words,
    share_words,
    size_words,
)


@pytest.mark.parametrize(
    ("duration_s", "words", "short"),
    [
        (0, "0 ms", "0ms"),
        (0.000_01, "< 0.1 ms", "<0.1ms"),
        (0.000_25, "0.2 ms", "0.2ms"),
        (0.004_2, "4.2 ms", "4.2ms"),
        (0.009_96, "10 ms", "10ms"),
        (0.25, "250 ms", "250ms"),
        (0.999_4, "999 ms", "999ms"),
        (0.999_6, "1.00 s", "1.00s"),
        (4.21, "4.21 s", "4.21s"),
        (9.996, "10.0 s", "10.0s"),
        (42.3, "42.3 s", "42.3s"),
        (59.94, "59.9 s", "59.9s"),
        (59.96, "1 min 00 s", "1m00s"),
        (784, "13 min 04 s", "13m04s"),
        (3599.4, "59 min 59 s", "59m59s"),
        (3599.6, "1 h 00 min", "1h00m"),
        (7500, "2 h 05 min", "2h05m"),
        (86_369, "23 h 59 min", "23h59m"),
        (86_399, "1 d 00 h", "1d00h"),
        (273_600, "3 d 04 h", "3d04h"),
    ],
)
def test_duration_for_people(duration_s: float, words: str, short: str) -> None:
    assert (duration_words(duration_s), duration_short(duration_s)) == (words, short)


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (266_240, "266 kB"),
        (999_600, "1.0 MB"),
        (1_540_000, "1.5 MB"),
        (99_960_000, "100 MB"),
        (180_000_000, "180 MB"),
        (-3_000, "−3.0 kB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_size_for_people(size_bytes: int, words: str) -> None:
    assert size_words(size_bytes) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(98, 100, "98 %"), (1, 1000, "< 1 %"), (0, 10, "0 %"), (3, 3, "100 %"), (0, 0, "0 %")],
)
def test_share_for_people(part: float, whole: float, words: str) -> None:
    assert share_words(part, whole) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 tasks"), (1, "1 task"), (1_000_000, "1,000,000 tasks")]
)
def test_count_for_people(count: int, words: str) -> None:
    assert count_words(count, "task") == words
