"""Text to tokens, for views and scores: CoNLL and SoNaR conventions for Dutch, offsets in code points. Keeps no state.

The tokens are those of simplemma's pattern, with corrections for Dutch (docs/decisions/0002-segmentation.md).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import regex
from simplemma.tokenizer import TOKREGEX

_TITLES = "dhr mevr mw mej mr mrs dr drs prof ir ing ds jhr jkvr kol lt sgt luit mgr st mt th chr joh lic ph"
_BEFORE_NUMBERS = "nr nrs blz pag pp afb fig hfdst afl tel febr feb mrt apr aug sept okt nov dec"
_CONNECTIVES = """
    bijv bv d.w.z dwz o.a o.m m.n i.c c.q cq resp vs ca plm vgl zgn z.g.n zg incl excl evt v.d u.i m.i m.a.w
    t.a.v t.b.v t.o.v t.g.v t.w.v m.b.t m.b.v i.v.m i.p.v i.t.t i.h.b i.c.m i.o.v i.s.m o.l.v o.b.v o.i.v n.a.v n.a.l.v
    m.u.v m.i.v a.d.h.v a.h.v
"""
_FINAL = "enz etc e.d e.a c.s jr sr inc co corp ltd llc mln mld jl aub fr"
_AMBIGUOUS = "art av burg cie dir gem gen int jan max min ms p"

ABBREVIATIONS = frozenset(f"{_TITLES} {_BEFORE_NUMBERS} {_CONNECTIVES} {_FINAL}".split())
"""Dutch abbreviations without their last period, lower case; none is also a common word."""

FINAL = frozenset(f"{_FINAL} bv".split())
"""Those of them that may end a sentence."""

AMBIGUOUS = frozenset(_AMBIGUOUS.split())
"""Abbreviations that are also words or names: the period is theirs only before a digit or a lower-case letter."""

_UPPER = "A-ZÀ-ÖØ-Þ"
_CORRECTIONS = "|".join(
    [
        r"https?://\S*[\w/]|www\.\S*[\w/]",
        r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
        r"\b(?:\w[\w-]{0,62}\.){1,8}(?:nl|be|com|net|org|eu|de|fr|uk)\b(?:/\S*[\w/])?",
        # d.w.z., V.S., v.Chr.
        r"\b(?:[^\W\d_]{1,2}\.){1,8}[^\W\d_]{1,3}\.(?!\w)",
        # J. de Vries, J.-P. Smit
        rf"\b[{_UPPER}]\.(?:-?[{_UPPER}]\.){{0,8}}(?=\s?[\w'’(])",
        # dhr., Prof.
        r"(?<![\w-])(?:{})\.(?!\w)".format(
            "|".join(
                f"[{word[0]}{word[0].upper()}]{re.escape(word[1:])}"
                for word in sorted(ABBREVIATIONS, key=len, reverse=True)
            )
        ),
        r"(?<![\w-])(?:{})\.(?=\s+[\da-z(])".format("|".join(sorted(AMBIGUOUS))),
        # 's avonds, 't, de jaren '80
        r"(?<![\w'’])['’](?:(?:s|t|n|m|k|r)\b|\d\d(?:-\w[\w-]*|(?!\w)))",
        # 02/511.84.49, 11/07: a slash stands alone
        r"\d{1,20}(?:[.,:]\d{1,20}){0,8}(?=/)",
        # € 199,-
        r"\b\d{1,20}(?:\.\d{3}){0,8},[-–](?!\w)",
    ]
)
# Corrections first, with bounds, so that no text takes quadratic time; they capture nothing, because the library's pattern refers back to its group 1.
_TOKEN = re.compile(f"{_CORRECTIONS}|{TOKREGEX.pattern}")
_CHUNK = re.compile(r"\S+")
_SPACE, _LETTER, _MARK, _PERIOD = 1, 2, 3, 4
_WITH_PERIOD = frozenset(f"{_TITLES} {_BEFORE_NUMBERS} {_CONNECTIVES} {_FINAL} {_AMBIGUOUS}".split())
_CLUSTER = regex.compile(r"\X")


def tokenize(text: str) -> list[tuple[int, int]]:
    """The tokens of `text`: code points, half-open, in order, disjoint.

    Every character that isn't white space is in exactly one token; no token is empty or has white space in it.
    Abbreviations, initials and acronyms keep their period, also at the end of a sentence.
    """
    tokens: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        if chunk[0].isalpha():  # most chunks: no pattern is needed to see that they are words
            tokens.append((start, end))
        else:
            _split(text, start, end, tokens)
    return tokens


def tokenize_all(texts: Sequence[str]) -> tuple[Any, Any]:
    """The tokens of many texts: how many each has, and a row `[start, end)` in its own text for each of them.

    The same as `tokenize` of each, in a quarter of the time: words, and words before a single mark, are found in all texts
    at once, and the pattern is asked for the rest.
    """
    whole = "\n".join(texts)
    kinds = _kinds()[np.minimum(np.frombuffer(whole.encode("utf-32-le"), np.uint32), 0x10000)]
    borders = np.flatnonzero(np.diff(kinds != _SPACE, prepend=False, append=False))
    starts, ends = borders[::2], borders[1::2]
    letters = np.concatenate(([0], np.cumsum(kinds == _LETTER)))
    words = letters[ends] - letters[starts] == ends - starts
    marked = (letters[ends - 1] - letters[starts] == ends - 1 - starts) & (ends - starts > 2)
    marked &= (kinds[ends - 1] == _MARK) | (kinds[ends - 1] == _PERIOD)
    for place in np.flatnonzero(marked & (kinds[ends - 1] == _PERIOD)).tolist():
        if whole[starts[place] : ends[place] - 1].lower() in _WITH_PERIOD:
            marked[place] = False
    lengths = np.array([len(text) + 1 for text in texts], np.int64)
    bases = np.cumsum(lengths) - lengths
    others: list[tuple[int, int]] = []
    rest = np.flatnonzero(~words & ~marked)
    owners = np.searchsorted(bases, starts[rest], "right") - 1
    for start, end, base, owner in zip(
        starts[rest].tolist(), ends[rest].tolist(), bases[owners].tolist(), owners.tolist(), strict=True
    ):
        found: list[tuple[int, int]] = []
        _split(texts[owner], start - base, end - base, found)
        others += [(first + base, last + base) for first, last in found]
    split = np.array(others, np.int64).reshape(-1, 2)
    first = np.concatenate([starts[words], starts[marked], ends[marked] - 1, split[:, 0]])
    last = np.concatenate([ends[words], ends[marked] - 1, ends[marked], split[:, 1]])
    order = np.argsort(first, kind="stable")
    tokens = np.stack([first[order], last[order]], axis=1)
    owner = np.searchsorted(bases, tokens[:, 0], "right") - 1
    return np.bincount(owner, minlength=len(texts)), tokens - bases[owner, None]


@cache
def _kinds() -> Any:
    """What each code point is; those beyond the first plane, all in the last place, the pattern decides."""
    kinds = np.zeros(0x10001, np.uint8)
    for point in range(0x10000):
        character = chr(point)
        if character.isspace():
            kinds[point] = _SPACE
        elif character.isalpha():
            kinds[point] = _LETTER
    kinds[[ord(mark) for mark in ",;:?!"]] = _MARK
    kinds[ord(".")] = _PERIOD
    return kinds


def _split(text: str, start: int, end: int, tokens: list[tuple[int, int]]) -> None:
    """Append the tokens of a chunk without white space. The pattern looks ahead, past the chunk, but matches inside."""
    for match in _TOKEN.finditer(text, start):
        first, last = match.span()
        if first >= end:
            break
        if first > start:
            _symbols(text, start, first, tokens)
        tokens.append((first, last))
        start = last
    if start < end:
        _symbols(text, start, end, tokens)


def _symbols(text: str, start: int, end: int, tokens: list[tuple[int, int]]) -> None:
    """Append what the pattern doesn't know (emoji, symbols) by grapheme clusters; loose marks join the token before."""
    for cluster in _CLUSTER.finditer(text, start, end):
        first, last = cluster.span()
        if tokens and tokens[-1][1] == first and unicodedata.category(text[first]) in {"Mn", "Mc", "Me", "Cf"}:
            tokens[-1] = (tokens[-1][0], last)
        else:
            tokens.append((first, last))
