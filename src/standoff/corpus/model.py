"""What a corpus is made of: documents, and the annotation sets that stand off from their texts. Immutable, no I/O.

All offsets are Unicode code points of `Document.text`, half-open `[start, end)`. These structs are the one definition:
`schema/*.schema.json` is generated from them (`corpus.schema`). What a type can't say is a rule of validation.
"""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

# True end of string in every regular expression dialect involved: `$` matches before a final newline in Python.
_END = r"(?![\s\S])"

DOCUMENT_ID_PATTERN = r"^[a-z0-9][a-z0-9._-]*" + _END
ITEM_ID_PATTERN = r"^[!-~]+" + _END
_DATE = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_CLOCK = r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"

DocumentId = Annotated[
    str,
    Meta(
        pattern=DOCUMENT_ID_PATTERN,
        max_length=200,
        description="Lower-case letters, digits, '.', '_', '-'; names the file.",
    ),
]
AnnotatorName = Annotated[
    str,
    Meta(
        pattern=DOCUMENT_ID_PATTERN,
        max_length=100,
        description="Who annotated: a person, a model, or `gold`. Lower-case letters, digits, '.', '_', '-'; names the folder.",
    ),
]
ItemId = Annotated[
    str,
    Meta(
        pattern=ITEM_ID_PATTERN,
        max_length=100,
        description="Unique within one annotation set; minted once, never changed.",
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Offset = Annotated[
    int, Meta(ge=0, le=2_147_483_647, description="A position in the text, counted in Unicode code points.")
]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}" + _END, description="SHA-256, hexadecimal, lower case.")]
Date = Annotated[
    str,
    Meta(pattern=f"^{_DATE}({_CLOCK})?{_END}", description="ISO 8601, may be partial: 2025, 2025-06, 2025-06-11."),
]


def is_day(date: Date) -> bool:
    """Whether a Date can be one: 2025-02-30 can't, which no pattern says."""
    try:
        datetime.date.fromisoformat((date + "-01-01"[len(date) - 4 :])[:10])
    except ValueError:
        return False
    return True


TIMESTAMP_PATTERN = f"^{_DATE}{_CLOCK}{_END}"
Timestamp = Annotated[str, Meta(pattern=TIMESTAMP_PATTERN, description="ISO 8601 date and time.")]


def is_moment(timestamp: Timestamp) -> bool:
    """Whether a Timestamp can be one: a whole day of the calendar, a time zone that is less than a day away."""
    try:
        datetime.datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    return True


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind, as `DocumentId`; a `Date` and a `Timestamp` have to be ones of the calendar too."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return is_day(value) if kind is Date else is_moment(value) if kind is Timestamp else True


Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*" + _END, description="BCP 47 language tag, as in `nl`.")
]
Score = Annotated[float, Meta(ge=0, le=1, description="Confidence, 0 to 1.")]


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all structs of records on disk have in common."""


class Source(Part, frozen=True, kw_only=True):
    """Where a text comes from, and what its licence allows."""

    file: Annotated[str, Meta(min_length=1, description="The raw file, relative to the corpus repository, with `/`.")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of the raw bytes of this one text, as received.")]
    publisher: str | None = None
    url: str | None = None
    license: Annotated[
        str | None,
        Meta(
            description="Licence of the text: an SPDX id, a name, or `unknown` (a statement too). Absent: nobody has said."
        ),
    ] = None


class Section(Part, frozen=True, kw_only=True):
    """One block of a text, without white space at its ends: the title, a heading, or a paragraph."""

    kind: Literal["title", "heading", "paragraph"]
    start: Offset
    end: Offset


class Extent(Part, frozen=True, kw_only=True):
    """A half-open stretch of the text."""

    start: Offset
    end: Offset


class Document(Part, frozen=True, kw_only=True):
    """One text, normalized. The text never changes while annotations stand on it."""

    id: DocumentId
    language: Language
    title: str | None = None
    date: Date | None = None
    group: Annotated[Name | None, Meta(description="Documents of one story share a group, and so a split.")] = None
    source: Source
    text: Annotated[str, Meta(min_length=1, description="NFC; lines end in U+000A; no other control characters.")]
    sections: tuple[Section, ...]
    sentences: tuple[Extent, ...]


class Fragment(Part, frozen=True, kw_only=True):
    """A contiguous piece of a span. `text` repeats the surface and is checked on every read."""

    start: Offset
    end: Offset
    text: Annotated[str, Meta(min_length=1, description="Equals the document's text[start:end].")]


class By(Part, frozen=True, kw_only=True):
    """Who, and when, as far as known."""

    annotator: AnnotatorName | None = None
    at: Timestamp | None = None


class Span(Part, frozen=True, kw_only=True):
    """A labelled stretch of the text; several fragments when it is discontinuous."""

    id: ItemId
    label: Name
    fragments: Annotated[tuple[Fragment, ...], Meta(min_length=1, description="Disjoint, in text order.")]
    attributes: Annotated[Mapping[str, str], Meta(description="Attribute name to value, as the scheme declares.")] = {}
    by: By | None = None
    score: Score | None = None
    note: str | None = None

    @property
    def start(self) -> int:
        """Start of the hull."""
        return self.fragments[0].start

    @property
    def end(self) -> int:
        """End of the hull."""
        return self.fragments[-1].end

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each fragment."""
        return tuple([(fragment.start, fragment.end) for fragment in self.fragments])

    @property
    def text(self) -> str:
        """The fragments' surfaces, joined by one space."""
        return " ".join([fragment.text for fragment in self.fragments])


class Relation(Part, frozen=True, kw_only=True):
    """A labelled link from one span (`head`) to another (`tail`) of the same annotation set."""

    id: ItemId
    label: Name
    head: ItemId
    tail: ItemId
    by: By | None = None
    score: Score | None = None
    note: str | None = None


class Comment(Part, frozen=True, kw_only=True):
    """What somebody wrote about a document while annotating it."""

    by: AnnotatorName | None = None
    at: Timestamp | None = None
    text: Annotated[str, Meta(min_length=1)]


class Provenance(Part, frozen=True, kw_only=True):
    """How an annotation set came to be."""

    tool: str | None = None
    model: str | None = None
    version: str | None = None
    parameters: Annotated[str | None, Meta(description="One JSON text.")] = None
    at: Timestamp | None = None
    user: Annotated[str | None, Meta(description="The user's name as another system spells it; never released.")] = None


class AnnotationSet(Part, frozen=True, kw_only=True):
    """One annotator's annotations of one document.

    A layer that `layers` does not list was not annotated, which is not the same as "nothing found".
    """

    document: DocumentId
    text_sha256: Annotated[Sha256, Meta(description="SHA-256 of the UTF-8 bytes of the text that was annotated.")]
    annotator: AnnotatorName
    kind: Literal["human", "model", "adjudicated"]
    scheme: Annotated[Name, Meta(description="Version of the label scheme, as in `news-nl/1`.")]
    layers: Annotated[tuple[Name, ...], Meta(description="The layers that were annotated.")]
    confirmed: Annotated[tuple[By, ...], Meta(description="Who confirmed it, and when; empty or absent: a draft.")] = ()
    comments: tuple[Comment, ...] = ()
    provenance: Provenance | None = None
    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
