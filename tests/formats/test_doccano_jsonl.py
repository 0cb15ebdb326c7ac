"""Doccano's JSONL in all its variants."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given

from formats.meaning import meaning
from release.corpora import minister
from release.strategies import NEWS, drafts
from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.formats.doccano import scope
from standoff.formats.doccano_jsonl import read, write
from standoff.formats.doccano_rows import ExportError
from standoff.formats.foreign import Foreign

SCOPE = scope(NEWS, ())
LOCAL = {name for name, attribute in NEWS.attributes.items() if attribute.page == "local"}


@given(drafts())
def test_all_but_what_is_told_comes_back(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    heads = [(span.label, span.fragments[0]) for span in annotations.spans]
    assume(len(set(heads)) == len(heads))  # else markers on one place say nothing of one span alone
    places = Counter(span.fragments[0] for span in annotations.spans if SCOPE.markers[span.label])
    assume(all(count == 1 for count in places.values()))
    written = write(SCOPE, document, annotations)
    foreign = read(written.content.encode(), "f", 1, SCOPE)
    assert (foreign.text, foreign.name, foreign.losses, foreign.left_out) == (document.text, document.id, [], ())
    spans = []
    for span in annotations.spans:
        stated = {name: value for name, value in span.attributes.items() if name not in LOCAL}
        shown = {name: SCOPE.default(name) for name in SCOPE.markers[span.label]} | stated
        spans.append(msgspec.structs.replace(span, attributes={k: v for k, v in shown.items() if v is not None}))
    assert meaning(foreign, ("attributes",)) == meaning(
        msgspec.structs.replace(annotations, spans=tuple(spans)), ("attributes",)
    )
    items: tuple[Span | Relation, ...] = (*annotations.spans, *annotations.relations)
    expected = Counter(
        (name, item.id) for item in items for name in ("note", "score", "by") if getattr(item, name) is not None
    )
    expected.update(("attributes", span.id) for span in annotations.spans for name in span.attributes if name in LOCAL)
    expected.update(
        ("default", before.id)
        for before, now in zip(annotations.spans, spans, strict=True)
        for name in now.attributes
        if name not in before.attributes
    )
    assert Counter((loss.reason, loss.place) for loss in written.losses) == expected


@pytest.mark.parametrize(
    ("stated", "read_as", "told"),
    [
        (("Other", "Generic"), ["Other", "Other"], [("repaired", "d:1#/1"), ("refused", "d:1#/3")]),
        (("Other", "Actual"), ["Other", "Other"], [("repaired", "d:1#/1")]),
        (("Other", "Other"), ["Other", "Other"], []),
        (("Actual", "Actual"), ["Actual", "Actual"], []),
    ],
)
def test_a_marker_where_two_spans_can_carry_it_is_told_on_both_ways(
    stated: tuple[str, ...], read_as: list[str], told: list[tuple[str, str]]
) -> None:
    document, annotations = minister().document, minister().set()
    event = next(span for span in annotations.spans if "realis" in span.attributes)
    labels = ("Conflict.Attack", "Life.Die")
    spans = tuple(
        msgspec.structs.replace(event, id=f"s{n}", label=label, attributes={**event.attributes, "realis": value})
        for n, (label, value) in enumerate(zip(labels, stated, strict=True))
    )
    written = write(SCOPE, document, msgspec.structs.replace(annotations, spans=spans, relations=()))
    assert [loss.place for loss in written.losses] == (["s0", "s1"] if told else [])
    foreign = read(written.content.encode(), "d", 1, SCOPE)
    assert [span.attributes["realis"] for span in foreign.spans] == read_as
    assert [(loss.kind, loss.place) for loss in foreign.losses] == told


def known(line: Any) -> tuple[str, list[tuple[str, tuple[tuple[int, int], ...]]]]:
    foreign = read(json.dumps(line).encode(), "f", 1)
    return foreign.text, [(span.label, span.extents) for span in foreign.spans]


@pytest.mark.parametrize(
    "line",
    [
        {"id": 1, "text": "😀 Jan", "label": [[3, 6, "PER"]], "Comments": []},
        {"text": "😀 Jan", "labels": [[3, 6, "PER"]]},
        {"data": "😀 Jan", "label": [[3, 6, "PER"]]},
        {"text": "😀 Jan", "annotations": [{"label": "PER", "start_offset": 3, "end_offset": 6, "user": 1}], "meta": {"a": 1}},
        {"text": "😀 Jan", "entities": [{"id": 9, "label": "PER", "start_offset": 3, "end_offset": 6}], "relations": []},
    ],
)  # fmt: skip
def test_every_variant_says_the_same_in_utf16_units(line: Any) -> None:
    assert known(line) == ("😀 Jan", [("PER", ((2, 5),))])


def units(text: str, *extents: tuple[int, int]) -> tuple[list[str], list[str]]:
    """The surfaces that are read, and what is told of their unit."""
    foreign = read(json.dumps({"text": text, "label": [[*extent, "PER"] for extent in extents]}).encode(), "f", 1)
    told = [loss.message for loss in foreign.losses if (loss.kind, loss.reason) == ("repaired", "unit")]
    assert len(told) == len(foreign.losses)
    return [text[slice(*span.extents[0])] for span in foreign.spans], told


def test_a_unit_that_can_not_be_told_is_said() -> None:
    text = "👩‍🚀 Jan en Els."
    surfaces, told = units(text, (6, 9))
    assert surfaces == ["Jan"]
    assert "1 of its 1 spans are elsewhere" in told[0]


def test_offsets_that_can_be_clusters_alone_are_read_so() -> None:
    surfaces, told = units("👩‍🚀 Jan en Els.", (2, 5), (9, 12), (1, 2))
    assert surfaces == ["Jan", "Els", " "]
    assert "read as grapheme clusters" in told[0]


@pytest.mark.parametrize(
    ("text", "extent", "surface"),
    [
        ("Genève is groot.", (0, 6), "Genève"),
        ("Jan 😀", (0, 3), "Jan"),
        ("😀😀😀 Jan", (7, 10), "Jan"),
    ],
)
def test_where_both_units_say_the_same_or_one_alone_can_be_nothing_is_said(
    text: str, extent: tuple[int, int], surface: str
) -> None:
    assert units(text, extent) == ([surface], [])


def test_relations_comments_and_what_has_no_place() -> None:
    line = {
        "text": "Jan in Gent 😀",
        "entities": [
            {"id": 4, "label": "PER", "start_offset": 0, "end_offset": 3},
            {"id": 5, "label": "LOC", "start_offset": 7, "end_offset": 9},
            {"id": 6, "label": "LOC", "start_offset": 9, "end_offset": 11},
            {"id": 7, "label": "LOC", "start_offset": 13, "end_offset": 14},
        ],
        "relations": [
            {"id": 1, "from_id": 5, "to_id": 6, "type": "continues"},
            {"id": 2, "from_id": 4, "to_id": 6, "type": "in"},
        ],
        "Comments": [{"id": 1, "comment": "hm"}],
        "url": "x",
    }
    foreign: Foreign = read(json.dumps(line).encode(), "f", 3)
    assert [(span.id, span.extents) for span in foreign.spans] == [("4", ((0, 3),)), ("5", ((7, 9), (9, 11)))]
    assert [(r.label, r.head, r.tail) for r in foreign.relations] == [("in", "4", "5")]
    assert (foreign.comments, foreign.left_out) == (("hm",), ("url",))
    assert [(loss.kind, loss.reason, loss.place) for loss in foreign.losses] == [("refused", "offsets", "f:3#/3")]


def test_a_marker_without_its_span_is_told() -> None:
    line = {"text": "Jan", "label": [[0, 3, "realis:Other"], [0, 3, "PERSON"]]}
    foreign = read(json.dumps(line).encode(), "f", 1, SCOPE)
    assert [span.label for span in foreign.spans] == ["PERSON"]
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("refused", "marker")]


def test_a_minister_as_the_page_has_it() -> None:
    draft = minister()
    line = json.loads(write(SCOPE, draft.document, draft.set()).content)
    assert line["entities"][0] == {"id": 1, "label": "GPE", "start_offset": 3, "end_offset": 11}
    assert {"QUOTE.indirect", "realis:Other"} <= {row["label"] for row in line["entities"]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "can't be read"),
        (b'{"label": []}', "without `text`"),
        (b'{"text": "x", "label": ["news"]}', "label of a whole text"),
        (b'{"text": "x", "label": [[0, 1]]}', "can't be read"),
        (b'{"text": "\xff"}', "can't be read"),
    ],
)
def test_a_line_that_is_none(line: bytes, told: str) -> None:
    with pytest.raises(ExportError, match=told):
        read(line, "f", 1)
