"""Which rows of the page are fragments of one span (S3, S4), and what a new chain of rows is. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from standoff.corpus.page import CONTINUES
from standoff.corpus.state import DocumentState
from standoff.formats.doccano import Scope
from standoff.formats.doccano_rows import Example, Row
from standoff.sync.linked import Linked


@dataclass(frozen=True, slots=True)
class Chain:
    """Rows that are fragments of one span, in text order."""

    rows: tuple[Row, ...]
    span: str | None
    """The known span that they are; None for a new one."""
    linked: frozenset[int]
    """Those of `rows` that are linked to `span`."""
    fresh: bool
    """No row of it was linked to anything: nobody knows it yet."""

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """Offsets of the fragments, in code points; equal ones once."""
        return tuple(dict.fromkeys((row.start, row.end) for row in self.rows))

    @property
    def overlapping(self) -> bool:
        """Whether fragments share characters, which no span of ours can."""
        extents = self.extents
        return any(one[1] > two[0] for one, two in pairwise(extents))


class Groups:
    """Disjoint sets of row ids."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def find(self, id_: int) -> int:
        root = id_
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while (parent := self._parents.get(id_, id_)) != root:
            self._parents[id_] = root
            id_ = parent
        return root

    def join(self, one: int, two: int) -> None:
        self._parents[self.find(one)] = self.find(two)


def find_chains(scope: Scope, linked: Linked, example: Example, state: DocumentState) -> list[Chain]:
    """All chains of the example, known ones with their span. Records in `linked` which relation rows join them."""
    rows = {
        id_: row
        for id_, row in linked.rows.items()
        if scope.spans[row.label].label is not None and id_ not in linked.duplicates
    }
    groups = Groups()
    for relation in example.relations:
        if relation.label != CONTINUES:
            continue
        head, tail = (linked.duplicates.get(end, end) for end in (relation.head, relation.tail))
        if head in rows and tail in rows:
            groups.join(head, tail)
            linked.joins[relation.id] = relation
        else:
            linked.problems.append(
                f"`{CONTINUES}` (relation {relation.id}) ends on a marker: it joins fragments only; delete it in the page"
            )
    span_rows: dict[str, list[Row]] = defaultdict(list)
    for id_, row in sorted(rows.items(), key=lambda item: (item[1].start, item[1].end, item[0])):
        if part := linked.parts.get(id_):
            span_rows[part[0]].append(row)
    _hold_together(groups, linked, state, rows, span_rows)
    return list(_chains(groups, linked, rows, span_rows))


def _hold_together(
    groups: Groups,
    linked: Linked,
    state: DocumentState,
    rows: Mapping[int, Row],
    span_rows: Mapping[str, list[Row]],
) -> None:
    """S4: rows of one span stay together unless a `continues` between two of them was deleted for its own sake."""
    present = linked.joins.keys()
    cut: dict[str, set[int]] = defaultdict(set)
    for edge in state.relations:
        if edge.relation is not None or edge.id in present:
            continue
        if edge.head in rows and edge.tail in rows:
            for end in (edge.head, edge.tail):
                if part := linked.parts.get(end):
                    cut[part[0]].add(end)
        else:
            # Its row was deleted, and the page deleted the relation with it: a cascade, not a split.
            groups.join(edge.head, edge.tail)
    for span, members in span_rows.items():
        ends = {groups.find(end) for end in cut[span]}
        for row in members[1:]:
            if groups.find(row.id) not in ends:
                groups.join(row.id, members[0].id)


def _chains(
    groups: Groups, linked: Linked, rows: Mapping[int, Row], span_rows: Mapping[str, list[Row]]
) -> Iterable[Chain]:
    # A span is where its first surviving fragment is; of several spans in one chain the earliest fragment's counts (S5).
    at_home = {groups.find(members[0].id): span for span, members in sorted(span_rows.items(), key=_last_first)}
    members: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows.values(), key=lambda row: (row.start, row.end, row.id)):
        members[groups.find(row.id)].append(row)
    for root, chain in members.items():
        span = at_home.get(root)
        yield Chain(
            rows=tuple(chain),
            span=span,
            linked=frozenset(row.id for row in chain if span and linked.parts.get(row.id) == (span, None)),
            fresh=all(row.id not in linked.parts for row in chain),
        )


def _last_first(item: tuple[str, list[Row]]) -> tuple[int, int, int]:
    first = item[1][0]
    return (-first.start, -first.end, -first.id)
