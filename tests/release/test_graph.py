"""Annotations as flat columns: any spans, in any order, as they are in their sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import minister
from release.strategies import NEWS
from standoff.corpus.rules.columns import Columns
from standoff.release.graph import Graph


@given(st.lists(st.integers(0, 8), max_size=8))
def test_columns_of_any_spans_in_any_order(places: list[int]) -> None:
    draft = minister()
    graph = Graph([Columns(draft.set())], [0], NEWS)
    chosen = [draft.spans[place] for place in places]
    columns = graph.columns(np.array(places, np.int64), ["entity"], [1] * len(chosen))
    assert columns["id"].to_pylist() == [span.id for span in chosen]
    assert columns["start"].to_pylist() == [span.start - 1 for span in chosen]
    assert columns["end"].to_pylist() == [span.end - 1 for span in chosen]
    assert columns["text"].to_pylist() == [span.text for span in chosen]
    assert columns["entity"].to_pylist() == [span.attributes.get("entity") for span in chosen]
    assert columns["fragments"].to_pylist() == [
        [{"start": piece.start - 1, "end": piece.end - 1, "text": piece.text} for piece in span.fragments]
        for span in chosen
    ]
