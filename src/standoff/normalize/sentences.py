"""Sections to sentences, for Dutch first. Pure; sees text and extents, never a document.

Why no library does this: docs/decisions/0002-segmentation.md.
"""

import re
from collections.abc import Sequence

from standoff.text.tokens import ABBREVIATIONS, AMBIGUOUS, FINAL

_LONGEST_WORD = 32
_OPENING_MARKS = "\"'“‘„«»”’([–—-"
# “ and « close a quote in German; what is stuck to the end mark closes, whatever it may do elsewhere.
_CANDIDATE = re.compile(r"(?<![.?!…])[.?!…]+[\"'“”‘’«»)\]]*\s+")
_DETACHED = re.compile(r"([”’»\")\]]+)(?:\s+|$)")
_BETWEEN = ",;:%/&"
_DASH = re.compile(r"[–—-]+\s*")

_WORD = re.compile(r"[^\W\d_]+")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
_INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-Þ]\.-?)*[A-ZÀ-ÖØ-Þ]")
_ACRONYMS = frozenset(["B.V", "E.U", "N.B", "N.V", "P.S", "S.A", "U.K", "U.S", "V.K", "V.N", "V.S"])

_OPENERS = """
    Het Een Dat Dit Die Deze Er Hij Zij Ze Ik Je Jij U Wij We Men Maar En Of Want Dus Als Toen Toch Ook Nog Wel Niet Geen
    Met Na Naar Om Over Door Tijdens Volgens Sinds Zo Daar Daarom Daarna Daarmee Daarnaast Hier Hun Zijn Haar Mijn Ons
    Onze Wie Wat Waar Waarom Wanneer Hoe Nu Dan Omdat Hoewel Terwijl Nadat Voordat Alle Alleen Al Bovendien Echter Eerder
    Intussen Inmiddels Later Vandaag Gisteren Morgen Verder Vorige Volgende Wordt Is Heeft Was Waren Hebben Kan Zal
"""
_PARTICLES = "De Van Voor In Op Aan Bij Uit Onder Tot"
# A capital after an abbreviation is most often a name. These words show that it is a sentence; after initials only
# those that no surname begins with (J. De Smet, A. Van Dam).
_STARTERS = frozenset(_OPENERS.split())
_STARTERS_OR_PARTICLES = _STARTERS | frozenset(_PARTICLES.split())


def sentences(text: str, sections: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences of each section of `text`: code points, half-open, in order, without white space at their ends.

    `sections` are extents in order and disjoint; no sentence crosses one. Every character of a section that isn't
    white space is in exactly one sentence.
    """
    return [(start + first, start + last) for start, end in sections for first, last in _section(text[start:end])]


def _section(text: str) -> list[tuple[int, int]]:
    stop = len(text.rstrip())
    first = len(text) - len(text.lstrip())
    counted = quotes = 0
    spans: list[tuple[int, int]] = []
    for candidate in _CANDIDATE.finditer(text, first, stop):
        begin = candidate.end()
        last = candidate.start() + len(candidate[0].rstrip())
        quotes += text.count('"', counted, begin)
        counted = begin
        closed = _DETACHED.match(text, begin, stop)
        if closed and (closed[1] != '"' or quotes % 2):  # « Kom. » Toen: the mark belongs to what it closes
            last, begin = closed.end(1), closed.end()
        if begin < stop and not _goes_on(text, first, candidate.start(), last, begin):
            spans.append((first, last))
            first = begin
    if first < stop:
        spans.append((first, stop))
    return spans


def _goes_on(text: str, first: int, mark: int, last: int, begin: int) -> bool:
    """Whether the sentence from `first`, with an end mark at `mark` and its end at `last`, goes on at `begin`."""
    following = text[begin]
    if following.islower():  # "Waarom?" vroeg hij; but: iPhone
        return not text[begin + 1 : begin + 2].isupper()
    if following in _BETWEEN:
        return True
    if dash := _DASH.match(text, begin):
        return not text[dash.end() : dash.end() + 1].isupper()
    if mark == first or (text[last - 1] in ")]" and text[mark - 1] in "(["):  # an omission or a remark: (...), (!)
        return True
    if last > mark + 1 or text[mark] != ".":
        return False
    start = max(first, mark - _LONGEST_WORD)
    words = text[start:mark].split()
    word = words[-1].lstrip(_OPENING_MARKS) if words else ""
    listed = start == first and len(words) == 1 and word.isdigit()  # 1. De eerste
    return listed or _abbreviated(word, text, begin)


def _abbreviated(word: str, text: str, begin: int) -> bool:
    """Whether the period after `word` only abbreviates it, given what follows at `begin`."""
    lower = word.lower()
    known = lower in ABBREVIATIONS and word in (lower, lower.capitalize())
    if known and lower not in FINAL:
        return True
    if not (known or word in AMBIGUOUS or _DOTTED.fullmatch(word) or _INITIALS.fullmatch(word)):
        return False
    if text[begin] in _OPENING_MARKS:
        return False
    name = _INITIALS.fullmatch(word) and word not in _ACRONYMS
    match = _WORD.match(text, begin)
    return match is None or match[0] not in (_STARTERS if name else _STARTERS_OR_PARTICLES)
