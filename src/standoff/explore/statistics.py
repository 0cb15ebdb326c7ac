"""Numbers of a corpus, added up document by document: what is annotated, and how often. Pure."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from standoff.corpus.model import AnnotationSet, Document, Span
from standoff.corpus.scheme import SchemeIndex

BINS = 24
"""Bars of a histogram, at most."""


class Statistics:
    """Numbers of the documents and of one set of each: the one that is shown first."""

    def __init__(self, index: SchemeIndex) -> None:
        self._index = index
        self.documents = 0
        self.characters = array("Q")
        """Length of each text in code points."""
        self.sentences = 0
        self.months: Counter[str] = Counter()
        """Documents by month, or by year where no month is known; empty: no date."""
        self.languages: Counter[str] = Counter()
        self.publishers: Counter[str] = Counter()
        self.annotated: Counter[str] = Counter()
        """Documents in which a layer was annotated."""
        self.kinds: Counter[str] = Counter()
        self.confirmed = 0
        self.labels: Counter[str] = Counter()
        self.relations: Counter[str] = Counter()
        self.values: dict[str, Counter[str]] = {}
        """Attribute with a list of values to how often each is stated."""
        self.lengths: dict[str, Counter[int]] = {}
        """Layer to how many spans have how many code points."""
        self.discontinuous: Counter[str] = Counter()
        self.nested: Counter[str] = Counter()
        """Spans that stand within, or cross, another of their layer."""
        self.found: dict[str, array[int]] = {}
        """Label of spans to the numbers of the documents that have it."""

    def add(self, number: int, document: Document, annotations: AnnotationSet | None) -> None:
        """One more document. Numbers rise."""
        self.documents += 1
        self.characters.append(len(document.text))
        self.sentences += len(document.sentences)
        self.months[(document.date or "")[:7]] += 1
        self.languages[document.language] += 1
        self.publishers[document.source.publisher or ""] += 1
        if annotations is None:
            return
        self.kinds[annotations.kind] += 1
        self.confirmed += bool(annotations.confirmed)
        self.annotated.update(annotations.layers)
        self.relations.update(relation.label for relation in annotations.relations)
        layers: dict[str, list[Span]] = {}
        for span in annotations.spans:
            layer = self._index.span_layer.get(span.label, "")
            layers.setdefault(layer, []).append(span)
            self.discontinuous[layer] += len(span.fragments) > 1
            self.lengths.setdefault(layer, Counter())[sum(one.end - one.start for one in span.fragments)] += 1
            for name, value in span.attributes.items():
                if name in self._index.attributes and self._index.attributes[name].values:
                    self.values.setdefault(name, Counter())[value] += 1
        for layer, spans in layers.items():
            self.nested[layer] += overlapping(spans)
        labels = Counter(span.label for span in annotations.spans)
        self.labels.update(labels)
        for label in labels:
            self.found.setdefault(label, array("I")).append(number)

    def record(self) -> dict[str, Any]:
        """All of it, for the page."""
        layers = [*self._index.layers, *([""] if "" in self.lengths else [])]
        return {
            "documents": self.documents,
            "characters": sum(self.characters),
            "sentences": self.sentences,
            "spans": self.labels.total(),
            "relations": self.relations.total(),
            "confirmed": self.confirmed,
            "kinds": dict(sorted(self.kinds.items())),
            "languages": dict(self.languages.most_common()),
            "publishers": dict(self.publishers.most_common(20)),
            "months": dict(sorted(self.months.items())),
            "sizes": histogram(Counter(self.characters)),
            "layers": [self._layer(name) for name in layers],
            "values": {name: dict(counts.most_common()) for name, counts in sorted(self.values.items())},
        }

    def _layer(self, name: str) -> dict[str, Any]:
        owner = self._index.span_layer
        relations = self._index.relation_layer
        return {
            "name": name,
            "annotated": self.annotated[name],
            "discontinuous": self.discontinuous[name],
            "nested": self.nested[name],
            "labels": [(label, n) for label, n in self.labels.most_common() if owner.get(label, "") == name],
            "relations": [(label, n) for label, n in self.relations.most_common() if relations.get(label, "") == name],
            "lengths": histogram(self.lengths.get(name, Counter())),
        }


def overlapping(spans: Sequence[Span]) -> int:
    """How many of these spans begin before another one has ended, hull by hull."""
    number = 0
    end = -1
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        number += span.start < end
        end = max(end, span.end)
    return number


def histogram(values: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Bins as (first, last, how many), of one width, a round number: all values from the first to the last are in one."""
    if not values:
        return []
    low, high = min(values), max(values)
    width = _round_up((high - low + 1) / BINS)
    first = low // width
    counts = [0] * (high // width - first + 1)
    for value, number in values.items():
        counts[value // width - first] += number
    return [((first + i) * width, (first + i + 1) * width - 1, number) for i, number in enumerate(counts)]


def _round_up(width: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size >= width:
                return factor * size
        size *= 10
