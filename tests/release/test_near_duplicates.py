"""Near duplicates: what is one, and that nothing but the texts decides it."""

import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import REPOSITORY
from standoff.release import near_duplicates
from standoff.release.near_duplicates import THRESHOLD, clusters, signatures

ARTICLE = next((REPOSITORY / "seeds").glob("*.txt")).read_text(encoding="utf-8")


def altered(share: float) -> str:
    """The article with this share of its words replaced."""
    words = ARTICLE.split(" ")
    for place in random.Random(1).sample(range(len(words)), int(share * len(words))):
        words[place] = f"woord{place}"
    return " ".join(words)


@pytest.mark.parametrize(
    "other",
    [
        ARTICLE,
        re.sub(r"\s+", "\n\n", ARTICLE).replace("'", "’").upper(),
        altered(0.05),
        ARTICLE[: int(len(ARTICLE) * 0.75)],
    ],
)
def test_near_duplicates(other: str) -> None:
    assert clusters(signatures(["Iets anders.", ARTICLE, other])) == [[1, 2]]


@pytest.mark.parametrize("other", [altered(0.25), ARTICLE[: len(ARTICLE) // 3], "", ".", "Kort."])
def test_others(other: str) -> None:
    assert clusters(signatures(["Iets anders.", "!", ARTICLE, other])) == []


def jaccard(one: str, other: str) -> float:
    first, second = (set(near_duplicates._stretches(text).tolist()) for text in (one, other))
    return len(first & second) / len(first | second)


def test_signatures_estimate_what_texts_have_in_common() -> None:
    shares = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4]
    matrix = signatures([altered(share) for share in shares])
    for share, row in zip(shares, matrix, strict=True):
        assert (row == matrix[0]).mean() == pytest.approx(jaccard(ARTICLE, altered(share)), abs=0.12)


def test_they_never_change() -> None:
    """Another version of a library must not join or part what earlier releases were split by."""
    assert signatures(["Minister Jansen sprak in Genève 😀."])[0, :3].tolist() == [3237513646, 3317788502, 3309114230]


MATRICES = st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=7).map(
    lambda rows: np.repeat(np.array(rows, np.uint32), 32, axis=1)
)
"""Signatures of four quarters, so that rows with three equal ones are near duplicates."""


@given(MATRICES, st.randoms(use_true_random=False))
def test_clusters_are_what_pairs_lead_to_in_any_order(matrix: Any, chance: random.Random) -> None:
    count = len(matrix)
    expected = [{row} for row in range(count)]
    for one in range(count):
        for other in range(one):
            if (matrix[one] == matrix[other]).mean() >= THRESHOLD:
                joined = expected[one] | expected[other]
                for row in joined:
                    expected[row] = joined
    found = clusters(matrix)
    assert found == [
        list(cluster) for cluster in sorted({tuple(sorted(cluster)) for cluster in expected if len(cluster) > 1})
    ]
    order = list(range(count))
    chance.shuffle(order)
    assert sorted(sorted(order[row] for row in cluster) for cluster in clusters(matrix[order])) == found


def test_thousands_of_the_same_text() -> None:
    matrix = np.repeat(signatures([ARTICLE, "Iets anders."]), 5000, axis=0)
    assert [len(cluster) for cluster in clusters(matrix)] == [5000, 5000]
