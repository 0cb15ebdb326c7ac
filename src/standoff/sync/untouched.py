"""Documents of which both sides are, row by row, as they are remembered or were sent: known without linking them. Pure."""

from itertools import pairwise

from msgspec.structs import replace

from standoff.corpus.model import Document
from standoff.corpus.page import CONTINUES
from standoff.corpus.state import DocumentState, RelationState, RowState, contradictions
from standoff.formats.doccano import Scope, encode
from standoff.formats.doccano_rows import Example
from standoff.sync.chains import Groups
from standoff.sync.document import Counts, DocumentPlan, base_of, within
from standoff.sync.linked import Linked
from standoff.sync.merge import Items


def untouched(scope: Scope, state: DocumentState, ours: Items, example: Example) -> bool:
    """Whether both sides are, row by row, what the state says: then there is nothing to decide."""
    names = {item.id: scope.relation_names.get(item.label) for item in state.base_relations}
    return (
        not state.conflicts
        and base_of(state) == ours
        and {(row.id, row.shape) for row in state.rows}
        == {(row.id, row.shape) for row in example.rows if not row.outdated}
        and {
            (edge.id, names.get(edge.relation) if edge.relation else CONTINUES, edge.head, edge.tail)
            for edge in state.relations
        }
        == {(row.id, row.label, row.head, row.tail) for row in example.relations if not row.outdated}
        and _joined(state)
        and _marked(scope, state)
        # One that a journal tells of is not read from a file, where these are looked for.
        and next(contradictions(state), None) is None
    )


def _joined(state: DocumentState) -> bool:
    """Whether the page holds the fragments of every span together (S3): a `continues` may have gone unknown before."""
    groups = Groups()
    for edge in state.relations:
        if edge.relation is None:
            groups.join(edge.head, edge.tail)
    first: dict[str, int] = {}
    return all(
        groups.find(first.setdefault(row.span, row.id)) == groups.find(row.id)
        for row in state.rows
        if row.marker is None
    )


def _marked(scope: Scope, state: DocumentState) -> bool:
    """Whether the page holds as many markers as the values ask for: the scheme may show others by markers since."""
    values = [
        (span.attributes.get(name), scope.default(name))
        for span in state.base_spans
        for name in scope.markers.get(span.label, ())
    ]
    return sum(value is not None and value != default for value, default in values) == sum(
        row.marker is not None for row in state.rows
    )


def ordered(state: DocumentState) -> DocumentState:
    """What `settle` makes of a state for which `untouched` holds."""
    return replace(
        state,
        rows=tuple(sorted(state.rows, key=lambda row: row.id)),
        relations=tuple(sorted(state.relations, key=lambda edge: edge.id)),
        base_spans=tuple(sorted(state.base_spans, key=lambda span: (span.start, span.end, span.id))),
        base_relations=tuple(sorted(state.base_relations, key=lambda relation: relation.id)),
    )


def no_plan(ours: Items) -> DocumentPlan:
    """What `plan_document` makes of a document for which `untouched` holds."""
    linked = Linked(rows={}, known={}, theirs=ours)
    return DocumentPlan(linked, ours, ours, (), (), frozenset(), Counts(), Counts(), unsent=False)


def as_imported(
    scope: Scope, document: Document, state: DocumentState, ours: Items, example: Example
) -> DocumentState | None:
    """S2 for an import that the page holds just as it was sent: the state that the journal and `settle` come to, without
    their way of getting there. None for any other."""
    if state != DocumentState(example=example.id) or within(scope, ours) != ours:
        return None
    sent, parts = encode(scope, document, ours.spans.values(), ours.relations.values())
    rows = sorted(example.rows, key=lambda row: row.id)
    edges = sorted(example.relations, key=lambda edge: edge.id)
    place = {row.id: number for number, row in enumerate(rows, 1)}
    links = [(edge.label, place.get(edge.head), place.get(edge.tail)) for edge in edges]
    if (
        [row.shape for row in rows] != [part.shape for part in parts]
        or links != [edge.shape for edge in sent.relations]
        # What is there twice, or can't be so at all, is not only to be noted (S9).
        or len(set(links)) < len(links)
        or any(one.end > two.start for span in ours.spans.values() for one, two in pairwise(span.fragments))
    ):
        return None
    items = iter(ours.relations)
    return ordered(
        DocumentState(
            example=example.id,
            rows=tuple(
                RowState(id=row.id, span=part.span, marker=part.marker, label=row.label, start=row.start, end=row.end)
                for row, part in zip(rows, parts, strict=True)
            ),
            relations=tuple(
                RelationState(
                    id=edge.id,
                    head=edge.head,
                    tail=edge.tail,
                    relation=None if edge.label == CONTINUES else next(items),
                )
                for edge in edges
            ),
            base_spans=tuple(ours.spans.values()),
            base_relations=tuple(ours.relations.values()),
        )
    )
