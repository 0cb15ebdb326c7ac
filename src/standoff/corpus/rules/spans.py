"""Rules for the spans of an annotation set. Pure, and quick where nothing is wrong: most sets are clean."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import pairwise, repeat

from standoff.corpus.model import Span
from standoff.corpus.rules.base import Finding, SetContext
from standoff.corpus.scheme import SchemeIndex
from standoff.text.counted import counted

_NEAR = 50
"""Code points to each side where a surface that moved is looked for."""
_REMEMBERED = 100_000
"""So many attributes that are right are kept in mind."""


def text_sha256(context: SetContext) -> Iterator[Finding]:
    """A set names the SHA-256 of the text that it was made on. If the document has another text, its offsets mean nothing."""
    if context.columns.record.text_sha256 != context.text_sha256:
        yield Finding(
            "/text_sha256",
            "it was made on another text than the document has now; restore the document's text from git",
        )


def scheme_version(context: SetContext) -> Iterator[Finding]:
    """A set names the version of the scheme that it was made with, which is the corpus's."""
    if context.columns.record.scheme != context.scheme.scheme.version:
        yield Finding(
            "/scheme",
            f"{context.columns.record.scheme!r} is not this corpus's scheme, {context.scheme.scheme.version!r}; look whether its annotations still mean the same, then run `standoff migrate`",
        )


def set_layers(context: SetContext) -> Iterator[Finding]:
    """The layers that a set lists are layers of the corpus, each once."""
    layers = context.columns.record.layers
    for place, layer in enumerate(layers):
        if layer not in context.setting.layers:
            known = ", ".join(sorted(context.setting.layers))
            yield Finding(
                f"/layers/{place}",
                f"{layer!r} is no layer of this corpus: {known}; take it out, or add it to `layers` in corpus.toml",
            )
        elif layer in layers[:place]:
            yield Finding(f"/layers/{place}", f"{layer!r} is listed twice; take one out")


def span_labels(context: SetContext) -> Iterator[Finding]:
    """A span's label is one of the scheme's."""
    if context.scheme.spans.keys() >= context.columns.places_of.keys():
        return
    for place, label in enumerate(context.columns.labels):
        if label not in context.scheme.spans:
            yield Finding(f"/spans/{place}/label", f"unknown label {label!r}{_hint(label, context.scheme.spans)}")


def annotated_layers(context: SetContext) -> Iterator[Finding]:
    """A set lists each layer that it has annotations of. What is not listed was not annotated, and would not be released."""
    listed = set(context.columns.record.layers)
    span_layer, relation_layer = context.scheme.span_layer, context.scheme.relation_layer
    used = {span_layer.get(label) for label in context.columns.places_of}
    used |= {relation_layer.get(label) for label, _, _ in context.columns.linked}
    if used <= listed:
        return
    for layer in sorted((name for name in used if name), key=str):
        if layer not in listed:
            place = next((i for i, label in enumerate(context.columns.labels) if span_layer.get(label) == layer), None)
            pointer = "/layers" if place is None else f"/spans/{place}"
            yield Finding(
                pointer,
                f"annotations of the layer {layer!r}, which the set does not list; add it to `layers`, or take them out",
            )


def span_attributes(context: SetContext) -> Iterator[Finding]:
    """A span carries only attributes that its label may have, with their values, and all that are required."""
    scheme, right = context.scheme, context.setting.right
    carried, needed = context.columns.attributes, context.setting.required
    # The same values come again and again: each is judged once.
    new = {
        (label, name, value)
        for label, attributes in zip(context.columns.labels, carried, strict=True)
        for name, value in attributes.items()
        if (label, name, value) not in right
    }
    complete = all(
        [
            name in carried[place]
            for label, places in context.columns.places_of.items()
            for name in needed.get(label, ())
            for place in places
        ]
    )
    if complete and all([_is_right(scheme, *item) for item in new]):
        if len(right) > _REMEMBERED:
            right.clear()
        right |= new
        return
    for place, span in enumerate(context.spans):
        for finding in _attribute_findings(scheme, span):
            yield Finding(f"/spans/{place}/attributes{finding.pointer}", finding.message)


def _is_right(scheme: SchemeIndex, label: str, name: str, value: str) -> bool:
    return label not in scheme.spans or (
        name in scheme.label_attributes[label] and _value_is_right(scheme, name, value)
    )


def _value_is_right(scheme: SchemeIndex, name: str, value: str) -> bool:
    attribute = scheme.attributes.get(name)
    if attribute is None:
        return True  # whoever carries it is told that there is no such attribute
    if attribute.values:
        return value in attribute.values
    return bool(value.strip()) and (name not in scheme.patterns or bool(scheme.patterns[name].fullmatch(value)))


def _attribute_findings(scheme: SchemeIndex, span: Span) -> Iterator[Finding]:
    if span.label not in scheme.spans:
        return
    keys, allowed, required = span.attributes.keys(), scheme.label_attributes[span.label], scheme.required[span.label]
    for name in sorted(keys - allowed):
        yield Finding(f"/{name}", f"{span.label} has no attribute {name!r}{_hint(name, allowed)}")
    for name in sorted(required - keys):
        values = ", ".join(scheme.attributes[name].values)
        yield Finding("", f"{span.label} needs the attribute {name!r}{f', one of {values}' if values else ''}")
    for name, value in span.attributes.items():
        if not _value_is_right(scheme, name, value):
            attribute = scheme.attributes[name]
            wanted = f"one of {', '.join(attribute.values)}" if attribute.values else attribute.pattern or "some text"
            yield Finding(f"/{name}", f"{value!r} is not what this attribute holds: {wanted}")


def span_offsets(context: SetContext) -> Iterable[Finding]:
    """Every fragment is a stretch of the text that is not empty: 0 <= start < end <= length, in code points."""
    length = len(context.document.text)
    if context.offsets_hold:
        return ()
    return [
        Finding(
            f"/spans/{place}/fragments/{number}",
            f"{piece.start}:{piece.end} is not a stretch of the text, which has {counted(length, 'character')}; correct it, or take the span out",
        )
        for place, span in enumerate(context.spans)
        for number, piece in enumerate(span.fragments)
        if not piece.start < piece.end <= length
    ]


def span_surface(context: SetContext) -> Iterator[Finding]:
    """A fragment's `text` is the document's text at its offsets. Where they differ one of them is wrong, and nobody can tell
    which without looking.
    """
    text = context.document.text
    if [
        text[start:end] for start, end in zip(context.columns.starts, context.columns.ends, strict=True)
    ] == context.columns.surfaces:
        return
    for place, span in enumerate(context.spans):
        for number, piece in enumerate(span.fragments):
            here = text[piece.start : piece.end]
            if here != piece.text and piece.start < piece.end <= len(text):
                yield Finding(
                    f"/spans/{place}/fragments/{number}/text",
                    f'text "{_short(piece.text)}" is not the document\'s "{_short(here)}" ({piece.start}:{piece.end}); {_moved(text, piece.start, piece.text)}',
                )


def span_fragments(context: SetContext) -> Iterator[Finding]:
    """The fragments of a span are in text order and do not overlap."""
    for place in context.columns.several:
        for number, (before, piece) in enumerate(pairwise(context.columns.fragments[place]), 1):
            if piece.start < before.end:
                yield Finding(
                    f"/spans/{place}/fragments/{number}",
                    "it overlaps the one before it, or comes before it; put them in text order, without overlap",
                )


def span_edges(context: SetContext) -> Iterable[Finding]:
    """A fragment does not begin or end with white space."""
    if list(map(str.strip, context.columns.surfaces)) == context.columns.surfaces:
        return ()
    return [
        Finding(
            f"/spans/{place}/fragments/{number}", f'"{_short(piece.text)}" has white space at its ends; draw it without'
        )
        for place, span in enumerate(context.spans)
        for number, piece in enumerate(span.fragments)
        if piece.text != piece.text.strip()
    ]


def unique_ids(context: SetContext) -> Iterator[Finding]:
    """Ids are unique among all spans and relations of a set."""
    own, others, spans = context.columns.ids, context.columns.relation_ids, context.columns.label_of.keys()
    if len(spans) == len(own) and len(set(others)) == len(others) and spans.isdisjoint(others):
        return
    seen: dict[str, str] = {}
    ids = [(f"/spans/{place}", id_) for place, id_ in enumerate(own)]
    ids += [(f"/relations/{place}", id_) for place, id_ in enumerate(others)]
    for pointer, id_ in ids:
        if id_ in seen:
            yield Finding(f"{pointer}/id", f"the id {id_!r} is also that of {seen[id_]}; give one of them another id")
        seen.setdefault(id_, pointer)


def identical_spans(context: SetContext) -> Iterator[Finding]:
    """No two spans of a set have the same label, extent and attributes: one of them is a slip."""
    if len(set(zip(context.columns.labels, context.columns.hulls, strict=True))) == len(context.columns.ids):
        return
    seen: dict[tuple[object, ...], int] = {}
    for place, span in enumerate(context.spans):
        key = (span.label, span.extents, tuple(sorted(span.attributes.items())))
        first = seen.setdefault(key, place)
        if first != place:
            yield Finding(f"/spans/{place}", f"the same as spans[{first}] ({context.spans[first].id}); take one out")


def sentence_boundaries(context: SetContext) -> Iterator[Finding]:
    """A fragment does not cross the end of a sentence. It may be right (long quotations), so it is only a warning."""
    sentences = context.document.sentences
    starts = [sentence.start for sentence in sentences]
    if context.offsets_hold:
        # Where none crosses, as many have ended at a boundary as have begun before it.
        begun, ended = sorted(context.columns.starts), sorted(context.columns.ends)
        if list(map(bisect_left, repeat(begun), starts)) == list(map(bisect_right, repeat(ended), starts)):
            return
    for place, span in enumerate(context.spans):
        for number, piece in enumerate(span.fragments):
            if bisect_right(starts, piece.start) != bisect_right(starts, piece.end - 1):
                yield Finding(
                    f"/spans/{place}/fragments/{number}",
                    f'"{_short(piece.text)}" crosses the end of a sentence; look whether it should',
                )


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "; use one of the scheme's, or add it there"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _moved(text: str, start: int, surface: str) -> str:
    low, high = max(0, start - _NEAR), start + len(surface) + _NEAR
    first = text.find(surface, low, high)
    if first >= 0 and text.find(surface, first + 1, high) < 0:
        return f"it is at {first}:{first + len(surface)}: correct the offsets"
    return "look which of the two is right"
