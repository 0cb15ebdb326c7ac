"""Values of a JSON array, or of one value after another, read piece by piece: only one is in memory at a time."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from standoff.formats.foreign import FormatError
from standoff.normalize.readers import LARGEST

_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_decoder = json.JSONDecoder()


def json_items(pieces: Iterable[bytes]) -> Iterator[Any]:
    """The values. Raises FormatError for what is no JSON, is cut off, or has a value of more than LARGEST characters."""
    reading = _Reading()
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            yield from reading.values(decoder.decode(piece))
        yield from reading.values(decoder.decode(b"", final=True), final=True)
    except UnicodeDecodeError:
        raise FormatError("it is not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise FormatError("its values are nested too deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise FormatError(f"it holds what is no value: {error}") from None


class _Reading:
    """`text` is what has come and is not read yet; `open` says whether the array's bracket was not closed so far."""

    def __init__(self) -> None:
        self.text = ""
        self.wanted = 0
        self.open = 0

    def values(self, more: str, *, final: bool = False) -> Iterator[Any]:
        self.text += more
        place = 0
        # A value that is not whole yet is tried again only when there is twice as much of it.
        while final or len(self.text) - place >= self.wanted:
            place = self._skip(place)
            if place == len(self.text):
                break
            try:
                value, end = _decoder.raw_decode(self.text, place)
            except json.JSONDecodeError as error:
                self.wanted = 2 * (len(self.text) - place)
                if final:
                    rest = self.text[place : place + 60]
                    raise FormatError(f"it is no JSON from {rest!r} on, or was cut off ({error.msg})") from None
                if self.wanted > 2 * LARGEST:
                    raise FormatError(f"a value of more than {LARGEST >> 20} MB") from None
                break
            yield value
            place, self.wanted = end, 0
        self.text = self.text[place:]
        if final and self.open:
            raise FormatError("its array is not closed: it was cut off")

    def _skip(self, place: int) -> int:
        found = _BETWEEN.match(self.text, place)
        if found is None:
            return place
        self.open += found.group().count("[") - found.group().count("]")
        if self.open not in {0, 1}:
            raise FormatError("it is neither one array of values nor a value a line")
        return found.end()
