"""The adjudicated set of a document: which layers can be written, what was edited by hand since, what to write. Pure."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from standoff import __version__
from standoff.adjudicate.plan import Plan
from standoff.corpus.decisions import Decisions
from standoff.corpus.ids import mint, relation_content, span_content
from standoff.corpus.model import AnnotationSet, Provenance, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.sync.merge import Items
from standoff.sync.sets import with_items

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Result:
    """What is to be written of one document."""

    annotations: AnnotationSet | None
    """None: nothing, because nothing is settled, or nothing differs from what is there."""
    written: Mapping[str, str]
    """Layer to the hash of what it holds then."""
    edited: tuple[str, ...]
    """Layers that were edited by hand since adjudication wrote them, or that it never wrote: they are left as they are."""
    leaning: tuple[str, ...]
    """Layers of the set that not all annotated, with relations to one to be written: that one stays as it is."""
    waiting: tuple[str, ...]
    """Layers in which something is open, or in one that they lean on."""


def result(
    plan: Plan,
    before: AnnotationSet | None,
    decisions: Decisions,
    index: SchemeIndex,
    *,
    layers: Collection[str],
    overwrite: bool = False,
) -> Result:
    """The set with those of `layers` that are settled. What it has of other layers stays.

    Layers that relations lead between are written together or not at all, so that no relation loses its end. Whoever confirmed the set
    confirmed what it held before, so that what is written is confirmed by nobody. With `overwrite`
    layers that were edited by hand are written too.
    """
    made = content_of(plan.spans, plan.relations, index)
    held = content_of(before.spans, before.relations, index) if before else {}
    there = before.layers if before else ()
    edited: list[str] = []
    held_back: list[str] = []
    waiting: list[str] = []
    chosen: list[str] = []
    written = dict(decisions.written)
    for group in groups(index):
        own = [layer for layer in plan.layers if layer in group]
        if not set(own) & set(layers):
            continue
        if open_ := [layer for layer in own if layer in plan.open_layers]:
            waiting += [layer for layer in own if layer in layers or layer in open_]
            continue
        same = {layer: layer in there and digest(held, layer) == digest(made, layer) for layer in own}
        touched = [
            layer for layer in own if layer in there and not same[layer] and written.get(layer) != digest(held, layer)
        ]
        leaning = {index.relation_layer.get(item.label) for item in before.relations} if before else set()
        leaning &= group - set(own)
        if not all(same.values()) and ((touched and not overwrite) or leaning):
            edited += touched
            held_back += sorted(layer for layer in leaning if layer)
            continue
        written.update({layer: digest(made, layer) for layer in own})
        chosen += own if not all(same.values()) else []
    annotations = _annotations(plan, before, decisions, index, chosen) if chosen else None
    if annotations:
        after = content_of(annotations.spans, annotations.relations, index)
        written.update({layer: digest(after, layer) for layer in chosen})
        if before and all(
            getattr(annotations, part) == getattr(before, part) for part in ("layers", "spans", "relations")
        ):
            annotations = None  # what met ids of layers that stay got others before, and has them
    return Result(annotations, written, tuple(edited), tuple(held_back), tuple(waiting))


def groups(index: SchemeIndex) -> list[frozenset[str]]:
    """The scheme's layers, those together that relations lead between."""
    found = {layer: {layer} for layer in index.layers}
    for name, layer in index.relation_layer.items():
        for label in (*index.heads[name], *index.tails[name]):
            one, other = found[layer], found[index.span_layer[label]]
            if one is not other:
                one |= other
                found.update(dict.fromkeys(other, one))
    return list(dict.fromkeys(frozenset(group) for group in found.values()))


def _annotations(
    plan: Plan, before: AnnotationSet | None, decisions: Decisions, index: SchemeIndex, chosen: Collection[str]
) -> AnnotationSet:
    parameters = msgspec.json.encode({"sets": plan.names}).decode()
    times = [
        decision.at for decision in decisions.decisions if decision.at and set(decision.answers) <= set(plan.names)
    ]
    provenance = Provenance(
        tool="standoff adjudicate", version=__version__, parameters=parameters, at=max(times, default=None)
    )
    first = plan.links.sets[0]
    start = before or AnnotationSet(
        document=plan.document,
        text_sha256=first.text_sha256,
        annotator=decisions.annotator,
        kind="adjudicated",
        scheme=index.scheme.version,
        layers=(),
        spans=(),
        relations=(),
    )
    spans = [span for span in start.spans if index.span_layer.get(span.label) not in chosen]
    relations = [item for item in start.relations if index.relation_layer.get(item.label) not in chosen]
    kept = {span.id for span in spans} | {item.id for item in relations}
    new = _apart(plan, kept)
    spans += [span for span in new[0] if index.span_layer[span.label] in chosen]
    relations += [item for item in new[1] if index.relation_layer[item.label] in chosen]
    order = list(index.layers)
    start = replace(
        start,
        text_sha256=first.text_sha256,
        kind="adjudicated",
        scheme=index.scheme.version,
        confirmed=(),
        layers=tuple(
            sorted({*start.layers, *chosen}, key=lambda layer: order.index(layer) if layer in order else len(order))
        ),
        provenance=provenance,
    )
    return with_items(start, Items.of(spans, relations))


def _apart(plan: Plan, kept: Collection[str]) -> tuple[list[Span], list[Relation]]:
    """What holds, with other ids for what would meet items of layers that stay."""
    taken = {*kept, *(span.id for span in plan.spans), *(item.id for item in plan.relations)}
    names: dict[str, str] = {}
    for span in plan.spans:
        if span.id in kept:
            (names[span.id],) = mint("s", [span_content(plan.document, span.label, span.extents)], taken)
            taken.add(names[span.id])
    relations = []
    for item in plan.relations:
        head, tail, id_ = names.get(item.head, item.head), names.get(item.tail, item.tail), item.id
        if id_ in kept:
            (id_,) = mint("r", [relation_content(plan.document, item.label, head, tail)], taken)
            taken.add(id_)
        relations.append(replace(item, id=id_, head=head, tail=tail))
    return [replace(span, id=names.get(span.id, span.id)) for span in plan.spans], relations


def content_of(
    spans: Collection[Span], relations: Collection[Relation], index: SchemeIndex
) -> dict[str, list[Span | Relation]]:
    """Items by layer, by id."""
    found: dict[str, list[Span | Relation]] = {}
    for span in spans:
        found.setdefault(index.span_layer.get(span.label, ""), []).append(span)
    for relation in relations:
        found.setdefault(index.relation_layer.get(relation.label, ""), []).append(relation)
    return {layer: sorted(items, key=lambda item: item.id) for layer, items in found.items()}


def digest(content: Mapping[str, list[Span | Relation]], layer: str) -> str:
    """The hash by which it is seen whether somebody edited a layer."""
    return hashlib.sha256(_encoder.encode(content.get(layer, []))).hexdigest()
