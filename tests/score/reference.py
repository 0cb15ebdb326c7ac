"""SemEval's measures of one text said plainly, span by span: what the scores of many documents are held to."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

from standoff.score.counts import Counts, compared
from standoff.score.matching import Edge, Extent, match, overlaps

Labelled = tuple[Extent, str]
"""A span as far as it is compared: where, and its label."""

H = TypeVar("H", bound=Hashable)


def leftover(left: Sequence[H], right: Sequence[H]) -> tuple[list[int], list[int]]:
    """Positions on each side of what is left when as many equal items as possible are paired."""
    kept = Counter(left) & Counter(right)
    rest = []
    for items in (left, right):
        quota = dict(kept)
        unpaired = []
        for place, item in enumerate(items):
            if quota.get(item):
                quota[item] -= 1
            else:
                unpaired.append(place)
        rest.append(unpaired)
    return rest[0], rest[1]


def semeval(gold: Sequence[Labelled], predicted: Sequence[Labelled]) -> dict[str, Counts]:
    """What `standoff.score.spans.semeval` says of a text, in the order of its definition."""
    left, right = leftover(gold, predicted)
    sizes = len(gold), len(predicted)
    same = len(gold) - len(left)
    if not left or not right:
        counts = compared(*sizes, same)
        return dict.fromkeys(("strict", "exact", "partial", "type"), counts)
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
