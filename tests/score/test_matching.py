"""Matching: the optimum, whatever the order; overlap of what is nested, discontinuous, doubled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from standoff.corpus.model import Fragment, Span
from standoff.score.matching import (
    Edge,
    Extent,
    assign,
    common,
    extent,
    length,
    match,
    overlaps,
    ranked,
    shared,
)

tables = st.integers(1, 7).flatmap(
    lambda width: st.lists(st.lists(st.integers(-3, 12), min_size=width, max_size=width), min_size=1, max_size=7)
)
extents = st.lists(st.integers(0, 24), min_size=2, max_size=6, unique=True).map(
    lambda places: tuple(zip(sorted(places)[: len(places) // 2 * 2 : 2], sorted(places)[1::2], strict=True))
)


def span(*places: tuple[int, int]) -> Span:
    return Span(id="s", label="X", fragments=tuple(Fragment(start=a, end=b, text="x" * (b - a)) for a, b in places))


@given(tables)
def test_the_matching_is_as_good_as_that_of_scipy(weights: list[list[int]]) -> None:
    edges = [Edge(i, j, weight) for i, row in enumerate(weights) for j, weight in enumerate(row) if weight > 0]
    worth = {(edge.left, edge.right): edge.weight for edge in edges}
    positive = np.maximum(np.array(weights), 0)
    rows, columns = linear_sum_assignment(positive, maximize=True)
    for pairs in (match(edges), assign([{j: w for j, w in enumerate(row) if w > 0} for row in weights])):
        assert sum(worth[pair] for pair in pairs) == positive[rows, columns].sum()
        assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


def test_a_long_chain_is_no_long_way() -> None:
    """Every token of a long text moved by half a token: each overlaps two, all by the same. If each
    looked at all before it, this would take longer than a test may."""
    number = 20_000
    left = [((10 * i, 10 * i + 10),) for i in range(number)]
    right = [((10 * i + 5, 10 * i + 15),) for i in range(number)]
    assert len(match(overlaps(left, right))) == number


def points(pieces: Extent) -> set[int]:
    return {point for start, end in pieces for point in range(start, end)}


@given(st.lists(extents, max_size=8), st.lists(extents, max_size=8))
def test_the_sweep_finds_every_overlap(left: list[Extent], right: list[Extent]) -> None:
    wanted = {
        (i, j, number)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if (number := len(points(a) & points(b)))
    }
    assert {tuple(edge) for edge in overlaps(left, right)} == wanted
    assert all(length(a) == len(points(a)) for a in left)


def test_ends_are_outside() -> None:
    """[0, 5) and [5, 8) touch and share nothing."""
    assert shared(((0, 5),), ((5, 8),)) == 0
    assert overlaps([((0, 5),)], [((5, 8),)]) == []


@pytest.mark.parametrize(
    ("places", "wanted"),
    [
        ([(3, 7)], ((3, 7),)),
        ([(0, 2), (4, 6)], ((0, 2), (4, 6))),
        ([(0, 2), (2, 6)], ((0, 6),)),
        ([(4, 6), (0, 5)], ((0, 6),)),
        ([(0, 9), (2, 3)], ((0, 9),)),
    ],
)
def test_an_extent_is_the_union_of_fragments(places: list[tuple[int, int]], wanted: Extent) -> None:
    assert extent(span(*places)) == wanted


def test_duplicates_are_counted() -> None:
    assert common("aab", "abb") == 2


def test_greed_would_lose_a_pair() -> None:
    """The first of the left may take either of the right; only one choice leaves something for the second."""
    assert match([Edge(0, 0, 1), Edge(0, 1, 1), Edge(1, 0, 1)]) == [(0, 1), (1, 0)]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9, unique=True).flatmap(
        lambda places: st.tuples(
            st.just(places),
            st.lists(
                st.tuples(st.integers(1, 2), st.integers(0, 3), st.integers(0, 2)),
                min_size=len(places),
                max_size=len(places),
            ),
            st.permutations(range(len(places))),
        )
    )
)
def test_what_is_ranked_does_not_depend_on_order(
    drawn: tuple[list[tuple[int, int]], list[tuple[int, int, int]], list[int]],
) -> None:
    """Sums of every value, the last one too, are the same for any order of edges and names of items."""
    places, values, order = drawn

    def sums(places: list[tuple[int, int]], values: list[tuple[int, int, int]]) -> list[int]:
        of = dict(zip(places, values, strict=True))
        chosen = [of[pair] for pair in match(ranked(places, values))]
        return [sum(column) for column in zip(*chosen, strict=True)]

    renamed = [(4 - places[k][0], (places[k][1] + 2) % 5) for k in order]
    assert sums(places, values) == sums(renamed, [values[k] for k in order])
