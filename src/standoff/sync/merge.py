"""Three-way merge of spans and relations, field by field. Pure: no I/O, no clock.

A conflicted item is frozen: it stays as it is on both sides, and so do the relations that touch it (S11, S12).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from standoff.corpus.model import Fragment, Relation, Span

Resolve = Literal["report", "ours", "theirs"]
T = TypeVar("T", Span, Relation)

ITEM = "item"
"""The field of a conflict between a deletion and an edit."""


@dataclass(frozen=True, slots=True)
class Items:
    """Spans and relations by id, in the order of their set."""

    spans: Mapping[str, Span] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)

    @classmethod
    def of(cls, spans: Iterable[Span], relations: Iterable[Relation]) -> "Items":
        """Items of two lists."""
        return cls({span.id: span for span in spans}, {relation.id: relation for relation in relations})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed `field` of `item` since the base, differently; None means absent on that side."""

    item: str
    field: str
    base: Any
    ours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field that one side alone answered in two ways (S5, S6): a conflict whatever the other side holds."""

    item: str
    field: str
    values: tuple[str, ...]
    latest: Mapping[str, Any] | None = None
    """The fields of the item if its last answer holds: what `theirs` settles it for, where there is one."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What each side becomes. They differ in frozen items only."""

    ours: Items
    theirs: Items
    conflicts: tuple[Conflict, ...]
    frozen: frozenset[str]
    """Ids of the items that stay as they are on both sides."""


def merge(
    base: Items,
    ours: Items,
    theirs: Items,
    *,
    resolve: Resolve = "report",
    disputes: Iterable[Dispute] = (),
    groups: Sequence[frozenset[str]] = (),
    kept: Iterable[str] = (),
) -> Merged:
    """Merges two sides that grew from `base`.

    With `resolve` one side wins every conflict; of a dispute within theirs the last answer, if there is one. Spans of a
    group are decided together: a conflict of one is one of all. Spans in `kept` stay as they are. Relations whose end is
    gone after the merge are gone too.
    """
    disputed: dict[str, list[Dispute]] = {}
    for dispute in disputes:
        if resolve == "theirs" and dispute.latest is not None and dispute.item in theirs.spans:
            span = theirs.spans[dispute.item]
            last = _with_fields(span, {**fields_of(span), **dispute.latest})
            theirs = Items({**theirs.spans, last.id: last}, theirs.relations)
        else:
            disputed.setdefault(dispute.item, []).append(dispute)
    kept_alive = _edited_by_relations(base, ours, theirs), _edited_by_relations(base, theirs, ours)
    spans, span_conflicts = _merge_all(base.spans, ours.spans, theirs.spans, resolve, disputed, kept_alive)
    together: set[str] = set()
    if groups:
        together = _together(base, ours, theirs, disputed, kept_alive, groups)
        spans = {id_: span for id_, span in spans.items() if id_ not in together}
        if resolve != "report":
            winner = ours if resolve == "ours" else theirs
            spans |= {id_: winner.spans[id_] for id_ in together if id_ in winner.spans}
    relations, relation_conflicts = _merge_all(
        base.relations, ours.relations, theirs.relations, resolve, disputed, (set(), set())
    )
    conflicts = (*span_conflicts, *relation_conflicts)
    frozen = {conflict.item for conflict in conflicts} | (together if resolve == "report" else set()) | set(kept)
    frozen = _freeze(frozen, base, ours, theirs, spans, groups)
    return Merged(
        _side(spans, relations, ours, frozen), _side(spans, relations, theirs, frozen), conflicts, frozenset(frozen)
    )


def _together(
    base: Items,
    ours: Items,
    theirs: Items,
    disputed: Mapping[str, list[Dispute]],
    kept_alive: tuple[set[str], set[str]],
    groups: Sequence[frozenset[str]],
) -> set[str]:
    """All spans of the groups that hold a conflict."""
    _, conflicts = _merge_all(base.spans, ours.spans, theirs.spans, "report", disputed, kept_alive)
    found = {conflict.item for conflict in conflicts}
    together: set[str] = set()
    size = -1
    while size != len(together):
        size = len(together)
        for group in groups:
            if group & (found | together):
                together |= group
    return together


def _merge_all(
    base: Mapping[str, T],
    ours: Mapping[str, T],
    theirs: Mapping[str, T],
    resolve: Resolve,
    disputed: Mapping[str, list[Dispute]],
    kept_alive: tuple[set[str], set[str]],
) -> tuple[dict[str, T], list[Conflict]]:
    merged: dict[str, T] = {}
    conflicts: list[Conflict] = []
    for id_ in dict.fromkeys((*ours, *theirs, *base)):
        b, o, t = base.get(id_), ours.get(id_), theirs.get(id_)
        found: list[Conflict] = []
        if o is None or t is None:
            result = _merge_presence(id_, b, o, t, resolve, kept_alive, found)
            if result is not None and result is t and (disputes := disputed.get(id_)):
                # Only theirs has it: as long as nobody chose one of its answers, it stays there as it is.
                result = _merge_fields(id_, b, t, t, resolve, disputes, found)
                found = [Conflict(c.item, c.field, c.base, None, c.theirs) for c in found]
        else:
            result = _merge_fields(id_, b, o, t, resolve, disputed.get(id_, ()), found)
        conflicts += found
        if result is not None and not found:
            merged[id_] = result
    return merged, conflicts


def _merge_presence(
    id_: str,
    b: T | None,
    o: T | None,
    t: T | None,
    resolve: Resolve,
    kept_alive: tuple[set[str], set[str]],
    found: list[Conflict],
) -> T | None:
    left = o if o is not None else t
    if left is None or b is None:
        return left
    edited = fields_of(left) != fields_of(b) or id_ in kept_alive[0 if o is not None else 1]
    if not edited:
        return None
    if resolve == "report":
        found.append(Conflict(id_, ITEM, *(plain(fields_of(side)) if side is not None else None for side in (b, o, t))))
        return None
    return o if resolve == "ours" else t


def _merge_fields(
    id_: str,
    b: T | None,
    o: T,
    t: T,
    resolve: Resolve,
    disputes: Iterable[Dispute],
    found: list[Conflict],
) -> T:
    base = fields_of(b) if b is not None else {}
    ours: dict[str, Any] = fields_of(o)
    theirs: dict[str, Any] = fields_of(t)
    for dispute in disputes:
        if resolve == "ours":
            theirs.update({name: base.get(name, ours.get(name)) for name in dispute.latest or (dispute.field,)})
        else:
            was, mine = base.get(dispute.field), ours.get(dispute.field)
            found.append(Conflict(id_, dispute.field, plain(was), plain(mine), " | ".join(dispute.values)))
    result: dict[str, Any] = {}
    for name in dict.fromkeys((*ours, *theirs)):
        was, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if other in (mine, was):
            result[name] = mine
        elif was == mine:
            result[name] = other
        elif resolve == "report":
            found.append(Conflict(id_, name, plain(was), plain(mine), plain(other)))
        else:
            result[name] = mine if resolve == "ours" else other
    result = {name: value for name, value in result.items() if value is not None}
    if found or result == ours:
        return o
    if result == fields_of(t):
        return t
    return replace(_with_fields(o, result), by=t.by)


def _edited_by_relations(base: Items, editor: Items, other: Items) -> set[str]:
    """Spans that `other` deleted while `editor` gave them a new or changed relation: edited in that sense (S12)."""
    edited = set()
    for id_, relation in editor.relations.items():
        before = base.relations.get(id_)
        if before is None or fields_of(before) != fields_of(relation):
            edited |= {end for end in (relation.head, relation.tail) if end in base.spans and end not in other.spans}
    return edited


def _freeze(
    frozen: set[str],
    base: Items,
    ours: Items,
    theirs: Items,
    spans: Mapping[str, Span],
    groups: Sequence[frozenset[str]],
) -> set[str]:
    """All that has to stay as it is: conflicted items, relations at frozen spans, both ends of frozen relations that one
    side would otherwise lose, and the rest of a group one of whose spans stays."""
    size = -1
    while size != len(frozen):
        size = len(frozen)
        for side in (base, ours, theirs):
            for id_, relation in side.relations.items():
                if relation.head in frozen or relation.tail in frozen:
                    frozen.add(id_)
        for side in (ours, theirs):
            for id_ in frozen & side.relations.keys():
                relation = side.relations[id_]
                frozen |= {end for end in (relation.head, relation.tail) if end not in spans}
        for group in groups:
            if group & frozen:
                frozen |= group
    return frozen


def _side(spans: Mapping[str, Span], relations: Mapping[str, Relation], side: Items, frozen: set[str]) -> Items:
    kept_spans = dict(_with_frozen(spans, side.spans, frozen))
    kept_relations = {
        id_: relation
        for id_, relation in _with_frozen(relations, side.relations, frozen)
        if relation.head in kept_spans and relation.tail in kept_spans
    }
    return Items(kept_spans, kept_relations)


def _with_frozen(merged: Mapping[str, T], side: Mapping[str, T], frozen: set[str]) -> Iterable[tuple[str, T]]:
    for id_ in dict.fromkeys((*side, *merged)):
        item = side.get(id_) if id_ in frozen else merged.get(id_)
        if item is not None:
            yield id_, item


def fields_of(item: Span | Relation) -> dict[str, Any]:
    """What can be changed of an item, by name; an attribute's is `attributes.<name>`."""
    fields: dict[str, Any] = {"label": item.label}
    if isinstance(item, Span):
        fields["fragments"] = tuple((piece.start, piece.end, piece.text) for piece in item.fragments)
        fields.update({f"attributes.{name}": value for name, value in item.attributes.items()})
    else:
        fields.update(head=item.head, tail=item.tail)
    return fields | {name: value for name in ("score", "note") if (value := getattr(item, name)) is not None}


def _with_fields(item: T, fields: Mapping[str, Any]) -> T:
    changes: dict[str, Any] = {"score": None, "note": None}
    changes |= {name: value for name, value in fields.items() if not name.startswith("attributes.")}
    if isinstance(item, Span):
        changes["fragments"] = tuple(Fragment(start=s, end=e, text=text) for s, e, text in fields["fragments"])
        changes["attributes"] = {
            name.removeprefix("attributes."): value
            for name, value in fields.items()
            if name.startswith("attributes.") and value is not None
        }
    return replace(item, **changes)


def plain(value: Any) -> Any:
    """A value of a field as JSON would hold it."""
    return msgspec.to_builtins(value)


def same(one: Span | Relation | None, other: Span | Relation | None) -> bool:
    """Whether two items say the same, whoever made them."""
    return one is other or (one is not None and other is not None and fields_of(one) == fields_of(other))
