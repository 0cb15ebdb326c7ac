"""Agreement of two annotators: span F1, kappa of attributes on matched spans, and where their labels differ. Pure.

Span F1 is the main figure: kappa needs the number of cases in which both said nothing, which for spans is any number; as it
grows, kappa approaches F1 (Hripcsak and Rothschild 2005).
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.score.comparison import check_comparable
from standoff.score.counts import Counts, compared, macro
from standoff.score.gamma import gamma
from standoff.score.matching import Extent, common, extent, match, overlaps, ranked

Table = Counter[tuple[str | None, str | None]]
"""How often the first annotator had one value where the second had the other. None: no value, or no span."""


class Kappa(Struct, frozen=True):
    """Agreement on a value beyond chance. `kappa` is None where chance alone agrees always, or nothing was matched."""

    kappa: float | None
    observed: float | None
    number: int


def kappa(table: Table) -> Kappa:
    """Cohen's kappa (Cohen 1960): (observed - expected) / (1 - expected).

    `observed` is the share of equal pairs, `expected` what two annotators would reach who give each value as often as these
    did, by chance. With one and the same value throughout, expected is 1 and kappa not defined.
    """
    number = table.total()
    if not number:
        return Kappa(None, None, 0)
    first: Counter[str | None] = Counter()
    second: Counter[str | None] = Counter()
    for (left, right), times in table.items():
        first[left] += times
        second[right] += times
    # Whole numbers up to the last division: expected is 1 exactly when it is.
    equal = sum(times for (left, right), times in table.items() if left == right)
    expected = sum(times * second[value] for value, times in first.items())
    if expected == number * number:
        return Kappa(None, equal / number, number)
    return Kappa((number * equal - expected) / (number * number - expected), equal / number, number)


class _Item(NamedTuple):
    """A span as far as it is compared. The order of its fields is that of items, so that no file's order matters."""

    place: Extent
    label: str
    attributes: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[Extent, str]:
        return self.place, self.label


_Relation = tuple[str, tuple[Extent, str], tuple[Extent, str]]
"""Label, and place and label of head and tail."""


class LayerAgreement:
    """How far two annotators agree in one layer of a scheme, over all documents that both annotated. Gamma takes seconds a
    document, and is computed only `with_gamma`."""

    def __init__(self, layer: str, index: SchemeIndex, *, with_gamma: bool = False) -> None:
        self.layer = layer
        self.gammas: dict[str, float | None] | None = {} if with_gamma else None
        """Document to gamma of its spans."""
        self.spans = Counts()
        """Spans with equal extent and label."""
        self.relations = Counts()
        """Relations with equal label whose heads and tails have equal extent and label."""
        self.labels: dict[str, Counts] = {}
        self.relation_labels: dict[str, Counts] = {}
        self.documents: dict[str, Counts] = {}
        """Document to the counts of its spans."""
        self.attributes: dict[str, Table] = {}
        """Attribute with a list of values to the values on spans with equal extent that may carry it."""
        self.confusion: Table = Counter()
        """Labels of spans in pairs: first equal extent and label, then equal extents, then the most shared text."""
        self._index = index
        self._carriers = {
            attribute.name: frozenset(label for label in index.spans if attribute.name in index.label_attributes[label])
            for attribute in index.scheme.attributes
            if attribute.values
        }

    def add(self, first: AnnotationSet, second: AnnotationSet) -> None:
        """One more document.

        Raises NotComparableError for sets of different documents or texts, and EnvironmentFault when gamma's extra is missing.
        """
        check_comparable(first, second)
        left, right = self._items(first), self._items(second)
        keys = [item.key for item in left], [item.key for item in right]
        counts = compared(len(left), len(right), common(*keys))
        self.spans += counts
        self.documents[first.document] = counts
        _add(self.labels, *([(label, place) for place, label in side] for side in keys))
        relations = [self._relations(annotations) for annotations in (first, second)]
        self.relations += compared(len(relations[0]), len(relations[1]), common(*relations))
        _add(self.relation_labels, *relations)
        self._add_pairs(left, right)
        if self.gammas is not None:
            self.gammas[first.document] = gamma(self._spans(first), self._spans(second))

    def _spans(self, annotations: AnnotationSet) -> list[Span]:
        return [span for span in annotations.spans if self._index.span_layer.get(span.label) == self.layer]

    def _items(self, annotations: AnnotationSet) -> list[_Item]:
        return sorted(map(_item, self._spans(annotations)))

    def _relations(self, annotations: AnnotationSet) -> list[_Relation]:
        places = {span.id: (extent(span), span.label) for span in annotations.spans} if annotations.relations else {}
        return [
            (relation.label, places[relation.head], places[relation.tail])
            for relation in annotations.relations
            if self._index.relation_layer.get(relation.label) == self.layer
            and relation.head in places
            and relation.tail in places
        ]

    def _add_pairs(self, left: Sequence[_Item], right: Sequence[_Item]) -> None:
        pairs, alone_left, alone_right = _pairs(left, right)
        self.confusion.update((a.label, b.label) for a, b in pairs)
        self.confusion.update((item.label, None) for item in alone_left)
        self.confusion.update((None, item.label) for item in alone_right)
        for name, labels in self._carriers.items():
            default = self._index.attributes[name].default
            for a, b in pairs:
                if a.place == b.place and a.label in labels and b.label in labels:
                    values = [dict(item.attributes).get(name, default) for item in (a, b)]
                    self.attributes.setdefault(name, Counter())[values[0], values[1]] += 1


def span_pairs(first: Sequence[Span], second: Sequence[Span]) -> list[tuple[Span | None, Span | None]]:
    """Spans of two annotators in the pairs that `LayerAgreement.confusion` counts, and with None those that are in none.

    Give it the spans of one layer. In text order, by the first annotator's span where there is one.
    """
    waiting: list[dict[_Item, list[Span]]] = [{}, {}]
    for side, spans in zip(waiting, (first, second), strict=True):
        for span in spans:
            side.setdefault(_item(span), []).append(span)
    found, alone_first, alone_second = _pairs(*(sorted(map(_item, spans)) for spans in (first, second)))
    pairs: list[tuple[Span | None, Span | None]] = [(waiting[0][a].pop(), waiting[1][b].pop()) for a, b in found]
    pairs += [(waiting[0][a].pop(), None) for a in alone_first]
    pairs += [(None, waiting[1][b].pop()) for b in alone_second]
    return sorted(pairs, key=_place_of)


def _place_of(pair: tuple[Span | None, Span | None]) -> tuple[int, int, str]:
    span = pair[0] or pair[1]
    return (span.start, -span.end, span.id) if span else (0, 0, "")


def _item(span: Span) -> _Item:
    return _Item(extent(span), span.label, tuple(sorted(span.attributes.items())))


def _add(totals: dict[str, Counts], left: Iterable[tuple[Any, ...]], right: Iterable[tuple[Any, ...]]) -> None:
    """Adds counts of equal tuples for each label, their first part."""
    groups: dict[str, tuple[list[Hashable], list[Hashable]]] = {}
    for side, items in enumerate((left, right)):
        for item in items:
            groups.setdefault(item[0], ([], []))[side].append(item)
    for label, (some, others) in groups.items():
        totals[label] = totals.get(label, Counts()) + compared(len(some), len(others), common(some, others))


def _pairs(left: Sequence[_Item], right: Sequence[_Item]) -> tuple[list[tuple[_Item, _Item]], list[_Item], list[_Item]]:
    """Spans of both in pairs, and those of each that are in none."""
    pairs: list[tuple[_Item, _Item]] = []
    keys: tuple[Callable[[_Item], Hashable], ...] = (lambda item: item, lambda item: item.key)
    for key in keys:
        found, left, right = _equal(left, right, key)
        pairs += found
    edges = overlaps([item.place for item in left], [item.place for item in right])
    places = [(edge.left, edge.right) for edge in edges]
    values = [
        (int(left[i].place == right[j].place), shared, int(left[i].label == right[j].label)) for i, j, shared in edges
    ]
    matched = match(ranked(places, values))
    used = {i for i, _ in matched}, {j for _, j in matched}
    pairs += [(left[i], right[j]) for i, j in matched]
    return (
        pairs,
        [item for i, item in enumerate(left) if i not in used[0]],
        [item for j, item in enumerate(right) if j not in used[1]],
    )


def _equal(
    left: Sequence[_Item], right: Sequence[_Item], key: Callable[[_Item], Hashable]
) -> tuple[list[tuple[_Item, _Item]], list[_Item], list[_Item]]:
    """As many pairs with equal keys as there are, and what is left."""
    waiting: dict[Hashable, list[_Item]] = {}
    for item in reversed(right):
        waiting.setdefault(key(item), []).append(item)
    pairs, rest = [], []
    for item in left:
        if others := waiting.get(key(item)):
            pairs.append((item, others.pop()))
        else:
            rest.append(item)
    return pairs, rest, sorted(item for others in waiting.values() for item in others)


def nested(layer: LayerAgreement) -> dict[str, Any]:
    """All figures by name, at full precision; None where there is nothing to measure. `f1` is that of spans."""
    more = {"gamma": {"mean": mean_gamma(layer), "documents": layer.gammas}} if layer.gammas is not None else {}
    return more | {
        "f1": layer.spans.f1,
        "macro_f1": macro(layer.labels.values()).f1,
        "spans": _counted(layer.spans),
        "labels": {label: _counted(counts) for label, counts in sorted(layer.labels.items())},
        "relations": _counted(layer.relations),
        "relation_labels": {label: _counted(counts) for label, counts in sorted(layer.relation_labels.items())},
        "attributes": {
            name: {"kappa": found.kappa, "observed": found.observed, "spans": found.number, "values": _rows(table)}
            for name, table in sorted(layer.attributes.items())
            for found in (kappa(table),)
        },
        "confusion": _rows(layer.confusion),
        "documents": {document: _counted(counts) for document, counts in layer.documents.items()},
    }


def mean_gamma(layer: LayerAgreement) -> float | None:
    """The mean of the documents in which both have spans."""
    values = [value for value in (layer.gammas or {}).values() if value is not None]
    return math.fsum(values) / len(values) if values else None


def _counted(counts: Counts) -> dict[str, Any]:
    return {"f1": counts.f1, "both": counts.correct, "first": counts.gold, "second": counts.predicted}


def _rows(table: Table) -> list[dict[str, Any]]:
    """A table as a list of cells, since None is no key of an object."""
    cells = sorted(table.items(), key=lambda cell: [(value is None, value or "") for value in cell[0]])
    return [{"first": first, "second": second, "number": number} for (first, second), number in cells]
