"""Label Studio's JSON: what it can hold comes back, and what it can't is told."""

import json
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given

from formats.meaning import meaning
from release.corpora import Draft, minister
from release.strategies import NEWS, drafts
from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.scheme import Attribute, Head, Layer, RelationLabel, Scheme, SpanLabel, index
from standoff.formats import labelstudio
from standoff.formats.foreign import Foreign, FormatError
from standoff.formats.labelstudio_config import config


def read(task: Any) -> list[Foreign]:
    return list(labelstudio.read(task, "f", 0))


@given(drafts())
def test_all_but_what_is_told_comes_back(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    written = labelstudio.write(document, annotations, 1, NEWS.attributes)
    assert written.content.count("\n") == 1
    (foreign,) = read(json.loads(written.content))
    assert (foreign.text, foreign.name, foreign.losses) == (document.text, document.id, [])
    spans = [msgspec.structs.replace(span, note=span.note or None) for span in annotations.spans]
    plain = [msgspec.structs.replace(relation, note=None, score=None) for relation in annotations.relations]
    kept = msgspec.structs.replace(annotations, spans=tuple(spans), relations=tuple(plain))
    assert meaning(foreign, ("attributes", "score", "note")) == meaning(kept, ("attributes", "score", "note"))
    assert {span.id for span in foreign.spans} == {span.id for span in annotations.spans}
    items: tuple[Span | Relation, ...] = (*annotations.spans, *annotations.relations)
    expected = Counter(("by", item.id) for item in items if item.by is not None)
    expected.update(("note", span.id) for span in annotations.spans if span.note == "")
    expected.update(
        (name, r.id) for r in annotations.relations for name in ("note", "score") if getattr(r, name) is not None
    )
    assert Counter((loss.reason, loss.place) for loss in written.losses) == expected


def test_a_minister_as_a_task() -> None:
    draft = minister()
    task = json.loads(labelstudio.write(draft.document, draft.set(), 1, NEWS.attributes).content)
    results = task["annotations"][0]["result"]
    assert results[0]["value"] == {"start": 2, "end": 10, "text": "Den Haag", "labels": ["GPE"]}
    assert (results[1]["id"], results[1]["from_name"], results[1]["value"]["text"]) == ("s0", "entity", ["Den Haag"])
    assert [r["labels"] for r in results if r["type"] == "relation"][:2] == [["continues"], ["speaker"]]
    model = json.loads(labelstudio.write(draft.document, draft.set("m", kind="model"), 1, NEWS.attributes).content)
    assert (model["predictions"][0]["model_version"], "annotations" in model) == ("m", False)


def region(id_: str, start: int, end: int, *labels: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels)}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def test_a_task_with_two_annotators_and_a_model() -> None:
    task = {
        "id": 7,
        "data": {"text": "Jan woont in Gent.", "source": "x"},
        "annotations": [
            {
                "completed_by": {"email": "jan@example.org", "id": 1},
                "updated_at": "2024-01-31T10:00:00.5Z",
                "result": [
                    {"type": "relation", "from_id": "b", "to_id": "a", "direction": "left", "labels": ["lives"]},
                    {"type": "relation", "from_id": "a", "to_id": "b"},
                    region("a", 0, 3, "PER", "HUMAN", meta={"text": ["sure"]}),
                    region("b", 13, 17, "LOC"),
                    {"id": "a", "from_name": "realis", "type": "choices", "value": {"choices": ["Actual", "Other"]}},
                    {"id": "b", "from_name": "kb", "type": "textarea", "value": {"text": ["Q", "1"]}},
                    {"id": "c", "from_name": "topic", "type": "choices", "value": {"choices": ["news"]}},
                    region("d", 1, 1),
                    {"id": "e", "type": "labels", "value": {"start": "/div[1]", "end": "/div[1]", "labels": ["X"]}},
                ],
            },
            {"completed_by": 2, "was_cancelled": True, "result": []},
        ],
        "predictions": [{"model_version": "v1", "score": 0.5, "result": [region("a", 0, 3, "PER", score=0.5)]}],
        "agreement": 1,
    }
    jan, skipped, model = read(task)
    assert (jan.annotator, jan.confirmed, jan.at) == ("jan@example.org", True, "2024-01-31T10:00:00.5Z")
    assert [(span.id, span.label, span.note, span.attributes) for span in jan.spans] == [
        ("a", "PER", "sure", {"realis": "Actual"}),
        ("a#1", "HUMAN", "sure", {"realis": "Actual"}),
        ("b", "LOC", None, {"kb": "Q\n1"}),
    ]
    assert [(r.label, r.head, r.tail) for r in jan.relations] == [("lives", "a", "b"), ("relation", "a", "b")]
    assert [(loss.kind, loss.reason) for loss in jan.losses] == [
        ("refused", "region"),
        ("refused", "region"),
        ("repaired", "unlabeled"),
        ("lost", "attribute"),
        ("lost", "result"),
    ]
    assert jan.left_out == ("agreement", "data.source")
    assert (skipped.annotated, [loss.reason for loss in skipped.losses]) == (False, ["cancelled"])
    assert (model.annotator, model.kind, model.spans[0].score) == ("v1", "model", 0.5)


def minimal(annotation_id: int | None, annotator: int | str | None, **more: Any) -> dict[str, Any]:
    stated = {"created_at": "2024-01-31T10:00:00Z", "updated_at": None, "lead_time": 2.5}
    return {"text": "Jan woont.", "id": 7, "annotator": annotator, "annotation_id": annotation_id, **stated, **more}


def test_json_min_has_regions_beside_the_data() -> None:
    regions = [{"start": 0, "end": 3, "text": "Jan", "labels": ["PER", "HUMAN"]}, {"start": 4, "end": 9, "labels": []}]
    (jan,) = read(minimal(1, "jan@example.org", label=regions, realis="Actual", agreement=0.5))
    assert (jan.annotator, jan.at, jan.confirmed) == ("jan@example.org", "2024-01-31T10:00:00Z", True)
    assert [(span.label, span.extents, span.surface) for span in jan.spans] == [
        ("PER", ((0, 3),), "Jan"),
        ("HUMAN", ((0, 3),), "Jan"),
    ]
    assert [(loss.kind, loss.reason) for loss in jan.losses] == [("refused", "region")]
    assert jan.left_out == ("agreement", "data.realis")
    (nothing,) = read(minimal(2, 3))
    assert (nothing.annotator, nothing.annotated, nothing.spans) == ("user-3", True, [])
    (nobody,) = read(minimal(None, None))
    assert (nobody.text, nobody.annotated) == ("Jan woont.", False)


def test_a_task_that_nobody_annotated_is_a_text() -> None:
    (foreign,) = read({"data": {"review": "Jan"}})
    assert (foreign.text, foreign.annotated) == ("Jan", False)


@pytest.mark.parametrize("task", [{}, [], {"data": {"a": "x", "b": "y"}}, {"data": {"image": 1}}, {"annotation_id": 1}])
def test_what_is_no_task(task: Any) -> None:
    with pytest.raises((msgspec.ValidationError, FormatError)):
        read(task)


def test_a_configuration_has_all_that_a_task_can_say() -> None:
    shown = ElementTree.fromstring(config(NEWS))
    named = {tag.get("name"): tag for tag in shown.iter() if tag.get("name")}
    assert set(named) == {"label", "text", *NEWS.attributes}
    assert {tag.get("toName") for name, tag in named.items() if name != "text"} == {"text"}
    assert [tag.get("value") for tag in named["label"]] == list(NEWS.spans)
    assert [tag.get("value") for tag in shown.iter("Relation")] == [*NEWS.relations, "continues"]
    assert {name: tuple(tag.get("value") for tag in named[name]) for name in NEWS.attributes} == {
        name: attribute.values for name, attribute in NEWS.attributes.items()
    }
    boxes = [box for box in shown.iter("View") if box.get("whenTagName")]
    assert all(set((box.get("whenLabelValue") or "").split(",")) <= set(NEWS.spans) for box in boxes)
    assert len(boxes) == len(NEWS.attributes)


def test_names_that_mean_something_else_there() -> None:
    """A label with a comma, which stands between labels, and an attribute and a relation that are called as parts of ours."""
    layer = Layer(
        name="x",
        color="#000000",
        labels=(SpanLabel(name="A, or B"),),
        head=Head(labels=("A, or B",), column="c", type="label"),
        relations=(RelationLabel(name="continues", heads=("A, or B",), tails=("A, or B",)),),
    )
    attribute = Attribute(name="text", labels=("A, or B",), page="local")
    scheme = index(Scheme(version="x/1", layers=(layer,), attributes=(attribute,)))
    shown = ElementTree.fromstring(config(scheme))
    assert [tag.get("value") for tag in shown.iter("Relation")] == ["continues_", "continues"]
    assert {tag.tag: tag.get("name") for tag in shown if tag.get("name")} == {"Labels": "label", "Text": "text_"}
    assert not [box for box in shown.iter("View") if box.get("whenLabelValue")]
    draft = Draft("d", "Jan")
    draft.span("A, or B", "Jan", text="yes")
    task = json.loads(labelstudio.write(draft.document, draft.set(), 1, scheme.attributes).content)
    named = [(result["from_name"], result["to_name"]) for result in task["annotations"][0]["result"]]
    assert named == [("label", "text_"), ("text", "text_")]


def test_what_a_later_piece_says_is_told() -> None:
    text = "Anna en Bob wonen in Gent."
    pieces = [region("a", 0, 4, "PER"), {**region("b", 8, 11, "PER"), "score": 0.5, "meta": {"text": ["een notitie"]}}]
    choice = {"id": "b", "type": "choices", "from_name": "sex", "value": {"start": 8, "end": 11, "choices": ["m"]}}
    link = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["continues"]}
    (found,) = read({"data": {"text": text}, "annotations": [{"result": [*pieces, choice, link]}]})
    assert [span.extents for span in found.spans] == [((0, 4), (8, 11))]
    (loss,) = found.losses
    assert (loss.kind, loss.reason) == ("lost", "pieces")
    assert "sex = 'm', the score 0.5, the note 'een notitie'" in loss.message
