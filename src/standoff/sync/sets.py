"""Annotation sets and their items: which items a set holds, in its own order; two versions of a set merged. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from standoff.corpus.model import AnnotationSet, Relation, Span
from standoff.sync.merge import Conflict, Items, merge, plain

T = TypeVar("T", Span, Relation)


def in_order(items: Mapping[str, T], before: Iterable[T], place: Callable[[T], tuple[int, int]]) -> tuple[T, ...]:
    """Items as a list: those of `before` in their order, each new one behind the last that does not stand after it."""
    known = [items[item.id] for item in before if item.id in items]
    ids = {item.id for item in known}
    for item in sorted(
        (item for id_, item in items.items() if id_ not in ids), key=lambda item: (*place(item), item.id)
    ):
        at = len(known)
        while at and place(known[at - 1]) > place(item):
            at -= 1
        known.insert(at, item)
    return tuple(known)


def with_items(annotations: AnnotationSet, items: Items) -> AnnotationSet:
    """The set with these spans and relations, in its own order."""
    spans = in_order(items.spans, annotations.spans, lambda span: (span.start, span.end))
    starts = {span.id: span.start for span in spans}
    relations = in_order(
        items.relations, annotations.relations, lambda item: (starts.get(item.head, 0), starts.get(item.tail, 0))
    )
    return replace(annotations, spans=spans, relations=relations)


def merge_sets(
    base: AnnotationSet | None, ours: AnnotationSet, theirs: AnnotationSet
) -> tuple[AnnotationSet, tuple[Conflict, ...]]:
    """Merges two versions of one annotation set, as git asks for: the merged set, and the conflicts.

    What is not an item merges by the same rule: equal changes agree, different ones are a conflict of the item `set`; layers,
    comments and confirmations are united. Another text or version of the scheme on one side is a conflict with any change of an
    item on the other.
    """
    result = merge(items_of(base), items_of(ours), items_of(theirs))
    conflicts = list(result.conflicts)
    changes: dict[str, Any] = {}
    for name in ("document", "text_sha256", "annotator", "kind", "scheme", "provenance"):
        was, mine, other = (getattr(side, name) if side else None for side in (base, ours, theirs))
        if mine != other and was == mine:
            changes[name] = other
        elif other not in (mine, was):
            conflicts.append(Conflict("set", name, plain(was), plain(mine), plain(other)))
    for name in ("text_sha256", "scheme"):
        sides = {getattr(side, name): side for side in (ours, theirs)}
        if base and len(sides) > 1 and (side := sides.get(getattr(base, name))) and items_of(side) != items_of(base):
            # What was annotated on the text of before is nowhere on the new one, and labels of before may mean something else.
            conflicts.append(Conflict("set", name, *(getattr(side, name) for side in (base, ours, theirs))))
    for name in ("layers", "confirmed", "comments"):
        before = getattr(base, name) if base else ()
        changes[name] = _united(before, getattr(ours, name), getattr(theirs, name))
    return with_items(replace(ours, **changes), result.ours), tuple(conflicts)


def _united(before: tuple[Any, ...], ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    kept = [value for value in ours if value in theirs or value not in before]
    return (*kept, *(value for value in theirs if value not in ours and value not in before))


def items_of(annotations: AnnotationSet | None) -> Items:
    """All items of a set; none when there is no set."""
    return Items.of(annotations.spans, annotations.relations) if annotations else Items()
