"""Underlines in lanes: the laws, on the code that the page runs."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


NAME_STICKS_OUT = [
    {"start": 5, "end": 6, "room": 6},
    {"start": 0, "end": 2, "room": 10},
    {"start": 0, "end": 3, "room": 3},
]
"""The second has to make room for the first, which the third, around it, does not reach."""


@st.composite
def items(draw: st.DrawFn) -> list[dict[str, int]]:
    made = []
    for _ in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, 40))
        made.append({"start": start, "end": start + draw(st.integers(1, 20)), "room": start + draw(st.integers(0, 12))})
    return made


@settings(max_examples=60)
@given(st.lists(items(), min_size=1, max_size=8))
@example([NAME_STICKS_OUT])
def test_no_two_in_a_lane_touch_and_what_contains_is_below(functions: Page, cases: list[list[dict[str, int]]]) -> None:
    for spans, lanes in zip(cases, functions.evaluate("cases => cases.map(standoff.lanes)", cases), strict=True):
        for (a, lane_a), (b, lane_b) in combinations(zip(spans, lanes, strict=True), 2):
            if lane_a == lane_b:
                assert max(a["end"], a["room"]) < b["start"] or max(b["end"], b["room"]) < a["start"]
            for outer, inner, below, above in ((a, b, lane_a, lane_b), (b, a, lane_b, lane_a)):
                wider = outer["end"] - outer["start"] > inner["end"] - inner["start"]
                if wider and outer["start"] <= inner["start"] and inner["end"] <= outer["end"]:
                    assert below > above


def test_what_stands_apart_shares_a_lane(functions: Page) -> None:
    spans: list[dict[str, Any]] = [
        {"start": 0, "end": 30, "room": 8},
        {"start": 4, "end": 9, "room": 9},
        {"start": 12, "end": 20, "room": 16},
        {"start": 20, "end": 24, "room": 24},
        {"start": 32, "end": 40, "room": 36},
    ]
    assert functions.evaluate("standoff.lanes", spans) == [2, 0, 1, 0, 0]


@given(st.integers(0, 30), st.integers(1, 30), st.lists(st.integers(0, 70)))
@settings(max_examples=40)
def test_stretches_are_the_whole_in_order(functions: Page, start: int, length: int, cuts: list[int]) -> None:
    found = functions.evaluate(
        "([low, high, cuts]) => standoff.stretches(low, high, cuts)", [start, start + length, cuts]
    )
    assert [low for low, _ in found] == [start, *sorted({cut for cut in cuts if start < cut < start + length})]
    assert [high for _, high in found] == [*[low for low, _ in found[1:]], start + length]
