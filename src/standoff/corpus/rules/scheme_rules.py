"""What a scheme's `[rules]` forbid beyond labels and values: driven by its data, whatever the labels are called. Pure."""

from collections.abc import Iterator, Set
from itertools import pairwise

from standoff.corpus.model import Span
from standoff.corpus.rules.base import Finding, SetContext
from standoff.corpus.rules.quotation import quoted

_FOUND = {
    "all": "all of it stands within quotation marks",
    "none": "no quotation marks stand in it",
    "some": "only a part of it stands within quotation marks",
}


def quotation_type(context: SetContext) -> Iterator[Finding]:
    """A quote's type follows from the quotation marks in its content: all words within them, none, or some."""
    for rule, labels in context.setting.quotation:
        names = {"all": rule.direct, "none": rule.indirect, "some": rule.mixed}
        for place in context.columns.having(labels):
            stated = context.columns.attributes[place].get(rule.attribute)
            found = quoted(context.columns.surface(place))
            if stated != names[found] and stated in names.values():
                yield Finding(
                    f"/spans/{place}/attributes/{rule.attribute}",
                    f"{stated!r}, but {_FOUND[found]}: make it {names[found]!r}, or correct the extent",
                )


def nested_values(context: SetContext) -> Iterator[Finding]:
    """A span with one of these labels (values: dates, numbers ...) does not stand inside another with one of them."""
    for labels in context.setting.flat:
        if not _overlap(context, labels):
            continue
        spans = sorted(
            [(place, context.spans[place]) for place in context.columns.having(labels)],
            key=lambda item: (item[1].start, -item[1].end),
        )
        outer: list[tuple[int, Span]] = []
        for place, span in spans:
            outer = [item for item in outer if item[1].end > span.start]
            for _, other in outer:
                if _inside(span, other) or _inside(other, span):
                    yield Finding(
                        f"/spans/{place}",
                        f"{span.label} {span.text!r} and {other.label} {other.text!r} ({other.id}) stand in one another; keep the outer one",
                    )
                    break
            outer.append((place, span))


def exclusive_labels(context: SetContext) -> Iterator[Finding]:
    """Spans that exclude one another (a quote's cue and an event's trigger) have no words in common."""
    for labels, others, both in context.setting.exclusive:
        if not _overlap(context, both):
            continue
        own, foreign = context.columns.having(labels), context.columns.having(others)
        theirs = [(other, _extents(context, other)) for other in foreign]
        for place in own:
            extents = _extents(context, place)
            other = next((other for other, pieces in theirs if _meet(extents, pieces)), None)
            if other is not None:
                span, found = context.spans[place], context.spans[other]
                yield Finding(
                    f"/spans/{place}",
                    f"{span.label} {span.text!r} has words in common with {found.label} {found.text!r} ({found.id});"
                    " keep one of them",
                )


def _overlap(context: SetContext, labels: Set[str]) -> bool:
    """Whether any two spans with these labels overlap, over all their fragments."""
    hulls, places_of = context.columns.hulls, context.columns.places_of
    found = sorted([hulls[place] for label in places_of.keys() & labels for place in places_of[label]])
    return any([before[1] > after[0] for before, after in pairwise(found)])


def _extents(context: SetContext, place: int) -> list[tuple[int, int]]:
    return [(p.start, p.end) for p in context.columns.fragments[place] if p.start < p.end]


def _meet(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> bool:
    return any([start < end_ and start_ < end for start, end in some for start_, end_ in others])


def entity_attributes(context: SetContext) -> Iterator[Finding]:
    """Spans that stand for one thing (one value of `entity`) agree on what is known of it (`kb_id`)."""
    for key, name in context.setting.same:
        if context.agreed(key, name):
            continue
        first: dict[str, tuple[str, str]] = {}
        for place, attributes in enumerate(context.columns.attributes):
            if key in attributes and name in attributes:
                thing, value = attributes[key], attributes[name]
                other, id_ = first.setdefault(thing, (value, context.columns.ids[place]))
                if other != value:
                    yield Finding(
                        f"/spans/{place}/attributes/{name}",
                        f"{key} {thing!r} has {name} {value!r} here and {other!r} in {id_}; make them equal",
                    )


def entity_attributes_everywhere(context: SetContext) -> Iterator[Finding]:
    """What is known of one thing (`kb_id`) is stated at each of its mentions."""
    for key, name in context.setting.same:
        if context.agreed(key, name):
            continue
        missing = {
            attributes[key] for attributes in context.columns.attributes if key in attributes and name not in attributes
        }
        if not missing:
            continue
        known = {
            attributes[key]: attributes[name]
            for attributes in context.columns.attributes
            if key in attributes and name in attributes
        }
        for place, attributes in enumerate(context.columns.attributes):
            if name not in attributes and (thing := attributes.get(key)) in known and thing is not None:
                yield Finding(
                    f"/spans/{place}/attributes",
                    f"{key} {thing!r} has {name} {known[thing]!r} at another mention; state it here too",
                )


def _inside(inner: Span, outer: Span) -> bool:
    return all(any(o.start <= i.start and i.end <= o.end for o in outer.fragments) for i in inner.fragments)
