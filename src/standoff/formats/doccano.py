"""Annotations as Doccano's page holds them: one row a fragment or marker, fragments chained by `continues`. Pure.

The only code that knows the page's units. An example is either in the page's units, as the server has it, or in code
points, as everything else here; `to_page` and `from_page` lead from one to the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.page import CONTINUES, PageLabel, relation_types, span_types
from standoff.corpus.scheme import SchemeIndex
from standoff.errors import StandoffError
from standoff.formats.doccano_graphemes import cluster_lengths
from standoff.formats.doccano_rows import DOCUMENT_KEY, SHA256_KEY, Example, RelationRow, Row
from standoff.text.offsets import OffsetError, OffsetMap

_TAKE_BACK = (
    "if the scheme calls it otherwise now, run `standoff migrate` and sync again, or state this name there with `page`; else give"
    " it another one in the page, or take the label back into the scheme or the project"
)


class PageError(StandoffError):
    """A document that the page, or we, can't hold without a loss: it is skipped. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one project holds of a scheme: its layers, and every label that can end one of their relations."""

    index: SchemeIndex
    layers: tuple[str, ...]
    labels: frozenset[str]
    """Span labels."""
    relation_labels: frozenset[str]
    span_types: tuple[PageLabel, ...]
    """In the order in which the page should list them; no two with one key."""
    relation_types: tuple[PageLabel, ...]
    spans: Mapping[str, PageLabel]
    """Name in the page to span type."""
    relations: Mapping[str, PageLabel]
    """Name in the page to relation type, `continues` too."""
    names: Mapping[tuple[str | None, tuple[tuple[str, str], ...]], str]
    """Label and the attributes in its name, or no label and a marker's attribute, to the span type's name."""
    relation_names: Mapping[str, str]
    in_label: Mapping[str, tuple[str, ...]]
    """Span label to the attributes that are part of its name in the page."""
    markers: Mapping[str, tuple[str, ...]]
    """Span label to the attributes that are shown by markers."""

    def default(self, attribute: str) -> str | None:
        """The value that the page shows by no marker."""
        return self.index.attributes[attribute].default

    def holds(self, item: Span | Relation) -> bool:
        """Whether the item's label belongs to this project."""
        return item.label in (self.labels if isinstance(item, Span) else self.relation_labels)


def scope(index: SchemeIndex, layers: Sequence[str]) -> Scope:
    """The scope of a project with these layers (of all when there are none)."""
    chosen = tuple(layers) or tuple(index.layers)
    relation_labels = frozenset(label for label, layer in index.relation_layer.items() if layer in chosen)
    labels = {label for label, layer in index.span_layer.items() if layer in chosen}
    for label in relation_labels:
        labels |= index.heads[label] | index.tails[label]
    touched = [layer for layer in index.layers if any(index.span_layer[label] == layer for label in labels)]
    shown = {name for label in labels for name in index.label_attributes[label]}
    types = _one_key_each(
        kind
        for kind in span_types(index, touched)
        if (kind.label in labels if kind.label else kind.values[0][0] in shown)
    )
    relations = _one_key_each(relation_types(index, chosen))
    pages = {name: attribute.page for name, attribute in index.attributes.items()}
    # The scheme's order, which is the order in a label's name.
    carried = {label: [name for name in index.attributes if name in index.label_attributes[label]] for label in labels}
    return Scope(
        index=index,
        layers=chosen,
        labels=frozenset(labels),
        relation_labels=relation_labels,
        span_types=types,
        relation_types=relations,
        spans={kind.name: kind for kind in types},
        relations={kind.name: kind for kind in relations},
        names={(kind.label, kind.values): kind.name for kind in types},
        relation_names={kind.label: kind.name for kind in relations if kind.label},
        in_label={label: tuple(name for name in carried[label] if pages[name] == "label") for label in labels},
        markers={label: tuple(name for name in carried[label] if pages[name] == "marker") for label in labels},
    )


def _one_key_each(types: Iterable[PageLabel]) -> tuple[PageLabel, ...]:
    used: set[str] = set()
    unique = []
    for kind in types:
        unique.append(replace(kind, key=None) if kind.key in used else kind)
        used.add(kind.key or "")
    return tuple(unique)


class Part(Struct, frozen=True, kw_only=True):
    """What one row stands for: a fragment of a span, or its marker of one attribute. Offsets in code points."""

    span: str
    marker: str | None = None
    label: str
    """The span type's name in the page."""
    start: int
    end: int

    @property
    def shape(self) -> tuple[str, int, int]:
        """What can be compared with a row."""
        return (self.label, self.start, self.end)


def page_label(scope: Scope, span: Span) -> str:
    """The name of a span's type in the page. Raises PageError when an attribute in it has no known value."""
    values = []
    for name in scope.in_label[span.label]:
        value = span.attributes.get(name, scope.default(name))
        if value is None:
            raise PageError(
                f"span {span.id} ({span.label}) has no {name!r}; run `standoff validate`, mend it, sync again"
            )
        values.append((name, value))
    if (label := scope.names.get((span.label, tuple(values)))) is None:
        raise PageError(
            f"span {span.id} ({span.label}) has values {values} unknown to the scheme; run `standoff validate`"
        )
    return label


def parts(scope: Scope, span: Span) -> list[Part]:
    """The rows of one span: its fragments in text order, then its markers. Raises PageError."""
    label = page_label(scope, span)
    rows = [Part(span=span.id, label=label, start=piece.start, end=piece.end) for piece in span.fragments]
    first = span.fragments[0]
    for name in scope.markers[span.label]:
        value = span.attributes.get(name, scope.default(name))
        if value is None or value == scope.default(name):
            continue
        if (marker := scope.names.get((None, ((name, value),)))) is None:
            raise PageError(f"span {span.id}: {name} = {value!r} is unknown to the scheme; run `standoff validate`")
        rows.append(Part(span=span.id, marker=name, label=marker, start=first.start, end=first.end))
    return rows


def encode(
    scope: Scope, document: Document, spans: Iterable[Span], relations: Iterable[Relation]
) -> tuple[Example, list[Part]]:
    """A new example in code points, and what each of its rows (ids 1, 2, ...) stands for. Items outside of the project are
    left out. Raises PageError."""
    known: list[Part] = []
    rows: list[Row] = []
    joined: list[RelationRow] = []
    first: dict[str, int] = {}
    for span in spans:
        if not scope.holds(span):
            continue
        first[span.id] = len(rows) + 1
        for part in parts(scope, span):
            rows.append(Row(id=len(rows) + 1, label=part.label, start=part.start, end=part.end))
            known.append(part)
        for number in range(1, len(span.fragments)):
            head = first[span.id] + number - 1
            joined.append(RelationRow(id=len(joined) + 1, label=CONTINUES, head=head, tail=head + 1))
    for relation in relations:
        if not scope.holds(relation):
            continue
        if relation.head not in first or relation.tail not in first:
            raise PageError(f"relation {relation.id} has an end that is not here; run `standoff validate`")
        name = scope.relation_names[relation.label]
        head, tail = first[relation.head], first[relation.tail]
        joined.append(RelationRow(id=len(joined) + 1, label=name, head=head, tail=tail))
    meta = {DOCUMENT_KEY: document.id, SHA256_KEY: sha256(document.text)}
    return Example(id=0, text=document.text, meta=meta, rows=tuple(rows), relations=tuple(joined)), known


def encode_set(scope: Scope, document: Document, annotations: AnnotationSet | None) -> tuple[Example, list[Part]]:
    """`encode` for a whole set, or for a document without annotations."""
    return encode(
        scope, document, annotations.spans if annotations else (), annotations.relations if annotations else ()
    )


def offsets(text: str, *, grapheme_mode: bool) -> OffsetMap:
    """The page's units for a text: UTF-16 code units, or the clusters of its own splitter."""
    return OffsetMap.of_clusters(text, cluster_lengths(text)) if grapheme_mode else OffsetMap.of(text, "utf16")


def to_page(example: Example, units: OffsetMap) -> Example:
    """An example in code points with its rows in the page's units. Raises PageError for a position inside a unit."""
    return replace(example, rows=tuple([row_to_page(row, units) for row in example.rows]))


def row_to_page(row: Row, units: OffsetMap) -> Row:
    """One row in code points in the page's units. Raises PageError for a position inside a unit."""
    try:
        return replace(row, start=units.to_unit(row.start), end=units.to_unit(row.end))
    except OffsetError as error:
        raise PageError(
            f"{row.label} at {row.start}-{row.end}: {error}; in grapheme mode it can't be annotated there"
        ) from None


def from_page(scope: Scope, document: Document, example: Example, units: OffsetMap) -> Example:
    """An example of the page with its rows in code points, checked against our document (S10).

    Raises PageError: another text, a position outside of the text or inside a character, a label that the project lacks.
    """
    if example.text != document.text:
        sent = example.meta.get(SHA256_KEY)
        where = "here" if sent != sha256(document.text) and sent == sha256(example.text) else "in the page"
        raise PageError(
            f"the text has changed {where} since it was pushed; "
            + (
                "restore it from git, or give the new text an id of its own and `--drop` this one"
                if where == "here"
                else "texts are never changed in the page: restore it there, or delete the example and sync again with --drop"
            )
        )
    rows = []
    for row in example.rows:
        if row.label not in scope.spans:
            raise PageError(
                f"row {row.id} has the label {row.label!r}, which this project's layers of the scheme lack; {_TAKE_BACK}"
            )
        try:
            start, end = units.to_code_point(row.start), units.to_code_point(row.end)
        except OffsetError as error:
            raise PageError(f"row {row.id} ({row.label}, {row.start}-{row.end}): {error}") from None
        if start >= end:
            raise PageError(f"row {row.id} ({row.label}, {row.start}-{row.end}) is empty; delete it in the page")
        rows.append(replace(row, start=start, end=end))
    for relation in example.relations:
        if relation.label not in scope.relations:
            raise PageError(
                f"relation {relation.id} has the label {relation.label!r}, which this project's layers of the scheme lack;"
                f" {_TAKE_BACK}"
            )
    return replace(example, rows=tuple(rows))
