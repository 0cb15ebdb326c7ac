"""What has to be done so that the page holds what a merge says, as a value: requests, in order. Pure (S15).

Rows are changed in place. Ids below zero stand for rows that the requests before create.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from standoff.corpus.model import Relation, Span
from standoff.corpus.page import CONTINUES
from standoff.formats.doccano import Part, Scope, parts
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.chains import Groups
from standoff.sync.linked import Linked
from standoff.sync.merge import Items

Kind = Literal["create_span", "update_span", "delete_span", "create_relation", "update_relation", "delete_relation"]


class Request(Struct, frozen=True, kw_only=True):
    """One change of the page. `row` or `relation` is what it becomes or was, in code points, for `item` of ours."""

    kind: Kind
    item: str | None = None
    marker: str | None = None
    row: Row | None = None
    relation: RelationRow | None = None


def requests(scope: Scope, linked: Linked, example: Example, target: Items, frozen: frozenset[str]) -> list[Request]:
    """The requests that lead from the example as it was linked to `target`; items in `frozen` are not touched.

    Created and changed first, deleted last: killed anywhere, nothing is lost. Raises PageError.
    """
    writer = _Writer(scope, linked, example, frozen)
    for id_ in dict.fromkeys((*target.spans, *linked.theirs.spans, *(span for span, _ in linked.parts.values()))):
        if id_ not in frozen:
            writer.span(id_, target.spans.get(id_))
    writer.repeats()
    for id_, span in target.spans.items():
        if id_ not in frozen:
            writer.chain(span)
    writer.cut_chains(target)
    by_row = {relation: row for row, relation in sorted(linked.relation_rows.items(), reverse=True)}
    for id_ in dict.fromkeys((*target.relations, *by_row)):
        if id_ not in frozen:
            writer.relation(id_, target.relations.get(id_), by_row.get(id_))
    writer.surplus()
    return [*writer.put_spans, *writer.put_relations, *writer.drop_relations, *writer.drop_spans]


class _Writer:
    """Collects the requests for one document."""

    def __init__(self, scope: Scope, linked: Linked, example: Example, frozen: frozenset[str]) -> None:
        self.put_spans: list[Request] = []
        self.put_relations: list[Request] = []
        self.drop_relations: list[Request] = []
        self.drop_spans: list[Request] = []
        self._scope = scope
        self._linked = linked
        self._frozen = frozen
        self._relations = {row.id: row for row in example.relations}
        self._made = 0
        self._dropped: set[int] = set()
        self._rows: dict[str, list[int]] = {}
        """Span to the rows of its fragments in text order, as they will be."""
        self._home: dict[int, str] = {}
        """Row to the span that it will be a fragment or marker of."""
        self._old: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        for id_, part in sorted(linked.parts.items()):
            self._old[part].append(linked.rows[id_])
        self._markers: dict[str, list[str]] = defaultdict(list)
        for span, marker in self._old:
            if marker is not None:
                self._markers[span].append(marker)

    def span(self, id_: str, span: Span | None) -> None:
        """The rows of one span; all of them go when it is None."""
        wanted = parts(self._scope, span) if span else []
        fragments = [part for part in wanted if part.marker is None]
        self._rows[id_] = self._match(fragments, self._old.pop((id_, None), []), None)
        markers = {part.marker: part for part in wanted if part.marker}
        for marker in dict.fromkeys((*markers, *self._markers[id_])):
            part = markers.get(marker)
            # A new marker beats an old one: the youngest row stays.
            rows = self._old.pop((id_, marker), [])[::-1]
            self._match([part] if part else [], rows, marker)

    def _match(self, wanted: Sequence[Part], rows: list[Row], marker: str | None) -> list[int]:
        """Gives each part a row: an equal one, else the next in order, else a new one. Rows beyond that are dropped."""
        free = list(rows)
        chosen: list[Row | None] = []
        for part in wanted:
            equal = next((row for row in free if row.shape == part.shape), None) or next(
                (row for row in free if (row.start, row.end) == (part.start, part.end)), None
            )
            if equal:
                free.remove(equal)
            chosen.append(equal)
        free.sort(key=lambda row: (row.start, row.end) if marker is None else (-row.id, 0))
        ids = []
        for part, equal in zip(wanted, chosen, strict=True):
            row = equal or (free.pop(0) if free else None)
            ids.append(self._put(part, row))
        self._drop(free)
        return ids

    def _put(self, part: Part, row: Row | None) -> int:
        if row is None:
            self._made -= 1
            id_ = self._made
        else:
            id_ = row.id
        self._home[id_] = part.span
        if row is None or row.outdated or row.shape != part.shape:
            new = Row(id=id_, label=part.label, start=part.start, end=part.end)
            kind: Kind = "create_span" if row is None else "update_span"
            self.put_spans.append(Request(kind=kind, item=part.span, marker=part.marker, row=new))
        return id_

    def _drop(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._dropped.add(row.id)
            span, marker = self._linked.parts.get(row.id, (None, None))
            self.drop_spans.append(Request(kind="delete_span", item=span, marker=marker, row=row))

    def repeats(self) -> None:
        """Drops duplicates (S1), but for those of spans that are not touched."""
        for id_ in self._linked.duplicates:
            if self._linked.span_of(id_) not in self._frozen:
                self._drop([self._linked.rows[id_]])

    def chain(self, span: Span) -> None:
        """Joins the fragments of a span, in text order, where they are not joined yet (S3)."""
        rows = self._rows[span.id]
        joined = Groups()
        for join in self._linked.joins.values():
            if join.head in rows and join.tail in rows:
                joined.join(join.head, join.tail)
        for head, tail in pairwise(rows):
            if joined.find(head) != joined.find(tail):
                joined.join(head, tail)
                self._create(span.id, CONTINUES, head, tail)

    def cut_chains(self, target: Items) -> None:
        """Drops what joins rows that are of different spans now."""
        for join in self._linked.joins.values():
            ends = {join.head, join.tail}
            homes = {self._home.get(end) for end in ends}
            if not ends & self._dropped and len(homes) > 1 and None not in homes:
                self.drop_relations.append(Request(kind="delete_relation", relation=join))

    def relation(self, id_: str, relation: Relation | None, row_id: int | None) -> None:
        """The row of one relation; it goes when the relation is None."""
        row = self._relations.get(row_id) if row_id is not None else None
        if relation is None:
            self._drop_relation(id_, row)
            return
        label = self._scope.relation_names[relation.label]
        head = self._end(relation.head, row.head if row else None)
        tail = self._end(relation.tail, row.tail if row else None)
        if row is None:
            self._create(id_, label, head, tail)
        elif row.outdated or row.shape != (label, head, tail):
            new = RelationRow(id=row.id, label=label, head=head, tail=tail)
            self.put_relations.append(Request(kind="update_relation", item=id_, relation=new))

    def _end(self, span: str, row: int | None) -> int:
        """The row that a relation ends on: where it is, if that is of the span and stays (S9), else the first fragment."""
        if row is not None and row not in self._dropped and self._home.get(row) == span:
            return row
        if rows := self._rows.get(span):
            return rows[0]
        # A span that is not touched, at the end of a relation that is: its first row as it is.
        held = [id_ for id_, part in self._linked.parts.items() if part == (span, None)]
        return min(held, key=lambda id_: (self._linked.rows[id_].start, id_))

    def _create(self, item: str, label: str, head: int, tail: int) -> None:
        self._made -= 1
        row = RelationRow(id=self._made, label=label, head=head, tail=tail)
        self.put_relations.append(Request(kind="create_relation", item=item, relation=row))

    def _drop_relation(self, item: str | None, row: RelationRow | None) -> None:
        # The page itself deletes a relation with its end.
        if row and not {row.head, row.tail} & self._dropped:
            self.drop_relations.append(Request(kind="delete_relation", item=item, relation=row))

    def surplus(self) -> None:
        """Drops relation rows that repeat another (S9)."""
        for id_ in self._linked.surplus:
            row = self._relations[id_]
            spans = {self._linked.span_of(row.head), self._linked.span_of(row.tail)}
            if not spans & self._frozen:
                self._drop_relation(None, row)
