"""What the writers of formats share: their result, and the account of the fields that a format has no place for. Pure."""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import msgspec

from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.formats.foreign import Loss

_NAMES = {"attributes": "attributes", "note": "a note", "score": "a score", "by": "who and when"}
_SHOWN = 60


class Written(NamedTuple):
    """One document in a format. `left_out` names what the document and the set state beside spans and relations and the
    format has no place for."""

    content: str
    losses: tuple[Loss, ...]
    left_out: tuple[str, ...]


def item_losses(
    document: str, annotations: AnnotationSet, spans: Collection[str], relations: Collection[str] | None
) -> Iterator[Loss]:
    """A loss for each field of each span and relation that a format lacks; it has those that are named, and no relations at
    all when `relations` is None."""
    for span in annotations.spans:
        yield from _fields(document, span, f"{span.label} {span.text[:_SHOWN]!r}", spans)
    for relation in annotations.relations:
        what = f"{relation.label} from {relation.head} to {relation.tail}"
        if relations is None:
            yield lost(document, relation, "relation", f"{what}: there are no relations")
        else:
            yield from _fields(document, relation, what, relations)


def _fields(document: str, item: Span | Relation, what: str, held: Collection[str]) -> Iterator[Loss]:
    for name, words in _NAMES.items():
        if name not in held and getattr(item, name, None) not in (None, {}):
            yield lost(document, item, name, f"{what}: there is no place for {words}")


def lost(document: str, item: Span | Relation, reason: str, message: str) -> Loss:
    """What the target has no place for, at a span or relation."""
    return Loss(kind="lost", reason=reason, document=document, place=item.id, message=message)


def renamed(document: str, item: Span | Relation, label: str) -> Loss:
    """A label that means something else there, written otherwise."""
    message = f"{item.label!r} is written as {label!r}, for it means something else there"
    return Loss(kind="repaired", reason="label", document=document, place=item.id, message=message)


def sentences_of(document: Document) -> tuple[list[tuple[int, int]], list[Loss]]:
    """The sentences of a document for a format of sentences: what stands in none makes one of its own, and is told."""
    text = document.text
    found: list[tuple[int, int]] = []
    losses: list[Loss] = []
    done = 0
    for start, end in (*((s.start, s.end) for s in document.sentences), (len(text), len(text))):
        if surface := text[done:start].strip():
            first = done + text[done:start].index(surface)
            found.append((first, first + len(surface)))
            message = f"{surface[:_SHOWN]!r} stands in no sentence; it is one there"
            losses.append(
                Loss(kind="lost", reason="sentence", document=document.id, place=document.id, message=message)
            )
        if start < end:
            found.append((start, end))
        done = end
    return found, losses


def set_left_out(document: Document, annotations: AnnotationSet, held: Collection[str] = ()) -> tuple[str, ...]:
    """Names of what document and set state beside text, spans and relations, but for those that are held."""
    stated = [name for name in ("title", "date", "group", "source", "sections", "sentences") if getattr(document, name)]
    stated += [name for name in ("confirmed", "comments", "provenance") if getattr(annotations, name)]
    return tuple(name for name in ("ids", *stated) if name not in held)


def not_known_again(format_: str, annotations: AnnotationSet, scheme: SchemeIndex) -> Iterator[str]:
    """Names of what an import of this format can't know again of any document: its language, whether a model or an adjudication
    made the set (a human is taken for granted), that it is a draft (Label Studio takes an annotation for a submitted one), and that layers without any span were annotated."""
    if format_ != "spacy":
        yield "language"
    if annotations.kind != "human" and (format_, annotations.kind) != ("labelstudio", "model"):
        yield "kind"
    if format_ == "labelstudio" and annotations.kind != "model" and not annotations.confirmed:
        yield "that it is a draft"
    found = {scheme.span_layer.get(span.label) for span in annotations.spans}
    if any(layer not in found for layer in annotations.layers):
        yield "layers without spans"


def parameters_of(annotations: AnnotationSet, format_: str) -> dict[str, Any] | None:
    """What an import of this format noted about the source's layout, None when the set comes from elsewhere."""
    if annotations.provenance is None or annotations.provenance.parameters is None:
        return None
    try:
        parameters = msgspec.json.decode(annotations.provenance.parameters)
    except msgspec.DecodeError:
        return None
    return parameters if isinstance(parameters, dict) and parameters.get("format") == format_ else None


def one_line_json(value: object) -> str:
    """JSON on one line, with its newline."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
