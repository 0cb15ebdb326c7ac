"""Spans as tags of a sentence's tokens: those that tags can say, and why they can't say the others. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from standoff.corpus.model import Span
from standoff.formats.foreign import Loss
from standoff.formats.writing import lost
from standoff.text.iob import TokenSpan

_WHY = {
    "discontinuous": "it is in several pieces, which tags can't say",
    "nested": "it stands inside or across another span, which tags can't say",
    "unaligned": "it begins or ends inside a token",
    "crossing": "it crosses the end of a sentence",
    "outside": "it stands on white space alone",
    "label": "its label has a character that divides columns or lines",
}


def untagged(document: str, span: Span, reason: str) -> Loss:
    """The loss of a span that no tag says."""
    return lost(document, span, reason, f"{span.label} {span.text[:60]!r}: {_WHY[reason]}")


def tagged(
    document: str, spans: Sequence[Span], tokens: Sequence[tuple[int, int]], end: int, holds: Callable[[str], bool]
) -> tuple[list[TokenSpan], list[Loss]]:
    """The outermost spans of a sentence, of one piece and on whole tokens, and the losses of the others.

    `spans` are those that begin in the sentence, outer ones first; `end` is where it ends, and `holds` says of a label whether
    a tag can have it.
    """
    starts, ends = [start for start, _ in tokens], [last for _, last in tokens]
    found: list[TokenSpan] = []
    losses: list[Loss] = []
    for span in spans:
        first, last = bisect_left(starts, span.start), bisect_left(ends, span.end)
        reason = ""
        if len(span.fragments) > 1:
            reason = "discontinuous"
        elif span.end > end:
            reason = "crossing"
        elif span.start not in starts[first : first + 1] or span.end not in ends[last : last + 1]:
            reason = "unaligned"
        elif not holds(span.label):
            reason = "label"
        elif found and first < found[-1].end:
            reason = "nested"
        if reason:
            losses.append(untagged(document, span, reason))
        else:
            found.append(TokenSpan(first, last + 1, span.label))
    return found, losses
