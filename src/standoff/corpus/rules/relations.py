"""Rules for the relations of an annotation set. Pure, and quick where nothing is wrong."""

from collections import Counter
from collections.abc import Iterator

from standoff.corpus.rules.base import Finding, SetContext


def relation_labels(context: SetContext) -> Iterator[Finding]:
    """A relation's label is one of the scheme's."""
    known = context.scheme.relations
    for place, relation in enumerate(context.annotations.relations):
        if relation.label not in known:
            yield Finding(
                f"/relations/{place}/label", f"unknown label {relation.label!r}; use one of {', '.join(known)}"
            )


def dangling_relations(context: SetContext) -> Iterator[Finding]:
    """Both ends of a relation are spans of its set."""
    relations = context.annotations.relations
    spans = context.by_id
    if spans.keys() >= {relation.head for relation in relations} | {relation.tail for relation in relations}:
        return
    for place, relation in enumerate(relations):
        for end, id_ in (("head", relation.head), ("tail", relation.tail)):
            if id_ not in spans:
                yield Finding(
                    f"/relations/{place}/{end}",
                    f"there is no span {id_!r} in this set; correct it, or take the relation out",
                )


def relation_ends(context: SetContext) -> Iterator[Finding]:
    """A relation runs between spans whose labels the scheme allows at its head and at its tail."""
    spans, heads, tails = context.by_id, context.scheme.heads, context.scheme.tails
    for place, relation in enumerate(context.annotations.relations):
        head, tail = spans.get(relation.head), spans.get(relation.tail)
        if relation.label not in heads or head is None or tail is None:
            continue
        if head.label not in heads[relation.label]:
            yield Finding(
                f"/relations/{place}/head",
                f"{relation.label} does not start from {head.label} ({relation.head}); change one of the labels",
            )
        if tail.label not in tails[relation.label]:
            yield Finding(
                f"/relations/{place}/tail",
                f"{relation.label} does not lead to {tail.label} ({relation.tail}); change one of the labels",
            )


def relation_maximum(context: SetContext) -> Iterator[Finding]:
    """A span starts no more relations of one label than the scheme allows (`max`)."""
    limits = {name: label.max for name, label in context.scheme.relations.items() if label.max is not None}
    counts = Counter(
        [(relation.head, relation.label) for relation in context.annotations.relations if relation.label in limits]
    )
    for (head, label), count in counts.items():
        if count > limits[label]:
            place = context.places.get(head)
            yield Finding(
                "/relations" if place is None else f"/spans/{place}",
                f"{head} starts {count} relations {label}; {limits[label]} at most: take one out",
            )


def self_relations(context: SetContext) -> Iterator[Finding]:
    """A relation does not lead from a span to itself."""
    for place, relation in enumerate(context.annotations.relations):
        if relation.head == relation.tail:
            yield Finding(f"/relations/{place}", f"{relation.label} leads from {relation.head} to itself; take it out")


def identical_relations(context: SetContext) -> Iterator[Finding]:
    """No two relations of a set have the same label and ends."""
    relations = context.annotations.relations
    if len({(relation.label, relation.head, relation.tail) for relation in relations}) == len(relations):
        return
    seen: dict[tuple[str, str, str], int] = {}
    for place, relation in enumerate(relations):
        first = seen.setdefault((relation.label, relation.head, relation.tail), place)
        if first != place:
            yield Finding(
                f"/relations/{place}", f"the same as relations[{first}] ({relations[first].id}); take one out"
            )
