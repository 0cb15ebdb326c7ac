"""What Doccano's page holds, as values, and its JSON: the lines of an import and of an export. Pure.

Positions here are the page's own units (UTF-16 code units, or grapheme clusters); `formats.doccano` alone converts them.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from standoff.errors import StandoffError

DOCUMENT_KEY = "standoff_document"
"""The key in an example's meta that holds our document's id: no key of ours may clash with one of the page's."""
SHA256_KEY = "standoff_sha256"
"""The key in an example's meta that holds the SHA-256 of the text as it was sent."""


class Row(Struct, frozen=True, kw_only=True):
    """One span of the page: one stretch of text with one label. An export lacks `user` and the times."""

    id: int
    label: str
    start: int
    end: int
    user: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    outdated: bool = False
    """The page still has a name for it that the scheme gave up; `label` is the one that it is to have (`sync.renames`)."""

    @property
    def shape(self) -> tuple[str, int, int]:
        """Label and offsets: what makes two rows the same."""
        return (self.label, self.start, self.end)


class RelationRow(Struct, frozen=True, kw_only=True):
    """One relation of the page; `head` and `tail` are ids of rows of the same example."""

    id: int
    label: str
    head: int
    tail: int
    user: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    outdated: bool = False
    """As of a row."""

    @property
    def shape(self) -> tuple[str, int, int]:
        """Label and ends: what makes two relations the same."""
        return (self.label, self.head, self.tail)


class PageComment(Struct, frozen=True, kw_only=True):
    """A comment on an example. An export lacks `user` and `at`."""

    id: int
    text: str
    user: str | None = None
    at: str | None = None


class Example(Struct, frozen=True, kw_only=True):
    """One text in the page. In an import `id` is 0, and the ids of rows only join relations to them."""

    id: int
    text: str
    meta: Mapping[str, Any] = {}
    rows: tuple[Row, ...] = ()
    relations: tuple[RelationRow, ...] = ()
    comments: tuple[PageComment, ...] = ()

    @property
    def document(self) -> str | None:
        """Our document's id, or None for an example that somebody else put there."""
        value = self.meta.get(DOCUMENT_KEY)
        return value if isinstance(value, str) else None


class ExportError(StandoffError):
    """A line of an export that is not what Doccano 1.8.4 writes."""


_KEYS = frozenset({"id", "text", "entities", "relations", "Comments"})


class _Line(Struct):
    id: int
    text: str
    entities: list["_Span"]
    relations: list["_Relation"] = []
    comments: list["_Comment"] = msgspec.field(default_factory=list, name="Comments")


class _Span(Struct):
    id: int
    label: str
    start_offset: int
    end_offset: int


class _Relation(Struct):
    id: int
    from_id: int
    to_id: int
    type: str


class _Comment(Struct):
    id: int
    comment: str


class _Any(Struct):
    """A line in any variant that one of Doccano's versions writes or reads."""

    text: str | None = None
    data: str | None = None
    id: int | str | None = None
    label: list[tuple[int, int, str] | str | int] | None = None
    labels: list[tuple[int, int, str] | str | int] | None = None
    annotations: list["_AnySpan"] | None = None
    entities: list["_AnySpan"] | None = None
    relations: list["_AnyRelation"] | None = None
    comments: list["_Comment | str"] | None = msgspec.field(default=None, name="Comments")
    meta: dict[str, Any] | None = None


class _AnySpan(Struct):
    label: str | int
    start_offset: int
    end_offset: int
    id: int | None = None
    user: int | str | None = None


class _AnyRelation(Struct):
    from_id: int
    to_id: int
    type: str
    id: int | None = None


_any_line = msgspec.json.Decoder(_Any)
_ANY_KEYS = _KEYS | {"data", "label", "labels", "annotations", "meta"}
_line = msgspec.json.Decoder(_Line)
_meta = msgspec.json.Decoder(dict[str, Any])


def read_line(raw: bytes) -> Example:
    """One line of an export of a project with relations. Raises ExportError."""
    try:
        line = _line.decode(raw)
        meta = {key: value for key, value in _meta.decode(raw).items() if key not in _KEYS}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExportError(f"an export of Doccano has a line that can't be read: {error}") from None
    return Example(
        id=line.id,
        text=line.text,
        meta=meta,
        rows=tuple(Row(id=r.id, label=r.label, start=r.start_offset, end=r.end_offset) for r in line.entities),
        relations=tuple(RelationRow(id=r.id, label=r.type, head=r.from_id, tail=r.to_id) for r in line.relations),
        comments=tuple(PageComment(id=c.id, text=c.comment) for c in line.comments),
    )


def any_line(raw: bytes) -> Example:
    """One line of any variant: spans as `label` or `labels` (triples), `annotations` or `entities` (objects). Ids that are not
    there are negative; a `meta` of its own and the keys beside it are one. Raises ExportError."""
    try:
        line = _any_line.decode(raw)
        meta = {key: value for key, value in _meta.decode(raw).items() if key not in _ANY_KEYS}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExportError(f"a line that can't be read: {error}") from None
    text = line.data if line.text is None else line.text
    if text is None:
        raise ExportError("a line without `text`")
    rows: list[Row] = []
    for triple in (*(line.label or ()), *(line.labels or ())):
        if not isinstance(triple, tuple):
            raise ExportError(f"{triple!r} is a label of a whole text, not of a stretch of it")
        rows.append(Row(id=-1 - len(rows), label=triple[2], start=triple[0], end=triple[1]))
    for span in (*(line.annotations or ()), *(line.entities or ())):
        rows.append(
            Row(
                id=-1 - len(rows) if span.id is None else span.id,
                label=str(span.label),
                start=span.start_offset,
                end=span.end_offset,
                user=None if span.user is None else str(span.user),
            )
        )
    return Example(
        id=line.id if isinstance(line.id, int) else 0,
        text=text,
        meta={**(line.meta or {}), **meta},
        rows=tuple(rows),
        relations=tuple(
            RelationRow(id=place if r.id is None else r.id, label=r.type, head=r.from_id, tail=r.to_id)
            for place, r in enumerate(line.relations or ())
        ),
        comments=tuple(
            PageComment(id=place, text=c) if isinstance(c, str) else PageComment(id=c.id, text=c.comment)
            for place, c in enumerate(line.comments or ())
        ),
    )


def write_line(example: Example) -> bytes:
    """One line of an import file, with its newline. `read_line` reads it back but for users and times.

    ASCII only: the server guesses encodings. Every line has the same keys when every `meta` has: the server reads all
    lines as one table.
    """
    comments = [{"id": comment.id, "comment": comment.text} for comment in example.comments]
    return ascii_json({"id": example.id, **_contents(example), "Comments": comments}) + b"\n"


def import_line(example: Example) -> bytes:
    """`write_line` without what an import must not hold: the example's id and comments would become meta."""
    return ascii_json(_contents(example)) + b"\n"


def _contents(example: Example) -> dict[str, object]:
    return {
        "text": example.text,
        **example.meta,
        "entities": [
            {"id": row.id, "label": row.label, "start_offset": row.start, "end_offset": row.end} for row in example.rows
        ],
        "relations": [
            {"id": row.id, "from_id": row.head, "to_id": row.tail, "type": row.label} for row in example.relations
        ],
    }


def ascii_json(value: object) -> bytes:
    """JSON with every character beyond ASCII escaped."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
