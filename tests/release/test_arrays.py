"""Arrays built a column at a time: the same as Python would make of each row."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.release.arrays import lists, pieces, scattered, strings

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
    values = strings([value for row in rows for value in row or ()])
    array = lists([len(row or ()) for row in rows], values, [row is not None for row in rows])
    array.validate(full=True)
    assert array.to_pylist() == rows


@given(st.lists(st.none() | st.text("ab")))
def test_scattered_puts_nulls_in_between(values: list[str | None]) -> None:
    present = [value is not None for value in values]
    assert scattered(present, strings([value for value in values if value is not None])).to_pylist() == values
