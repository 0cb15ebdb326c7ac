"""A set that holds all candidates, for a curator to keep one of each. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from standoff.adjudicate.align import reading
from standoff.adjudicate.cells import Cell
from standoff.adjudicate.links import Link
from standoff.adjudicate.plan import Plan
from standoff.corpus.decisions import RelationAnswer
from standoff.corpus.ids import mint, relation_content, span_content
from standoff.corpus.model import AnnotationSet, Relation, Span
from standoff.corpus.scheme import SchemeIndex


def candidates(found: Plan, index: SchemeIndex, layers: Collection[str], annotator: str) -> AnnotationSet:
    """What holds in these layers, and all readings of what is open: a span for each, with the relations of those who read it so.

    Where a value that is part of the label in the page is open, there is a span for each value.
    """
    first = found.links.sets[0]
    taken = {id_ for cell in found.cells for id_ in cell.ids.values()} | {span.id for span in found.spans}
    stands: dict[tuple[int, object], list[Span]] = {}
    for number, cell in enumerate(found.cells):
        if cell.layer in layers:
            for span in _readings(cell):
                spans = [span]
                for values in _label_values(cell, span, index):
                    (id_,) = mint("s", [span_content(found.document, span.label, span.extents)], taken)
                    taken.add(id_)
                    spans.append(replace(span, id=id_, attributes={**span.attributes, **values}))
                stands[number, reading(span)] = spans
    relations: dict[tuple[str, str, str], Relation] = {}
    for relation in found.relations:
        if index.relation_layer[relation.label] in layers:
            link = found.links.link(RelationAnswer(label=relation.label, head=relation.head, tail=relation.tail))
            assert link is not None
            for ends in _pairs(found, stands, link, None):
                relations.setdefault((relation.label, *ends), replace(relation, head=ends[0], tail=ends[1]))
    for link in sorted(found.links.open):
        if index.relation_layer[link[0]] in layers:
            for i, held in sorted(found.links.held[link].items()):
                for ends in _pairs(found, stands, link, i):
                    relations.setdefault((link[0], *ends), replace(held[0], head=ends[0], tail=ends[1]))
    ids: set[str] = taken | {span.id for spans in stands.values() for span in spans}
    unique = []
    for key, relation in relations.items():
        id_ = relation.id
        if id_ in ids:
            (id_,) = mint("r", [relation_content(found.document, *key)], ids)
        ids.add(id_)
        unique.append(replace(relation, id=id_))
    spans = sorted(
        [span for some in stands.values() for span in some], key=lambda span: (span.start, -span.end, span.id)
    )
    starts = {span.id: span.start for span in spans}
    return AnnotationSet(
        document=found.document,
        text_sha256=first.text_sha256,
        annotator=annotator,
        kind="adjudicated",
        scheme=index.scheme.version,
        layers=tuple(layer for layer in found.layers if layer in layers),
        spans=tuple(spans),
        relations=tuple(sorted(unique, key=lambda item: (starts[item.head], starts[item.tail], item.id))),
    )


def _readings(cell: Cell) -> list[Span]:
    if cell.chosen and cell.undecided:
        first = next(iter(cell.holders(reading(cell.chosen)).values()))
        return [replace(cell.chosen, attributes={**first.attributes, **cell.chosen.attributes})]
    if cell.chosen:
        return [cell.chosen]
    if not cell.open:
        return []
    firsts = {reading(span): span for span in reversed(cell.members) if span}
    return [replace(span, id=cell.ids[found]) for found, span in firsts.items()]


def _label_values(cell: Cell, span: Span, index: SchemeIndex) -> Iterable[dict[str, str]]:
    """The other values of attributes that the page shows in the label, where annotators with this reading differ."""
    for name, attribute in index.attributes.items():
        if attribute.page == "label" and (cell.open or cell.undecided):
            values = [one.attributes.get(name) for one in cell.holders(reading(span)).values()]
            for value in dict.fromkeys(values):
                if value is not None and value != span.attributes.get(name):
                    yield {name: value}


def _pairs(
    found: Plan, stands: Mapping[tuple[int, object], Sequence[Span]], link: Link, annotator: int | None
) -> Iterable[tuple[str, str]]:
    """Ids of the spans that a relation leads between, as this annotator reads them where that is open."""
    ends = []
    for number in link[1:]:
        cell = found.cells[number]
        span = cell.chosen or (cell.members[annotator] if annotator is not None else None)
        ends.append(stands.get((number, reading(span)), ()) if span else ())
    return [(head.id, tail.id) for head in ends[0] for tail in ends[1]]
