"""Text to tokens, for views and scores: CoNLL and SoNaR conventions for Dutch, offsets in code points. Keeps no state.

The tokens are those of simplemma's pattern, with corrections for Dutch (docs/decisions/0002-segmentation.md).
"""

import re
import unicodedata

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
    """Append what the pattern doesn't know (emoji, symbols), a grapheme cluster each; loose marks join the token before."""
    for cluster in _CLUSTER.finditer(text, start, end):
        first, last = cluster.span()
        if tokens and tokens[-1][1] == first and unicodedata.category(text[first]) in {"Mn", "Mc", "Me", "Cf"}:
            tokens[-1] = (tokens[-1][0], last)
        else:
            tokens.append((first, last))
