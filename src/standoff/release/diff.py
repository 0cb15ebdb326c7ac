"""What differs between two states of a corpus: documents, splits, sets and their items, columns, licences. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Document, Relation, Span

What = Literal[
    "license", "configuration", "column", "class", "rows", "document", "split", "set", "span", "relation"
]  # fmt: skip
Kind = Literal["added", "removed", "changed"]
T = TypeVar("T", Span, Relation)


class Change(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One difference, from the older state to the newer one.

    A span or relation is named by `document`, `annotator` and `item`, its id in the newer state; `label` and `text` say which
    one that is. A set or document that is there on one side only is one change, and nothing in it is another; `size` says
    how many spans and relations a set has. A column is `configuration/column/field`. `field` is what changed: of a span `label`,
    `extent` (before and after are its fragments), `attributes.NAME`; of a relation `label`, `head`, `tail`.
    """

    what: What
    change: Kind
    document: str = ""
    annotator: str = ""
    item: str = ""
    label: str = ""
    text: str = ""
    field: str = ""
    before: Any = None
    after: Any = None
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Record:
    """A document with its split (None: not dealt yet) and its sets by their annotators' names."""

    document: Document
    split: str | None
    sets: Mapping[str, AnnotationSet]


def differences(old: Iterable[Record], new: Iterable[Record]) -> Iterator[Change]:
    """Everything that differs between two streams of records, each in the order of document ids, in that order."""
    for before, after in _joined(old, new):
        if before is None:
            assert after is not None
            yield Change(what="document", change="added", document=after.document.id, after=after.document.title)
        elif after is None:
            yield Change(what="document", change="removed", document=before.document.id, before=before.document.title)
        else:
            yield from _documents(before, after)
        id_ = (after or before).document.id  # type: ignore[union-attr]
        old_sets, new_sets = (side.sets if side else {} for side in (before, after))
        for annotator in sorted(old_sets.keys() | new_sets.keys()):
            yield from _sets(id_, annotator, old_sets.get(annotator), new_sets.get(annotator))


def _joined(old: Iterable[Record], new: Iterable[Record]) -> Iterator[tuple[Record | None, Record | None]]:
    left, right = iter(old), iter(new)
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.document.id < after.document.id):
            yield before, None
            before = next(left, None)
        elif before is None or after.document.id < before.document.id:
            yield None, after
            after = next(right, None)
        else:
            yield before, after
            before, after = next(left, None), next(right, None)


def _documents(before: Record, after: Record) -> Iterator[Change]:
    id_ = after.document.id
    for name, old, new in _fields(before.document, after.document, ("source",)):
        texts = (sha256(old), sha256(new)) if name == "text" else (old, new)
        yield Change(what="document", change="changed", document=id_, field=name, before=texts[0], after=texts[1])
    for name, old, new in _fields(before.document.source, after.document.source):
        field = name if name == "license" else f"source.{name}"
        yield Change(what="document", change="changed", document=id_, field=field, before=old, after=new)
    if before.split != after.split:
        kind: Kind = "added" if before.split is None else "removed" if after.split is None else "changed"
        yield Change(what="split", change=kind, document=id_, before=before.split, after=after.split)


def _sets(document: str, annotator: str, before: AnnotationSet | None, after: AnnotationSet | None) -> Iterator[Change]:
    if before is None or after is None:
        there = after or before
        assert there is not None
        yield Change(
            what="set",
            change="removed" if after is None else "added",
            document=document,
            annotator=annotator,
            size=(len(there.spans), len(there.relations)),
        )
        return
    if before == after:
        return
    for name, old, new in _fields(before, after, ("document", "annotator", "text_sha256", "spans", "relations")):
        yield Change(
            what="set", change="changed", document=document, annotator=annotator, field=name, before=old, after=new
        )
    yield from _items(document, annotator, before, after)
    for field, old_ids, new_ids in (
        ("spans", *([span.id for span in side.spans] for side in (before, after))),
        ("relations", *([relation.id for relation in side.relations] for side in (before, after))),
    ):
        if old_ids != new_ids and sorted(old_ids) == sorted(new_ids):
            yield Change(
                what="set", change="changed", document=document, annotator=annotator, field=f"order of {field}"
            )


def _items(document: str, annotator: str, before: AnnotationSet, after: AnnotationSet) -> Iterator[Change]:
    """Spans, then relations. What has another id, but evidently is the same item, is changed and not removed and added."""
    spans = _paired(
        before.spans,
        after.spans,
        [
            lambda span: (span.label, *span.extents),
            lambda span: span.extents,
            lambda span: (span.label, span.start),
            lambda span: (span.label, span.end),
        ],
    )
    # Relations name spans by ids: those of the old side are followed to the spans that they became.
    became = {old.id: new.id for old, new in spans if old and new}
    old_text = {became.get(span.id, span.id): span.text for span in before.spans}
    new_text = {span.id: span.text for span in after.spans}
    followed = [
        msgspec.structs.replace(
            relation, head=became.get(relation.head, relation.head), tail=became.get(relation.tail, relation.tail)
        )
        for relation in before.relations
    ]
    relations = _paired(
        followed,
        after.relations,
        [
            lambda relation: (relation.head, relation.label, relation.tail),
            lambda relation: (relation.head, relation.label),
            lambda relation: (relation.head, relation.tail),
        ],
    )

    for old, new in spans:
        for change in _item("span", old, new, (new or old).text):  # type: ignore[union-attr]
            yield msgspec.structs.replace(change, document=document, annotator=annotator)
    for before_it, after_it in relations:
        head, tail = (
            new_text.get(id_, old_text.get(id_, id_))
            for id_ in ((after_it or before_it).head, (after_it or before_it).tail)  # type: ignore[union-attr]
        )
        for change in _item("relation", before_it, after_it, f"{head} → {tail}"):
            ends = {}
            if change.field in ("head", "tail"):
                ends = {
                    side: {"id": id_, "text": texts.get(id_, "")}
                    for side, id_, texts in (("before", change.before, old_text), ("after", change.after, new_text))
                }
            yield msgspec.structs.replace(change, document=document, annotator=annotator, **ends)


def _item(what: Literal["span", "relation"], old: T | None, new: T | None, text: str) -> Iterator[Change]:
    there = new or old
    assert there is not None
    named = Change(what=what, change="changed", item=there.id, label=there.label, text=text)
    if old is None or new is None:
        yield msgspec.structs.replace(named, change="removed" if new is None else "added")
        return
    for name, before, after in _fields(old, new, ("attributes",)):
        field = "extent" if name == "fragments" else name
        yield msgspec.structs.replace(named, field=field, before=before, after=after)
    if isinstance(old, Span) and isinstance(new, Span):
        for name in sorted(old.attributes.keys() | new.attributes.keys()):
            before, after = old.attributes.get(name), new.attributes.get(name)
            if before != after:
                yield msgspec.structs.replace(named, field=f"attributes.{name}", before=before, after=after)


def _paired(
    old: Sequence[T], new: Sequence[T], keys: Sequence[Callable[[T], object]]
) -> list[tuple[T | None, T | None]]:
    """Each item with what it became: the one of the same id, else the only one of the same key, key by key.

    In the order of `new`, what was removed last.
    """
    by_id = {item.id: item for item in new}
    became: dict[str, T] = {item.id: by_id[item.id] for item in old if item.id in by_id}
    left: list[T] = [item for item in old if item.id not in became]
    free: list[T] = [item for item in new if item.id not in became]
    for key in keys:
        if not left or not free:
            break
        ours, theirs = _unique(left, key), _unique(free, key)
        found = {item.id: theirs[value] for value, item in ours.items() if value in theirs}
        became |= found
        taken = {item.id for item in found.values()}
        left = [item for item in left if item.id not in found]
        free = [item for item in free if item.id not in taken]
    origin: dict[str, T] = {became[item.id].id: item for item in old if item.id in became}
    pairs: list[tuple[T | None, T | None]] = [(origin.get(item.id), item) for item in new]
    return pairs + [(item, None) for item in left]


def _unique(items: Iterable[T], key: Callable[[T], object]) -> dict[object, T]:
    result: dict[object, T | None] = {}
    for item in items:
        value = key(item)
        result[value] = None if value in result else item
    return {value: item for value, item in result.items() if item is not None}


def _fields(old: Struct, new: Struct, without: Sequence[str] = ()) -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two structs of one kind differ, with both values as JSON would have them."""
    if old == new:
        return
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before != after and name not in without:
            yield name, msgspec.to_builtins(before), msgspec.to_builtins(after)
