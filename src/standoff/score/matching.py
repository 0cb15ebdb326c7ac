"""Optimal one-to-one matching of spans: what shares text with what, and the best way to pair it. Pure.

Nothing here depends on the order of its input: an optimum is defined by what is summed, never by which pair was seen first.
"""

import heapq
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from standoff.corpus.model import Span

H = TypeVar("H", bound=Hashable)

Extent = tuple[tuple[int, int], ...]
"""The code points of a span: half-open stretches in text order that neither overlap nor touch, so that equal sets of code
points are equal extents."""


class Edge(NamedTuple):
    """Two items that may be paired, by their positions, and what the pair is worth: more than 0."""

    left: int
    right: int
    weight: int


def extent(span: Span) -> Extent:
    """The code points of a span, its fragments united."""
    if len(span.fragments) == 1:
        return span.extents
    pieces: list[tuple[int, int]] = []
    for start, end in sorted(span.extents):
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((start, end))
    return tuple(pieces)


def length(pieces: Extent) -> int:
    """Number of code points."""
    return sum(end - start for start, end in pieces)


def shared(left: Extent, right: Extent) -> int:
    """Number of code points that are in both."""
    if len(left) == 1 and len(right) == 1:
        (a, b), (c, d) = left[0], right[0]
        return max(0, min(b, d) - max(a, c))
    total = i = j = 0
    while i < len(left) and j < len(right):
        (a, b), (c, d) = left[i], right[j]
        total += max(0, min(b, d) - max(a, c))
        if b <= d:
            i += 1
        else:
            j += 1
    return total


def overlaps(left: Sequence[Extent], right: Sequence[Extent]) -> list[Edge]:
    """All pairs that have code points in common; the weight is their number."""
    sides = (left, right)
    order = sorted(
        [(item[0][0], 0, i) for i, item in enumerate(left)] + [(item[0][0], 1, j) for j, item in enumerate(right)]
    )
    open_: tuple[list[int], list[int]] = ([], [])
    edges = []
    for start, side, mine in order:
        other = 1 - side
        open_[other][:] = [place for place in open_[other] if sides[other][place][-1][1] > start]
        for place in open_[other]:
            i, j = (place, mine) if side else (mine, place)
            if common := shared(left[i], right[j]):
                edges.append(Edge(i, j, common))
        open_[side].append(mine)
    return edges


def common(left: Iterable[H], right: Iterable[H]) -> int:
    """How many equal items can be paired, duplicates counted: the size of the intersection of multisets."""
    return (Counter(left) & Counter(right)).total()


def unrivaled(edges: Iterable[Edge]) -> tuple[list[Edge], list[Edge]]:
    """Edges that share no item with another one, which are in every optimal matching, and all others."""
    edges = list(edges)
    lefts, rights = Counter([edge.left for edge in edges]), Counter([edge.right for edge in edges])
    sure: list[Edge] = []
    open_: list[Edge] = []
    for edge in edges:
        (sure if lefts[edge.left] == 1 and rights[edge.right] == 1 else open_).append(edge)
    return sure, open_


def match(edges: Iterable[Edge]) -> list[tuple[int, int]]:
    """The pairs of a one-to-one matching with the greatest sum of weights, in order of the left side.

    Of several optimal matchings any may come: make the weights so that all that is counted is in them (`ranked`).
    """
    sure, rest = unrivaled(edges)
    pairs = [(edge.left, edge.right) for edge in sure]
    weights: dict[int, dict[int, int]] = {}
    for edge in rest:
        weights.setdefault(edge.left, {})[edge.right] = edge.weight
    lefts = list(weights)
    pairs += [(lefts[row], column) for row, column in assign([weights[left] for left in lefts])]
    return sorted(pairs)


def ranked(places: Sequence[tuple[int, int]], values: Sequence[Sequence[int]]) -> list[Edge]:
    """Edges whose sums compare as their vectors of values do: the first value decides, then the second, and so on.

    `values[k]` are whole numbers of at least 0 for the pair `places[k]`, at least one of them more than 0.
    """
    weights = [0] * len(places)
    for column in zip(*values, strict=True):
        base = 1 + sum(column)
        weights = [weight * base + value for weight, value in zip(weights, column, strict=True)]
    return [Edge(left, right, weight) for (left, right), weight in zip(places, weights, strict=True)]


def assign(rows: Sequence[Mapping[int, int]]) -> list[tuple[int, int]]:
    """Row and column of each pair of a one-to-one assignment with the greatest sum. `rows[i][j]` is the weight of i with j, more
    than 0; what is not there can't be paired.

    The Hungarian method (Kuhn 1955): row after row takes its place along a shortest augmenting path, which Dijkstra's algorithm
    finds by means of potentials (Edmonds and Karp 1972). Whole numbers of any size, so nothing is rounded. Only what competes is
    looked at, so that a long text costs what its parts cost.
    """
    row_potential = [0] * len(rows)
    column_potential: dict[int, int] = {}
    row_of: dict[int, int] = {}
    for new in range(len(rows)):
        # Costs are negated weights; to have no partner costs 0.
        costs = [-weight - column_potential.get(j, 0) for j, weight in rows[new].items()]
        row_potential[new] = min([0, *costs])
        row, here = new, 0
        reached_from: dict[int, int] = {}
        nearest: dict[int, int] = {}
        settled: dict[int, int] = {}
        tree = {new: 0}
        heap: list[tuple[int, bool, int]] = []
        # Where the shortest path so far ends: at a row that then has no partner, or at a free column. Of equally near columns
        # free ones come first: many equal weights would make long ways otherwise.
        loser: int | None = new
        free: int | None = None
        end = -row_potential[new]
        while True:
            for j, weight in rows[row].items():
                far = here - weight - row_potential[row] - column_potential.get(j, 0)
                if j not in settled and far < nearest.get(j, end):
                    nearest[j] = far
                    reached_from[j] = row
                    heapq.heappush(heap, (far, j in row_of, j))
            while heap and heap[0][2] in settled:
                heapq.heappop(heap)
            if not heap or heap[0][0] >= end:
                break
            here, _, column = heapq.heappop(heap)
            settled[column] = here
            if column not in row_of:
                free, loser, end = column, None, here
                break
            row = row_of[column]
            tree[row] = here
            if here - row_potential[row] < end:
                loser, end = row, here - row_potential[row]
        for row, far in tree.items():
            row_potential[row] += max(0, end - far)
        for column, far in settled.items():
            column_potential[column] = column_potential.get(column, 0) - max(0, end - far)
        # Each row on the path moves to the column by which it reached the next one.
        column_of = {row_of[column]: column for column in settled if column in row_of}
        step = free if loser is None else column_of.pop(loser, None)
        while step is not None:
            row = reached_from[step]
            row_of[step] = row
            step = column_of.get(row)
    return sorted((row, column) for column, row in row_of.items())
