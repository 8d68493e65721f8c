import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.report.terminal.axis import Axis, tick_label
from filrouge.report.terminal.look import ASCII, UNICODE, Stroke

LENGTHS_S = st.floats(0, 1e9)


@pytest.mark.parametrize(
    ("length_s", "labels"),
    [
        (0, ["0"]),
        (0.003, ["0", "1ms", "2ms", "3ms"]),
        (1.2, ["0", "500ms", "1s"]),
        (42, ["0", "15s", "30s"]),
        (90, ["0", "30s", "1m", "1m30s"]),
        (882, ["0", "5m", "10m"]),
        (5 * 3600, ["0", "2h", "4h"]),
        (100 * 3600, ["0", "2d", "4d"]),
        (1e8, ["0", "500d", "1000d"]),
    ],
)
def test_ticks_are_in_units_people_count_in(length_s: float, labels: list[str]) -> None:
    assert [tick_label(at_s) for at_s in Axis(length_s, 40).ticks()] == labels


@given(LENGTHS_S, st.integers(8, 300))
def test_tick_labels_never_touch(length_s: float, width: int) -> None:
    axis = Axis(length_s, width)
    ticks = axis.ticks()
    ends = [axis.cell(at_s) + 1 + len(tick_label(at_s)) for at_s in ticks]
    starts = [axis.cell(at_s) for at_s in ticks]
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))


@pytest.mark.parametrize(
    ("start_s", "duration_s", "left", "glyphs"),
    [
        (0, 10, 0, "██████████"),
        (0, 2.5, 0, "██▌"),
        (2, 0.125, 2, "▏"),
        (2.875, 0.125, 2, "▕"),
        (2.5, 0.5, 2, "▐"),
        (2.5, 2, 2, "▐█▌"),
        (2.875, 1.25, 2, "▕█▏"),
        (9.999, 0, 9, "▕"),
        (10, 0, 9, "▕"),
        (0, 0, 0, "▏"),
    ],
)
def test_bar_is_drawn_to_an_eighth_of_a_cell(
    start_s: float, duration_s: float, left: int, glyphs: str
) -> None:
    assert Axis(10, 10).bar(start_s, duration_s, UNICODE.task) == (left, glyphs)


@pytest.mark.parametrize(
    ("start_s", "duration_s", "left", "glyphs"),
    [
        (0, 10, 0, "##########"),
        (2.5, 2, 2, "###"),
        (2.7, 2, 2, " ##"),
        (3, 0.01, 3, "#"),
        (3.6, 0.8, 3, "#"),
    ],
)
def test_bar_in_ascii_is_drawn_in_whole_cells(
    start_s: float, duration_s: float, left: int, glyphs: str
) -> None:
    assert Axis(10, 10).bar(start_s, duration_s, ASCII.task) == (left, glyphs)


@given(
    length_s=LENGTHS_S,
    start=st.floats(0, 1),
    end=st.floats(0, 1),
    width=st.integers(8, 300),
    stroke=st.sampled_from(
        [UNICODE.task, UNICODE.envelope, UNICODE.folded, ASCII.task, ASCII.envelope]
    ),
)
def test_every_bar_is_visible_and_on_the_axis(
    length_s: float, start: float, end: float, width: int, stroke: Stroke
) -> None:
    first, last = sorted((start * length_s, end * length_s))
    left, glyphs = Axis(length_s, width).bar(first, last - first, stroke)
    assert glyphs.strip()
    assert left >= 0
    assert left + len(glyphs) <= width
