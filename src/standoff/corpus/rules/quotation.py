"""How much of a text stands within quotation marks. Pure.

Marks are taken in pairs. Single ones are apostrophes unless they pair up, and inside other marks they say nothing.
"""

import re
from typing import Literal

Quoted = Literal["all", "some", "none"]

_MARK = re.compile(r"""``|''|["“”„«»'‘’‚]""")
_CLOSING = {'"': '"', "“": "”", "„": "”“", "”": "”", "«": "»", "»": "«", "``": ("''",), "''": ("''",)}
_SINGLE = {"'": "'", "‘": "’", "‚": "‘’", "’": "’"}
# Words that begin with an apostrophe ('s avonds, 't huis, '68) and not with a quotation.
_CLIPPED = re.compile(r"['’‘](?:[stnmkdr]\b|\d\d\b)", re.IGNORECASE)
_WORD = re.compile(r"\w")
_OTHER = re.compile("[“”„«»'‘’‚`]")


def quoted(text: str) -> Quoted:
    """How many of the words stand within quotation marks. A mark that nothing closes reaches to the end of the text."""
    if not _has_others(text):
        return _straight(text)
    mark = _MARK.search(text)
    inside = outside = marks = False
    done = 0
    while mark:
        place, after = mark.span()
        end = _end(text, mark.group(), place, after)
        if end is not None:
            marks = True
            outside = outside or _WORD.search(text, done, place) is not None
            inside = inside or _WORD.search(text, after, end) is not None
            done = end
            after = end + (2 if text.startswith("''", end) and mark.group() in {"``", "''"} else 1)
        mark = _MARK.search(text, after)
    if not marks:
        return "none"
    return "all" if inside and not (outside or _WORD.search(text, done)) else "some"


def _has_others(text: str) -> bool:
    if text.isascii():  # known at once, and most texts are
        return "'" in text or "`" in text
    return _OTHER.search(text) is not None


def _straight(text: str) -> Quoted:
    """The same where straight double marks are the only ones: each opens or closes, in turn."""
    pieces = text.split('"')
    if len(pieces) == 1:
        return "none"
    inside, outside = any(map(_WORD.search, pieces[1::2])), any(map(_WORD.search, pieces[::2]))
    return "all" if inside and not outside else "some"


def _end(text: str, mark: str, place: int, after: int) -> int | None:
    """Where the stretch that the mark opens ends; None for an apostrophe."""
    if mark in _SINGLE:
        return _end_of_single(text, mark, place) if _opens(text, place) else None
    if mark == "”" and not _opens(text, place):
        return after  # closes what was opened before this text
    ends = [end for closer in _CLOSING[mark] if (end := text.find(closer, after)) >= 0]
    return min(ends, default=len(text))


def _opens(text: str, place: int) -> bool:
    """Whether a mark stands before a word and not within or behind one."""
    return (
        (place == 0 or not (text[place - 1].isalnum() or text[place - 1] in ".,!?…"))
        and place + 1 < len(text)
        and not text[place + 1].isspace()
    )


def _end_of_single(text: str, mark: str, place: int) -> int | None:
    if _CLIPPED.match(text, place):
        return None
    ends: list[int] = []
    for other in re.finditer(f"[{_SINGLE[mark]}{mark}]", text[place + 1 :]):
        at = place + 1 + other.start()
        before, behind = text[at - 1], text[at + 1 : at + 3]
        if not before.isspace() and not behind[:1].isalnum():
            ends.append(at)
            # A genitive (Frans' boek) may look like the end of the quotation: if another follows, that one is it.
            if not (before in "sxzSXZ" and behind[:1] == " " and behind[1:].islower()):
                break
        elif _opens(text, at) and not _CLIPPED.match(text, at):
            break
    return ends[-1] if ends else None
