"""What kind of mistake each difference between gold and a prediction is, with the words around it. Pure.

Kinds are those of Kummerfeld, Hall, Curran and Klein (2012) as far as spans have them: the extent is wrong (`boundary`), the
label is (`label`), or both are; what has no counterpart is `missed`, or `spurious`.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import Frame, LayerView, views
from standoff.score.frames import items, scored_attributes
from standoff.score.matching import Extent, extent, match, overlaps, ranked

Kind = Literal["right", "boundary", "label", "both", "missed", "spurious"]
KINDS: tuple[Kind, ...] = ("right", "boundary", "label", "both", "missed", "spurious")
ROLES = "roles"
"""The part of a layer's errors that is about what its relations lead to."""
EXAMPLES = 5
AROUND = 40
"""Code points of the text on each side of an example, at most."""


class Labelled(NamedTuple):
    """A span as it is compared: its code points, and what it is called there (label, type or role)."""

    place: Extent
    label: str


class Difference(NamedTuple):
    """A gold item and its counterpart; None where there is none."""

    kind: Kind
    gold: Labelled | None
    predicted: Labelled | None


def differences(gold: Sequence[Labelled], predicted: Sequence[Labelled]) -> list[Difference]:
    """Every item of both sides in exactly one difference, in text order; `right` where nothing differs.

    Items that share code points are paired one to one: first as many that are right as there are, then as many of equal extent,
    then as many pairs as possible, then as many equal labels, then as many shared code points. So no count depends on the order
    of items.
    """
    left, right = sorted(gold), sorted(predicted)
    edges = overlaps([item.place for item in left], [item.place for item in right])
    values = []
    for edge in edges:
        mine, other = left[edge.left], right[edge.right]
        values.append([mine == other, mine.place == other.place, 1, mine.label == other.label, edge.weight])
    pairs = match(ranked([(edge.left, edge.right) for edge in edges], values))
    found = [Difference(_kind(left[i], right[j]), left[i], right[j]) for i, j in pairs]
    lefts, rights = {i for i, _ in pairs}, {j for _, j in pairs}
    found += [Difference("missed", item, None) for i, item in enumerate(left) if i not in lefts]
    found += [Difference("spurious", None, item) for j, item in enumerate(right) if j not in rights]
    return sorted(found, key=_position)


def _kind(gold: Labelled, predicted: Labelled) -> Kind:
    if gold.place == predicted.place:
        return "right" if gold.label == predicted.label else "label"
    return "boundary" if gold.label == predicted.label else "both"


def _position(found: Difference) -> tuple[Labelled, Labelled]:
    first = found.gold or found.predicted
    assert first is not None
    return first, found.predicted or first


class Example(Struct, frozen=True, kw_only=True):
    """One mistake in its place: the hull of both spans as it stands in the text, and what is before and behind it."""

    document: str
    start: int
    end: int
    gold: str | None
    """`label: text`, fragments joined by " … ", or None where gold has nothing."""
    predicted: str | None
    before: str
    text: str
    after: str


class Errors(Struct, frozen=True, kw_only=True):
    """Counts of each kind, and some examples of each but `right`."""

    counts: dict[str, int]
    examples: dict[str, list[Example]]


class ErrorCount:
    """The mistakes of one model in one layer: heads (or spans) and roles apart. Add documents, then read `parts`."""

    def __init__(self, view: LayerView, index: SchemeIndex) -> None:
        self._view, self._index = view, index
        self._attributes = scored_attributes(view, index)
        self._counts: dict[str, Counter[str]] = {view.column or "spans": Counter()}
        if view.roles:
            self._counts[ROLES] = Counter()
        self._examples: dict[tuple[str, str], list[tuple[str, Example]]] = {}

    def add(self, document: Document, gold: AnnotationSet, predicted: AnnotationSet) -> None:
        """The sets of one more document."""
        for part, found in self._of(gold, predicted):
            self._counts[part][found.kind] += 1
            if found.kind != "right":
                # Those of the lowest hashes: spread over the corpus, the same in every run.
                shown = _example(document, found)
                key = hashlib.sha256(repr((document.id, found)).encode()).hexdigest()
                kept = self._examples.setdefault((part, found.kind), [])
                kept.append((key, shown))
                if len(kept) > 20 * EXAMPLES:
                    kept[:] = heapq.nsmallest(EXAMPLES, kept, key=lambda one: one[0])

    @property
    def parts(self) -> dict[str, Errors]:
        """Part of the layer (`spans`, or the heads' column and `roles`) to its errors."""
        return {
            part: Errors(
                counts={kind: counts[kind] for kind in KINDS},
                examples={
                    kind: [shown for _, shown in heapq.nsmallest(EXAMPLES, found, key=lambda one: one[0])]
                    for kind in KINDS
                    if (found := self._examples.get((part, kind)))
                },
            )
            for part, counts in self._counts.items()
        }

    def _of(self, gold: AnnotationSet, predicted: AnnotationSet) -> Iterator[tuple[str, Difference]]:
        sides = [
            views(annotations, [self._view], self._index)[self._view.name] or () for annotations in (gold, predicted)
        ]
        if self._view.kind == "spans":
            spans = [
                [Labelled(extent(span), span.label) for span in side if not isinstance(span, Frame)] for side in sides
            ]
            yield from (("spans", found) for found in differences(*spans))
            return
        frames = [
            items([frame for frame in side if isinstance(frame, Frame)], self._view, self._attributes, self._index)
            for side in sides
        ]
        # Frames with one head and one type are told apart by their fillers, which then are those of all of them.
        fillers: list[dict[Labelled, list[Labelled]]] = [{}, {}]
        heads: list[list[Labelled]] = [[], []]
        for side, found_there, own in zip(frames, heads, fillers, strict=True):
            for item in side:
                head = Labelled(item.place, item.type or item.label)
                found_there.append(head)
                own.setdefault(head, []).extend(Labelled(place, role) for role, place, _ in item.fillers)
        for found in differences(*heads):
            yield self._view.column, found
            mine = fillers[0].pop(found.gold, []) if found.gold else []
            theirs = fillers[1].pop(found.predicted, []) if found.predicted else []
            yield from ((ROLES, one) for one in differences(mine, theirs))


def _example(document: Document, found: Difference) -> Example:
    there = [item for item in (found.gold, found.predicted) if item]
    start, end = min(item.place[0][0] for item in there), max(item.place[-1][1] for item in there)
    text = document.text
    return Example(
        document=document.id,
        start=start,
        end=end,
        gold=_shown(text, found.gold),
        predicted=_shown(text, found.predicted),
        before=text[max(0, start - AROUND) : start],
        text=text[start:end],
        after=text[end : end + AROUND],
    )


def _shown(text: str, item: Labelled | None) -> str | None:
    return f"{item.label}: {' … '.join(text[start:end] for start, end in item.place)}" if item else None
