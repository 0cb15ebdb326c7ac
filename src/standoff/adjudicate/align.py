"""Spans of several annotators side by side: which of them are answers to one question. Pure.

Nothing depends on the order in which annotators or spans come, as long as annotators are in the order of their names.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence

from standoff.corpus.model import Span
from standoff.score.matching import Extent, extent, length, match, overlaps, ranked

Reading = tuple[Extent, str]
"""A span as far as it is one: where, and its label. Attributes are compared by themselves."""

Members = tuple[Span | None, ...]
"""What each annotator has at one place; None: nothing."""


def reading(span: Span) -> Reading:
    """Where a span is, and its label."""
    return extent(span), span.label


def side_by_side(sides: Sequence[Iterable[Span]]) -> list[Members]:
    """All spans of all annotators in groups, at most one of each annotator in a group, in text order.

    First equal spans (twins of one annotator by their attributes), then spans that differ in extent or label: as many with
    equal extent as can be, then with equal label, then the most shared text (optimal, `score.matching`). Spans with other
    extents and other labels are one group only where they share at least half of their text. More than two annotators are
    matched one after another.
    """
    count = len(sides)
    rest = [sorted(side, key=_order) for side in sides]
    whole: list[Members] = []
    for key in (_all_of, reading):
        groups = _equal(rest, key)
        whole += [members for members in groups if None not in members]
        partial = [members for members in groups if None in members]
        rest = [[span for members in partial if (span := members[i])] for i in range(count)]
    return sorted([*whole, *_matched(partial, count)], key=_place)


def _order(span: Span) -> tuple[object, ...]:
    return (*reading(span), sorted(span.attributes.items()), span.id)


def _all_of(span: Span) -> Hashable:
    return (*reading(span), tuple(sorted(span.attributes.items())))


def _equal(sides: Sequence[Sequence[Span]], key: Callable[[Span], Hashable]) -> list[Members]:
    """Spans with equal keys together; the second of an annotator with the second of the others."""
    groups: dict[tuple[Hashable, int], list[Span | None]] = {}
    for i, side in enumerate(sides):
        seen: dict[Hashable, int] = {}
        for span in side:
            value = key(span)
            number = seen[value] = seen.get(value, -1) + 1
            groups.setdefault((value, number), [None] * len(sides))[i] = span
    return [tuple(members) for members in groups.values()]


def _matched(partial: Sequence[Members], count: int) -> list[Members]:
    """Groups that not all annotators are in, united where spans of others differ from theirs in extent or label only."""
    united: list[Members] = []
    for i in range(count):
        new = sorted([members for members in partial if _first(members) == i], key=_place)
        edges = _worth(united, new)
        pairs = match(ranked([place for place, _ in edges], [values for _, values in edges]))
        used = {right for _, right in pairs}
        for left, right in pairs:
            united[left] = tuple(a or b for a, b in zip(united[left], new[right], strict=True))
        united += [members for right, members in enumerate(new) if right not in used]
    return united


def _first(members: Members) -> int:
    return next(i for i, span in enumerate(members) if span)


def _worth(left: Sequence[Members], right: Sequence[Members]) -> list[tuple[tuple[int, int], list[int]]]:
    """The pairs of groups that may be united, and what speaks for each, the weightiest first."""
    sides = [
        [(i, found) for i, members in enumerate(groups) for found in {reading(span) for span in members if span}]
        for groups in (left, right)
    ]
    best: dict[tuple[int, int], list[int]] = {}
    places = [[place for _, (place, _) in side] for side in sides]
    for edge in overlaps(*places):
        i, (place, label) = sides[0][edge.left]
        j, (other, other_label) = sides[1][edge.right]
        if any(a and b for a, b in zip(left[i], right[j], strict=True)):
            continue
        if label == other_label or 3 * edge.weight >= length(place) + length(other):
            values = [int(place == other), int(label == other_label), edge.weight]
            best[i, j] = max(best.get((i, j), values), values)
    return sorted(best.items())


def _place(members: Members) -> tuple[object, ...]:
    return min((span.start, -span.end, *_order(span)[1:]) for span in members if span)
