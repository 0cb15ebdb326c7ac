"""Scores of labelled spans that stand for themselves, such as entities: strict, exact, partial, type. Pure.

Many documents are compared at once, as columns of numbers: what is equal is found by sorting, what overlaps by searching, and
only spans that overlap several others are matched one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from standoff.corpus.model import Span
from standoff.score.matching import Edge, Extent, extent, match, shared

MODES = ("strict", "exact", "partial", "type")

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Table = NDArray[np.int64]
"""A row for each document or label: correct, incorrect, partial, missed, spurious."""

_MORE = 1 << 40
"""Weighs more than all pairs of unequal labels together."""


@dataclass(slots=True)
class Spans:
    """Spans of many documents, one side of a comparison. Documents and labels are numbers from 0."""

    documents: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    pieces: dict[int, Extent] = field(default_factory=dict)
    """Position to extent, of discontinuous spans; `starts` and `ends` have their hulls."""

    def add(self, document: int, spans: Iterable[Span], labels: Mapping[str, int]) -> None:
        """Adds those spans of a document that have one of the labels."""
        before = len(self.starts)
        for span in spans:
            label = labels.get(span.label)
            if label is None:
                continue
            fragments = span.fragments
            if len(fragments) == 1:
                (only,) = fragments
                self.starts.append(only.start)
                self.ends.append(only.end)
            else:
                place = extent(span)
                if len(place) > 1:
                    self.pieces[len(self.starts)] = place
                self.starts.append(place[0][0])
                self.ends.append(place[-1][1])
            self.labels.append(label)
        self.documents += [document] * (len(self.starts) - before)


@dataclass(frozen=True, slots=True)
class _Side:
    document: Numbers
    start: Numbers
    end: Numbers
    label: Numbers
    shape: Numbers
    """0 for a contiguous span, else a number that equal extents share."""
    pieces: Mapping[int, Extent]

    def some(self, kept: Mask) -> "_Side":
        pieces = {}
        if self.pieces:
            places = np.cumsum(kept) - 1
            pieces = {int(places[i]): place for i, place in self.pieces.items() if kept[i]}
        document, start, end, label, shape = (
            column[kept] for column in (self.document, self.start, self.end, self.label, self.shape)
        )
        return _Side(document, start, end, label, shape, pieces)

    def extent(self, i: int) -> Extent:
        return self.pieces.get(i) or ((int(self.start[i]), int(self.end[i])),)


def semeval(gold: Spans, predicted: Spans, documents: int, labels: int) -> tuple[dict[str, Table], dict[str, Table]]:
    """The four measures of SemEval-2013 task 9.1 (Segura-Bedmar, Martínez and Herrero-Zazo 2013), for each document, and for
    each label over all documents.

    - `strict`: a pair is correct when extent and label are equal, else incorrect.
    - `exact`: correct when the extents are equal, whatever the labels, else incorrect.
    - `partial`: correct when the extents are equal, else partial (half a point), whatever the labels.
    - `type`: correct when the labels are equal and the extents overlap, else incorrect.

    Spans of a document are paired one to one, only where they share a code point. Each measure has a matching of its own: first
    as many equal spans as there are (extent and label; extent alone in `exact` and `partial`), then as many correct pairs as
    possible, then as many pairs as possible. That fixes all counts. A label's measures are those of its spans alone.
    """
    left, right = _sides(gold, predicted)
    totals = [np.bincount(side.document, minlength=documents) for side in (left, right)]
    label_totals = [np.bincount(side.label, minlength=labels) for side in (left, right)]
    rest = _unequal(left, right, ("document", "start", "end", "shape", "label"))
    same = totals[0] - np.bincount(left.document[rest[0]], minlength=documents)
    label_same = label_totals[0] - np.bincount(left.label[rest[0]], minlength=labels)
    left, right = left.some(rest[0]), right.some(rest[1])
    edges = _overlaps(left, right)
    alike = left.label[edges[0]] == right.label[edges[1]]

    def count(pairs: Mask) -> Numbers:
        return np.bincount(left.document[edges[0][pairs]], minlength=documents)

    # extents: equal ones are out of the way of all others
    unequal = _unequal(left, right, ("document", "start", "end", "shape"))
    equal = same + np.bincount(left.document[~unequal[0]], minlength=documents)
    others = count(_matched(edges, unequal[0][edges[0]] & unequal[1][edges[1]]))
    typed = _matched(edges, np.ones(len(alike), dtype=bool), alike)
    by_document = {
        "strict": _table(totals, same, incorrect=count(_matched(edges, np.ones(len(alike), dtype=bool)))),
        "exact": _table(totals, equal, incorrect=others),
        "partial": _table(totals, equal, partial=others),
        "type": _table(totals, same + count(typed & alike), incorrect=count(typed & ~alike)),
    }
    near = np.bincount(left.label[edges[0][_matched(edges, alike)]], minlength=labels)
    by_label = {
        "strict": _table(label_totals, label_same, incorrect=near),
        "exact": _table(label_totals, label_same, incorrect=near),
        "partial": _table(label_totals, label_same, partial=near),
        "type": _table(label_totals, label_same + near),
    }
    return by_document, by_label


def _table(totals: list[Numbers], correct: Numbers, incorrect: Numbers | int = 0, partial: Numbers | int = 0) -> Table:
    paired = correct + incorrect + partial
    columns = (correct, incorrect, partial, totals[0] - paired, totals[1] - paired)
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def _sides(*both: Spans) -> tuple[_Side, _Side]:
    shapes: dict[Extent, int] = {}
    sides = []
    for spans in both:
        shape = np.zeros(len(spans.starts), dtype=np.int64)
        for i, place in spans.pieces.items():
            shape[i] = shapes.setdefault(place, len(shapes) + 1)
        document, start, end, label = (
            np.array(column, dtype=np.int64) for column in (spans.documents, spans.starts, spans.ends, spans.labels)
        )
        sides.append(_Side(document, start, end, label, shape, spans.pieces))
    return sides[0], sides[1]


def _unequal(left: _Side, right: _Side, names: tuple[str, ...]) -> tuple[Mask, Mask]:
    """On each side, what is left when as many spans as possible that are equal in these columns are paired."""
    keys = _keys([np.concatenate([getattr(left, name), getattr(right, name)]) for name in names])
    sides = keys[: len(left.start)], keys[len(left.start) :]
    orders = [np.argsort(side, kind="stable") for side in sides]
    ordered = [side[order] for side, order in zip(sides, orders, strict=True)]
    masks = []
    for mine, other, order in ((ordered[0], ordered[1], orders[0]), (ordered[1], ordered[0], orders[1])):
        first = np.searchsorted(other, mine, "left")
        number = np.searchsorted(other, mine, "right") - first
        rank = np.arange(len(mine)) - np.searchsorted(mine, mine, "left")
        mask = np.empty(len(mine), dtype=bool)
        mask[order] = rank >= number
        masks.append(mask)
    return masks[0], masks[1]


def _keys(columns: list[Numbers]) -> Numbers:
    """One number for each row, equal where the rows are."""
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    reach = 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if reach * width >= 1 << 62:
            values, keys = np.unique(keys, return_inverse=True)
            reach = len(values)
            values, column = np.unique(column, return_inverse=True)  # noqa: PLW2901
            width = len(values)
        keys = keys * width + column
        reach *= width
    return keys


def _overlaps(left: _Side, right: _Side) -> tuple[Numbers, Numbers]:
    """Positions of all pairs that share code points, left and right."""
    width = int(max(left.end.max(initial=0), right.end.max(initial=0))) + 1
    starts = [side.document * width + side.start for side in (left, right)]
    ends = [side.document * width + side.end for side in (left, right)]
    # Of two that overlap, one starts within the other; where both start together it is the right one that counts as within.
    within_left, right_places = _within(starts[0], ends[0], starts[1], "left")
    within_right, left_places = _within(starts[1], ends[1], starts[0], "right")
    pairs = np.concatenate([within_left, left_places]), np.concatenate([right_places, within_right])
    if left.pieces or right.pieces:
        kept = [
            (i not in left.pieces and j not in right.pieces) or shared(left.extent(i), right.extent(j)) > 0
            for i, j in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True)
        ]
        mask = np.array(kept, dtype=bool)
        pairs = pairs[0][mask], pairs[1][mask]
    return pairs


def _within(starts: Numbers, ends: Numbers, points: Numbers, side: Literal["left", "right"]) -> tuple[Numbers, Numbers]:
    """Positions of stretches and of the points in them, without a point at the start for side "right"."""
    order = np.argsort(points, kind="stable")
    ordered = points[order]
    first = np.searchsorted(ordered, starts, side)
    number = np.searchsorted(ordered, ends, "left") - first
    np.maximum(number, 0, out=number)
    stretch = np.repeat(np.arange(len(starts)), number)
    offset = np.arange(len(stretch)) - np.repeat(np.cumsum(number) - number, number)
    return stretch, order[np.repeat(first, number) + offset]


def _matched(edges: tuple[Numbers, Numbers], kept: Mask, preferred: Mask | None = None) -> Mask:
    """Which edges are in the best matching of those that are kept: the most preferred ones, then the most."""
    left, right = edges
    chosen = kept.copy()
    alone = (np.bincount(left[kept])[left[kept]] == 1) & (np.bincount(right[kept])[right[kept]] == 1)
    if alone.all():
        return chosen
    places = np.flatnonzero(kept)[~alone]
    weights = np.where(preferred[places], _MORE, 1).tolist() if preferred is not None else [1] * len(places)
    rows = zip(left[places].tolist(), right[places].tolist(), weights, strict=True)
    pairs = set(match([Edge(*row) for row in rows]))
    chosen[places] = [pair in pairs for pair in zip(left[places].tolist(), right[places].tolist(), strict=True)]
    return chosen
