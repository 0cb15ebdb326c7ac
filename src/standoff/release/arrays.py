"""Arrow arrays from flat lists of spans: a column at a time, never a dictionary a row, which would cost ten times as much. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa

from standoff.corpus.model import By, Span
from standoff.release.features import BY, FRAGMENT, Features, arrow_type

Columns = dict[str, pa.Array]


def strings(values: Iterable[str | None]) -> pa.Array:
    """A column of strings."""
    return pa.array(values, pa.string())


def integers(values: Iterable[int | None]) -> pa.Array:
    """A column of 32-bit integers."""
    return pa.array(values, pa.int32())


def struct(features: Features, columns: Mapping[str, pa.Array]) -> pa.StructArray:
    """One array of structs, its fields in the order of `features`."""
    kind = arrow_type(features)
    return pa.StructArray.from_arrays([columns[name] for name in features], fields=list(kind))


def lists(counts: Sequence[int | None], values: pa.Array) -> pa.ListArray:
    """One array of lists that hold `values` one after another: so many each, None for no list."""
    offsets = [0, *accumulate(count or 0 for count in counts)]
    if None in counts:
        # A null at an offset makes the list that starts there null.
        marked = [None if count is None else offset for offset, count in zip(offsets, counts, strict=False)]
        return pa.ListArray.from_arrays(integers([*marked, offsets[-1]]), values)
    return pa.ListArray.from_arrays(integers(offsets), values)


def scattered(present: Sequence[bool], values: pa.Array) -> pa.Array:
    """`values` at the places that are present, nulls at the others."""
    if all(present):
        return values
    place = iter(range(len(values)))
    return values.take(pa.array([next(place) if here else None for here in present], pa.int64()))


def pieces(texts: Sequence[str], counts: Sequence[int], starts: Any, ends: Any) -> pa.Array:
    """The stretches `[start, end)` of the texts, so many of each text: all of it but white space, in order.

    They are cut out of the UTF-8 bytes of all texts at once, without a Python string for each. Raises ValueError when
    they don't make up the texts.
    """
    whole = "".join(texts)
    points = np.frombuffer(whole.encode("utf-32-le"), np.uint32)
    widths = (points > 0x7F).astype(np.int8) + (points > 0x7FF) + (points > 0xFFFF) + 1
    bytes_before = np.concatenate(([0], np.cumsum(widths, dtype=np.int64)))
    first = np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.int64)))[:-1]
    moved = np.repeat(first, counts)
    lengths = bytes_before[ends + moved] - bytes_before[starts + moved]
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    content = "".join(whole.split()).encode()
    if offsets[-1] != len(content):
        raise ValueError("tokens leave out, or repeat, a part of the text")
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(content))


class SpanPool:
    """Columns of many spans, each read once; what is shown of some of them is then taken from these columns.

    A span is known by its identity, so ask for the same objects that the pool was made of.
    """

    def __init__(self, spans: Sequence[Span], attributes: Iterable[str]) -> None:
        fragments = [fragment for span in spans for fragment in span.fragments]
        self.spans = spans
        self._places = {id(span): place for place, span in enumerate(spans)}
        self._counts = np.fromiter((len(span.fragments) for span in spans), np.int64, len(spans))
        self._after = np.cumsum(self._counts)
        self._starts = np.fromiter((fragment.start for fragment in fragments), np.int32, len(fragments))
        self._ends = np.fromiter((fragment.end for fragment in fragments), np.int32, len(fragments))
        self._surfaces = strings([fragment.text for fragment in fragments])
        whole = len(fragments) == len(spans)
        self._texts = self._surfaces if whole else strings([span.text for span in spans])
        self.ids = strings([span.id for span in spans])
        self.labels = strings([span.label for span in spans])
        values = [span.attributes for span in spans]
        self.attributes = {name: strings([value.get(name) for value in values]) for name in attributes}

    def fragments(self) -> pa.Array:
        """The fragments of all spans, a list each."""
        columns = {"start": pa.array(self._starts), "end": pa.array(self._ends), "text": self._surfaces}
        return _lists_up_to(self._after, struct(FRAGMENT, columns))

    def columns(
        self,
        spans: Sequence[Span],
        attributes: Sequence[str] = (),
        offsets: Sequence[int] | None = None,
        *,
        labeled: bool = True,
    ) -> Columns:
        """What is shown of these spans: id, label, hull, surfaces joined by one space, fragments, attributes.

        `offsets`: for each span the place in its document of the text that the columns' positions shall index.
        """
        places = np.fromiter((self._places[id(span)] for span in spans), np.int64, len(spans))
        counts = self._counts[places]
        after = np.cumsum(counts)
        last = self._after[places] - 1
        first = last - counts + 1
        # Places of all fragments: each span's first one, and on from there.
        every = np.repeat(first - (after - counts), counts) + np.arange(after[-1] if len(after) else 0)
        moved = np.zeros(len(spans), np.int32) if offsets is None else np.asarray(offsets, np.int32)
        moved_each = np.repeat(moved, counts)
        take = pa.array(places)
        pieces = {
            "start": pa.array(self._starts[every] - moved_each),
            "end": pa.array(self._ends[every] - moved_each),
            "text": self._surfaces.take(pa.array(every)),
        }
        return {
            "id": self.ids.take(take),
            **({"label": self.labels.take(take)} if labeled else {}),
            "start": pa.array(self._starts[first] - moved),
            "end": pa.array(self._ends[last] - moved),
            "text": self._texts.take(take),
            "fragments": _lists_up_to(after, struct(FRAGMENT, pieces)),
            **{name: self.attributes[name].take(take) for name in attributes},
        }


def _lists_up_to(ends: Any, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(np.concatenate(([0], ends)).astype(np.int32)), values)


def by_array(values: Sequence[By | None], names: Mapping[str, str]) -> pa.Array:
    """Who and when; `names` maps annotators to their public names."""
    given = [by for by in values if by is not None]
    columns = {
        "annotator": strings([names[by.annotator] if by.annotator is not None else None for by in given]),
        "at": strings([by.at for by in given]),
    }
    return scattered([by is not None for by in values], struct(BY, columns))
