"""The blocks of a clean text: title, headings, paragraphs. Pure."""

from collections.abc import Collection
from typing import Literal

from standoff.corpus.model import Section

_LONGEST_HEADING = 100
_CLOSED = (".", "!", "?", "…", ",", ";", ":", '"', "”", "’", "»", "'", ")")
_OPENED = "-*•–—\"“„‘'«"


def sections(text: str, title: str | None = None, headings: Collection[str] | None = None) -> tuple[Section, ...]:
    """Blocks between blank lines of a clean text, covering all but white space.

    Headings are the blocks in `headings`, when markup says which they are; else those that look like one: a short line
    without closing punctuation or opening quotation mark that is not the last block. The first block is the title when it
    is the stated one, or when none is stated and it looks like one.
    """
    blocks = text.split("\n\n")
    found = []
    start = 0
    for place, block in enumerate(blocks):
        kind: Literal["title", "heading", "paragraph"] = "paragraph"
        if place == 0 and title is not None and " ".join(block.split()) == title:
            kind = "title"
        elif block in headings if headings is not None else place + 1 < len(blocks) and _looks_like_one(block):
            kind = "title" if place == 0 and title is None else "heading"
        found.append(Section(kind=kind, start=start, end=start + len(block)))
        start += len(block) + 2
    return tuple(found)


def _looks_like_one(block: str) -> bool:
    return (
        len(block) <= _LONGEST_HEADING
        and "\n" not in block
        and not block.endswith(_CLOSED)
        and block[0] not in _OPENED
        and any(map(str.isalpha, block))
    )
