"""UIMA CAS: everything of spans and relations comes back, from JSON and from XMI; INCEpTION's own layers are read."""

import json
from collections import Counter

import cassis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.corpora import minister
from release.strategies import drafts
from standoff.corpus.model import AnnotationSet, Document
from standoff.formats import cas
from standoff.formats.foreign import Foreign, FormatError, Loss

NAMES = ["entity", "kb_id", "type", "realis", "polarity", "event", "label"]


def there_and_back(document: Document, annotations: AnnotationSet, *, xmi: bool) -> Foreign | Loss:
    written = cas.write(document, annotations, NAMES, xmi=xmi)
    if isinstance(written, Loss):
        return written
    assert written.losses == ()
    attributes = {*NAMES, *(name for span in annotations.spans for name in span.attributes)}
    types = cas.type_system(attributes).to_xml() if xmi else None
    return cas.read(written.content, types, document.id, "f")


@settings(max_examples=40)
@given(drafts(), st.booleans())
def test_everything_comes_back(drawn: tuple[Document, list[AnnotationSet]], xmi: bool) -> None:
    document, (annotations, *_) = drawn
    foreign = there_and_back(document, annotations, xmi=xmi)
    if isinstance(foreign, Loss):
        assert xmi
        assert foreign.reason == "character"
        return
    assert foreign.text == document.text
    assert foreign.losses == []
    assert foreign.sentences == (tuple((s.start, s.end) for s in document.sentences) or None)
    assert {
        span.id: (
            span.label,
            span.extents,
            dict(span.attributes),
            span.score,
            span.note,
            span.annotator,
            span.at,
        )
        for span in foreign.spans
    } == {
        span.id: (
            span.label,
            tuple((piece.start, piece.end) for piece in span.fragments),
            dict(span.attributes),
            span.score,
            span.note,
            span.by and span.by.annotator,
            span.by and span.by.at,
        )
        for span in annotations.spans
    }
    assert sorted((r.id, r.label, r.head, r.tail, r.score, r.note) for r in foreign.relations) == sorted(
        (r.id, r.label, r.head, r.tail, r.score, r.note) for r in annotations.relations
    )


def test_offsets_are_utf_16_in_the_file() -> None:
    draft = minister()
    written = cas.write(draft.document, draft.set(), NAMES, xmi=False)
    assert not isinstance(written, Loss)
    assert draft.document.text.startswith("😀 Den Haag")
    rows = json.loads(written.content)["%FEATURE_STRUCTURES"]
    assert (3, 11) in {(row["begin"], row["end"]) for row in rows if row.get("label") == "GPE"}


NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
POS = "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"
INCEPTION = {
    "%TYPES": {
        NE: {
            "%NAME": NE,
            "%SUPER_TYPE": "uima.tcas.Annotation",
            "value": {"%NAME": "value", "%RANGE": "uima.cas.String"},
            "identifier": {"%NAME": "identifier", "%RANGE": "uima.cas.String"},
        },
        POS: {"%NAME": POS, "%SUPER_TYPE": "uima.tcas.Annotation"},
        "custom.Mood": {
            "%NAME": "custom.Mood",
            "%SUPER_TYPE": "uima.tcas.Annotation",
            "sure": {"%NAME": "sure", "%RANGE": "uima.cas.Boolean"},
        },
        "custom.Knows": {
            "%NAME": "custom.Knows",
            "%SUPER_TYPE": "uima.tcas.Annotation",
            "Governor": {"%NAME": "Governor", "%RANGE": "uima.tcas.Annotation"},
            "Dependent": {"%NAME": "Dependent", "%RANGE": "uima.tcas.Annotation"},
        },
    },
    "%FEATURE_STRUCTURES": [
        {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView", "sofaString": "😀 Anna kent Bob"},
        {"%ID": 2, "%TYPE": NE, "@sofa": 1, "begin": 3, "end": 7, "value": "PER", "identifier": "Q1"},
        {"%ID": 3, "%TYPE": NE, "@sofa": 1, "begin": 13, "end": 16, "value": "PER"},
        {"%ID": 4, "%TYPE": POS, "@sofa": 1, "begin": 3, "end": 7},
        {"%ID": 5, "%TYPE": "custom.Mood", "@sofa": 1, "begin": 8, "end": 12, "sure": True},
        {"%ID": 6, "%TYPE": "custom.Knows", "@sofa": 1, "begin": 13, "end": 16, "@Governor": 2, "@Dependent": 3},
        {"%ID": 7, "%TYPE": "custom.Knows", "@sofa": 1, "begin": 3, "end": 7, "@Governor": 4, "@Dependent": 2},
    ],
    "%VIEWS": {"_InitialView": {"%SOFA": 1, "%MEMBERS": [2, 3, 4, 5, 6, 7]}},
}


def test_layers_as_inception_has_them() -> None:
    foreign = cas.read(json.dumps(INCEPTION), None, "x", "f")
    found = [(span.label, foreign.text[slice(*span.extents[0])], dict(span.attributes)) for span in foreign.spans]
    assert sorted(found) == [
        ("Mood", "kent", {"sure": "true"}),
        ("PER", "Anna", {"identifier": "Q1"}),
        ("PER", "Bob", {}),
    ]
    ids = {span.id: foreign.text[slice(*span.extents[0])] for span in foreign.spans}
    assert [(r.label, ids[r.head], ids[r.tail]) for r in foreign.relations] == [("Knows", "Anna", "Bob")]
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("refused", "relation-end")]
    assert Counter(foreign.left_out) == {"POS": 1}


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


@pytest.mark.parametrize(
    ("content", "types", "told"),
    [
        ("{}", None, "can't be read as UIMA CAS"),
        ('{"half', None, "can't be read as UIMA CAS"),
        ("<xmi:XMI/>", "<typeSystemDescription/>", "can't be read as UIMA CAS"),
        ("<a/>", None, "no TypeSystem.xml"),
        (ENTITY, "<typeSystemDescription/>", "declares entities"),
        ("<a/>", ENTITY, "declares entities"),
    ],
)
def test_what_is_none(content: str, types: str | None, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        cas.read(content, types, "x", "f")


def test_a_score_that_is_no_number_is_lost_alone() -> None:
    draft = minister()
    written = cas.write(draft.document, draft.set(), NAMES, xmi=False)
    assert not isinstance(written, Loss)
    content = json.loads(written.content)
    row = next(row for row in content["%FEATURE_STRUCTURES"] if row["%TYPE"] == cas.SPAN)
    row["score"] = "high"
    foreign = cas.read(json.dumps(content), None, "minister", "f")
    assert len(foreign.spans) == len(draft.spans)
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("lost", "score")]


@pytest.mark.parametrize("begin", [-5, 10**6])
def test_a_sentence_outside_of_the_text_is_refused_alone(begin: int) -> None:
    draft = minister()
    written = cas.write(draft.document, draft.set(), NAMES, xmi=False)
    assert not isinstance(written, Loss)
    content = json.loads(written.content)
    next(row for row in content["%FEATURE_STRUCTURES"] if row["%TYPE"].endswith(".Sentence"))["begin"] = begin
    foreign = cas.read(json.dumps(content), None, "minister", "f")
    assert foreign.sentences is not None
    assert len(foreign.sentences) == len(draft.document.sentences) - 1
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("refused", "offsets")]


@pytest.mark.parametrize("begin", [1, -5, 10**6])
@pytest.mark.filterwarnings("error")
def test_an_offset_that_is_none_of_utf_16_is_not_taken_for_a_code_point(begin: int) -> None:
    draft = minister()
    written = cas.write(draft.document, draft.set(), NAMES, xmi=False)
    assert not isinstance(written, Loss)
    content = json.loads(written.content)
    rows = [row for row in content["%FEATURE_STRUCTURES"] if row["%TYPE"] == cas.SPAN]
    rows[0]["begin"] = begin  # 1 is between the halves of the emoji
    foreign = cas.read(json.dumps(content), None, "minister", "f")
    assert {span.id for span in foreign.spans} == {span.id for span in draft.spans} - {rows[0]["id"]}
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("refused", "offsets")]


def test_another_view_is_counted() -> None:
    draft = minister()
    made = cassis.Cas(cas.type_system(()))
    made.sofa_string = draft.document.text
    made.create_view("source").sofa_string = "<p>iets anders</p>"
    foreign = cas.read(
        made.to_xmi(), cas.type_system(()).to_xml(), "minister", "f"
    )  # of JSON the package reads one view
    assert (foreign.text, foreign.left_out) == (draft.document.text, ("view source",))


def test_a_text_that_is_none() -> None:
    written = cas.write(minister().document, minister().set(), NAMES, xmi=False)
    assert not isinstance(written, Loss)
    content = json.loads(written.content)
    next(row for row in content["%FEATURE_STRUCTURES"] if row["%TYPE"] == "uima.cas.Sofa")["sofaString"] = {"a": 1}
    with pytest.raises(FormatError, match="no text"):
        cas.read(json.dumps(content), None, "minister", "f")
