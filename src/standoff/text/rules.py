"""What makes a text clean: one small rule for each kind of thing that is not in it. Pure.

A rule finds its kind in any text and yields the edits that mend it; a text is clean when no rule finds anything. The
rules run in the order of `RULES`, each on the text that the one before it left.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from standoff.text.edits import Edit

_NEWLINES = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
# All of category Cc but the newline, what `newlines` takes, and the tab.
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+")
# All of category Zs but the space.
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SOFT_HYPHENS = re.compile("\xad+")
_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]+")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# The blocks that Unicode reserves for right-to-left scripts, without the controls in them.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_STRAY_JOINERS = re.compile("(?<![^ \n])[\u200c\u200d]++(?![^ \n])")
# Every run is tried once, at its start, and never given back: linear in the longest run of spaces.
_LINE_SPACES = re.compile("(?<! ) ++(?=\n)|(?<=\n) ++")
_BLANK_LINES = re.compile("\n\n\n+")
# All below is in form C whatever stands beside it.
_MAY_COMPOSE = re.compile("[\u0300-\U0010ffff]+")


def byte_order_mark(text: str) -> Iterator[Edit]:
    """A leading U+FEFF is dropped."""
    if text.startswith("\ufeff"):
        yield Edit(0, 1, "")


def newlines(text: str) -> Iterator[Edit]:
    """Of CR LF the CR is dropped; CR, vertical tab, form feed, U+0085, U+2028 and U+2029 become a newline."""
    for match in _NEWLINES.finditer(text):
        start, end = match.span()
        yield Edit(start, end, "" if text[start : end + 1] == "\r\n" else "\n")


def tabs(text: str) -> Iterator[Edit]:
    """A tab becomes a space."""
    start = text.find("\t")
    while start >= 0:
        yield Edit(start, start + 1, " ")
        start = text.find("\t", start + 1)


def control_characters(text: str) -> Iterator[Edit]:
    """All other control characters (category Cc) are dropped."""
    return _each(_CONTROLS, text, "")


def spaces(text: str) -> Iterator[Edit]:
    """Every other space (category Zs: no-break, thin, ideographic, ...) becomes a plain one, one for one."""
    return _each(_SPACES, text, " ")


def soft_hyphens(text: str) -> Iterator[Edit]:
    """U+00AD is dropped: it says where a word may be broken, not that it has a hyphen."""
    return _each(_SOFT_HYPHENS, text, "")


def zero_width_spaces(text: str) -> Iterator[Edit]:
    """Zero-width space, word joiner and U+FEFF are dropped: they steer line breaks only."""
    return _each(_ZERO_WIDTH, text, "")


def bidi_controls(text: str) -> Iterator[Edit]:
    """Marks, embeddings, overrides and isolates of text direction are dropped from lines without right-to-left letters.

    There they can only hide or reverse what is read. In a line with such letters (Hebrew, Arabic, ...) they may be what
    keeps its punctuation and numbers readable, so all are kept.
    """
    line_end, keep = -1, False
    for match in _BIDI.finditer(text):
        start, end = match.span()
        if start > line_end:
            line_start = text.rfind("\n", 0, start) + 1
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            keep = _RIGHT_TO_LEFT.search(text, line_start, line_end) is not None
        if not keep:
            yield Edit(start, end, "")


def stray_joiners(text: str) -> Iterator[Edit]:
    """Joiners and non-joiners (U+200D, U+200C) are dropped where white space or an end of the text is on both sides.

    Beside anything else they stay: they build emoji, and choose the form of a letter in Persian, Sinhala or Malayalam, at
    the end of a word too.
    """
    return _each(_STRAY_JOINERS, text, "")


def outer_white_space(text: str) -> Iterator[Edit]:
    """White space at both ends of the text is dropped."""
    start = len(text) - len(text.lstrip(" \n"))
    if start:
        yield Edit(0, start, "")
    end = len(text.rstrip(" \n"))
    if start < len(text) != end:
        yield Edit(end, len(text), "")


def line_spaces(text: str) -> Iterator[Edit]:
    """Spaces at the start (indentation) and the end of a line are dropped. Runs of spaces inside a line stay."""
    if " \n" in text or "\n " in text:
        yield from _each(_LINE_SPACES, text, "")


def blank_lines(text: str) -> Iterator[Edit]:
    """Of several blank lines one is left."""
    for match in _BLANK_LINES.finditer(text):
        yield Edit(match.start() + 2, match.end(), "")


def compositions(text: str) -> Iterator[Edit]:
    """What is not in Unicode's normal form C becomes so, in pieces as small as the form allows."""
    if unicodedata.is_normalized("NFC", text):
        return
    for match in _MAY_COMPOSE.finditer(text):
        # The character before may be the base of the first one here.
        start, end = max(match.start() - 1, 0), match.end()
        if unicodedata.is_normalized("NFC", text[start:end]):
            continue
        while start < end:
            stop = start + 1
            while stop < end and _may_join(text[stop]):
                stop += 1
            piece = text[start:stop]
            composed = _compose(piece)
            if composed != piece:
                yield _smallest(start, piece, composed)
            start = stop


def _each(pattern: re.Pattern[str], text: str, replacement: str) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        start, end = match.span()
        yield Edit(start, end, replacement)


def _may_join(character: str) -> bool:
    """Whether it may change or move when form C is made together with what stands before it.

    Marks, the vowels and finals of Hangul, and the vowel signs of Kirat Rai, which are letters.
    """
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"
        or "\U00016d63" <= character <= "\U00016d6a"
    )


def _compose(piece: str) -> str:
    """Form C of a base and its marks. Many marks are sorted first: the library takes quadratic time to do it."""
    if len(piece) < 64:
        return unicodedata.normalize("NFC", piece)
    decomposed = [part for character in piece for part in unicodedata.normalize("NFD", character)]
    ordered: list[str] = []
    marks: list[str] = []
    for part in decomposed:
        if unicodedata.combining(part):
            marks.append(part)
            continue
        ordered += sorted(marks, key=unicodedata.combining)
        ordered.append(part)
        marks.clear()
    ordered += sorted(marks, key=unicodedata.combining)
    return unicodedata.normalize("NFC", "".join(ordered))


def _smallest(start: int, old: str, new: str) -> Edit:
    """The edit from `old` at `start` to `new`, without what they share at both ends."""
    shared = min(len(old), len(new))
    head = next((i for i in range(shared) if old[i] != new[i]), shared)
    tail = next((i for i in range(shared - head) if old[-1 - i] != new[-1 - i]), shared - head)
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


class Rule(NamedTuple):
    """`kind` names what is found, in counts and as the code of a violation; `message` says it in words."""

    kind: str
    message: str
    find: Callable[[str], Iterator[Edit]]


RULES = (
    Rule("byte_order_mark", "byte order mark", byte_order_mark),
    Rule("newline", "line break other than \\n", newlines),
    Rule("tab", "tab", tabs),
    Rule("control_character", "control character", control_characters),
    Rule("space", "space other than the plain one", spaces),
    Rule("soft_hyphen", "soft hyphen", soft_hyphens),
    Rule("zero_width_space", "zero-width space, word joiner or byte order mark", zero_width_spaces),
    Rule("bidi_control", "direction control in a line without right-to-left letters", bidi_controls),
    Rule("stray_joiner", "joiner with nothing to join", stray_joiners),
    Rule("outer_white_space", "white space at an end of the text", outer_white_space),
    Rule("line_space", "space at the start or end of a line", line_spaces),
    Rule("blank_line", "more than one blank line", blank_lines),
    Rule("not_nfc", "not in Unicode normal form C", compositions),
)
