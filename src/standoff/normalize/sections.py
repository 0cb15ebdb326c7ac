"""The blocks of a clean text: title, headings, paragraphs. Pure."""

import re
from typing import Literal

from standoff.corpus.model import Section

_BLOCK = re.compile(r"\S(?:.|\n(?!\n))*")
_LONGEST_HEADING = 100
_CLOSED = (".", "!", "?", "…", ",", ";", ":", '"', "”", "’", "»", "'", ")")


def sections(text: str, title: str | None = None) -> tuple[Section, ...]:
    """Blocks between blank lines, without white space at their ends, covering all other characters of a clean text.

    A heading is one short line without closing punctuation or opening quotation mark, between two other blocks or before
    the first: never the last block, since nothing stands under it. The first block is the title when it equals `title`.
    """
    blocks = [(match.start(), match.start() + len(match.group().rstrip())) for match in _BLOCK.finditer(text)]
    found = []
    for place, (start, end) in enumerate(blocks):
        block = text[start:end]
        kind: Literal["title", "heading", "paragraph"] = "paragraph"
        if place == 0 and title is not None and block == title:
            kind = "title"
        elif place + 1 < len(blocks) and _is_heading(block):
            kind = "heading"
        found.append(Section(kind=kind, start=start, end=end))
    return tuple(found)


def _is_heading(block: str) -> bool:
    return (
        "\n" not in block
        and len(block) <= _LONGEST_HEADING
        and not block.endswith(_CLOSED)
        and block[0] not in "-*•–—\"“„‘'«"
        and any(map(str.isalpha, block))
    )
