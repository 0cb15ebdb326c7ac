"""How far each two annotators agree, added up document by document: for the page. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from standoff.corpus.model import AnnotationSet
from standoff.corpus.scheme import SchemeIndex
from standoff.score.agreement import LayerAgreement, mean_gamma, nested

_CONFUSIONS = 12
_LABELS = 12
"""Labels of a confusion matrix, at most: those that are confused most often."""
_DOCUMENTS = 10


class Agreements:
    """How far each two of these annotators agree, layer by layer."""

    def __init__(self, names: Sequence[str], index: SchemeIndex, *, with_gamma: bool = False) -> None:
        self._index = index
        self._pairs = {
            pair: {layer: LayerAgreement(layer, index, with_gamma=with_gamma) for layer in index.layers}
            for pair in combinations(names, 2)
        }

    def add(self, sets: Mapping[str, AnnotationSet]) -> None:
        """One more document with the sets there are, all on the same text."""
        for (a, b), layers in self._pairs.items():
            if a in sets and b in sets:
                for name, figures in layers.items():
                    if name in sets[a].layers and name in sets[b].layers:
                        figures.add(sets[a], sets[b])

    def record(self) -> list[dict[str, Any]]:
        """Pairs that have a document in common, for the page."""
        return [
            {
                "first": first,
                "second": second,
                "layers": {name: self._figures(figures) for name, figures in layers.items() if figures.documents},
            }
            for (first, second), layers in self._pairs.items()
            if any(figures.documents for figures in layers.values())
        ]

    def _figures(self, layer: LayerAgreement) -> dict[str, Any]:
        found = nested(layer)
        confused = sorted(
            (cell for cell in found["confusion"] if cell["first"] != cell["second"]), key=lambda cell: -cell["number"]
        )
        return {
            "f1": found["f1"],
            "documents": len(layer.documents),
            "spans": found["spans"],
            "relations": found["relations"],
            "labels": found["labels"],
            "attributes": {
                name: {"kappa": value["kappa"], "observed": value["observed"], "spans": value["spans"]}
                for name, value in found["attributes"].items()
            },
            "gamma": mean_gamma(layer),
            "confusion": confused[:_CONFUSIONS],
            "matrix": self._matrix(layer),
            "equal": sum(counts.correct == counts.gold == counts.predicted for counts in layer.documents.values()),
            "apart": _apart(layer),
        }

    def _matrix(self, layer: LayerAgreement) -> dict[str, Any] | None:
        """Labels in the order of the scheme, with a row each, the last one "nothing"; None where all labels agree.

        A row has the first annotator's spans of that label, by what the second one says there.
        """
        confused: Counter[str] = Counter()
        for cell, number in layer.confusion.items():
            for label in cell:
                if label is not None and cell[0] != cell[1]:
                    confused[label] += number
        if not confused:
            return None
        most = {label for label, _ in sorted(confused.items(), key=lambda one: (-one[1], one[0]))[:_LABELS]}
        labels = [label for label in self._index.spans if label in most]
        rows: list[str | None] = [*labels, None]
        return {
            "labels": labels,
            "cells": [[layer.confusion.get((first, second), 0) for second in rows] for first in rows],
            "more": len(confused) - len(labels),
        }


def _apart(layer: LayerAgreement) -> list[tuple[str, float, int, int, int]]:
    """Documents in which spans differ: id, F1, spans in which both agree, and those of each. The lowest F1 first."""
    differing = [
        (document, counts.f1 or 0.0, counts.correct, counts.gold, counts.predicted)
        for document, counts in layer.documents.items()
        if not counts.correct == counts.gold == counts.predicted
    ]
    return sorted(differing, key=lambda row: (row[1], -(row[3] + row[4]), row[0]))[:_DOCUMENTS]
