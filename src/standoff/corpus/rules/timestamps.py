"""The rule for timestamps. Pure, and free where a set states none: whether any is doubtful is told while it is decoded."""

from collections.abc import Iterable, Iterator
from itertools import chain

from standoff.corpus.model import AnnotationSet, is_moment
from standoff.corpus.rules.base import Finding, SetContext


def real_timestamps(context: SetContext) -> Iterable[Finding]:
    """A timestamp in an annotation set is a moment: a whole day of the calendar, a time of it, a time zone that there is, if
    any. Programs that read timestamps stop at the 30th of February.
    """
    if not context.columns.doubtful:
        return ()
    return [
        Finding(pointer, f"{at} is no day of the calendar with a time of it; correct it, or take it out")
        for pointer, at in _stated(context.columns.record)
        if at is not None and not is_moment(at)
    ]


def _stated(record: AnnotationSet) -> Iterator[tuple[str, str | None]]:
    """What each part says of when it was made."""
    yield from ((f"/confirmed/{place}/at", by.at) for place, by in enumerate(record.confirmed))
    yield from ((f"/comments/{place}/at", comment.at) for place, comment in enumerate(record.comments))
    if made := record.provenance:
        yield "/provenance/at", made.at
    spans = ((f"/spans/{place}", span.by) for place, span in enumerate(record.spans))
    relations = ((f"/relations/{place}", relation.by) for place, relation in enumerate(record.relations))
    yield from ((f"{pointer}/by/at", by.at) for pointer, by in chain(spans, relations) if by)
