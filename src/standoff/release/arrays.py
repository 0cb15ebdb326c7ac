"""Arrow arrays from flat lists of spans: a column at a time, never a dictionary a row, which would cost ten times as much. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

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


def extent_columns(spans: Sequence[Span], offsets: Sequence[int] | None = None) -> Columns:
    """Start and end of the hull, the surfaces joined by one space, and all fragments.

    `offsets`: for each span the place in its document of the text that the columns' positions shall index.
    """
    counts = [len(span.fragments) for span in spans]
    fragments = [fragment for span in spans for fragment in span.fragments]
    starts = np.fromiter((fragment.start for fragment in fragments), np.int32, len(fragments))
    ends = np.fromiter((fragment.end for fragment in fragments), np.int32, len(fragments))
    if offsets is not None:
        moved = np.repeat(np.asarray(offsets, np.int32), counts)
        starts, ends = starts - moved, ends - moved
    texts = strings([fragment.text for fragment in fragments])
    columns = {"start": pa.array(starts), "end": pa.array(ends), "text": texts}
    pieces = lists(counts, struct(FRAGMENT, columns))
    if len(fragments) != len(spans):
        last = np.cumsum(counts, dtype=np.int64)
        columns = {
            "start": pa.array(starts[last - counts]),
            "end": pa.array(ends[last - 1]),
            "text": strings([span.text for span in spans]),
        }
    return {**columns, "fragments": pieces}


def attribute_columns(spans: Sequence[Span], attributes: Sequence[str]) -> Columns:
    """A column of strings for each attribute, null where a span lacks it."""
    return {name: strings([span.attributes.get(name) for span in spans]) for name in attributes}


def by_array(values: Sequence[By | None], names: Mapping[str, str]) -> pa.Array:
    """Who and when; `names` maps annotators to their public names."""
    given = [by for by in values if by is not None]
    columns = {
        "annotator": strings([names[by.annotator] if by.annotator is not None else None for by in given]),
        "at": strings([by.at for by in given]),
    }
    return scattered([by is not None for by in values], struct(BY, columns))
