"""What the page is told about a document, its annotation sets, and the scheme: plain values, made for JSON. Pure.

Positions stay code points. Spans are referred to by their place in the set, in the order of the text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.explore.colors import DARK, LIGHT, legible
from standoff.score.agreement import span_pairs
from standoff.score.matching import Extent, extent

EXTENT, LABEL, ATTRIBUTES, LINKS = 1, 2, 4, 8
"""How two spans of a pair differ: a sum of these. As in article.js."""
SNIPPET = 180
"""Characters of a text that stand in the list of documents."""
UNKNOWN = "#767676"
"""The colour of labels that the scheme doesn't have."""


class Row(NamedTuple):
    """A document in the list: `counts` are those of each layer of the scheme, None where it was not annotated."""

    id: str
    title: str | None
    snippet: str
    date: str | None
    characters: int
    counts: tuple[int | None, ...]


def scheme_record(index: SchemeIndex) -> dict[str, Any]:
    """Layers and labels with a colour for each paper, the attributes with a list of values, and defaults."""
    return {
        "version": index.scheme.version,
        "title": index.scheme.title,
        "layers": [
            {
                "name": layer.name,
                "color": _colors(layer.color),
                "labels": [
                    {
                        "name": label.name,
                        "short": label.page or label.name,
                        "color": _colors(label.color or layer.color),
                    }
                    for label in layer.labels
                ],
                "relations": [relation.name for relation in layer.relations],
            }
            for layer in index.scheme.layers
        ],
        "unknown": _colors(UNKNOWN),
        "listed": [a.name for a in index.scheme.attributes if a.values],
        "defaults": {a.name: a.default for a in index.scheme.attributes if a.default is not None},
    }


def row(document: Document, annotations: AnnotationSet | None, index: SchemeIndex) -> Row:
    """The document in the list, with the numbers of one of its sets."""
    counts: dict[str, int] = {}
    for span in annotations.spans if annotations else ():
        layer = index.span_layer.get(span.label, "")
        counts[layer] = counts.get(layer, 0) + 1
    known = annotations.layers if annotations else ()
    return Row(
        id=document.id,
        title=document.title,
        snippet=" ".join(document.text[: SNIPPET * 2].split())[:SNIPPET],
        date=document.date,
        characters=len(document.text),
        counts=tuple(counts.get(name, 0) if name in known or name in counts else None for name in index.layers),
    )


def document_record(
    number: int, document: Document, sets: Sequence[AnnotationSet], index: SchemeIndex
) -> dict[str, Any]:
    """A document with these sets, and how each two of them differ."""
    ordered = [sorted(one.spans, key=_position) for one in sets]
    differences = {
        f"{i},{j}": set_differences(sets[i], sets[j], (ordered[i], ordered[j]), index)
        for j in range(len(sets))
        for i in range(j)
    }
    source = document.source
    return {
        "number": number,
        "id": document.id,
        "text": document.text,
        "title": document.title,
        "date": document.date,
        "language": document.language,
        "group": document.group,
        "source": {"file": source.file, "publisher": source.publisher, "url": source.url, "license": source.license},
        "sections": [(section.kind, section.start, section.end) for section in _whole(document)],
        "sets": [_set_record(one, spans) for one, spans in zip(sets, ordered, strict=True)],
        "differences": differences,
    }


class _Stretch(NamedTuple):
    kind: str
    start: int
    end: int


def _whole(document: Document) -> list[_Stretch]:
    """The sections, with what stands between them as paragraphs: every character that is no white space is shown."""
    stretches: list[_Stretch] = []
    at = 0
    for section in (*sorted(document.sections, key=lambda one: one.start), None):
        start = max(at, section.start if section else len(document.text))
        between = document.text[at:start]
        if between.strip():
            stretches.append(
                _Stretch("paragraph", at + len(between) - len(between.lstrip()), at + len(between.rstrip()))
            )
        at = start
        if section and section.end > start:
            stretches.append(_Stretch(section.kind, start, section.end))
            at = section.end
    return stretches


def _set_record(annotations: AnnotationSet, spans: Sequence[Span]) -> dict[str, Any]:
    places = {span.id: place for place, span in enumerate(spans)}
    origin = annotations.provenance
    return {
        "annotator": annotations.annotator,
        "kind": annotations.kind,
        "layers": annotations.layers,
        "confirmed": [{"by": by.annotator, "at": by.at} for by in annotations.confirmed],
        "comments": [{"by": one.by, "at": one.at, "text": one.text} for one in annotations.comments],
        # Not the user: it is never released.
        "provenance": {"tool": origin.tool, "model": origin.model, "version": origin.version, "at": origin.at}
        if origin
        else {},
        "spans": [_span_record(span) for span in spans],
        "relations": [
            (one.label, places[one.head], places[one.tail])
            for one in annotations.relations
            if one.head in places and one.tail in places
        ],
    }


def _span_record(span: Span) -> tuple[Any, ...]:
    more: dict[str, Any] = {"id": span.id}
    if span.score is not None:
        more["score"] = span.score
    if span.note is not None:
        more["note"] = span.note
    if span.by is not None and span.by.annotator is not None:
        more["by"] = span.by.annotator
    return (span.label, span.extents, dict(span.attributes), more)


def set_differences(
    first: AnnotationSet, second: AnnotationSet, ordered: tuple[Sequence[Span], Sequence[Span]], index: SchemeIndex
) -> list[tuple[int, int, int]]:
    """Pairs of spans in the layers that both annotated, by their places in `ordered`, and how they differ: 0 for not at all.

    In text order. -1 stands for no partner. Spans of a layer that only one of the two annotated are in no pair.
    """
    places = [{id(span): place for place, span in enumerate(spans)} for spans in ordered]
    links = [_links(one) for one in (first, second)]
    found: list[tuple[tuple[int, int, str], tuple[int, int, int]]] = []
    for layer in index.layers:
        if layer not in first.layers or layer not in second.layers:
            continue
        sides = [[span for span in spans if index.span_layer.get(span.label) == layer] for spans in ordered]
        for a, b in span_pairs(*sides):
            if span := a or b:
                kind = _difference(a, b, links) if a and b else 0
                pair = places[0][id(a)] if a else -1, places[1][id(b)] if b else -1, kind
                found.append((_position(span), pair))
    return [pair for _, pair in sorted(found)]


Links = Mapping[str, frozenset[tuple[str, Extent, str]]]


def _links(annotations: AnnotationSet) -> Links:
    """Id of a head to the label of each relation that starts there, with place and label of its tail."""
    spans = {span.id: span for span in annotations.spans}
    links: dict[str, list[Relation]] = {}
    for relation in annotations.relations:
        if relation.tail in spans:
            links.setdefault(relation.head, []).append(relation)
    return {
        head: frozenset((one.label, extent(spans[one.tail]), spans[one.tail].label) for one in relations)
        for head, relations in links.items()
    }


def _difference(a: Span, b: Span, links: Sequence[Links]) -> int:
    none: frozenset[tuple[str, Extent, str]] = frozenset()
    return (
        (extent(a) != extent(b)) * EXTENT
        + (a.label != b.label) * LABEL
        + (a.attributes != b.attributes) * ATTRIBUTES
        + (links[0].get(a.id, none) != links[1].get(b.id, none)) * LINKS
    )


def _position(span: Span) -> tuple[int, int, str]:
    return span.start, -span.end, span.id


def _colors(color: str) -> tuple[str, str]:
    return legible(color, LIGHT), legible(color, DARK)
