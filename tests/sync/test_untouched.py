"""What is known without linking is what linking comes to."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from standoff.corpus.model import Relation, Span
from standoff.corpus.scheme import index, read_scheme
from standoff.corpus.state import DocumentState
from standoff.formats.doccano import Scope, encode, scope
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync import journal
from standoff.sync.document import plan_document, settle
from standoff.sync.journal import Begin, replay
from standoff.sync.merge import Items
from standoff.sync.untouched import as_imported, no_plan, ordered, untouched
from sync.world import SCHEME_TOML, TEXT, document, relation, span

DOCUMENT = document()
ENDS = {"speaker": ("QUOTE", "SPEAKER"), "cue": ("QUOTE", "CUE"), "Agent": ("Meet", "PERSON")}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    path: Path = tmp_path_factory.mktemp("scheme") / "scheme.toml"
    path.write_text(SCHEME_TOML)
    return scope(index(read_scheme(path)), ())


@st.composite
def _items(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Items:
    """Spans, of several fragments or on one place or sharing characters (as none should), and relations, some equal."""
    spans: list[Span] = []
    for number in range(draw(st.integers(0, 6))):
        label = draw(st.sampled_from(["PERSON", "QUOTE", "SPEAKER", "CUE", "Life.Die", "Meet"]))
        starts = sorted(draw(st.lists(st.integers(0, 12), min_size=1, max_size=3, unique=True)))
        places = [(4 * start, 4 * start + draw(st.integers(1, 5))) for start in starts]
        keys = {"realis": draw(st.sampled_from(["Actual", "Other"]))} if label in {"Life.Die", "Meet"} else {}
        spans.append(span(f"s{number}", label, *places, **keys))
    relations: list[Relation] = []
    for name, (head, tail) in ENDS.items():
        ends = [[one.id for one in spans if one.label == label] for label in (head, tail)]
        if all(ends):
            for _ in range(draw(st.integers(0, 2))):
                two = [draw(st.sampled_from(ids)) for ids in ends]
                relations.append(relation(f"r{len(relations)}", name, *two))
    order = draw(st.permutations(spans))
    return Items.of(order, draw(st.permutations(relations)))


def _imported(draw: Callable[[st.SearchStrategy[Any]], Any], sent: Example) -> Example:
    """The example as the page has it: ids of its own, listed in any order; often somebody has done something to it."""
    gap = draw(st.integers(1, 3))
    rows = [replace(row, id=100 + gap * row.id) for row in sent.rows]
    edges = [
        replace(edge, id=500 + gap * edge.id, head=100 + gap * edge.head, tail=100 + gap * edge.tail)
        for edge in sent.relations
    ]
    what = draw(
        st.sampled_from(["nothing", "nothing", "relabel", "move", "delete", "draw", "cut", "join", "turn", "swap"])
    )
    if rows and what in {"relabel", "move", "delete", "draw", "swap"}:
        at = draw(st.integers(0, len(rows) - 1))
        row = rows[at]
        if what == "relabel":
            rows[at] = replace(row, label=draw(st.sampled_from(["ORG", "CUE", "realis:Generic"])))
        elif what == "move":
            rows[at] = replace(row, end=row.end + 1)
        elif what == "draw":
            rows.append(replace(row, id=900))
        elif what == "swap":
            rows[at], rows[0] = replace(rows[0], id=row.id), replace(row, id=rows[0].id)
        else:
            del rows[at]
            edges = [edge for edge in edges if row.id not in {edge.head, edge.tail}]
    elif what == "join" and len(rows) > 1:
        edges.append(RelationRow(id=990, label="continues", head=rows[0].id, tail=rows[-1].id))
    elif edges and what in {"cut", "turn"}:
        at = draw(st.integers(0, len(edges) - 1))
        if what == "cut":
            del edges[at]
        else:
            edges[at] = replace(edges[at], head=edges[at].tail, tail=edges[at].head)
    shuffled: Sequence[Row] = draw(st.permutations(rows))
    return replace(sent, id=7, rows=tuple(shuffled), relations=tuple(draw(st.permutations(edges))))


@given(st.data(), _items())
def test_an_import_that_came_back_as_it_was_sent(everything: Scope, data: st.DataObject, ours: Items) -> None:
    sent, _ = encode(everything, DOCUMENT, ours.spans.values(), ours.relations.values())
    example = _imported(data.draw, sent)
    lines = [Begin(imported=True, spans=tuple(ours.spans.values()), relations=tuple(ours.relations.values()))]
    state = DocumentState(example=7)

    found = replay(everything, DOCUMENT, ours, state, lines, example)
    with patch.object(journal, "as_imported", lambda *_: None):
        linked = replay(everything, DOCUMENT, ours, state, lines, example)
    assert found == linked

    if not untouched(everything, found, ours, example):
        return
    assert ordered(found) == settle(everything, DOCUMENT, ours, found, example)
    short, plan = no_plan(ours), plan_document(everything, DOCUMENT, ours, found, example)
    assert (plan.linked.problems, plan.linked.notes) == ([], [])
    assert plan.linked.theirs == plan.page == short.linked.theirs
    for field in ("ours", "page", "requests", "conflicts", "frozen", "ours_counts", "page_counts", "unsent"):
        assert getattr(plan, field) == getattr(short, field)


def test_the_seed_of_it(everything: Scope) -> None:
    """A quote of two fragments and its speaker, as they were sent; once somebody has touched them they have to be linked."""
    spans = [span("s1", "QUOTE", "dat Bob", "de stad"), span("s2", "SPEAKER", "Anna")]
    ours = Items.of(spans, [relation("r1", "speaker", "s1", "s2")])
    sent, _ = encode(everything, DOCUMENT, ours.spans.values(), ours.relations.values())
    example = replace(sent, id=7)
    state = as_imported(everything, DOCUMENT, DocumentState(example=7), ours, example)
    assert state is not None
    assert untouched(everything, state, ours, example)
    assert [(row.span, row.start) for row in state.rows] == [
        ("s1", TEXT.index("dat Bob")),
        ("s1", TEXT.index("de stad")),
        ("s2", 0),
    ]
    assert [edge.relation for edge in state.relations] == [None, "r1"]
    moved = replace(example, rows=(*example.rows[:2], replace(example.rows[2], end=5)))
    assert as_imported(everything, DOCUMENT, DocumentState(example=7), ours, moved) is None
    assert not untouched(everything, state, ours, moved)
