"""Optimal one-to-one matching of spans: what shares text with what, and the best way to pair it. Pure.

Nothing here depends on the order of its input: an optimum is defined by what is summed, never by which pair was seen first.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
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
        only = span.fragments[0]
        return ((only.start, only.end),)
    pieces: list[tuple[int, int]] = []
    for start, end in sorted((fragment.start, fragment.end) for fragment in span.fragments):
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


def match(edges: Iterable[Edge]) -> list[tuple[int, int]]:
    """The pairs of a one-to-one matching with the greatest sum of weights, in order of the left side.

    Of several optimal matchings any may come: make the weights so that all that is counted is in them (`ranked`).
    """
    pairs: list[tuple[int, int]] = []
    for component in _components(list(edges)):
        rows = sorted({edge.left for edge in component})
        columns = sorted({edge.right for edge in component})
        if len(rows) == 1 or len(columns) == 1:
            best = max(component, key=lambda edge: (edge.weight, -edge.left, -edge.right))
            pairs.append((best.left, best.right))
            continue
        weights = {(edge.left, edge.right): edge.weight for edge in component}
        table = [[weights.get((row, column), 0) for column in columns] for row in rows]
        pairs += [(rows[i], columns[j]) for i, j in assign(table) if table[i][j]]
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


def assign(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Row and column of each pair of a complete assignment of the shorter side with the greatest sum, sorted.

    The Hungarian method (Kuhn 1955) by shortest augmenting paths with potentials (Jonker and Volgenant 1987): n * n * m steps
    for n <= m. Whole numbers of any size, so nothing is rounded.
    """
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        return sorted((row, column) for column, row in assign(list(zip(*weights, strict=True))))
    rows, columns = len(weights), len(weights[0])
    # Row and column 0 stand for "none"; costs are negated weights.
    row_potential, column_potential = [0] * (rows + 1), [0] * (columns + 1)
    row_of = [0] * (columns + 1)
    for row in range(1, rows + 1):
        row_of[0] = row
        column = 0
        slack: list[int | None] = [None] * (columns + 1)
        before = [0] * (columns + 1)
        done = [False] * (columns + 1)
        while row_of[column]:
            done[column] = True
            here = row_of[column]
            step: int | None = None
            nearest = 0
            for other in range(1, columns + 1):
                if done[other]:
                    continue
                reduced = -weights[here - 1][other - 1] - row_potential[here] - column_potential[other]
                known = slack[other]
                if known is None or reduced < known:
                    slack[other] = known = reduced
                    before[other] = column
                if step is None or known < step:
                    step, nearest = known, other
            assert step is not None  # there are at least as many columns as rows
            for other in range(columns + 1):
                if done[other]:
                    row_potential[row_of[other]] += step
                    column_potential[other] -= step
                elif (known := slack[other]) is not None:
                    slack[other] = known - step
            column = nearest
        while column:
            row_of[column] = row_of[before[column]]
            column = before[column]
    return sorted((row_of[column] - 1, column - 1) for column in range(1, columns + 1) if row_of[column])


def _components(edges: list[Edge]) -> Iterable[list[Edge]]:
    """Edges by connected part of the graph."""
    if len(edges) < 2:
        return [edges] if edges else []
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = parent[node]
        return node

    for edge in edges:
        parent[root((0, edge.left))] = root((1, edge.right))
    parts: dict[tuple[int, int], list[Edge]] = {}
    for edge in edges:
        parts.setdefault(root((0, edge.left)), []).append(edge)
    return parts.values()
