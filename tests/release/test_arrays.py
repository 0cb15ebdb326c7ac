"""Arrays built a column at a time: the same as Python would make of each row."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import minister
from standoff.release.arrays import SpanPool, lists, pieces, scattered, strings

WORDS = st.lists(st.text("aé€😀\u0301", min_size=1, max_size=3), max_size=4)


@given(st.lists(WORDS, max_size=4))
def test_pieces_are_the_slices(rows: list[list[str]]) -> None:
    texts, counts, starts, ends = [], [], [], []
    for words in rows:
        place = 0
        for word in words:
            starts.append(place)
            ends.append(place + len(word))
            place += len(word) + 1
        texts.append(" ".join(words))
        counts.append(len(words))
    array = pieces(texts, counts, pa.array(starts, pa.int32()).to_numpy(), pa.array(ends, pa.int32()).to_numpy())
    array.validate(full=True)
    assert array.to_pylist() == [word for words in rows for word in words]


def test_pieces_that_leave_something_out_are_refused() -> None:
    edges = pa.array([0], pa.int32()).to_numpy(), pa.array([1], pa.int32()).to_numpy()
    with pytest.raises(ValueError, match="tokens leave out"):
        pieces(["ab"], [1], *edges)


@given(st.lists(st.none() | st.lists(st.text("ab"), max_size=3)))
def test_lists_keep_null_and_empty_apart(rows: list[list[str] | None]) -> None:
    array = lists([None if row is None else len(row) for row in rows], strings([x for row in rows for x in row or ()]))
    array.validate(full=True)
    assert array.to_pylist() == rows


@given(st.lists(st.none() | st.text("ab")))
def test_scattered_puts_nulls_in_between(values: list[str | None]) -> None:
    present = [value is not None for value in values]
    assert scattered(present, strings([value for value in values if value is not None])).to_pylist() == values


@given(st.lists(st.integers(0, 8), max_size=8))
def test_a_pool_gives_any_of_its_spans_in_any_order(places: list[int]) -> None:
    spans = minister().spans
    pool = SpanPool(spans, ["entity"])
    chosen = [spans[place] for place in places]
    columns = pool.columns(chosen, ["entity"], [1] * len(chosen))
    assert columns["id"].to_pylist() == [span.id for span in chosen]
    assert columns["start"].to_pylist() == [span.start - 1 for span in chosen]
    assert columns["end"].to_pylist() == [span.end - 1 for span in chosen]
    assert columns["text"].to_pylist() == [span.text for span in chosen]
    assert columns["entity"].to_pylist() == [span.attributes.get("entity") for span in chosen]
    assert columns["fragments"].to_pylist() == [
        [{"start": piece.start - 1, "end": piece.end - 1, "text": piece.text} for piece in span.fragments]
        for span in chosen
    ]
