"""How sure a figure is: bootstrap intervals, paired approximate randomization, Holm's correction. Pure.

The document is the unit, since spans of one text depend on each other. Everything is computed from two whole numbers for each
document, the numerator and denominator of a figure that is a quotient of sums (F1, precision, recall, accuracy).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from standoff.score.tally import Terms

K = TypeVar("K")

RESAMPLES = 10_000
LEVEL = 0.95
_CELLS = 2_000_000
"""Resamples times documents that are worked on at once, which bounds memory: 16 MB of weights."""


def intervals(
    terms: Mapping[K, Terms], *, resamples: int = RESAMPLES, seed: int = 0, level: float = LEVEL
) -> dict[K, tuple[float, float] | None]:
    """Percentile bootstrap intervals (Efron and Tibshirani 1993) of several figures of the same documents.

    Each resample draws as many documents as there are, with replacement, the same for all figures. Resamples in which a figure
    measures nothing don't count; None for a figure that measures nothing anywhere, and for fewer than two documents.
    """
    names = list(terms)
    documents = len(terms[names[0]]) if names else 0
    if documents < 2:
        return dict.fromkeys(names)
    columns = np.concatenate([terms[name] for name in names], axis=1).astype(np.float64)
    values = np.empty((resamples, len(names)))
    for start, weights in _drawn(np.random.default_rng(seed), documents, resamples):
        values[start : start + len(weights)] = _quotients(weights @ columns)
    tail = (1 - level) / 2 * 100
    result: dict[K, tuple[float, float] | None] = {}
    for name, column in zip(names, values.T, strict=True):
        measured = column[~np.isnan(column)]
        low, high = np.percentile(measured, [tail, 100 - tail]) if len(measured) else (0.0, 0.0)
        result[name] = (float(low), float(high)) if len(measured) else None
    return result


def _drawn(chance: np.random.Generator, documents: int, resamples: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """How often each document (column) is in each resample (row), some rows at a time, with the number of the first."""
    size = max(1, _CELLS // documents)
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        drawn = chance.integers(0, documents, (rows, documents), dtype=np.int32)
        weights = np.empty((rows, documents))
        for row, chosen in enumerate(drawn):
            weights[row] = np.bincount(chosen, minlength=documents)
        yield start, weights


def _quotients(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Figures from columns of numerators and denominators by turns; NaN where nothing is measured."""
    with np.errstate(invalid="ignore"):
        result: NDArray[np.float64] = sums[:, ::2] / sums[:, 1::2]
    return result


def randomization(a: Terms, b: Terms, *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Two-sided p of the difference of two systems on the same documents: paired approximate randomization (Noreen 1989).

    In each resample the two results of a document change places with probability 1/2. p = (r + 1) / (R + 1), where r of R
    resamples have at least the observed difference. A figure that measures nothing is 0 here.
    """
    if a.shape != b.shape:
        raise ValueError(f"results of {len(a)} and {len(b)} documents can't be paired")
    difference = (b - a).astype(np.float64)
    moved = difference[(difference != 0).any(axis=1)]
    totals = a.sum(axis=0).astype(np.float64), b.sum(axis=0).astype(np.float64)
    observed = _distance(totals[0][None], totals[1][None])[0]
    if not len(moved):
        return 1.0
    chance = np.random.default_rng(seed)
    size = max(1, _CELLS // len(moved))
    reached = 0
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        bits = np.frombuffer(chance.bytes((rows * len(moved) + 7) // 8), dtype=np.uint8)
        swapped = np.unpackbits(bits, count=rows * len(moved)).reshape(rows, len(moved)).astype(np.float64)
        change = swapped @ moved
        # Equal differences must count as equal, whatever the last bit of a quotient.
        reached += int((_distance(totals[0] + change, totals[1] - change) >= observed - 1e-12).sum())
    return (reached + 1) / (resamples + 1)


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.abs(np.nan_to_num(_quotients(a)[:, 0]) - np.nan_to_num(_quotients(b)[:, 0]))
    return result


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for their number by Holm's step-down procedure (Holm 1979), in the order given.

    The k-th smallest of m is multiplied by m - k + 1; none is below a smaller one's, none above 1. Reject where it is at most
    the level: the chance of any false rejection is then at most that level.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
