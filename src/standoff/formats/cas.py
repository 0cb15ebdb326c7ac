"""UIMA CAS in JSON and XMI, as INCEpTION and WebAnno export it: any layer of spans, any layer of relations. Pure.

Read and written by dkpro-cassis, which counts in UTF-16 as UIMA does and gives code points. A type with the features
`Governor` and `Dependent` is a relation, any other annotation a span; its label is its feature `label` or `value`, else the
type's name, and its other features are attributes. What we write has two types of our own, with a feature `fragment` that
numbers the pieces of a discontinuous span, which UIMA has no place for; they are joined again by their `id`.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from standoff.corpus.model import AnnotationSet, By, Document, Relation, Span
from standoff.errors import EnvironmentFault, how_to_install
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, FormatError, Loss
from standoff.formats.writing import Written, set_left_out

SPAN, RELATION = "webanno.custom.StandoffSpan", "webanno.custom.StandoffRelation"
_ANNOTATION = "uima.tcas.Annotation"
_SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
_TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
_GRAMMAR = re.compile(
    r"(de\.tudarmstadt\.ukp\.dkpro\.core\.api\.(segmentation|lexmorph|syntax|metadata|io)|de\.tudarmstadt\.ukp\.clarin|uima)\."
)
"""Layers of tokens, words' forms and trees: no annotations of ours."""
_LABELS = ("label", "value")
_PLAIN = ("begin", "end", "sofa", "Governor", "Dependent")
_OURS = ("id", "label", "fragment", "annotator", "at", "score", "note")
_PREFIX = "attribute_"
_RENAMED = {"type_": "type", "self_": "self"}
_UNMAPPED = re.compile(r"Not mapping external offset \[(-?\d+)\]")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Row(NamedTuple):
    """One annotation of the CAS, with the id that joins relations to it."""

    key: int
    type_: str
    features: dict[str, Any]


def read(content: str, types: str | None, name: str, where: str) -> Foreign:
    """The text and annotations of one CAS: JSON, or XMI with its type system (`types`, XML).

    Raises FormatError for anything else, for XMI without its types and for XML that declares entities, and EnvironmentFault
    without the package.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cas = _load(content, types, where)
    # What is no position in UTF-16 the package leaves as it is, beside code points.
    unmapped = {int(found[1]) for warning in told if (found := _UNMAPPED.match(str(warning.message)))}
    if not isinstance(cas.sofa_string, str) or not cas.sofa_string:
        raise FormatError(f"{where}: it has no text")
    left_out = [f"view {view.sofa.sofaID}" for view in cas.views if view.sofa.sofaID != cas.get_sofa().sofaID]
    losses: list[Loss] = []
    spans: dict[str, ForeignSpan] = {}
    named: dict[int, str] = {}
    relations: list[_Row] = []
    sentences: list[tuple[int, int]] = []
    for row in _rows(cas):
        begin, end = row.features.get("begin"), row.features.get("end")
        if row.type_ == _SENTENCE:
            if (
                isinstance(begin, int)
                and isinstance(end, int)
                and 0 <= begin <= end <= len(cas.sofa_string)
                and not unmapped & {begin, end}
            ):
                sentences.append((begin, end))
            else:
                message = f"a sentence is at {begin}:{end}, which is no stretch of the text"
                losses.append(Loss(kind="refused", reason="offsets", place=where, message=message))
        elif _GRAMMAR.match(row.type_):
            if row.type_ not in (_TOKEN, "uima.tcas.DocumentAnnotation"):
                left_out.append(row.type_.rpartition(".")[2])
        elif {"Governor", "Dependent"} <= row.features.keys():
            relations.append(row)
        elif unmapped & {begin, end}:
            message = f"{_label(row)} at {begin}:{end}: one of the two is inside a character of UTF-16, or outside of the text"
            losses.append(Loss(kind="refused", reason="offsets", place=where, message=message))
        elif isinstance(begin, int) and isinstance(end, int):
            span = _span(row, begin, end, where, left_out, losses)
            first = spans.get(span.id)
            if first is not None and "fragment" in row.features:
                first.extents = tuple(sorted((*first.extents, *span.extents)))
            elif first is not None:
                span.id = str(row.key)
                spans[span.id] = span
            else:
                spans[span.id] = span
            named[row.key] = span.id
    stated = []
    for row in relations:
        head, tail = (named.get(id(row.features[end])) for end in ("Governor", "Dependent"))
        if head is None or tail is None:
            message = f"{row.type_.rpartition('.')[2]}: one of its ends is no span of ours; it was left out"
            losses.append(Loss(kind="refused", reason="relation-end", place=where, message=message))
            continue
        stated.append(_relation(row, head, tail, where, left_out, losses))
    return Foreign(
        name=name,
        file=where,
        place=where,
        text=cas.sofa_string,
        sentences=tuple(sorted(sentences)) or None,
        spans=list(spans.values()),
        relations=stated,
        parameters={"format": "cas"},
        left_out=tuple(left_out),
        losses=losses,
    )


def _load(content: str, types: str | None, where: str) -> Any:
    cassis = _cassis()
    try:
        if content.lstrip().startswith("{"):
            return cassis.load_cas_from_json(content)
        if any(mark in xml for mark in ("<!DOCTYPE", "<!ENTITY") for xml in (content, types or "")):
            raise FormatError(
                f"{where}: it declares entities, which could bring in other files; take the declaration out"
            )
        if types is None:
            raise FormatError(f"{where}: there is no TypeSystem.xml beside it, without which XMI can't be read")
        return cassis.load_cas_from_xmi(content, typesystem=cassis.load_typesystem(types))
    except FormatError:
        raise
    except Exception as error:  # whatever the parsers of XML, JSON and types raise on what is none
        raise FormatError(f"{where}: it can't be read as UIMA CAS: {' '.join(str(error).split())[:200]}") from None


def _cassis() -> Any:
    try:
        import cassis
    except ImportError:
        raise EnvironmentFault(f"cas needs the package dkpro-cassis; {how_to_install('formats')}") from None
    return cassis


def _rows(cas: Any) -> Iterator[_Row]:
    for item in cas.select_all_annotations():
        # The package calls a feature `type` or `self` by another name.
        features = {_RENAMED.get(f.name, f.name): getattr(item, f.name, None) for f in item.type.all_features}
        yield _Row(id(item), item.type.name, features)


def _span(row: _Row, begin: int, end: int, where: str, left_out: list[str], losses: list[Loss]) -> ForeignSpan:
    ours = row.type_ == SPAN
    return ForeignSpan(
        extents=((begin, end),),
        attributes=_attributes(row, ours, left_out),
        **_stated(row, ours, f"{where} {begin}:{end}", losses),
    )


def _relation(row: _Row, head: str, tail: str, where: str, left_out: list[str], losses: list[Loss]) -> ForeignRelation:
    ours = row.type_ == RELATION
    left_out += [f"attribute of a relation {name}" for name in _attributes(row, ours, left_out)]
    return ForeignRelation(head=head, tail=tail, **_stated(row, ours, f"{where} {_label(row)}", losses))


def _stated(row: _Row, ours: bool, place: str, losses: list[Loss]) -> dict[str, Any]:
    """What a row says of itself, span or relation; only of our types it is known what else it means by it."""
    features = row.features if ours else {}
    return {
        "id": str(features.get("id") or row.key),
        "keep_id": ours,
        "label": _label(row),
        "score": _score(features, place, losses),
        **{name: features.get(name) for name in ("note", "annotator", "at")},
        "place": place,
    }


def _label(row: _Row) -> str:
    for name in _LABELS:
        if isinstance(value := row.features.get(name), str) and value.strip():
            return value
    return row.type_.rpartition(".")[2]


def _score(stated: dict[str, Any], place: str, losses: list[Loss]) -> float | None:
    score = stated.get("score")
    if score is None or not str(score).strip():
        return None
    try:
        return float(score)
    except (TypeError, ValueError):
        message = f"the score {str(score)[:60]!r} is no number"
        losses.append(Loss(kind="lost", reason="score", place=place, message=message))
        return None


def _attributes(row: _Row, ours: bool, left_out: list[str]) -> dict[str, str]:
    """The features that are none of UIMA's and not the label: texts and numbers; references are left out and counted."""
    label = next((name for name in _LABELS if isinstance(row.features.get(name), str)), None)
    attributes = {}
    for name, value in row.features.items():
        if value is None or name == label or name in _PLAIN or (ours and name in _OURS):
            continue
        if isinstance(value, bool | int | float | str):
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            attributes[name.removeprefix(_PREFIX) if ours else name] = shown
        else:
            left_out.append(f"feature {name}")
    return attributes


# -- writing


def type_system(attributes: Iterable[str]) -> Any:
    """The two types that we write, with a feature for each attribute of the scheme."""
    types = _cassis().TypeSystem()
    span = types.create_type(SPAN, supertypeName=_ANNOTATION)
    relation = types.create_type(RELATION, supertypeName=_ANNOTATION)
    sentence = types.create_type(_SENTENCE, supertypeName=_ANNOTATION)
    assert sentence is not None
    for name in ("id", "label", "annotator", "at", "score", "note"):
        for made in (span, relation):
            types.create_feature(made, name, "uima.cas.String")
    types.create_feature(span, "fragment", "uima.cas.Integer")
    for name in ("Governor", "Dependent"):
        types.create_feature(relation, name, _ANNOTATION)
    for name in sorted(attributes):
        types.create_feature(span, _feature(name), "uima.cas.String")
    return types


def write(document: Document, annotations: AnnotationSet, attributes: Iterable[str], *, xmi: bool) -> Written | Loss:
    """The CAS of one document in JSON, or in XMI; a loss when XML can't hold one of its characters."""
    if xmi and (odd := _NO_XML.search("\n".join([document.text, *_strings(annotations)]))):
        message = f"XML can't hold the character U+{ord(odd[0]):04X}; export it as cas, in JSON"
        return Loss(kind="refused", reason="character", document=document.id, place=document.id, message=message)
    types = type_system({*attributes, *(name for span in annotations.spans for name in span.attributes)})
    cas = _cassis().Cas(types)
    cas.sofa_string, cas.sofa_mime = document.text, "text/plain"
    made_of, first = types.get_type(SPAN), defaultdict(list)
    sentence = types.get_type(_SENTENCE)
    for extent in document.sentences:
        cas.add(sentence(begin=extent.start, end=extent.end))
    for span in annotations.spans:
        features = {_feature(name): value for name, value in span.attributes.items()}
        for number, piece in enumerate(span.fragments):
            row = made_of(begin=piece.start, end=piece.end, fragment=number, **_common(span), **features)
            cas.add(row)
            first[span.id].append(row)
    joined = types.get_type(RELATION)
    for relation in annotations.relations:
        head, tail = first[relation.head][0], first[relation.tail][0]
        cas.add(joined(begin=tail.begin, end=tail.end, Governor=head, Dependent=tail, **_common(relation)))
    left_out = set_left_out(document, annotations, {"ids", "sentences"})
    return Written(cas.to_xmi() if xmi else cas.to_json(), (), left_out)


def _strings(annotations: AnnotationSet) -> Iterator[str]:
    for span in annotations.spans:
        yield from (*_common(span).values(), *span.attributes.values())
    for relation in annotations.relations:
        yield from _common(relation).values()


def _feature(name: str) -> str:
    return f"{_PREFIX}{name}"  # so that none has a name that means something to UIMA or to us


def _common(item: Span | Relation) -> dict[str, str]:
    by = item.by or By()
    stated = {
        "id": item.id,
        "label": item.label,
        "annotator": by.annotator,
        "at": by.at,
        "score": None if item.score is None else repr(item.score),
        "note": item.note,
    }
    return {name: value for name, value in stated.items() if value is not None}
