"""Raw text to clean text, with a map of positions and counts of all that was changed; and the check of it. Pure.

Clean text is what the rules of `standoff.text.rules` find nothing in: form C, newlines as `\\n`, no other control
characters, no invisible line-break hints, plain spaces, none of them at an end of a line or of the text, at most one
blank line between two others. Whatever a reader sees stays, and so do runs of spaces inside a line.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from standoff.errors import StandoffError
from standoff.text.edits import CleanMap, Pass, apply
from standoff.text.rules import RULES

# Every character that a rule may take, but for compositions. One class is searched many times faster than alternatives.
_SUSPECT = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\xa0\xad\u061c\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u2066-\u2069\u3000\ufeff"
    "\ud800-\udfff]"
)
_PLAIN = bytes(code for code in range(0x100) if not _SUSPECT.match(chr(code)))
"""Of Latin-1, in which nothing can be composed, every character that no rule takes."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAY_BE_REPLACEMENT = re.compile("[\ufdd0-\U0010ffff]+")


class LoneSurrogateError(StandoffError):
    """A text holds half a surrogate pair at `position` (code points), which no Unicode text can; it can't be stored."""

    def __init__(self, position: int, character: str) -> None:
        super().__init__(position, character)
        self.position = position
        self.character = character

    def __str__(self) -> str:
        return (
            f"character {self.position} is the lone surrogate U+{ord(self.character):04X}, which is no text; "
            "mend the source, it was decoded or escaped wrongly"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """A clean text and how it came from the raw one.

    `offsets` moves raw positions to the text. `counts` has the number of places that were changed by the `kind` of the
    rule that did, only those above zero, so that it is empty when nothing was changed. `replacement_characters` counts
    U+FFFD and noncharacters, which are kept: they say that something was lost before.
    """

    text: str
    offsets: CleanMap
    counts: Mapping[str, int]
    replacement_characters: int


class Violation(NamedTuple):
    """Something at `position` (code points) that is not in clean text; `code` is the kind of its rule."""

    position: int
    code: str
    message: str


def clean(raw: str) -> Cleaned:
    """Clean `raw`. Cleaning the result again changes nothing. Raises LoneSurrogateError."""
    text = raw
    passes: list[Pass] = []
    counts: dict[str, int] = {}
    if not is_clean(raw):
        if surrogate := _SURROGATE.search(raw):
            raise LoneSurrogateError(surrogate.start(), surrogate.group())
        for rule in RULES:
            text, count, moved = apply(text, rule.find(text))
            if count:
                counts[rule.kind] = count
            if moved:
                passes.append(moved)
    return Cleaned(text, CleanMap(len(raw), tuple(passes)), counts, _replacement_characters(text))


def one_line(raw: str) -> str:
    """A title, name or address: clean, on one line, with single spaces; may be empty. Raises LoneSurrogateError."""
    return " ".join(clean(raw).text.split())


def invariants(text: str) -> Iterator[Violation]:
    """All that keeps `text` from being clean, rule by rule: the kinds of `RULES`, and `lone_surrogate`.

    Nothing is found exactly when `clean` would return the text as it is.
    """
    if is_clean(text):
        return
    for match in _SURROGATE.finditer(text):
        yield _violation(text, match.start(), "lone_surrogate", "half a surrogate pair")
    for rule in RULES:
        for edit in rule.find(text):
            yield _violation(text, edit.start, rule.kind, rule.message)


def is_clean(text: str) -> bool:
    """Whether no rule finds anything in `text`. Fast for most text that is clean, the only answer that needs to be."""
    if not text:
        return True
    lines = text.split("\n")
    if [line.strip(" ") for line in lines] != lines or "\n\n\n" in text or not (lines[0] and lines[-1]):
        return False
    try:
        if not text.encode("latin-1").translate(None, _PLAIN):
            return True
    except UnicodeEncodeError:
        pass  # most characters beyond are as clean, which takes longer to tell
    if not unicodedata.is_normalized("NFC", text):
        return False
    # Nothing that is suspect is printable; printable is what is known quickest.
    if "".join(lines).isprintable() or _SUSPECT.search(text) is None:
        return True
    return _SURROGATE.search(text) is None and not any(True for rule in RULES for _ in rule.find(text))


def _replacement_characters(text: str) -> int:
    runs = () if text.isascii() else _MAY_BE_REPLACEMENT.finditer(text)
    return sum(
        character == "\ufffd" or "\ufdd0" <= character <= "\ufdef" or ord(character) & 0xFFFE == 0xFFFE
        for run in runs
        for character in run.group()
    )


def _violation(text: str, position: int, code: str, message: str) -> Violation:
    return Violation(position, code, f"{message} at {position}: U+{ord(text[position]):04X}")
