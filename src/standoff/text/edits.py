"""Edits of a text, applied one pass after the other, and the map of raw positions through all of them. Pure."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from standoff.text.offsets import OffsetError


class Edit(NamedTuple):
    """Replace `[start, end)` (code points, never empty) by `replacement`.

    The edits of one pass are in order and apart: none starts before the one before it ends.
    """

    start: int
    end: int
    replacement: str


class CleanSpan(NamedTuple):
    """A span of the clean text, `[start, end)` in code points.

    `exact` is False when the raw span began or ended inside characters that were replaced together (`e` + U+0301 became
    `é`): then the clean span holds the whole replacement, which is more than the raw one did.
    """

    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Where the edits of one pass moved positions: their starts and ends in the text before, the shift behind each."""

    starts: "array[int]"
    ends: "array[int]"
    shifts: "array[int]"

    def place(self, position: int) -> tuple[int, int]:
        """First and last new position that an old one may stand for; they differ only inside a replacement."""
        edit = bisect_right(self.starts, position) - 1
        if edit < 0:
            return position, position
        end = self.ends[edit]
        if position >= end:
            position += self.shifts[edit]
            return position, position
        start = self.starts[edit]
        first = start + (self.shifts[edit - 1] if edit else 0)
        return first, first if position == start else end + self.shifts[edit]


@dataclass(frozen=True, slots=True, eq=False)
class CleanMap:
    """Moves positions of a raw text, 0 to `raw_length` code points, to the clean one; without passes it keeps them."""

    raw_length: int
    passes: tuple[Pass, ...] = ()

    @property
    def is_identity(self) -> bool:
        """Whether every position stays where it was. Characters may have been replaced, one for one."""
        return not self.passes

    def to_clean(self, raw: int) -> int:
        """The clean position for a raw one; it never decreases when `raw` grows.

        What was removed maps to the place where it was; what is inside a replacement, to the start of the replacement.
        Raises OffsetError when out of range.
        """
        self._check(raw)
        for one in self.passes:
            raw = one.place(raw)[0]
        return raw

    def span(self, start: int, end: int) -> CleanSpan:
        """The clean span over all that is left of raw `[start, end)`; it is empty when nothing is. Raises OffsetError."""
        self._check(start)
        self._check(end)
        if end < start:
            raise OffsetError(end, "code_point", "before_start")
        exact = True
        for one in self.passes:
            if start == end:
                # An empty span must not grow to the replacement that it happens to be inside of.
                start = end = one.place(start)[0]
                continue
            start, start_last = one.place(start)
            end_first, end = one.place(end)
            exact = exact and start == start_last and end_first == end
        return CleanSpan(start, end, exact)

    def _check(self, position: int) -> None:
        if not 0 <= position <= self.raw_length:
            raise OffsetError(position, "code_point", "out_of_range")


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, int, Pass | None]:
    """The edited text, the number of edits, and how positions move: None when every edit was one character for one."""
    pieces: list[str] = []
    starts, ends, shifts = array("I"), array("I"), array("q")
    count = done = shift = 0
    for start, end, replacement in edits:
        count += 1
        pieces += (text[done:start], replacement)
        done = end
        if not end - start == len(replacement) == 1:
            shift += len(replacement) - (end - start)
            starts.append(start)
            ends.append(end)
            shifts.append(shift)
    if not count:
        return text, 0, None
    pieces.append(text[done:])
    return "".join(pieces), count, Pass(starts, ends, shifts) if starts else None
