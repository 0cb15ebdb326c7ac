"""Counts of many documents: their totals, and for the main figures what resampling needs of each document. Pure."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import asdict
from numpy.typing import NDArray

from standoff.score.counts import Counts, Means, macro
from standoff.score.frames import Path

Terms = NDArray[np.int64]
"""One row a document: numerator and denominator of F1, as whole numbers. A figure is the quotient of the two sums."""

# From (correct, incorrect, partial, missed, spurious) to 2 * credit, and gold + predicted.
_TO_TERMS = np.array([[2, 2], [0, 2], [1, 2], [0, 1], [0, 1]], dtype=np.int64)

LABELLED = ("labels", "by_role")
"""Second part of the names of figures that exist once for each label."""


class Tally:
    """Adds up the counts of documents. A document takes 16 bytes a figure, labels none."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.totals: dict[Path, Counts] = {}
        self._terms: dict[Path, array[int]] = {}

    def begin(self, document: str) -> int:
        """One more document; its number."""
        self.documents.append(document)
        return len(self.documents) - 1

    def add(self, counts: Mapping[Path, Counts]) -> None:
        """Counts of the document that was begun last. A figure that is not among them counts nothing in it."""
        before = len(self.documents) - 1
        for path, found in counts.items():
            self.add_total(path, found)
            if path[1] not in LABELLED:
                terms = self._padded(path, before)
                terms.append(2 * found.correct + found.partial)
                terms.append(found.gold + found.predicted)

    def add_table(self, path: Path, numbers: Sequence[int], table: NDArray[np.int64]) -> None:
        """Counts of one figure in documents, given by ascending numbers: a row each, fields as in `Counts`."""
        self.add_total(path, Counts(*table.sum(axis=0).tolist()))
        terms = self._padded(path, numbers[0])
        rows = np.zeros((numbers[-1] + 1 - numbers[0], 2), dtype=np.int64)
        rows[np.array(numbers) - numbers[0]] = table @ _TO_TERMS
        terms.frombytes(rows.tobytes())

    def add_total(self, path: Path, counts: Counts) -> None:
        """Counts that are of no single document."""
        known = self.totals.get(path)
        self.totals[path] = counts if known is None else known + counts

    def _padded(self, path: Path, documents: int) -> "array[int]":
        terms = self._terms.setdefault(path, array("q"))
        terms.frombytes(bytes(8 * (2 * documents - len(terms))))
        return terms

    def figures(self) -> list[Path]:
        """Names of the figures that have terms, in order of their first document."""
        return list(self._terms)

    def terms(self, path: Path) -> Terms:
        """Numerator and denominator of a figure's F1 in each document, in order of `documents`."""
        rows = np.zeros((len(self.documents), 2), dtype=np.int64)
        known = np.frombuffer(self._terms.get(path, array("q")), dtype=np.int64).reshape(-1, 2)
        rows[: len(known)] = known
        return rows


def figures_of(counts: Counts) -> dict[str, Any]:
    """Figures and counts by name, at full precision; None where there is nothing to measure."""
    names = ("precision", "recall", "f1", "gold", "predicted", *counts.__struct_fields__)
    return {name: getattr(counts, name) for name in names}


def nested(totals: Mapping[Path, Counts], intervals: Mapping[Path, tuple[float, float] | None]) -> dict[str, Any]:
    """All figures as objects in objects: `result["entities"]["strict"]["f1"]`.

    `macro` stands beside `labels` and has the means of each figure over labels. A figure with an interval has it as `interval`.
    """
    result: dict[str, Any] = {}
    for path, counts in totals.items():
        place = result
        for step in path:
            place = place.setdefault(step, {})
        place.update(figures_of(counts))
        if path in intervals:
            place["interval"] = intervals[path]
    for layer, means in macro_means(totals).items():
        result[layer]["macro"] = {mode: asdict(mean) for mode, mean in means.items()}
    return result


def macro_means(totals: Mapping[Path, Counts]) -> dict[str, dict[str, Means]]:
    """Layer and measure to the means over labels."""
    groups: dict[tuple[str, str], list[Counts]] = {}
    for path, counts in totals.items():
        if path[1] == "labels":
            groups.setdefault((path[0], path[3]), []).append(counts)
    result: dict[str, dict[str, Means]] = {}
    for (layer, mode), labels in groups.items():
        result.setdefault(layer, {})[mode] = macro(labels)
    return result
