"""Annotations to the page's rows and back, in both units; the page's grapheme clusters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.model import Span
from standoff.corpus.page import CONTINUES
from standoff.corpus.scheme import SchemeIndex, index, read_scheme
from standoff.corpus.state import DocumentState
from standoff.formats.doccano import PageError, encode, from_page, offsets, scope, to_page
from standoff.formats.doccano_graphemes import cluster_lengths
from standoff.formats.doccano_rows import DOCUMENT_KEY, Example, import_line, read_line, write_line
from standoff.sync.link import link
from standoff.sync.merge import Items
from sync.world import SCHEME_TOML, document, relation, span

PIECES = [
    "a",
    "é",
    "e\u0301",
    " ",
    "\n",
    "\u2028",
    "🎉",
    "👩‍👩‍👧",
    "🇳🇱",
    "👍🏽",
    "שלום",
    "नी",
    "각",
    "한",
    "\u200f",
    "ﷺ",
]


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> SchemeIndex:
    path = tmp_path_factory.mktemp("scheme") / "scheme.toml"
    path.write_text(SCHEME_TOML)
    return index(read_scheme(path))


@given(st.data(), st.booleans())
def test_what_is_encoded_is_read_back(scheme: SchemeIndex, data: st.DataObject, grapheme_mode: bool) -> None:
    words = data.draw(st.lists(st.sampled_from(PIECES), min_size=12, max_size=30))
    text = "x" + "".join(words) + "x"
    units = offsets(text, grapheme_mode=grapheme_mode)
    edges = [0]
    for length in cluster_lengths(text) if grapheme_mode else [1] * len(text):
        edges.append(edges[-1] + length)
    spans = []
    for number in range(data.draw(st.integers(0, 5))):
        label = data.draw(st.sampled_from(["PERSON", "QUOTE", "SPEAKER", "Life.Die", "Meet"]))
        count = 2 * data.draw(st.integers(1, 3))
        cuts = sorted(data.draw(st.sets(st.integers(0, len(edges) - 1), min_size=count, max_size=count)))
        places = [(edges[a], edges[b]) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
        keys = {}
        if label == "QUOTE":
            keys["type"] = data.draw(st.sampled_from(["direct", "indirect", "mixed"]))
        elif label in {"Life.Die", "Meet"}:
            keys["realis"] = data.draw(st.sampled_from(["Actual", "Generic", "Other"]))
            keys["polarity"] = data.draw(st.sampled_from(["Positive", "Negative"]))
        spans.append(span(f"s{number}", label, *places, text=text, **keys))
    pairs = {(a.id, b.id) for a in spans for b in spans if a.label == "QUOTE" and b.label == "SPEAKER"}
    relations = [relation(f"r{n}", "speaker", *pair) for n, pair in enumerate(sorted(pairs))]
    doc = document("a", text)
    held = scope(scheme, ())
    example, _ = encode(held, doc, spans, relations)
    sent = to_page(example, units)
    back = from_page(held, doc, read_line(write_line(sent)), units)
    assert back.rows == example.rows
    assert back.relations == example.relations
    ours = Items.of(spans, relations)
    # Known here, every row finds its item; unknown here, the same items come out under other ids.
    assert link(held, doc, Items(), ours, DocumentState(), back).theirs == ours
    if len({(s.label, s.fragments) for s in spans}) == len(spans) and not any(
        a is not b and a.start == b.start for a in spans for b in spans
    ):
        new = link(held, doc, Items(), Items(), DocumentState(), back).theirs
        assert sorted(map(_content, new.spans.values())) == sorted(map(_content, spans))
        assert len(new.relations) == len(relations)


def _content(item: Span) -> tuple[str, list[tuple[int, int]], list[tuple[str, str]]]:
    return item.label, [(p.start, p.end) for p in item.fragments], sorted(item.attributes.items())


def test_one_span_in_rows(scheme: SchemeIndex) -> None:
    doc = document("a", "🎉 Anna kwam, zei Bob, niet aan.")
    quote = span("s1", "QUOTE", "Anna kwam", "niet aan", text=doc.text, type="indirect")
    event = span("s2", "Meet", "kwam", "aan", text=doc.text, realis="Other")
    example, parts = encode(scope(scheme, ()), doc, [quote, event], [])
    sent = to_page(example, offsets(doc.text, grapheme_mode=False))
    assert [(r.label, r.start, r.end) for r in sent.rows] == [
        ("QUOTE.indirect", 3, 12),
        ("QUOTE.indirect", 23, 31),
        ("Meet", 8, 12),
        ("Meet", 28, 31),
        ("realis:Other", 8, 12),
    ]
    assert [(r.label, r.head, r.tail) for r in sent.relations] == [(CONTINUES, 1, 2), (CONTINUES, 3, 4)]
    assert [(part.span, part.marker) for part in parts] == [*[("s1", None)] * 2, *[("s2", None)] * 2, ("s2", "realis")]
    line = json.loads(import_line(sent))
    assert set(line) == {"text", "standoff_document", "standoff_sha256", "entities", "relations"}
    assert import_line(sent).isascii()


def test_a_project_holds_what_its_relations_end_on_and_nothing_else(scheme: SchemeIndex) -> None:
    held = scope(scheme, ["events"])
    assert held.labels == {"Life.Die", "Meet", "PERSON", "ORG"}
    assert held.relation_labels == {"Agent", "Place"}
    assert {kind.name for kind in held.span_types} == {
        "Die",
        "Meet",
        "PERSON",
        "ORG",
        "realis:Generic",
        "realis:Other",
        "polarity:Negative",
    }


def test_inside_a_cluster_nothing_can_be_annotated_in_grapheme_mode(scheme: SchemeIndex) -> None:
    doc = document("a", "e\u0301 Anna")
    example, _ = encode(scope(scheme, ()), doc, [span("s1", "PERSON", (0, 1), text=doc.text)], [])
    assert to_page(example, offsets(doc.text, grapheme_mode=False)).rows[0].end == 1
    with pytest.raises(PageError, match="grapheme mode"):
        to_page(example, offsets(doc.text, grapheme_mode=True))


# What grapheme-splitter 1.0.4 makes of them: lengths in code points.
CLUSTERS = {
    "abc": [1, 1, 1],
    "\r\n\u0301": [2, 1],
    "👩‍👩‍👧": [5],
    "👍🏽": [2],
    "👍\u0301\u0301🏽": [3, 1],
    "x\u0301🏽": [2, 1],
    "🇳🇱🇳🇱": [2, 2],
    "🇳🇱\u0301\u0301a": [3, 1, 1],
    "🏳️‍🌈": [4],
    "नी각한": [2, 1, 1],
}


def test_clusters_are_those_of_the_pages_splitter() -> None:
    found = {text: list(cluster_lengths(text)) for text in CLUSTERS}
    assert found == CLUSTERS


def test_an_export_line_keeps_its_meta_and_needs_its_keys() -> None:
    example = Example(id=3, text="a\u2028b", meta={DOCUMENT_KEY: "a", "x": [1]})
    assert read_line(write_line(example)) == example
    assert read_line(write_line(example)).document == "a"
