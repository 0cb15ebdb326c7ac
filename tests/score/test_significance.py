"""Significance: by hand where it can be counted out, by law, and against scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from standoff.score.counts import Counts
from standoff.score.significance import holm, intervals, randomization
from standoff.score.tally import Tally, Terms

rows = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda pair: (min(pair), max(pair)))


def terms(*pairs: tuple[int, int]) -> Terms:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def exact(a: Terms, b: Terms) -> float:
    """Share of all ways to swap documents that reach the observed difference: the p that randomization estimates."""

    def distance(left: Terms, right: Terms) -> float:
        f = [side[:, 0].sum() / side[:, 1].sum() if side[:, 1].sum() else 0.0 for side in (left, right)]
        return float(abs(f[0] - f[1]))

    swaps = [np.array(bits)[:, None] for bits in product([False, True], repeat=len(a))]
    found = [distance(np.where(bits, b, a), np.where(bits, a, b)) for bits in swaps]
    return sum(value >= distance(a, b) - 1e-12 for value in found) / len(found)


def test_randomization_by_hand() -> None:
    """Three documents in which B is better each time: of 8 ways to swap, only none and all reach the difference."""
    a, b = terms((2, 10), (2, 10), (2, 10)), terms((8, 10), (8, 10), (8, 10))
    assert exact(a, b) == 2 / 8
    assert randomization(a, b, seed=1) == pytest.approx(2 / 8, abs=0.02)


@settings(max_examples=25)
@given(st.lists(st.tuples(rows, rows), min_size=1, max_size=7))
def test_randomization_estimates_the_exact_p(pairs: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    a, b = terms(*(left for left, _ in pairs)), terms(*(right for _, right in pairs))
    assert randomization(a, b, resamples=4000, seed=1) == pytest.approx(exact(a, b), abs=0.05)
    assert randomization(a, b, resamples=400, seed=1) == randomization(b, a, resamples=400, seed=1)


def test_equal_systems_do_not_differ_and_p_is_never_0() -> None:
    a = terms(*[(3, 10)] * 40)
    assert randomization(a, a) == 1.0
    assert randomization(a, terms(*[(9, 10)] * 40), resamples=99) == 1 / 100


def test_a_seed_fixes_everything() -> None:
    chance = np.random.default_rng(3)
    a, b = (np.stack([chance.integers(0, 9, 50), np.full(50, 10)], axis=1) for _ in range(2))
    assert randomization(a, b, seed=7) == randomization(a, b, seed=7)
    assert intervals({"f": a}, seed=7) == intervals({"f": a}, seed=7) != intervals({"f": a}, seed=8)


def test_results_of_different_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 documents"):
        randomization(terms((1, 2), (1, 2)), terms((1, 2)))


def test_an_interval_is_that_of_scipy() -> None:
    chance = np.random.default_rng(5)
    numbers = np.stack([chance.integers(0, 30, 80), chance.integers(30, 50, 80)], axis=1)
    ours = intervals({"f": numbers})["f"]
    theirs = bootstrap(
        (numbers[:, 0], numbers[:, 1]),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_an_interval_holds_what_it_says() -> None:
    """Documents that are all alike leave no doubt; figures that measure nothing, and single documents, have no interval."""
    found = intervals({"alike": terms(*[(3, 4)] * 9), "nothing": terms(*[(0, 0)] * 9)}, resamples=500)
    assert found == {"alike": (0.75, 0.75), "nothing": None}
    assert intervals({"one": terms((1, 2))}) == {"one": None}
    assert intervals({}) == {}


def test_resamples_that_measure_nothing_do_not_count() -> None:
    low, high = intervals({"rare": terms((1, 1), *[(0, 0)] * 5)}, resamples=500)["rare"] or (0, 0)
    assert (low, high) == (1, 1)


def test_holm_by_hand() -> None:
    """The smallest times 3, the next times 2, the last times 1, none below the one before: 0.03, 0.06, and 0.06 for 0.04."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_keeps_the_order_and_corrects_upwards(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(value <= more <= 1 for value, more in zip(values, adjusted, strict=True))
    ranks = [place for _, place in sorted(zip(values, range(len(values)), strict=True))]
    assert sorted(adjusted) == [adjusted[place] for place in ranks]


def test_terms_of_documents_that_lack_a_layer_are_0() -> None:
    tally = Tally()
    for document in "abc":
        number = tally.begin(document)
        if document != "b":
            tally.add({("quotes", "joint"): Counts(missed=1)})
        if document != "a":
            tally.add_table(("entities", "strict"), [number], np.array([[2 * number, 0, 1, 0, 1]]))
    assert tally.figures() == [("quotes", "joint"), ("entities", "strict")]
    assert tally.terms(("quotes", "joint")).tolist() == [[0, 1], [0, 0], [0, 1]]
    assert tally.terms(("entities", "strict")).tolist() == [[0, 0], [5, 7], [9, 11]]
    assert tally.totals["entities", "strict"] == Counts(correct=6, partial=2, spurious=2)
