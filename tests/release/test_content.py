"""Content hashes: equal for equal rows however they come, different for any difference."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.release.content import ContentHash

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("number", pa.int32()),
        ("score", pa.float64()),
        ("yes", pa.bool_()),
        ("parts", pa.list_(pa.struct([("text", pa.string()), ("inner", pa.list_(pa.int32()))]))),
        ("one", pa.struct([("text", pa.string()), ("label", pa.int64())])),
    ]
)
STRINGS = st.none() | st.text("ab é😀", max_size=3)
NUMBERS = st.none() | st.integers(0, 3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": STRINGS,
            "number": NUMBERS,
            "score": st.none() | st.sampled_from([0.0, 0.5]),
            "yes": st.none() | st.booleans(),
            "parts": st.none()
            | st.lists(
                st.none()
                | st.fixed_dictionaries(
                    {"text": STRINGS, "inner": st.none() | st.lists(st.none() | st.integers(0, 2), max_size=2)}
                ),
                max_size=2,
            ),
            "one": st.none() | st.fixed_dictionaries({"text": STRINGS, "label": NUMBERS}),
        }
    ),
    min_size=1,
    max_size=5,
)


def content(*tables: pa.Table) -> str:
    found = ContentHash()
    for table in tables:
        found.update(table)
    return found.hexdigest()


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


@given(ROWS, st.integers(0, 5))
def test_chunks_slices_and_files_do_not_matter(rows: list[dict[str, Any]], cut: int) -> None:
    whole = table(rows)
    expected = content(whole)
    cut = min(cut, len(rows))
    assert content(whole.slice(0, cut), whole.slice(cut)) == expected
    assert content(pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])) == expected
    padded = table([*rows, *rows, *rows]).slice(len(rows), len(rows))
    assert content(padded) == expected
    sink = pa.BufferOutputStream()
    pq.write_table(whole, sink)
    assert content(pq.read_table(pa.BufferReader(sink.getvalue()))) == expected


@given(ROWS, ROWS)
def test_other_rows_have_another_hash(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    assert (content(table(rows)) == content(table(others))) == (rows == others)


def test_it_never_changes() -> None:
    """A hash that was published is compared with by every later version."""
    rows = [{"text": "é", "number": 1, "parts": [{"text": "x", "inner": [1, None]}], "one": None}]
    assert content(table(rows)) == "a628283a0ed7af929a5b07f1bc17c63666aa082edd60ab274440f306f3268cd9"


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string()])
def test_wide_strings_are_the_same_strings(kind: pa.DataType) -> None:
    assert content(pa.table({"a": pa.array(["x", None, "é"], kind)})) == content(
        pa.table({"a": pa.array(["x", None, "é"], pa.string())})
    )


def test_what_stands_behind_a_null_does_not_count() -> None:
    values = pa.array(["secret", "x"])
    behind = pa.StructArray.from_arrays([values], ["a"], mask=pa.array([True, False]))
    plain = pa.array([None, {"a": "x"}], behind.type)
    assert content(pa.table({"s": behind})) == content(pa.table({"s": plain}))


def test_a_type_that_no_release_has_is_refused() -> None:
    with pytest.raises(TypeError, match="a release has no"):
        content(pa.table({"a": pa.array([b"x"], pa.binary())}))
