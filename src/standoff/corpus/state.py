"""What sync remembers between runs, committed with the annotations: nothing that a sync without changes changes."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from standoff.corpus.model import By, ItemId, Name, Offset, Part, Relation, Span

RemoteId = Annotated[int, Meta(ge=0, description="An id that the server gave; never used again there.")]


class ProjectState(Part, frozen=True, kw_only=True):
    """`corpus/sync/<project>/project.json`: which project of which server this is."""

    url: str
    id: RemoteId
    token: Annotated[str, Meta(min_length=1, description="Also stands in the project's description there.")]
    span_types: Annotated[Mapping[Name, RemoteId], Meta(description="Name in the page to the label type's id.")]
    relation_types: Annotated[Mapping[Name, RemoteId], Meta(description="Name in the page to the relation type's id.")]
    mode: Annotated[
        Literal["shared", "per-member"] | None, Meta(description="corpus.toml's, when the project was made.")
    ] = None
    set: Annotated[Name | None, Meta(description="corpus.toml's, when the project was made.")] = None
    grapheme_mode: Annotated[bool | None, Meta(description="corpus.toml's, when the project was made.")] = None


class RowState(Part, frozen=True, kw_only=True):
    """A row of the page, as both sides last agreed on it: a fragment of our span, or its marker of one attribute."""

    id: RemoteId
    span: ItemId
    marker: Annotated[Name | None, Meta(description="The attribute that it marks; absent: a fragment.")] = None
    label: Annotated[Name, Meta(description="The label's name in the page.")]
    start: Offset
    end: Offset

    @property
    def shape(self) -> tuple[str, int, int]:
        """Label and offsets: what a row of the page has too."""
        return (self.label, self.start, self.end)


class RelationState(Part, frozen=True, kw_only=True):
    """A relation of the page, between two rows."""

    id: RemoteId
    head: RemoteId
    tail: RemoteId
    relation: Annotated[ItemId | None, Meta(description="Our relation; absent: it joins fragments of one span.")] = None
    label: Annotated[Name | None, Meta(description="Its name in the page, as long as the scheme has another one.")] = (
        None
    )


class OpenConflict(Part, frozen=True, kw_only=True):
    """A field of an item that both sides changed since the base. `field` is `item` when one side deleted it."""

    item: ItemId
    field: Name
    base: Any = None
    ours: Any = None
    theirs: Any = None


class CommentState(Part, frozen=True, kw_only=True):
    """A comment of the page that was stored, as it read then."""

    id: RemoteId
    text: Annotated[str, Meta(description="The start of its SHA-256.")]


class DocumentState(Part, frozen=True, kw_only=True):
    """`corpus/sync/<project>/<annotator>/<document>.json`: one annotation set in one project."""

    dropped: Annotated[bool, Meta(description="Left alone in the page until it is named with --document.")] = False
    example: Annotated[RemoteId | None, Meta(description="The example's id.")] = None
    confirmed: Annotated[tuple[By, ...], Meta(description="Who confirmed it in this project, and when.")] = ()
    comments: Annotated[
        tuple[RemoteId | CommentState, ...],
        Meta(description="The page's comments that were stored; of older ones the id."),
    ] = ()
    conflicts: tuple[OpenConflict, ...] = ()
    rows: tuple[RowState, ...] = ()
    relations: tuple[RelationState, ...] = ()
    base_spans: Annotated[tuple[Span, ...], Meta(description="What both sides last agreed on.")] = ()
    base_relations: tuple[Relation, ...] = ()


def contradictions(state: DocumentState) -> Iterator[tuple[str, str]]:
    """Where the halves of a state don't fit together, as after a merge by lines: JSON pointer, and what is wrong. Pure.

    Such a base is not what both sides agreed on, and would make deletions of what nobody deleted.
    """
    for field in ("rows", "relations", "base_spans", "base_relations"):
        seen: set[int | str] = set()
        for number, item in enumerate(getattr(state, field)):
            if item.id in seen:
                yield f"/{field}/{number}/id", f"{item.id!r} stands twice in {field}"
            seen.add(item.id)
    fragments = {row.span for row in state.rows if row.marker is None}
    for number, span in enumerate(state.base_spans):
        if span.id not in fragments:
            yield f"/base_spans/{number}/id", f"no row belongs to the span {span.id!r}"
    edges = {edge.relation for edge in state.relations}
    for number, relation in enumerate(state.base_relations):
        if relation.id not in edges:
            yield f"/base_relations/{number}/id", f"no relation of the page belongs to {relation.id!r}"
    if state.example is None and (state.rows or state.relations or state.base_spans):
        yield "/rows", "there are rows and no example that they are of"
