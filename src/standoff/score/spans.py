"""Scores of labelled spans that stand for themselves, such as entities: strict, exact, partial, type. Pure."""

from collections.abc import Sequence

from standoff.score.counts import Counts, compared
from standoff.score.matching import Edge, Extent, leftover, match, overlaps

Labelled = tuple[Extent, str]
"""A span as far as it is compared: where, and its label."""

MODES = ("strict", "exact", "partial", "type")


def semeval(gold: Sequence[Labelled], predicted: Sequence[Labelled]) -> dict[str, Counts]:
    """The four measures of SemEval-2013 task 9.1 (Segura-Bedmar, Martínez and Herrero-Zazo 2013) for one text.

    - `strict`: a pair is correct when extent and label are equal, else incorrect.
    - `exact`: correct when the extents are equal, whatever the labels, else incorrect.
    - `partial`: correct when the extents are equal, else partial (half a point), whatever the labels.
    - `type`: correct when the labels are equal and the extents overlap, else incorrect.

    Spans are paired one to one, only where they share a code point. Each measure has a matching of its own: first as many
    equal spans as there are (extent and label; extent alone in `exact` and `partial`), then as many correct pairs as possible,
    then as many pairs as possible. That fixes all counts. Precision is (correct + partial / 2) by predicted spans.
    """
    left, right = leftover(gold, predicted)
    sizes = len(gold), len(predicted)
    same = len(gold) - len(left)
    if not left or not right:
        counts = compared(*sizes, same)
        return dict.fromkeys(MODES, counts)
    rest = [gold[i] for i in left], [predicted[j] for j in right]
    edges = overlaps([item[0] for item in rest[0]], [item[0] for item in rest[1]])
    return {
        "strict": compared(*sizes, same, incorrect=_most(edges)),
        **_by_extent(sizes, same, rest, edges),
        "type": _by_label(sizes, same, rest, edges),
    }


def _most(edges: list[Edge]) -> int:
    """The greatest number of pairs."""
    return len(match([Edge(edge.left, edge.right, 1) for edge in edges]))


def _by_extent(
    sizes: tuple[int, int], same: int, rest: tuple[list[Labelled], list[Labelled]], edges: list[Edge]
) -> dict[str, Counts]:
    kept_left, kept_right = map(set, leftover([item[0] for item in rest[0]], [item[0] for item in rest[1]]))
    correct = same + len(rest[0]) - len(kept_left)
    pairs = _most([edge for edge in edges if edge.left in kept_left and edge.right in kept_right])
    return {
        "exact": compared(*sizes, correct, incorrect=pairs),
        "partial": compared(*sizes, correct, partial=pairs),
    }


def _by_label(
    sizes: tuple[int, int], same: int, rest: tuple[list[Labelled], list[Labelled]], edges: list[Edge]
) -> Counts:
    more = 1 + min(len(rest[0]), len(rest[1]))  # than all pairs of unequal labels together
    alike = {(edge.left, edge.right) for edge in edges if rest[0][edge.left][1] == rest[1][edge.right][1]}
    pairs = match([Edge(i, j, more if (i, j) in alike else 1) for i, j, _ in edges])
    correct = sum(pair in alike for pair in pairs)
    return compared(*sizes, same + correct, incorrect=len(pairs) - correct)


def by_label(gold: Sequence[Labelled], predicted: Sequence[Labelled]) -> dict[str, dict[str, Counts]]:
    """Label to its four measures: each counts the spans of that label alone, on both sides."""
    sides: dict[str, tuple[list[Labelled], list[Labelled]]] = {}
    for side, items in enumerate((gold, predicted)):
        for item in items:
            sides.setdefault(item[1], ([], []))[side].append(item)
    return {label: semeval(*pair) for label, pair in sorted(sides.items())}
