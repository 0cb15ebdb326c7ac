"""Column files: what they can hold comes back, and what they can't is told."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import Draft, minister
from release.strategies import drafts
from standoff.corpus.model import AnnotationSet, Document, Fragment, Provenance, Span
from standoff.formats import conll
from standoff.formats.conll import Layout
from standoff.formats.foreign import Foreign, FormatError
from standoff.text.iob import TAGGINGS, Tagging

DROPPED = {"discontinuous", "nested", "unaligned", "crossing", "outside", "label"}
WORDS = st.text(st.sampled_from("ab,.-é😀#👩\u200d"), min_size=1, max_size=5).map(lambda word: f"x{word}y")
COLUMNS: list[tuple[conll.Column, ...]] = [("token", "tag"), ("index", "token", "other", "tag"), ("tag", "token")]


def read(content: str, layout: Layout | None = None) -> list[Foreign]:
    lines = content.split("\n")[:-1]
    return list(conll.read(lines, layout or conll.layout_of(lines, "f"), "f", "f"))


def stated(foreign: Foreign) -> list[tuple[str, int, int]]:
    return sorted((span.label, *extent) for span in foreign.spans for extent in span.extents)


@st.composite
def from_columns(draw: st.DrawFn) -> tuple[Document, AnnotationSet]:
    """A document whose words are its tokens, as an import of this format makes it, and its flat annotations."""
    lines = draw(st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=4))
    document = Draft("a", *map(" ".join, lines)).document
    layout = Layout(
        columns=draw(st.sampled_from(COLUMNS)),
        delimiter=draw(st.sampled_from(["\t", " ", ""])),
        tagging=draw(st.sampled_from(TAGGINGS)),
        first=draw(st.integers(0, 1)),
        docstart=draw(st.none() | st.just("-DOCSTART- (1) O")),
    )
    spans: list[Span] = []
    for sentence, words in zip(document.sentences, lines, strict=True):
        edges = [sentence.start]
        for word in words:
            edges.append(edges[-1] + len(word) + 1)
        cuts = sorted(draw(st.sets(st.integers(0, len(words)))))
        for first, last in pairwise(cuts):
            if draw(st.booleans()):
                start, end = edges[first], edges[last] - 1
                piece = Fragment(start=start, end=end, text=document.text[start:end])
                label = draw(st.sampled_from(["PER", "B-C"]))
                spans.append(Span(id=f"s{len(spans)}", label=label, fragments=(piece,)))
    provenance = Provenance(parameters=msgspec.json.encode(layout).decode())
    empty = Draft("a", document.text).set()
    return document, msgspec.structs.replace(empty, provenance=provenance, spans=tuple(spans))


@given(from_columns())
def test_what_columns_can_hold_comes_back_whole(drawn: tuple[Document, AnnotationSet]) -> None:
    document, annotations = drawn
    layout = conll.layout_for(annotations)
    written = conll.write(document, annotations, layout)
    assert written.losses == ()
    (foreign,) = read(written.content, layout)
    assert (foreign.text, foreign.losses) == (document.text, [])
    assert foreign.sentences == tuple((s.start, s.end) for s in document.sentences)
    assert stated(foreign) == sorted((span.label, span.start, span.end) for span in annotations.spans)


@given(drafts(), st.sampled_from(TAGGINGS))
def test_the_losses_are_exactly_the_rest(drawn: tuple[Document, list[AnnotationSet]], tagging: Tagging) -> None:
    document, (annotations, *_) = drawn
    layout = Layout(tagging=tagging)
    written = conll.write(document, annotations, layout)
    dropped = [loss.place for loss in written.losses if loss.reason in DROPPED]
    assert len(dropped) == len(set(dropped))
    kept = [span for span in annotations.spans if span.id not in dropped]
    (foreign,) = read(written.content, layout)
    assert foreign.losses == []
    assert Counter(span.label for span in foreign.spans) == Counter(span.label for span in kept)
    moved = any(loss.reason == "white-space" for loss in written.losses)
    assert moved == (foreign.text != document.text)
    if not moved:
        assert stated(foreign) == sorted((span.label, span.start, span.end) for span in kept)
    told = Counter(loss.reason for loss in written.losses if loss.reason not in DROPPED | {"white-space"})
    fields = {
        name: sum(getattr(span, name) not in (None, {}) for span in annotations.spans)
        for name in ("attributes", "note", "score", "by")
    }
    assert told == Counter({**fields, "relation": len(annotations.relations)})


def test_a_minister_in_columns() -> None:
    draft = minister()
    written = conll.write(draft.document, draft.set(), Layout())
    assert written.content.split("\n")[:7] == ["😀\tO", "Den\tB-GPE", "Haag\tI-GPE", ",\tO", "11\tO", "juni\tO", ".\tO"]
    assert {loss.reason for loss in written.losses} == {
        "attributes",
        "relation",
        "discontinuous",
        "nested",
        "white-space",
    }


def test_words_that_stand_in_no_sentence_are_written_and_told() -> None:
    draft = minister()
    document = msgspec.structs.replace(draft.document, sentences=draft.document.sentences[1:2])
    written = conll.write(document, draft.set(), Layout())
    whole = conll.write(draft.document, draft.set(), Layout())
    assert written.content == whole.content
    assert [loss.message for loss in written.losses if loss.reason == "sentence"] == [
        "'😀 Den Haag, 11 juni.' stands in no sentence; it is one there",
        "'Zij vertrok dinsdag naar Genève.' stands in no sentence; it is one there",
    ]


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ("0\tDe\tO\n1\tNV\tB-ORG\n", Layout(columns=("index", "token", "tag"), first=0)),
        ("1 De DT O\n2 NV NN I-ORG\n", Layout(columns=("index", "token", "other", "tag"), delimiter=" ", tagging="IOB1")),
        ("-DOCSTART- -X- O\n\nDe  DT O\nNV NN S-ORG\n", Layout(columns=("token", "other", "tag"), delimiter="", tagging="BIOES")),
        ("B-PER\tJan\nL-PER\tSmit\n", Layout(columns=("tag", "token"), tagging="BILOU")),
    ],
)  # fmt: skip
def test_a_layout_is_told(content: str, layout: Layout) -> None:
    assert conll.layout_of(content.split("\n"), "f") == layout


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "there are no tokens in it"),
        ("De\nNV\n", "no column holds tags"),
        ("De\tlidw\nNV\tzn\n", "no column holds tags"),
        ("1\tO\n2\tO\n", "no column holds tokens"),
        ("O\nO\n", "no column holds tokens"),
    ],
)
def test_a_layout_that_cant_be_told(content: str, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        conll.layout_of(content.split("\n"), "f")


def test_what_is_wrong_in_a_file_is_told_with_its_line_and_the_rest_is_read() -> None:
    content = "De\tO\nNV\tB-ORG\n\nkapot\n!\tO\n\n# opmerking\nJan\tI-PER\nSmit\tX-PER\n#\tO\n\n"
    (foreign,) = read(content)
    assert foreign.text == "De NV\nJan Smit #"
    assert stated(foreign) == [("ORG", 3, 5), ("PER", 6, 9)]
    assert [(loss.kind, loss.reason, loss.place) for loss in foreign.losses] == [
        ("refused", "columns", "f:4"),
        ("repaired", "tag", "f:8"),
        ("refused", "tag", "f:9"),
    ]
    assert foreign.left_out == ("comment line",)


def test_documents_are_those_between_docstarts() -> None:
    documents = read("-DOCSTART-\tO\n\nDe\tO\n\n-DOCSTART-\tO\n\nNV\tB-ORG\n\n")
    assert [(d.name, d.text, d.place) for d in documents] == [("f-00001", "De", "f:1"), ("f-00002", "NV", "f:5")]


def test_a_token_with_a_space_is_told() -> None:
    layout = conll.Layout()
    (foreign,) = conll.read(["New York\tB-LOC", "is\tO", ""], layout, "a", "f")
    assert [(loss.kind, loss.reason, loss.place) for loss in foreign.losses] == [("repaired", "token", "f:1")]
