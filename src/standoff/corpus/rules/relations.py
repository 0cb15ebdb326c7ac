"""Rules for the relations of an annotation set. Pure, and quick where nothing is wrong."""

from collections import Counter
from collections.abc import Iterator
from operator import eq

from standoff.corpus.rules.base import Finding, SetContext


def relation_labels(context: SetContext) -> Iterator[Finding]:
    """A relation's label is one of the scheme's."""
    known = context.scheme.relations
    if known.keys() >= {label for label, _, _ in context.columns.linked}:
        return
    for place, relation in enumerate(context.relations):
        if relation.label not in known:
            yield Finding(
                f"/relations/{place}/label", f"unknown label {relation.label!r}; use one of {', '.join(known)}"
            )


def dangling_relations(context: SetContext) -> Iterator[Finding]:
    """Both ends of a relation are spans of its set."""
    spans = context.columns.label_of
    if all([head is not None and tail is not None for _, head, tail in context.columns.linked]):
        return
    for place, relation in enumerate(context.relations):
        for end, id_ in (("head", relation.head), ("tail", relation.tail)):
            if id_ not in spans:
                yield Finding(
                    f"/relations/{place}/{end}",
                    f"there is no span {id_!r} in this set; correct it, or take the relation out",
                )


def relation_ends(context: SetContext) -> Iterator[Finding]:
    """A relation runs between spans whose labels the scheme allows at its head and at its tail."""
    if context.columns.linked <= context.setting.links:
        return
    label_of, heads, tails = context.columns.label_of, context.scheme.heads, context.scheme.tails
    for place, (label, head, tail) in enumerate(context.columns.triples):
        if label not in heads or head not in label_of or tail not in label_of:
            continue
        if label_of[head] not in heads[label]:
            yield Finding(
                f"/relations/{place}/head",
                f"{label} does not start from {label_of[head]} ({head}); change one of the labels, or take it out",
            )
        if label_of[tail] not in tails[label]:
            yield Finding(
                f"/relations/{place}/tail",
                f"{label} does not lead to {label_of[tail]} ({tail}); change one of the labels, or take it out",
            )


def relation_maximum(context: SetContext) -> Iterator[Finding]:
    """A span starts no more relations of one label than the scheme allows (`max`)."""
    limits = context.setting.limits
    limited = [(head, label) for label, head, _ in context.columns.triples if label in limits]
    if len(set(limited)) == len(limited):
        return
    counts = Counter(limited)
    for (head, label), count in counts.items():
        if count > limits[label]:
            place = context.columns.ids.index(head) if head in context.columns.label_of else None
            yield Finding(
                "/relations" if place is None else f"/spans/{place}",
                f"{head} starts {count} relations {label}; {limits[label]} at most: take one out",
            )


def self_relations(context: SetContext) -> Iterator[Finding]:
    """A relation does not lead from a span to itself."""
    heads, tails = context.columns.heads, context.columns.tails
    if not any(map(eq, heads, tails)):
        return
    for place, (label, head, tail) in enumerate(context.columns.triples):
        if head == tail:
            yield Finding(f"/relations/{place}", f"{label} leads from {head} to itself; take it out")


def identical_relations(context: SetContext) -> Iterator[Finding]:
    """No two relations of a set have the same label and ends."""
    if len(set(context.columns.triples)) == len(context.columns.triples):
        return
    seen: dict[tuple[str, str, str], int] = {}
    for place, triple in enumerate(context.columns.triples):
        first = seen.setdefault(triple, place)
        if first != place:
            yield Finding(
                f"/relations/{place}", f"the same as relations[{first}] ({context.relations[first].id}); take one out"
            )
