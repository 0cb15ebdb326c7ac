"""Tags of tokens to spans of tokens and back: IOB1, IOB2, BILOU, BIOES. Pure.

IOB1 is that of Ramshaw and Marcus (1995), IOB2 that of Tjong Kim Sang and Veenstra (1999), BILOU that of Ratinov and Roth
(2009); BIOES says E and S where BILOU says L and U.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

Tagging = Literal["IOB1", "IOB2", "BILOU", "BIOES"]
TAGGINGS: tuple[Tagging, ...] = ("IOB1", "IOB2", "BILOU", "BIOES")

OUTSIDE = "O"
_PARTS: dict[Tagging, str] = {"IOB1": "BI", "IOB2": "BI", "BILOU": "BILU", "BIOES": "BIES"}


class TokenSpan(NamedTuple):
    """A labelled run of tokens, `[start, end)`."""

    start: int
    end: int
    label: str


class BadTag(NamedTuple):
    """A tag at token `position` that breaks its tagging; `unknown`: it is none at all and was read as O."""

    position: int
    message: str
    unknown: bool


def detect(sentences: Iterable[Sequence[str]]) -> Tagging:
    """The tagging that these tags are in; IOB2 when they are in more than one."""
    parts: set[str] = set()
    begins = starts_inside = False
    for tags in sentences:
        before = OUTSIDE
        for tag in tags:
            part = tag[:1]
            parts.add(part)
            if before == OUTSIDE:
                begins = begins or part == "B"
                starts_inside = starts_inside or part == "I"
            before = tag
    if parts & {"L", "U"}:
        return "BILOU"
    if parts & {"E", "S"}:
        return "BIOES"
    # IOB1 says B only between neighbors of one label.
    return "IOB1" if starts_inside and not begins else "IOB2"


def decode(tags: Sequence[str], tagging: Tagging) -> tuple[list[TokenSpan], list[BadTag]]:
    """The spans that the tags of one sentence say, and what is wrong with the tags.

    A span that goes on without having begun begins there, one that is not ended ends where the next tag says so.
    """
    spans: list[TokenSpan] = []
    bad: list[BadTag] = []
    closed_by_tag = len(_PARTS[tagging]) == 4
    last, single = ("L", "U") if tagging == "BILOU" else ("E", "S")
    start, label = -1, ""

    def close(end: int, *, ended: bool) -> None:
        nonlocal start
        if start >= 0:
            spans.append(TokenSpan(start, end, label))
            if closed_by_tag and not ended:
                bad.append(BadTag(end - 1, f"{label} is not ended by {last}-{label}; it ends here", False))
        start = -1

    for place, tag in enumerate(tags):
        if tag == OUTSIDE:
            if start >= 0:
                close(place, ended=False)
            continue
        part, dash, name = tag[:1], tag[1:2], tag[2:]
        if dash != "-" or not name or part not in _PARTS[tagging]:
            close(place, ended=False)
            bad.append(BadTag(place, f"{tag!r} is no tag of {tagging}; it was read as O", True))
            continue
        goes_on = start >= 0 and name == label
        if part in {"B", single}:
            close(place, ended=False)
            start, label = place, name
        elif not goes_on:
            close(place, ended=False)
            if tagging != "IOB1":
                bad.append(BadTag(place, f"{tag!r} follows no {name}; the span begins here", False))
            start, label = place, name
        if closed_by_tag and part in {last, single}:
            close(place + 1, ended=True)
    close(len(tags), ended=False)
    return spans, bad


def encode(spans: Iterable[TokenSpan], length: int, tagging: Tagging) -> list[str]:
    """The tags of a sentence of `length` tokens. `spans` are in order, disjoint, not empty."""
    tags = [OUTSIDE] * length
    before = TokenSpan(0, -1, "")
    for span in spans:
        for place, part in zip(range(span.start, span.end), _parts(span, before, tagging), strict=True):
            tags[place] = f"{part}-{span.label}"
        before = span
    return tags


def _parts(span: TokenSpan, before: TokenSpan, tagging: Tagging) -> Iterator[str]:
    length = span.end - span.start
    if tagging == "IOB1":
        yield "B" if before.end == span.start and before.label == span.label else "I"
        yield from "I" * (length - 1)
    elif tagging == "IOB2":
        yield "B"
        yield from "I" * (length - 1)
    elif length == 1:
        yield "U" if tagging == "BILOU" else "S"
    else:
        yield "B"
        yield from "I" * (length - 2)
        yield "L" if tagging == "BILOU" else "E"
