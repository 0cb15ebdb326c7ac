"""Positions of one text in code points, UTF-16 code units, UTF-8 bytes and grapheme clusters. Pure."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Literal

from standoff.errors import StandoffError

Unit = Literal["utf16", "utf8", "grapheme"]
Reason = Literal["out_of_range", "inside", "before_start", "surrogate"]

_NAMES = {
    "code_point": "code point",
    "utf16": "UTF-16 code unit",
    "utf8": "UTF-8 byte",
    "grapheme": "grapheme cluster",
}
_REASONS = {
    "out_of_range": "is outside the text",
    "inside": "is inside a character, not at its edge",
    "before_start": "ends a span before its start",
    "surrogate": "is a lone surrogate, which no UTF-8 or UTF-16 text can hold",
}

_SURROGATE = re.compile("[\ud800-\udfff]")
# The number of the group that matches is the width of its characters in the unit.
_UTF8_RUN = re.compile("([\0-\x7f]+)|([\x80-\u07ff]+)|([\u0800-\uffff]+)|([\U00010000-\U0010ffff]+)")
_UTF16_RUN = re.compile("([\0-\uffff]+)|([\U00010000-\U0010ffff]+)")
# Everything but characters that are a cluster of their own beside each other: Latin letters, spaces, punctuation, currency.
# Two such characters make one cluster in one case only, "\r\n".
_MAY_CLUSTER = re.compile("[^\0-\u02ff\u1e00-\u1eff\u2000-\u200b\u200e-\u20cf]")


class OffsetError(StandoffError):
    """A position that is outside its text or, counted in `unit`, not at the edge of a character there.

    `unit` is the unit that `position` is counted in: `code_point`, `utf16`, `utf8` or `grapheme`.
    """

    def __init__(self, position: int, unit: Literal["code_point"] | Unit, reason: Reason) -> None:
        super().__init__(position, unit, reason)
        self.position = position
        self.unit = unit
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{_NAMES[self.unit]} {self.position} {_REASONS[self.reason]}; "
            "check that text and offset belong together and are counted in this unit"
        )


@cache
def _cluster() -> Any:
    import regex  # takes a tenth of the time in which a command starts, and most need none

    return regex.compile(r"\X")


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Runs of elements that each hold `width` finer elements; `coarse` and `fine` are their starts."""

    coarse: "array[int]"
    fine: "array[int]"
    width: "array[int]"

    def to_fine(self, position: int) -> int:
        run = bisect_right(self.coarse, position) - 1
        return self.fine[run] + (position - self.coarse[run]) * self.width[run]

    def to_coarse(self, position: int) -> int | None:
        run = bisect_right(self.fine, position) - 1
        steps, rest = divmod(position - self.fine[run], self.width[run])
        return None if rest else self.coarse[run] + steps


def _table(runs: Iterable[tuple[int, int]]) -> tuple[_Table | None, int, int]:
    """The table of runs given as (number of elements, width), None when all widths are 1, and both total lengths."""
    coarse, fine, width = array("I"), array("I"), array("I")
    total_coarse = total_fine = 0
    for count, run_width in runs:
        coarse.append(total_coarse)
        fine.append(total_fine)
        width.append(run_width)
        total_coarse += count
        total_fine += count * run_width
    table = None if total_coarse == total_fine else _Table(coarse, fine, width)
    return table, total_coarse, total_fine


@dataclass(frozen=True, slots=True, eq=False)
class OffsetMap:
    """Converts positions of one text between code points and `unit`, both ways.

    A position counts the elements before it: 0 to `code_points`, or 0 to `units`, the text's lengths. Costs O(1) where
    both counts agree (ASCII, mostly), else O(log n) in a table of runs that is built once.
    """

    unit: Unit
    code_points: int
    units: int
    _table: _Table | None

    @classmethod
    def of(cls, text: str, unit: Unit) -> "OffsetMap":
        """The map for `text`. Grapheme clusters are the extended ones of UAX #29, as the library `regex` knows them.

        Raises OffsetError when a text with a lone surrogate is to be counted in UTF-16 or UTF-8.
        """
        if _counts_agree(text, unit):
            return cls(unit, len(text), len(text), None)
        if unit == "grapheme":
            return cls.of_clusters(text, (match.end() - match.start() for match in _cluster().finditer(text)))
        if surrogate := _SURROGATE.search(text):
            raise OffsetError(surrogate.start(), "code_point", "surrogate")
        pattern = _UTF8_RUN if unit == "utf8" else _UTF16_RUN
        runs = ((match.end() - match.start(), match.lastindex or 1) for match in pattern.finditer(text))
        table, code_points, units = _table(runs)
        return cls(unit, code_points, units, table)

    @classmethod
    def of_clusters(cls, text: str, lengths: Iterable[int]) -> "OffsetMap":
        """The map for `text` cut into clusters by another table than `regex` has: their lengths in code points, in order.

        Raises ValueError when the lengths are not positive or don't add up to the text.
        """
        table, units, code_points = _table(_run_lengths(lengths))
        if code_points != len(text):
            raise ValueError(f"clusters of {code_points} code points for a text of {len(text)}")
        return cls("grapheme", code_points, units, table)

    def to_unit(self, code_point: int) -> int:
        """The position in `unit` of a position in code points. Raises OffsetError."""
        if not 0 <= code_point <= self.code_points:
            raise OffsetError(code_point, "code_point", "out_of_range")
        if self._table is None:
            return code_point
        if self.unit != "grapheme":
            return self._table.to_fine(code_point)
        position = self._table.to_coarse(code_point)
        if position is None:
            raise OffsetError(code_point, "code_point", "inside")
        return position

    def to_code_point(self, unit: int) -> int:
        """The position in code points of a position in `unit`. Raises OffsetError."""
        if not 0 <= unit <= self.units:
            raise OffsetError(unit, self.unit, "out_of_range")
        if self._table is None:
            return unit
        if self.unit == "grapheme":
            return self._table.to_fine(unit)
        position = self._table.to_coarse(unit)
        if position is None:
            raise OffsetError(unit, self.unit, "inside")
        return position


def _counts_agree(text: str, unit: Unit) -> bool:
    if unit == "grapheme":
        return "\r\n" not in text and (text.isascii() or _MAY_CLUSTER.search(text) is None)
    return text.isascii()


def _run_lengths(lengths: Iterable[int]) -> Iterator[tuple[int, int]]:
    for length, group in groupby(lengths):
        if length < 1:
            raise ValueError(f"a cluster of {length} code points")
        yield sum(1 for _ in group), length
