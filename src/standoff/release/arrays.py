"""Arrow arrays from flat lists: a column at a time, never a dictionary a row, which would cost ten times as much. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from standoff.corpus.model import By
from standoff.release.features import BY, Features, arrow_type

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


def lists(counts: Any, values: pa.Array, present: Any = None) -> pa.ListArray:
    """One array of lists that hold `values` one after another: so many each; no list where `present` is False."""
    offsets = np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int32)
    mask = None if present is None or np.all(present) else pa.array(~np.asarray(present))
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)


def scattered(present: Any, values: pa.Array) -> pa.Array:
    """`values` at the places that are present, nulls at the others."""
    present = np.asarray(present, bool)
    if present.all():
        return values
    return values.take(pa.array(np.cumsum(present) - 1, mask=~present))


def pieces(texts: Sequence[str], counts: Any, starts: Any, ends: Any) -> pa.Array:
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


def lists_up_to(ends: Any, values: pa.Array) -> pa.ListArray:
    """One array of lists that hold `values` one after another: each up to its end."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate(([0], ends)).astype(np.int32)), values)


def by_array(values: Sequence[By | None], names: Mapping[str, str]) -> pa.Array:
    """Who and when; `names` maps annotators to their public names."""
    given = [by for by in values if by is not None]
    columns = {
        "annotator": strings([names[by.annotator] if by.annotator else None for by in given]),
        "at": strings([by.at for by in given]),
    }
    return scattered([by is not None for by in values], struct(BY, columns))
