"""Discontinuous spans where a format has none: a span a piece, joined by `continues`, as in Doccano. Pure."""

from collections.abc import Sequence

from standoff.corpus.model import Span
from standoff.corpus.page import CONTINUES
from standoff.formats.foreign import Foreign, ForeignSpan


def join(foreign: Foreign) -> None:
    """Makes one span of those that relations `continues` lead through, in place; the first one gives all but the extents.

    A relation `continues` between different labels, or to a piece that another one leads to already, stays and is told.
    """
    links = [relation for relation in foreign.relations if relation.label == CONTINUES]
    if not links:
        return
    spans = {span.id: span for span in reversed(foreign.spans)}
    following: dict[str, str] = {}
    before: dict[str, str] = {}
    used: set[int] = set()
    for relation in links:
        head, tail = spans.get(relation.head), spans.get(relation.tail)
        free = relation.head not in following and relation.tail not in before
        if head and tail and head.label == tail.label and free and not _leads(following, relation.tail, relation.head):
            following[relation.head] = relation.tail
            before[relation.tail] = relation.head
            used.add(id(relation))
        else:
            message = f"{CONTINUES!r} from {relation.head} to {relation.tail} joins no two pieces of one span"
            foreign.tell("repaired", "pieces", relation.place, message)
    whole: dict[str, str] = {}
    for first in following:
        if first in before:
            continue
        piece: str | None = first
        extents: tuple[tuple[int, int], ...] = ()
        surfaces: list[str] = []
        while piece is not None:
            if piece != first and (words := _stated(spans[piece], spans[first])):
                message = f"what a later piece of a span says otherwise than the first is left out: {words}"
                foreign.tell("lost", "pieces", spans[piece].place, message)
            whole[piece] = first
            extents += spans[piece].extents
            surfaces += [surface] if (surface := spans[piece].surface) is not None else []
            piece = following.get(piece)
        head = spans[first]
        head.surface = " ".join(surfaces) if len(surfaces) == len(extents) else None
        head.extents = tuple(sorted(extents))
    foreign.spans = [span for span in foreign.spans if span.id not in before or spans[span.id] is not span]
    foreign.relations = [relation for relation in foreign.relations if id(relation) not in used]
    for relation in foreign.relations:
        relation.head, relation.tail = whole.get(relation.head, relation.head), whole.get(relation.tail, relation.tail)


def piece_ids(spans: Sequence[Span]) -> dict[str, list[str]]:
    """Span id to the ids of its pieces: the first has the span's, the others have that of no span."""
    taken = {span.id for span in spans}
    ids: dict[str, list[str]] = {}
    for span in spans:
        plus = "+"
        while any(f"{span.id}{plus}{number}" in taken for number in range(1, len(span.fragments))):
            plus += "+"
        ids[span.id] = [span.id, *(f"{span.id}{plus}{number}" for number in range(1, len(span.fragments)))]
        taken.update(ids[span.id])
    return ids


def _stated(piece: ForeignSpan, first: ForeignSpan) -> str:
    """What a piece says otherwise than the first one, in words."""
    attributes = sorted(piece.attributes.items() - first.attributes.items())
    stated = [f"{name} = {value[:60]!r}" for name, value in attributes]
    stated += [] if piece.score in (None, first.score) else [f"the score {piece.score}"]
    return ", ".join(stated + ([] if piece.note in (None, first.note) else [f"the note {piece.note!r:.60}"]))


def _leads(following: dict[str, str], start: str, end: str) -> bool:
    place: str | None = start
    while place is not None and place != end:
        place = following.get(place)
    return place == end
