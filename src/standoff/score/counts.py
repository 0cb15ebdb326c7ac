"""What a comparison found, as whole numbers that add up over documents, and the figures made from them. Pure."""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct


class Counts(Struct, frozen=True):
    """Outcomes of comparing gold items with predicted ones, after MUC-5 (Chinchor and Sundheim 1993).

    `correct`, `incorrect` and `partial` are pairs, `missed` are gold items in no pair, `spurious` predicted items in no pair.

    A figure with nothing to measure is None: no gold item and no predicted one. If only one side has items, precision,
    recall and F1 are 0, also where the quotient would be 0/0.
    """

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def gold(self) -> int:
        """Number of gold items ("possible")."""
        return self.correct + self.incorrect + self.partial + self.missed

    @property
    def predicted(self) -> int:
        """Number of predicted items ("actual")."""
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def credit(self) -> float:
        """What counts as right: correct pairs, and half of the partial ones."""
        return self.correct + self.partial / 2

    @property
    def precision(self) -> float | None:
        """Credit by predicted items."""
        return self._ratio(self.credit, self.predicted)

    @property
    def recall(self) -> float | None:
        """Credit by gold items."""
        return self._ratio(self.credit, self.gold)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall (van Rijsbergen 1979): twice the credit by all items of both sides.

        Where the items are pairs alone, as for an attribute of matched spans, precision, recall, F1 and accuracy are one.
        """
        return self._ratio(2 * self.correct + self.partial, self.gold + self.predicted)

    def _ratio(self, part: float, whole: int) -> float | None:
        if whole:
            return part / whole
        return 0.0 if self.gold or self.predicted else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.correct + other.correct,
            self.incorrect + other.incorrect,
            self.partial + other.partial,
            self.missed + other.missed,
            self.spurious + other.spurious,
        )


def compared(gold: int, predicted: int, correct: int, incorrect: int = 0, partial: int = 0) -> Counts:
    """Counts of so many items on each side, of which so many are in pairs."""
    paired = correct + incorrect + partial
    return Counts(correct, incorrect, partial, gold - paired, predicted - paired)


class Means(Struct, frozen=True):
    """Unweighted means over labels; None when no label has an item."""

    precision: float | None
    recall: float | None
    f1: float | None


def macro(labels: Iterable[Counts]) -> Means:
    """Macro average (Sebastiani 2002): the mean of the figures of all labels with an item on either side."""
    present = [counts for counts in labels if counts.gold or counts.predicted]
    return Means(
        _mean([counts.precision or 0.0 for counts in present]),
        _mean([counts.recall or 0.0 for counts in present]),
        _mean([counts.f1 or 0.0 for counts in present]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
