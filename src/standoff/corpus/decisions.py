"""What curators decided where annotators differ, committed with the annotations: who, when, why, between which answers."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from msgspec import Meta

from standoff.corpus.model import AnnotatorName, DocumentId, Fragment, ItemId, Name, Part, Sha256, Timestamp

CANDIDATES = "-candidates"
"""How the name of a set ends that holds rival answers, for a curator to keep one of each."""

Kind = Literal["missing", "extent", "label", "attribute", "relation", "end", "added"]
"""How answers differ: not all have it; other fragments; another label; another value; another relation; another end of a
relation; or nobody has it but the curator."""


class SpanAnswer(Part, frozen=True, kw_only=True, tag_field="is", tag="span"):
    """A span, as an annotator has it or as the curator wants it. `attributes` are stated only where no annotator has it."""

    id: ItemId | None = None
    label: Name
    fragments: Annotated[tuple[Fragment, ...], Meta(min_length=1)]
    attributes: Mapping[str, str] = {}


class ValueAnswer(Part, frozen=True, kw_only=True, tag_field="is", tag="value"):
    """The value of an attribute of a span; absent: the span does not carry it."""

    span: ItemId
    attribute: Name
    value: str | None = None


class RelationAnswer(Part, frozen=True, kw_only=True, tag_field="is", tag="relation"):
    """A relation. Its ends are ids of the adjudicated set."""

    id: ItemId | None = None
    label: Name
    head: ItemId
    tail: ItemId


Answer = SpanAnswer | ValueAnswer | RelationAnswer
"""What an annotator says; None stands for nothing there."""


class Decision(Part, frozen=True, kw_only=True):
    """One difference, settled. `question` is made from the annotators' answers: if one of them changes, it is asked again."""

    question: ItemId
    layer: Name
    kinds: Annotated[
        tuple[Kind, ...], Meta(description="How the answers differ; empty: all agreed, and the curator differs.")
    ]
    answers: Annotated[
        Mapping[AnnotatorName, Answer | None], Meta(description="What each annotator says; null: nothing.")
    ]
    taken: Annotated[Answer | None, Meta(description="What holds; null: nothing.")]
    by: Annotated[AnnotatorName | None, Meta(description="Who decided.")] = None
    at: Timestamp | None = None
    why: Annotated[str, Meta(min_length=1)] | None = None


class Decisions(Part, frozen=True, kw_only=True):
    """`corpus/decisions/<set>/<document>.json`: what was decided for one document of an adjudicated set."""

    document: DocumentId
    annotator: Annotated[AnnotatorName, Meta(description="The adjudicated set.")]
    text_sha256: Annotated[Sha256, Meta(description="SHA-256 of the UTF-8 bytes of the text that was annotated.")]
    written: Annotated[
        Mapping[Name, Sha256],
        Meta(description="Layer to the hash of what adjudication last wrote of it: whatever differs was edited since."),
    ] = {}
    decisions: tuple[Decision, ...] = ()


def holds_candidates(annotator: str) -> bool:
    """Whether a set holds rival answers: it is nobody's opinion, so it is neither compared nor released."""
    return annotator.endswith(CANDIDATES)


def twice(decisions: Decisions) -> Iterator[tuple[str, str]]:
    """Questions that are decided twice, as after a merge by lines: JSON pointer, and what is wrong. Pure."""
    seen: set[str] = set()
    for number, decision in enumerate(decisions.decisions):
        if decision.question in seen:
            yield f"/decisions/{number}/question", f"the question {decision.question!r} is decided twice"
        seen.add(decision.question)
