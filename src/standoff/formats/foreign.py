"""What a foreign format gives before it is checked, and what was lost, repaired or refused on the way. Pure."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from standoff.corpus.model import Timestamp
from standoff.errors import StandoffError

LossKind = Literal["lost", "repaired", "refused"]
"""`lost`: the target has no place for it. `repaired`: it is there, but changed. `refused`: it was wrong."""


class Loss(Struct, frozen=True, kw_only=True):
    """One thing that did not cross as it was. `reason` is a stable word, `place` a file and line, or an item's id."""

    kind: LossKind
    reason: str
    document: str = ""
    place: str
    message: str


def shown(text: str) -> str:
    """The text with halves of surrogate pairs escaped, so that any report can hold it."""
    return text.encode("utf-8", "backslashreplace").decode()


class FormatError(StandoffError):
    """A source that is not in this format, or a layout that can't be told. The message says where and what to do."""


class ForeignSpan(Struct, kw_only=True):
    """A span as the source states it: code points of the raw text, half-open, nothing checked.

    `id` only joins relations to it when `keep_id` is false. `surface` is the text that the source quotes, if it does.
    """

    id: str
    keep_id: bool = True
    label: str
    extents: tuple[tuple[int, int], ...]
    surface: str | None = None
    attributes: Mapping[str, str] = {}
    score: float | None = None
    note: str | None = None
    annotator: str | None = None
    at: Timestamp | None = None
    place: str


class ForeignRelation(Struct, kw_only=True):
    """A relation as the source states it; `head` and `tail` are ids of spans of the same text."""

    id: str
    keep_id: bool = True
    label: str
    head: str
    tail: str
    score: float | None = None
    note: str | None = None
    annotator: str | None = None
    at: Timestamp | None = None
    place: str


class Foreign(Struct, kw_only=True):
    """One text with one annotator's annotations, as a source has them.

    `name` is what the source calls the text, empty when it does not. `sentences` are extents of the raw text, None when the
    source has none. `parameters` is what an export needs to write the source's layout again. `left_out` names what the
    source states and we have no place for.
    """

    name: str
    file: str
    place: str
    text: str
    raw: bytes | None = None
    """The bytes that the text was read from; None: its UTF-8."""
    annotated: bool = True
    """False: the source has the text and nothing about it; no set is made."""
    annotator: str | None = None
    kind: Literal["human", "model", "adjudicated"] = "human"
    language: str | None = None
    title: str | None = None
    sentences: tuple[tuple[int, int], ...] | None = None
    spans: list[ForeignSpan] = []
    relations: list[ForeignRelation] = []
    comments: tuple[str, ...] = ()
    confirmed: bool = False
    at: Timestamp | None = None
    parameters: Mapping[str, object] = {}
    left_out: tuple[str, ...] = ()
    losses: list[Loss] = []

    def tell(self, kind: LossKind, reason: str, place: str, message: str) -> None:
        """Adds a loss."""
        self.losses.append(Loss(kind=kind, reason=reason, place=place, message=message))
