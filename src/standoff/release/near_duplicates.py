"""Texts that are nearly the same, found by MinHash (Broder 1997) without comparing all with all. Pure.

A text is the set of its stretches of 16 letters and digits, case-folded: white space, punctuation and markup don't count, and
no language's words have to be known. Two texts are near duplicates when their sets are estimated to have 0.6 of their union in
common: about one word in fourteen is another, or a third of a text was added to it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from rensa import RMinHash

LETTERS = 16
"""Letters and digits of a stretch."""
THRESHOLD = 0.6
SIZE = 128
"""Numbers in a signature: an estimate of 0.6 is off by 0.04, as standard error."""
BAND = 4
"""Numbers that have to be equal for two texts to be compared at all: of pairs at the threshold one in eighty is missed."""

_FACTOR = 0x9E3779B97F4A7C15
_SEED = 1


def signatures(texts: Sequence[str]) -> Any:
    """A row of 128 unsigned 32-bit numbers for each text, in their order."""
    if not texts:
        return np.empty((0, SIZE), np.uint32)
    sets = [_stretches(text) for text in texts]
    edges = np.cumsum([0, *(len(found) for found in sets)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(sets), edges, SIZE, _SEED)
    return np.array(matrix.to_rows(), np.uint32)


def clusters(matrix: Any) -> list[list[int]]:
    """Rows of `signatures` that are near duplicates, directly or through one another: sorted, each row in one cluster at most.

    What is clustered with what does not depend on the order of rows.
    """
    cluster = np.arange(len(matrix))
    members: dict[int, list[int]] = {}
    for band in range(0, SIZE, BAND):
        keys = np.ascontiguousarray(matrix[:, band : band + BAND]).view(f"V{4 * BAND}").ravel()
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1], [True])))
        for start in np.flatnonzero(np.diff(edges) > 1):
            bucket = order[edges[start] : edges[start + 1]]
            for place, row in enumerate(bucket[:-1], 1):
                # Most of those that meet here have met in an earlier band.
                others = bucket[place:][cluster[bucket[place:]] != cluster[row]]
                if not len(others) and (cluster[bucket] == cluster[row]).all():
                    break
                alike = (matrix[others] == matrix[row]).mean(axis=1) >= THRESHOLD
                for other in np.unique(cluster[others[alike]]).tolist():
                    own = int(cluster[row])
                    few, many = sorted((own, other), key=lambda name: len(members.get(name, ())))
                    moved = members.pop(few, [few])
                    members.setdefault(many, [many]).extend(moved)
                    cluster[moved] = many
    return sorted(sorted(found) for found in members.values())


def _stretches(text: str) -> Any:
    """64-bit hashes of all stretches of a text; of the whole when it is shorter than one."""
    points = np.frombuffer(text.casefold().encode("utf-32-le"), np.uint32)
    letters = points[_letters()[np.minimum(points, 0x10000)]]
    # Nothing but punctuation is a text too.
    hashes = (letters if len(letters) else points).astype(np.uint64)
    if len(hashes) < LETTERS:
        hashes = np.pad(hashes, (0, LETTERS - len(hashes)))
    width = 1
    while width < LETTERS:
        # The hash of twice as many letters from those of its halves.
        hashes = hashes[:-width] + hashes[width:] * np.uint64(pow(_FACTOR, width, 1 << 64))
        width *= 2
    return hashes


@cache
def _letters() -> Any:
    """Whether a code point is a letter or a digit; beyond the first plane, in the last place, all count as letters."""
    return np.array([chr(point).isalnum() for point in range(0x10000)] + [True])
