"""One document in one project, decided: what each side becomes, and what is remembered afterwards. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from msgspec import Struct

from standoff.corpus.model import Document, Relation, Span
from standoff.corpus.state import DocumentState, OpenConflict, RelationState, RowState
from standoff.errors import StandoffError
from standoff.formats.doccano import Scope, parts
from standoff.formats.doccano_rows import Example
from standoff.sync.link import link
from standoff.sync.linked import Linked
from standoff.sync.merge import Conflict, Items, Merged, Resolve, merge, same
from standoff.sync.plan import Request, requests

T = TypeVar("T", Span, Relation)

MANY = 10
"""So many annotations are not deleted at a stroke without a curator's word (S19)."""
Direction = Literal["sync", "push", "pull"]


class Skip(StandoffError):
    """A document that is left as it is on both sides. The message says why, and how to go on."""


class Counts(Struct, kw_only=True):
    """Items that one side gained or lost; `moved` changed their extent, `linked` were found to be on both sides."""

    created: int = 0
    updated: int = 0
    moved: int = 0
    deleted: int = 0
    linked: int = 0

    def add(self, other: "Counts") -> None:
        """Adds another document's counts."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """What a sync does to one document."""

    linked: Linked
    ours: Items
    """This project's items of our set, as they become."""
    page: Items
    """The page's items, as they become."""
    requests: tuple[Request, ...]
    conflicts: tuple[Conflict, ...]
    frozen: frozenset[str]
    ours_counts: Counts
    page_counts: Counts
    unsent: bool
    """The page lacks what the merge says, and a pull does not tell it."""


def base_of(state: DocumentState) -> Items:
    """What both sides last agreed on."""
    return Items.of(state.base_spans, state.base_relations)


def within(scope: Scope, items: Items) -> Items:
    """The items that belong to a project."""
    return Items(
        {id_: span for id_, span in items.spans.items() if scope.holds(span)},
        {id_: relation for id_, relation in items.relations.items() if scope.holds(relation)},
    )


def plan_document(
    scope: Scope,
    document: Document,
    ours: Items,
    state: DocumentState,
    example: Example,
    *,
    direction: Direction = "sync",
    resolve: Resolve = "report",
    emptied: bool = False,
    remembered: bool = True,
) -> DocumentPlan:
    """Decides one document. `ours` holds this project's items; `example` is in code points.

    Raises Skip when one side is suddenly empty (S19) and not `emptied` on purpose, and PageError.
    """
    base = base_of(state)
    linked = link(scope, document, base, ours, state, example, remembered=remembered)
    if not emptied:
        _guard_empty(base, ours, linked.theirs)
    merged = merge(
        base, ours, linked.theirs, resolve=resolve, disputes=linked.disputes, groups=linked.groups, kept=linked.twins
    )
    if direction == "push":
        merged = _without_joins(merged, ours, linked)
    ours_after = ours if direction == "push" else merged.ours
    page_after = linked.theirs if direction == "pull" else merged.theirs
    todo = () if direction == "pull" else tuple(requests(scope, linked, example, page_after, merged.frozen))
    adopted = len({linked.parts[row][0] for row in linked.adopted if row in linked.parts})
    ours_counts, page_counts = count(ours, ours_after), count(linked.theirs, page_after, scope)
    ours_counts.linked = page_counts.linked = adopted
    # A restored relation (S8) is on the page's side of the merge, and yet it has to be drawn there again.
    restored = linked.theirs.relations.keys() - set(linked.relation_rows.values())
    page_counts.created += len(restored & {request.item for request in todo})
    page_counts.updated += _only_renamed(scope, linked, page_after, example, todo)
    unsent = direction == "pull" and bool(count(linked.theirs, merged.theirs, scope))
    return DocumentPlan(
        linked, ours_after, page_after, todo, merged.conflicts, merged.frozen, ours_counts, page_counts, unsent
    )


def _only_renamed(scope: Scope, linked: Linked, page: Items, example: Example, todo: Iterable[Request]) -> int:
    """Items of which the page gets nothing but the name that the scheme has now."""

    def shown(items: Items, id_: str) -> object:
        return _shown(scope, items.spans.get(id_) or items.relations.get(id_))

    outdated = {linked.span_of(row.id) for row in example.rows if row.outdated}
    outdated |= {linked.relation_rows.get(row.id) for row in example.relations if row.outdated}
    asked = outdated & {request.item for request in todo}
    return sum(shown(linked.theirs, id_) == shown(page, id_) for id_ in asked if id_)


def _without_joins(merged: Merged, ours: Items, linked: Linked) -> Merged:
    """What a push makes of a merge: spans that annotators split or joined stay so until ours takes that over."""
    held = {
        id_
        for group in linked.groups
        if any(merged.ours.spans.get(id_) != ours.spans.get(id_) for id_ in group)
        for id_ in group
    }
    theirs = linked.theirs
    tied = {
        relation.id
        for side in (merged.theirs, theirs)
        for relation in side.relations.values()
        if {relation.head, relation.tail} & held
    }
    page = Items(
        _mixed(merged.theirs.spans, theirs.spans, held), _mixed(merged.theirs.relations, theirs.relations, tied)
    )
    return dataclasses.replace(merged, theirs=page, frozen=merged.frozen | held | tied)


def _mixed(items: Mapping[str, T], others: Mapping[str, T], chosen: set[str]) -> dict[str, T]:
    """Items, with the chosen ones as `others` has them."""
    kept = {id_: item for id_, item in items.items() if id_ not in chosen}
    return kept | {id_: item for id_, item in others.items() if id_ in chosen}


def _guard_empty(base: Items, ours: Items, theirs: Items) -> None:
    """S19. Of many items none may be left either, whatever is new: after the page's bin somebody may have begun again."""
    known = base.spans.keys() | base.relations.keys()
    if len(known) < 2:
        return
    for items, here, there in ((ours, "here", "in the page"), (theirs, "in the page", "here")):
        held = items.spans.keys() | items.relations.keys()
        if not held or (len(known) > MANY and not held & known):
            raise Skip(
                f"all {len(known)} annotations are gone {here}; if that is meant, name this document with --force-delete to"
                f" delete them {there} too; if not, remove its file in corpus/sync: without it nothing is deleted, and each"
                " side gets what it lacks"
            )


def count(before: Items, after: Items, scope: Scope | None = None) -> Counts:
    """What a side gains and loses on the way from one set of items to another; with `scope`, of what the page shows."""
    counts = Counts()
    for old, new in ((before.spans, after.spans), (before.relations, after.relations)):
        for id_ in dict.fromkeys((*old, *new)):
            was, now = old.get(id_), new.get(id_)
            if was is None:
                counts.created += 1
            elif now is None:
                counts.deleted += 1
            elif isinstance(was, Span) and isinstance(now, Span) and was.fragments != now.fragments:
                counts.moved += 1
            elif _shown(scope, was) != _shown(scope, now) if scope else not same(was, now):
                counts.updated += 1
    return counts


def open_conflicts(conflicts: Iterable[Conflict]) -> tuple[OpenConflict, ...]:
    """Conflicts as the state keeps them."""
    return tuple(
        OpenConflict(item=c.item, field=c.field, base=c.base, ours=c.ours, theirs=c.theirs)
        for c in sorted(conflicts, key=lambda c: (c.item, c.field))
    )


def settle(
    scope: Scope,
    document: Document,
    ours: Items,
    state: DocumentState,
    example: Example,
    conflicts: tuple[OpenConflict, ...] = (),
    *,
    remembered: bool = True,
) -> DocumentState:
    """The state after a sync (S17): for each item that ours and the page (as it was read back) agree on, that; for every
    other one what was remembered before."""
    linked = link(scope, document, base_of(state), ours, state, example, remembered=remembered)
    disputed = {dispute.item for dispute in linked.disputes}
    pending = {request.item for request in requests(scope, linked, example, ours, frozenset(disputed))} | disputed
    base = base_of(state)
    theirs = linked.theirs

    spans, settled_spans = _agree(scope, base.spans, ours.spans, theirs.spans, pending)
    relations, settled_relations = _agree(scope, base.relations, ours.relations, theirs.relations, pending)
    settled = settled_spans | settled_relations
    return DocumentState(
        example=example.id,
        confirmed=state.confirmed,
        comments=state.comments,
        conflicts=conflicts,
        rows=tuple(_row_states(linked, settled, ours)),
        relations=tuple(_relation_states(linked, example, state, settled)),
        base_spans=tuple(sorted(spans, key=lambda span: (span.start, span.end, span.id))),
        base_relations=tuple(sorted(relations, key=lambda relation: relation.id)),
    )


def _agree(
    scope: Scope, base: Mapping[str, T], ours: Mapping[str, T], theirs: Mapping[str, T], pending: set[str | None]
) -> tuple[list[T], set[str]]:
    """The new base of these items, and the ids of those that both sides agree on."""
    items, settled = [], set()
    for id_ in {*base, *ours, *theirs}:
        mine, other = ours.get(id_), theirs.get(id_)
        if id_ not in pending and _shown(scope, mine) == _shown(scope, other):
            settled.add(id_)
            kept = mine
        else:
            kept = base.get(id_)
        if kept is not None:
            items.append(kept)
    return items, settled


def _shown(scope: Scope, item: Span | Relation | None) -> object:
    """What the page can hold of an item (S14)."""
    if isinstance(item, Span):
        return [(part.marker, *part.shape) for part in parts(scope, item)]
    return (item.label, item.head, item.tail) if item else None


def _row_states(linked: Linked, settled: set[str], ours: Items) -> Iterable[RowState]:
    """The rows to remember. An item in conflict that has no base is at least linked: else, edited once more, it would look
    like another one."""
    both = ours.spans.keys() & linked.theirs.spans.keys()
    for id_ in sorted({*linked.rows, *linked.known}):
        row, part, known = linked.rows.get(id_), linked.parts.get(id_), linked.known.get(id_)
        if row and part and (part[0] in settled or (known is None and part[0] in both)):
            yield RowState(id=id_, span=part[0], marker=part[1], label=row.label, start=row.start, end=row.end)
        elif known and known.span not in settled:
            yield known


def _relation_states(
    linked: Linked, example: Example, state: DocumentState, settled: set[str]
) -> Iterable[RelationState]:
    rows = {row.id: row for row in example.relations}
    before = {edge.id: edge for edge in state.relations}
    for id_ in sorted({*rows, *before}):
        row, known = rows.get(id_), before.get(id_)
        now = linked.relation_rows.get(id_)
        if row and id_ in linked.joins:
            span = linked.span_of(row.head)
            if span in settled and linked.span_of(row.tail) == span:
                yield RelationState(id=id_, head=row.head, tail=row.tail)
                continue
        elif row and now in settled:
            yield RelationState(id=id_, head=row.head, tail=row.tail, relation=now)
            continue
        if known and known.relation is not None and known.relation not in settled:
            yield known
        elif known and known.relation is None:
            ends = [linked.known[end].span for end in (known.head, known.tail) if end in linked.known]
            if any(end not in settled for end in ends):
                yield known
