"""One document in one project, read from all sides, and its set as it becomes. Decides nothing, asks nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, By, Comment, Document, Provenance
from standoff.corpus.state import DocumentState
from standoff.formats.doccano import Scope
from standoff.formats.doccano_rows import Example
from standoff.sync.document import within
from standoff.sync.merge import Items
from standoff.sync.sets import items_of, with_items
from standoff.text.offsets import OffsetMap


@dataclass(frozen=True, slots=True)
class Case:
    """A document with both sides and what is remembered. `example` is in code points, its users are annotators."""

    document: Document
    annotator: str
    user: str | None
    """The member's name in the page, in a per-member project."""
    before: AnnotationSet | None
    """Our set as its file has it."""
    ours: Items
    """The items of this project: of the set, or for a document that was just imported those that were sent."""
    stored: DocumentState | None
    state: DocumentState
    """`stored`, and what the journal adds to it."""
    example: Example
    units: OffsetMap
    journaled: bool
    """There is a journal: whatever is decided, the state has to be saved."""

    @property
    def remembered(self) -> bool:
        """Whether anything is known of what both sides last agreed on."""
        return self.journaled or (self.stored is not None and self.stored.example == self.example.id)


def set_after(
    scope: Scope,
    case: Case,
    ours: Items,
    confirmed: tuple[By, ...] | None,
    comments: Sequence[Comment],
    *,
    layers: Iterable[str],
) -> AnnotationSet | None:
    """Our set with this project's items replaced by `ours`; None when there is nothing to make a set of.

    `confirmed` None leaves that as it is. `layers` are those that the page shows to be annotated; none is ever removed.
    """
    before = case.before
    if before is None and not ours.spans and not ours.relations and not confirmed:
        return None
    if before is None:
        before = AnnotationSet(
            document=case.document.id,
            text_sha256=sha256(case.document.text),
            annotator=case.annotator,
            kind="human",
            scheme=scope.index.scheme.version,
            layers=(),
            provenance=Provenance(tool="doccano", user=case.user) if case.user else None,
            spans=(),
            relations=(),
        )
    old = items_of(before)
    mine = within(scope, old)
    spans = {id_: span for id_, span in old.spans.items() if id_ not in mine.spans} | dict(ours.spans)
    # A relation of another project's goes with a span of both that was deleted in this one, as it does within one.
    relations = {
        id_: item
        for id_, item in old.relations.items()
        if id_ not in mine.relations and not {item.head, item.tail} & (mine.spans.keys() - ours.spans.keys())
    } | dict(ours.relations)
    order = list(scope.index.layers)
    known = {*before.layers, *layers}
    changes: dict[str, Any] = {
        "layers": tuple(sorted(known, key=lambda layer: order.index(layer) if layer in order else len(order)))
        if known != set(before.layers)
        else before.layers,
        "comments": _with_comments(before.comments, comments),
    }
    if confirmed is not None:
        changes["confirmed"] = confirmed
    return with_items(replace(before, **changes), Items(spans, relations))


def _with_comments(before: Sequence[Comment], new: Iterable[Comment]) -> tuple[Comment, ...]:
    """Comments with new ones; one that was only written anew takes the place of what it was."""
    comments = list(before)
    for one in new:
        places = [place for place, old in enumerate(comments) if one.at and (old.by, old.at) == (one.by, one.at)]
        if places:
            comments[places[0]] = one
        elif one not in comments:
            # Those of a state that was deleted (S13) are here already.
            comments.append(one)
    return tuple(comments)


def shown_layers(scope: Scope, items: Items, confirmed: bool) -> set[str]:
    """The project's layers that the page shows to be annotated: those with an item there, or all once it is confirmed."""
    if confirmed:
        return set(scope.layers)
    index = scope.index
    found = {index.span_layer[span.label] for span in items.spans.values()}
    found |= {index.relation_layer[relation.label] for relation in items.relations.values()}
    return found & set(scope.layers)
