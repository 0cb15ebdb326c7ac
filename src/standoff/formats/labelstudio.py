"""Label Studio's JSON: tasks with the annotations of several people, and predictions of models apart from them. Pure.

Offsets are code points, as Label Studio counts since 2021; the text that a region quotes says when they are not. An attribute
is a choice (or a text) for one region, a note the region's meta; the pieces of a discontinuous span are regions joined by
relations `continues`. JSON-MIN, which Label Studio and its SDK write too, has regions alone, beside the data of their task.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Document, Span
from standoff.corpus.page import CONTINUES
from standoff.corpus.scheme import Attribute
from standoff.formats.doccano_rows import DOCUMENT_KEY
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, FormatError
from standoff.formats.labelstudio_config import LABELS, TEXT, relation_name, tag_name
from standoff.formats.pieces import join, piece_ids
from standoff.formats.writing import Written, item_losses, lost, one_line_json, renamed, set_left_out


class _Result(Struct):
    type: str
    id: str | None = None
    from_name: str = ""
    value: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    score: float | None = None
    from_id: str = ""
    to_id: str = ""
    direction: str = "right"
    labels: list[str] | None = None


class _Annotation(Struct):
    result: list[_Result] = []
    completed_by: int | str | dict[str, Any] | None = None
    was_cancelled: bool = False
    updated_at: str | None = None
    created_at: str | None = None


class _Prediction(Struct):
    result: list[_Result] = []
    model_version: str | None = None


class _Task(Struct):
    data: dict[str, Any]
    annotations: list[_Annotation] | None = None
    completions: list[_Annotation] | None = None
    predictions: list[_Prediction] | None = None


_KNOWN = {"id", "data", "annotations", "completions", "predictions", "created_at", "updated_at", "project"}
_ANNOTATION = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
"""What JSON-MIN says of an annotation, beside names of data and of tags."""
_LABELS = ("labels", "hypertextlabels")
_REGION = {"choices", "textarea", "taxonomy", "rating", "number"}
"""Kinds of results that say something of a region, when they have its id."""


def read(task: Any, file: str, number: int) -> Iterator[Foreign]:
    """The texts of one task of an export: one with each annotation, and one with each prediction; without any, the text alone.

    Raises msgspec.ValidationError for what is no task, and FormatError for one without a text.
    """
    if isinstance(task, dict) and "data" not in task and "annotation_id" in task:
        task = _whole(task)
    found = msgspec.convert(task, _Task)
    place = f"{file}#/{number}"
    texts = {key: value for key, value in found.data.items() if isinstance(value, str)}
    texts.pop(DOCUMENT_KEY, None)
    key = "text" if "text" in texts else next(iter(texts), "")
    if not key or ("text" not in texts and len(texts) > 1):
        raise FormatError("its data has no text, or several; call the one that is annotated `text`")
    name = found.data.get(DOCUMENT_KEY)
    left_out = sorted({*task} - _KNOWN) + sorted(f"data.{name}" for name in {*found.data} - {key, DOCUMENT_KEY})

    def text(here: str, **stated: Any) -> Foreign:
        return Foreign(
            name=name if isinstance(name, str) else "",
            file=file,
            place=here,
            text=texts[key],
            left_out=tuple(left_out),
            **stated,
        )

    sets = 0
    for position, annotation in enumerate((found.annotations or []) + (found.completions or [])):
        foreign = text(
            f"{place}/annotations/{position}",
            annotator=_annotator(annotation.completed_by),
            confirmed=not annotation.was_cancelled,
            at=annotation.updated_at or annotation.created_at,
        )
        if annotation.was_cancelled:
            foreign.tell(
                "refused", "cancelled", foreign.place, "its annotator skipped it: its annotations are left out"
            )
            foreign.annotated = False
        else:
            _take(foreign, annotation.result)
        sets += 1
        yield foreign
    for position, prediction in enumerate(found.predictions or []):
        foreign = text(
            f"{place}/predictions/{position}", annotator=prediction.model_version or "predictions", kind="model"
        )
        _take(foreign, prediction.result)
        sets += 1
        yield foreign
    if not sets:
        yield text(place, annotated=False)


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    """A task with its annotation, of one in JSON-MIN. What is said of regions by other tags than labels is data there."""
    data: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    for name in sorted({*item} - _ANNOTATION):
        value = item[name]
        kinds = [_kind(region) for region in value] if isinstance(value, list) else []
        if kinds and all(kinds):
            results += [
                {"type": kind, "from_name": name, "value": region} for kind, region in zip(kinds, value, strict=True)
            ]
        else:
            data[name] = value
    task: dict[str, Any] = {"data": data, **{name: item[name] for name in ("id", "agreement") if name in item}}
    if results or item["annotation_id"] is not None:
        stated = {name: item.get(name) for name in ("created_at", "updated_at")}
        task["annotations"] = [{"result": results, "completed_by": item.get("annotator"), **stated}]
    return task


def _kind(region: Any) -> str | None:
    return next((kind for kind in _LABELS if kind in region), None) if isinstance(region, dict) else None


def _annotator(stated: int | str | dict[str, Any] | None) -> str | None:
    if isinstance(stated, dict):
        email, number = stated.get("email"), stated.get("id")
        return str(email) if email else None if number is None else f"user-{number}"
    return f"user-{stated}" if isinstance(stated, int) else stated


def _take(foreign: Foreign, results: Iterable[_Result]) -> None:
    regions: dict[str, list[ForeignSpan]] = {}
    ordered = sorted(enumerate(results), key=lambda item: item[1].type not in _LABELS)
    for position, result in ordered:
        place = f"{foreign.place}/result/{position}"
        if result.type in _LABELS:
            regions.setdefault(result.id or f"#{position}", _spans(foreign, result, position, place))
        elif result.type == "relation":
            _relation(foreign, result, position, place)
        elif result.type in _REGION and result.id in regions:
            _attribute(foreign, result, regions[result.id or ""], place)
        else:
            foreign.tell("lost", "result", place, f"a result of the type {result.type[:60]!r} is of no region")
    join(foreign)


def _spans(foreign: Foreign, result: _Result, position: int, place: str) -> list[ForeignSpan]:
    """The spans of a region, one for each of its labels."""
    value = result.value
    start, end, surface = value.get("start"), value.get("end"), value.get("text")
    labels = value.get("labels") or value.get("hypertextlabels") or []
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(labels, list) or not labels:
        foreign.tell("refused", "region", place, "it has no start and end in a plain text, or no label")
        return []
    note = result.meta.get("text")
    id_ = result.id or f"#{position}"
    spans = [
        ForeignSpan(
            id=id_ if number == 0 else f"{id_}#{number}",
            keep_id=number == 0 and result.id is not None,
            label=str(label),
            extents=((start, end),),
            surface=surface if isinstance(surface, str) else None,
            score=result.score,
            note="\n".join(map(str, note)) if isinstance(note, list) and note else None,
            place=place,
        )
        for number, label in enumerate(labels)
    ]
    foreign.spans += spans
    return spans


def _relation(foreign: Foreign, result: _Result, position: int, place: str) -> None:
    head, tail = result.from_id, result.to_id
    if result.direction == "left":
        head, tail = tail, head
    elif result.direction != "right":
        message = f"its direction is {result.direction[:60]!r}; here it leads from one to the other"
        foreign.tell("lost", "direction", place, message)
    if not result.labels:
        foreign.tell("repaired", "unlabeled", place, "it has no label; it is called 'relation' here")
    for number, label in enumerate(result.labels or ["relation"]):
        foreign.relations.append(
            ForeignRelation(id=f"{position}.{number}", keep_id=False, label=label, head=head, tail=tail, place=place)
        )


def _attribute(foreign: Foreign, result: _Result, spans: list[ForeignSpan], place: str) -> None:
    stated = result.value.get("text" if result.type == "textarea" else result.type)
    values = [str(value) for value in stated] if isinstance(stated, list) else [str(stated)]
    if not values or not result.from_name or result.from_name in (spans[0].attributes if spans else {}):
        foreign.tell("lost", "attribute", place, f"{result.from_name[:60]!r} states no value, or a second one")
        return
    if len(values) > 1 and result.type != "textarea":
        foreign.tell(
            "lost", "attribute", place, f"{result.from_name[:60]!r} has several values; {values[0][:60]!r} is kept"
        )
        values = values[:1]
    for span in spans:
        span.attributes = {**span.attributes, result.from_name: "\n".join(values)}


# -- writing


def write(document: Document, annotations: AnnotationSet, number: int, attributes: Mapping[str, Attribute]) -> Written:
    """One task, on a line: its set is a prediction when a model made it, else an annotation. Both have this number as their id,
    without which Label Studio's SDK reads no task. `attributes` are the scheme's: one without values is a text there. It has no place
    for the annotator, since a task that names one who is no member of its project is refused.

    Regions are in the order of the text, those around others before them: the SDK tags the first that it meets.
    """
    losses = list(item_losses(document.id, annotations, spans={"attributes", "note", "score"}, relations=()))
    results: list[dict[str, Any]] = []
    ids = piece_ids(annotations.spans)
    for span in sorted(annotations.spans, key=lambda span: (span.start, -span.end)):
        results += _regions(span, ids[span.id], attributes)
    for relation in annotations.relations:
        label = relation_name(relation.label)
        if label != relation.label:
            losses.append(renamed(document.id, relation, label))
        results.append(_link(relation.head, relation.tail, label))
    losses += [
        lost(document.id, span, "note", f"{span.label}: an empty note is none there")
        for span in annotations.spans
        if span.note == ""
    ]
    made: dict[str, Any] = {"id": number, "result": results}
    key = "predictions" if annotations.kind == "model" else "annotations"
    if annotations.kind == "model":
        made["model_version"] = annotations.annotator
    data = {"text": document.text, DOCUMENT_KEY: document.id}
    return Written(
        one_line_json({"id": number, "data": data, key: [made]}), tuple(losses), set_left_out(document, annotations)
    )


def _regions(span: Span, ids: Sequence[str], attributes: Mapping[str, Attribute]) -> Iterator[dict[str, Any]]:
    for id_, piece in zip(ids, span.fragments, strict=True):
        extent = {"start": piece.start, "end": piece.end, "text": piece.text}
        region = {"id": id_, "to_name": tag_name(TEXT, attributes)}
        first = id_ == span.id
        yield {
            **region,
            "from_name": tag_name(LABELS, attributes),
            "type": "labels",
            "value": {**extent, "labels": [span.label]},
            **({"meta": {"text": [span.note]}} if first and span.note else {}),
            **({"score": span.score} if first and span.score is not None else {}),
        }
        for name, value in sorted(span.attributes.items()) if first else ():
            choice = name in attributes and attributes[name].values
            stated = {"choices": [value]} if choice else {"text": [value]}
            kind = "choices" if choice else "textarea"
            yield {**region, "from_name": name, "type": kind, "value": {**extent, **stated}}
    for head, tail in pairwise(ids):
        yield _link(head, tail, CONTINUES)


def _link(head: str, tail: str, label: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": head, "to_id": tail, "direction": "right", "labels": [label]}
