"""What the page's relations say about ours (S8, S9). Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from standoff.corpus.ids import mint, relation_content
from standoff.corpus.model import By, Document, Relation
from standoff.corpus.page import CONTINUES
from standoff.corpus.state import DocumentState, RelationState
from standoff.formats.doccano import Scope
from standoff.formats.doccano_rows import Example, RelationRow
from standoff.sync.linked import Linked
from standoff.sync.merge import Items

_Content = tuple[str, str, str]


def link_relations(
    scope: Scope, document: Document, base: Items, ours: Items, linked: Linked, example: Example, state: DocumentState
) -> dict[str, Relation]:
    """The page's relations between the spans of `linked`, with our ids; records in `linked` which row stands for which."""
    known = {edge.id: edge.relation for edge in state.relations if edge.relation is not None}
    template = {**ours.relations, **base.relations}
    theirs: dict[str, Relation] = {}
    holder: dict[_Content, str] = {}
    unlinked: list[tuple[RelationRow, _Content]] = []
    for row in sorted(example.relations, key=lambda row: (row.id not in known, row.id)):
        content = _content(scope, linked, row)
        if content is None:
            continue
        id_ = known.get(row.id)
        if content in holder or id_ in theirs:
            linked.surplus.add(row.id)
        elif id_ is not None:
            _take(linked, theirs, holder, row, id_, _changed(template.get(id_), id_, content, row))
        else:
            unlinked.append((row, content))
    rest: list[tuple[RelationRow, _Content]] = []
    equal = {_of(relation): id_ for id_, relation in ours.relations.items()}
    for row, content in unlinked:
        if content in holder:
            linked.surplus.add(row.id)
        elif (id_ := equal.get(content)) is not None and id_ not in theirs:
            _take(linked, theirs, holder, row, id_, _changed(template.get(id_), id_, content, row))
        else:
            rest.append((row, content))
    vanished = [edge for edge in state.relations if edge.relation in base.relations and edge.relation not in theirs]
    drawn = {content[:2] for _, content in unlinked}
    rest = _restore(linked, theirs, holder, template, ours.relations.keys(), vanished, rest, drawn)
    _mint(document, linked, theirs, holder, rest, {*template, *(edge.relation or "" for edge in state.relations)})
    return theirs


def _content(scope: Scope, linked: Linked, row: RelationRow) -> _Content | None:
    if row.label == CONTINUES:
        return None
    head, tail = linked.span_of(row.head), linked.span_of(row.tail)
    if head is None or tail is None or not {head, tail} <= linked.theirs.spans.keys():
        linked.problems.append(
            f"the relation {row.label} (row {row.id}) ends on a row that was left alone, and so is it"
        )
        return None
    return (scope.relations[row.label].label or row.label, head, tail)


def _changed(before: Relation | None, id_: str, content: _Content, row: RelationRow) -> Relation:
    label, head, tail = content
    if before and _of(before) == content:
        return before
    by = By(at=row.updated_at) if row.updated_at else None
    if before is None:
        return Relation(id=id_, label=label, head=head, tail=tail, by=by)
    return replace(before, label=label, head=head, tail=tail, by=by, score=None)


def _take(
    linked: Linked,
    theirs: dict[str, Relation],
    holder: dict[_Content, str],
    row: RelationRow,
    id_: str,
    relation: Relation,
) -> None:
    theirs[id_] = relation
    holder[_of(relation)] = id_
    linked.relation_rows[row.id] = id_


def _restore(
    linked: Linked,
    theirs: dict[str, Relation],
    holder: dict[_Content, str],
    template: Mapping[str, Relation],
    here: Collection[str],
    vanished: list[RelationState],
    new: list[tuple[RelationRow, _Content]],
    drawn: set[tuple[str, str]],
) -> list[tuple[RelationRow, _Content]]:
    """S8: relations that vanished; what is left of `new` belongs to none of them."""
    same_ends: dict[tuple[str, str], list[tuple[RelationRow, _Content]]] = defaultdict(list)
    for row, content in new:
        same_ends[content[1:]].append((row, content))
    left = list(new)
    for edge in vanished:
        id_ = edge.relation or ""
        before = template[id_]
        if not {before.head, before.tail} <= linked.theirs.spans.keys():
            continue
        if candidates := same_ends[before.head, before.tail]:
            row, content = candidates.pop(0)
            left.remove((row, content))
            _take(linked, theirs, holder, row, id_, _changed(before, id_, content, row))
        elif (
            # What is deleted here as well is gone on both sides.
            id_ in here
            and not {edge.head, edge.tail} <= linked.rows.keys()
            and (before.label, before.head) not in drawn
        ):
            theirs[id_] = before
            holder[_of(before)] = id_
    return left


def _of(relation: Relation) -> _Content:
    return (relation.label, relation.head, relation.tail)


def _mint(
    document: Document,
    linked: Linked,
    theirs: dict[str, Relation],
    holder: dict[_Content, str],
    new: list[tuple[RelationRow, _Content]],
    taken: set[str],
) -> None:
    first: dict[_Content, RelationRow] = {}
    for row, content in new:
        if content in first or content in holder:
            linked.surplus.add(row.id)
        else:
            first[content] = row
    ids = mint("r", [relation_content(document.id, *content) for content in first], taken)
    for id_, (content, row) in zip(ids, first.items(), strict=True):
        label, head, tail = content
        by = By(annotator=row.user, at=row.created_at) if row.user or row.created_at else None
        _take(linked, theirs, holder, row, id_, Relation(id=id_, label=label, head=head, tail=tail, by=by))
