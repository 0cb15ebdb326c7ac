"""Numbers of a corpus."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.model import Fragment, Span
from standoff.explore.colors import CONTRAST, DARK, LIGHT, contrast, legible
from standoff.explore.statistics import BINS, histogram, overlapping


@given(st.lists(st.integers(0, 5000), min_size=1))
def test_every_value_is_in_one_bin(values: list[int]) -> None:
    bins = histogram(Counter(values))
    assert len(bins) <= BINS + 1
    assert [sum(low <= value <= high for value in values) for low, high, _ in bins] == [number for *_, number in bins]
    assert sum(number for *_, number in bins) == len(values)
    assert len({high - low for low, high, _ in bins}) == 1


def test_bins_are_round() -> None:
    assert histogram({}) == []
    assert histogram({7: 3}) == [(7, 7, 3)]
    assert histogram({3: 1, 60: 2})[0] == (0, 4, 1)
    assert histogram({3: 1, 60: 2})[-1] == (60, 64, 2)


def test_spans_within_and_across_others_are_counted() -> None:
    places = [(0, 10), (2, 4), (4, 6), (8, 12), (12, 14)]
    spans = [Span(id=f"s{a}", label="X", fragments=(Fragment(start=a, end=b, text="x" * (b - a)),)) for a, b in places]
    assert overlapping(spans) == 3


@given(st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True), st.sampled_from([LIGHT, DARK]))
def test_any_colour_can_be_read(color: str, paper: str) -> None:
    shown = legible(color, paper)
    assert contrast(shown, paper) >= CONTRAST
    assert contrast(color, paper) < CONTRAST or shown == color.lower()


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
