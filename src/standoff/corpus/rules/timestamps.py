"""The rule for timestamps. Pure, and free where a set states none: whether any is doubtful is told with the schema."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standoff.corpus.model import is_moment
from standoff.corpus.rules.base import Finding, SetContext


def real_timestamps(context: SetContext) -> Iterable[Finding]:
    """A timestamp in an annotation set is a moment: a whole day of the calendar, a time of it, a time zone that there is, if
    any. Programs that read timestamps stop at the 30th of February.
    """
    if not context.columns.doubtful:
        return ()
    return [
        Finding(pointer, f"{at} is no day of the calendar with a time of it; correct it, or take it out")
        for pointer, at in _stated(context.columns.contents)
        if at is not None and not is_moment(at)
    ]


def _stated(contents: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What each part says of when it was made."""
    for key in ("confirmed", "comments"):
        yield from ((f"/{key}/{place}/at", item.get("at")) for place, item in enumerate(contents.get(key, ())))
    yield "/provenance/at", (contents.get("provenance") or {}).get("at")
    for key in ("spans", "relations"):
        yield from (
            (f"/{key}/{place}/by/at", (item.get("by") or {}).get("at")) for place, item in enumerate(contents[key])
        )
