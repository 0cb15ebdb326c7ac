"""Doccano's JSONL in each of its variants: `label`, `labels`, `annotations`, or `entities` with `relations`. Pure.

Doccano keeps no surfaces: its offsets are the page's, UTF-16 code units or, in projects with grapheme mode, clusters, and no line
but one of ours says which. They are read as UTF-16 unless they can be clusters alone; where the two differ, it is told. With the
scheme of a project its names in the page are taken apart into labels, attributes and markers; without it they are labels.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from standoff.corpus.model import AnnotationSet, Document, Fragment, Relation, Span
from standoff.formats.doccano import Scope, encode_set, offsets, to_page
from standoff.formats.doccano_rows import DOCUMENT_KEY, SHA256_KEY, Row, any_line, import_line
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, Loss, LossKind
from standoff.formats.pieces import join
from standoff.formats.writing import Written, item_losses, lost, set_left_out
from standoff.text.offsets import OffsetError, OffsetMap

UNIT_KEY, UTF16 = "standoff_offsets", "utf16"
"""What our own files say of their offsets."""


def read(line: bytes, file: str, number: int, scope: Scope | None = None) -> Foreign:
    """One example. Raises ExportError for a line that is none."""
    example = any_line(line)
    place = f"{file}:{number}"
    known = {DOCUMENT_KEY, SHA256_KEY, UNIT_KEY}
    foreign = Foreign(
        name=example.document or "",
        file=file,
        place=place,
        text=example.text,
        raw=line,
        comments=tuple(comment.text for comment in example.comments),
        left_out=tuple(sorted(example.meta.keys() - known)),
    )
    units, told = offsets(example.text, grapheme_mode=False), ""
    if example.meta.get(UNIT_KEY) != UTF16:
        units, told = _units(example.text, example.rows, units)
    if told:
        foreign.tell("repaired", "unit", place, told)
    for position, row in enumerate(example.rows):
        here = f"{place}#/{position}"
        try:
            extent = (units.to_code_point(row.start), units.to_code_point(row.end))
        except OffsetError as error:
            foreign.tell("refused", "offsets", here, f"{row.label}: {error}")
            continue
        foreign.spans.append(
            ForeignSpan(
                id=str(row.id), keep_id=False, label=row.label, extents=(extent,), annotator=row.user, place=here
            )
        )
    for relation in example.relations:
        foreign.relations.append(
            ForeignRelation(
                id=str(relation.id),
                keep_id=False,
                label=relation.label,
                head=str(relation.head),
                tail=str(relation.tail),
                place=f"{place}#/relations/{relation.id}",
            )
        )
    if scope is None:
        join(foreign)
    else:
        _apart(foreign, scope)
    return foreign


def _units(text: str, rows: Sequence[Row], utf16: OffsetMap) -> tuple[OffsetMap, str]:
    """How to read the offsets of a text's rows, and what to say of it."""
    if not rows or (text.isascii() and "\r" not in text):
        return utf16, ""
    clusters = offsets(text, grapheme_mode=True)
    read, otherwise = (_extents(rows, units) for units in (utf16, clusters))
    if otherwise is None or read == otherwise:
        return utf16, ""
    if read is None:
        return (
            clusters,
            "its offsets are none of UTF-16 code units: they were read as grapheme clusters, and are code points here",
        )
    elsewhere = sum(one != other for one, other in zip(read, otherwise, strict=True))
    return utf16, (
        f"its offsets were read as UTF-16 code units, but if its project has grapheme mode, {elsewhere} of its {len(rows)} spans"
        " are elsewhere: look at one behind an emoji or a letter of several characters"
    )


def _extents(rows: Sequence[Row], units: OffsetMap) -> list[tuple[int, int]] | None:
    """The rows in code points; None when one of them is none in these units."""
    try:
        return [(units.to_code_point(row.start), units.to_code_point(row.end)) for row in rows]
    except OffsetError:
        return None


def _apart(foreign: Foreign, scope: Scope) -> None:
    """Names in the page to labels with their attributes; markers to attributes of the spans that they stand on."""
    markers: dict[tuple[tuple[int, int], str], list[tuple[str, str]]] = {}
    spans = []
    for span in foreign.spans:
        shown = scope.spans.get(span.label)
        if shown is not None and shown.label is None:
            name, value = shown.values[0]
            markers.setdefault((span.extents[0], name), []).append((value, span.place))
            continue
        if shown is not None and shown.label is not None:
            span.label, span.attributes = shown.label, dict(shown.values)
        spans.append(span)
    foreign.spans = spans
    for relation in foreign.relations:
        shown = scope.relations.get(relation.label)
        if shown is not None and shown.label is not None:
            relation.label = shown.label
    join(foreign)
    carriers: Counter[tuple[tuple[int, int], str]] = Counter()
    for span in foreign.spans:
        for name in scope.markers.get(span.label, ()):
            stated = markers.get((span.extents[0], name))
            carriers[span.extents[0], name] += 1
            shown_value = stated[0][0] if stated else scope.default(name)
            if shown_value is not None:
                span.attributes = {**span.attributes, name: shown_value}
    for key, found in markers.items():
        for number, (value, place) in enumerate(found):
            if why := _unclear(carriers[key], [other for other, _ in found], value, number):
                kind: LossKind = "repaired" if why == _EACH else "refused"
                foreign.tell(kind, "marker", place, f"the marker {key[1]}:{value} {why}")


_EACH = "stands on several spans that can carry it, and each of them has its value here: look which is meant"


def _unclear(carriers: int, values: list[str], value: str, number: int) -> str:
    """Why a marker is not, or not only, that of one span, where there are so many that can carry it and markers with these
    values; empty when each span has its own."""
    if not carriers:
        return "stands on no span that can carry it"
    if value != values[0]:
        return f"stands where one of {values[0]!r} does, which is kept"
    if number >= carriers:
        return "stands there twice"
    return _EACH if carriers > values.count(value) else ""


def write(scope: Scope, document: Document, annotations: AnnotationSet) -> Written:
    """One line of a file that Doccano imports, as a push sends it. Raises PageError for what the page can't hold."""
    example, _ = encode_set(scope, document, annotations)
    example = replace(example, meta={**example.meta, UNIT_KEY: UTF16})
    line = import_line(to_page(example, offsets(document.text, grapheme_mode=False)))
    losses = list(item_losses(document.id, annotations, spans={"attributes"}, relations=()))
    local = {name for name in scope.index.attributes if scope.index.attributes[name].page == "local"}
    losses += [
        _local(document.id, span.id, name, span.label)
        for span in annotations.spans
        for name in sorted(local & span.attributes.keys())
    ]
    losses += _otherwise(scope, document.id, annotations.spans)
    items: tuple[Span | Relation, ...] = (*annotations.spans, *annotations.relations)
    losses += [
        lost(document.id, item, "label", f"the scheme has no label {item.label!r}, and neither has the page")
        for item in items
        if not scope.holds(item)
    ]
    return Written(line.decode(), tuple(losses), set_left_out(document, annotations))


def _otherwise(scope: Scope, document: str, spans: Sequence[Span]) -> Iterator[Loss]:
    """Attributes that are read back with another value: those that a span does not state, which the page shows as the default,
    and those of spans that begin with the same words, where nobody can tell which of them a marker is for."""
    together: defaultdict[tuple[Fragment, str], list[tuple[Span, str]]] = defaultdict(list)
    for span in spans:
        for name in (*scope.in_label.get(span.label, ()), *scope.markers.get(span.label, ())):
            value, default = span.attributes.get(name), scope.default(name)
            if value is None and default is not None:
                message = f"{span.label}: it states no {name}, which the page shows as {default!r}"
                yield Loss(kind="repaired", reason="default", document=document, place=span.id, message=message)
            if name in scope.markers.get(span.label, ()):
                together[span.fragments[0], name].append((span, value or default or ""))
    for (_, name), carriers in together.items():
        if len({value for _, value in carriers}) > 1:
            for span, value in carriers:
                message = f"{span.label}: {name} = {value!r}: its marker is one of another span at the same place too"
                yield Loss(kind="repaired", reason="marker", document=document, place=span.id, message=message)


def _local(document: str, span: str, name: str, label: str) -> Loss:
    message = f"{label}: {name} is local, and never sent to the page"
    return Loss(kind="lost", reason="attributes", document=document, place=span, message=message)
