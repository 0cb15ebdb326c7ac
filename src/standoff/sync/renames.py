"""What both sides agreed on under names that the scheme has given up, said in the names that it has now. Pure."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping

from msgspec.structs import replace

from standoff.corpus.model import Relation, Span
from standoff.corpus.state import DocumentState, RowState
from standoff.formats.doccano import PageError, Scope, parts
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.merge import Items


def in_new_names(scope: Scope, state: DocumentState, ours: Items, example: Example) -> DocumentState:
    """The state with what the scheme lacks in the base (labels, attributes, values) called as our item calls it: a set that was
    brought to another version of the scheme has not been edited by that. Rows keep the labels that the page has.

    What somebody touched in the page since stays as it is: whether ours is another name or an edit, nobody can tell then.
    """
    index = scope.index
    if all(_is_known(scope, span) for span in state.base_spans) and all(
        relation.label in index.relation_layer for relation in state.base_relations
    ):
        return state
    there = {row.id: row for row in example.rows}
    rows: dict[str, list[tuple[RowState, Row | None]]] = defaultdict(list)
    for known in state.rows:
        rows[known.span].append((known, there.get(known.id)))
    was = {span.id: span for span in state.base_spans}
    now = {id_: _span(scope, span, ours.spans.get(id_), rows[id_]) for id_, span in was.items()}
    labels = {row.id: row.label for row in example.relations}
    shown = {edge.relation: labels.get(edge.id) for edge in state.relations}
    base = [_relation(scope, one, ours.relations.get(one.id), shown.get(one.id)) for one in state.base_relations]
    renamed = {new.id for old, new in zip(state.base_relations, base, strict=True) if new is not old}
    return replace(
        state,
        rows=tuple([_marker(scope, row, was, now) for row in state.rows]),
        relations=tuple(
            [replace(edge, label=labels.get(edge.id)) if edge.relation in renamed else edge for edge in state.relations]
        ),
        base_spans=tuple(now.values()),
        base_relations=tuple(base),
    )


def sent_in_new_names(scope: Scope, sent: Items, ours: Items) -> Items:
    """Items that were sent before names changed, as our items call them; those that have no name any more are left out."""
    spans = {id_: _span(scope, span, ours.spans.get(id_), []) for id_, span in sent.spans.items()}
    spans = {id_: span for id_, span in spans.items() if scope.holds(span)}
    relations = {
        id_: _relation(scope, relation, ours.relations.get(id_), relation.label)
        for id_, relation in sent.relations.items()
        if relation.head in spans and relation.tail in spans
    }
    return Items(spans, {id_: relation for id_, relation in relations.items() if scope.holds(relation)})


def with_new_labels(scope: Scope, state: DocumentState, example: Example) -> Example:
    """The example with each row and relation that nobody touched, and whose label the scheme lacks, as its item is called now
    in the state (`in_new_names`). What can't be told stays as it is."""
    if {row.label for row in example.rows} <= scope.spans.keys() and (
        {row.label for row in example.relations} <= scope.relations.keys()
    ):
        return example
    spans = {span.id: span for span in state.base_spans}
    known = {row.id: row for row in state.rows}
    relations = {one.id: one.label for one in state.base_relations}
    edges = {edge.id: edge for edge in state.relations}

    def row_of(row: Row) -> Row:
        held = known.get(row.id)
        if row.label in scope.spans or held is None or held.label != row.label or held.span not in spans:
            return row
        names = _labels(scope, spans[held.span], held.marker)
        return replace(row, label=names.pop(), outdated=True) if len(names) == 1 else row

    def relation_of(row: RelationRow) -> RelationRow:
        edge = edges.get(row.id)
        label = relations.get(edge.relation or "") if edge else None
        if row.label in scope.relations or not edge or not label or row.label != (edge.label or label):
            return row
        name = scope.relation_names.get(label)
        return replace(row, label=name, outdated=True) if name else row

    return replace(
        example,
        rows=tuple([row_of(row) for row in example.rows]),
        relations=tuple([relation_of(row) for row in example.relations]),
    )


def _labels(scope: Scope, span: Span, marker: str | None) -> set[str]:
    with contextlib.suppress(PageError):
        return {part.label for part in parts(scope, span) if part.marker == marker} if scope.holds(span) else set()
    return set()


def _is_known(scope: Scope, span: Span) -> bool:
    if span.label not in scope.index.span_layer:
        return False
    for name, value in span.attributes.items():  # noqa: SIM110 - of every span of every document: twice as fast
        if not _holds(scope, span.label, name, value):
            return False
    return True


def _holds(scope: Scope, label: str, name: str, value: str) -> bool:
    if name not in scope.index.label_attributes[label]:
        return False
    values = scope.index.attributes[name].values
    return not values or value in values


def _span(scope: Scope, span: Span, ours: Span | None, rows: list[tuple[RowState, Row | None]]) -> Span:
    if _is_known(scope, span) or (ours and not scope.holds(ours)):
        return span
    if ours is None:
        if span.label not in scope.index.span_layer:
            return span
        # Deleted here: an attribute without a name would pass for what somebody changed in the page.
        kept = {name: value for name, value in span.attributes.items() if _holds(scope, span.label, name, value)}
        return replace(span, attributes=kept | _by_value(scope, span, span.label, kept))
    names = _labels(scope, ours, None).union(*(_labels(scope, ours, name) for name in scope.markers[ours.label]))
    untouched = all(row and (row.label == known.label or row.label in names) for known, row in rows)
    unnamed = untouched and all(row and row.label not in scope.spans for known, row in rows if known.marker is None)
    label = span.label if span.label in scope.index.span_layer else ours.label
    kept, gone = {}, set()
    for name, value in span.attributes.items():
        if _holds(scope, label, name, value) or (not untouched and name in scope.index.label_attributes[label]):
            kept[name] = value
        else:
            gone.add(value)
    for name, value in ours.attributes.items():
        # The same value under another name was not edited. Another value was, unless the page can't show what it was.
        renamed = name not in span.attributes and value in gone
        if name not in kept and (
            renamed or (untouched and name in span.attributes) or (unnamed and name in scope.in_label[label])
        ):
            kept[name] = value
    if untouched and ours.label != label:
        # Ours has another label, and does not say how that one's attributes are called.
        kept |= _by_value(scope, span, label, kept)
    return replace(span, label=label if untouched else span.label, attributes=kept)


def _by_value(scope: Scope, span: Span, label: str, kept: Mapping[str, str]) -> dict[str, str]:
    """Attributes of the label that the span lacked, where one value that has no name any more can be theirs alone."""
    gone = {value for name, value in span.attributes.items() if name not in kept}
    found = {}
    for name in scope.index.label_attributes[label] - span.attributes.keys() - kept.keys():
        values = [value for value in gone if _holds(scope, label, name, value)]
        if scope.index.attributes[name].values and len(values) == 1:
            found[name] = values[0]
    return found


def _relation(scope: Scope, relation: Relation, ours: Relation | None, shown: str | None) -> Relation:
    if ours is None or relation.label in scope.index.relation_layer:
        return relation
    return (
        replace(relation, label=ours.label)
        if shown in {relation.label, scope.relation_names.get(ours.label)}
        else relation
    )


def _marker(scope: Scope, row: RowState, was: Mapping[str, Span], now: Mapping[str, Span]) -> RowState:
    """A marker of an attribute that is gone is that of the new one with its value, if there is one."""
    if row.marker is None or row.span not in now or row.marker in scope.index.attributes:
        return row
    before, after = was[row.span].attributes, now[row.span].attributes
    names = [name for name, value in after.items() if name not in before and value == before.get(row.marker)]
    return replace(row, marker=names[0]) if len(names) == 1 else row
