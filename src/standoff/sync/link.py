"""What the page's rows say about our spans and relations (S1 to S9). Pure.

Input is an example in code points (S10 is `formats.doccano.from_page`), the state, and our items; the result is the page's
side as items with our ids, and which row stands for what.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from standoff.corpus.ids import mint, span_content
from standoff.corpus.model import By, Document, Fragment, Span
from standoff.corpus.page import CONTINUES
from standoff.corpus.state import DocumentState, RowState
from standoff.formats.doccano import Part, Scope, encode, parts
from standoff.formats.doccano_rows import Example, Row
from standoff.sync.chains import Chain, find_chains
from standoff.sync.linked import Linked
from standoff.sync.markers import place_markers
from standoff.sync.merge import Dispute, Items, fields_of
from standoff.sync.moves import find_moves
from standoff.sync.relations import link_relations


def link(
    scope: Scope,
    document: Document,
    base: Items,
    ours: Items,
    state: DocumentState,
    example: Example,
    *,
    remembered: bool = True,
) -> Linked:
    """Reads the page's side of a document. `base` and `ours` hold items of this project only; users are annotators' names.

    Unless there was a state (`remembered`), a span of ours and one there on the same words, of one layer, are one span.
    """
    linked = Linked(rows={row.id: row for row in example.rows}, known={row.id: row for row in state.rows})
    template = {**ours.spans, **base.spans}
    _link_known(scope, linked)
    _link_equal(scope, document, ours, linked)
    _find_duplicates(scope, linked, example)
    gone = _gone(linked, template)
    spans, new = _known_spans(scope, document, linked, find_chains(scope, linked, example, state), template)
    new = _without_repeats(scope, linked, new)
    for id_, chain in _known_here(scope, ours, spans, new):
        new.remove(chain)
        spans[id_] = _place(scope, document, linked, template[id_], chain, id_)
    pairs, notes = find_moves(scope, gone, template, new)
    linked.notes += notes
    for id_, chain in pairs:
        linked.moved.add(id_)
        spans[id_] = _place(scope, document, linked, replace(template[id_], by=_drawn_by(chain)), chain, id_)
    for id_, chain in () if remembered else _on_same_words(scope, ours, spans, new):
        pairs.append((id_, chain))
        spans[id_] = _place(scope, document, linked, replace(template[id_], by=_changed(chain)), chain, id_)
    rest = [chain for chain in new if all(chain is not moved for _, moved in pairs)]
    contents = [span_content(document.id, _label(scope, chain), chain.extents) for chain in rest]
    taken = {*template, *(row.span for row in state.rows)}
    for id_, chain in zip(mint("s", contents, taken), rest, strict=True):
        spans[id_] = _place(scope, document, linked, _blank(scope, chain, id_), chain, id_)
    place_markers(scope, linked, spans, base.spans)
    linked.theirs = Items(spans, {})
    _find_twins(scope, base, ours, linked)
    linked.theirs = Items(spans, link_relations(scope, document, base, ours, linked, example, state))
    return linked


def _link_known(scope: Scope, linked: Linked) -> None:
    for id_, row in linked.rows.items():
        known = linked.known.get(id_)
        # A fragment that was relabelled as a marker, or the reverse, is another thing now.
        if known and (scope.spans[row.label].label is None) == (known.marker is not None):
            linked.parts[id_] = (known.span, known.marker)


def _link_equal(scope: Scope, document: Document, ours: Items, linked: Linked) -> None:
    """S2, then S1: rows without a link and parts of ours without a row, equal in label and offsets."""
    if not linked.known:
        _, sent = encode(scope, document, ours.spans.values(), ())
        first = sorted(linked.rows.values(), key=lambda row: row.id)[: len(sent)]
        if [part.shape for part in sent] == [row.shape for row in first]:
            linked.parts.update({row.id: (part.span, part.marker) for row, part in zip(first, sent, strict=True)})
            linked.adopted.update(row.id for row in first)
    with_row: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for id_, part_of in linked.parts.items():
        with_row[part_of].append(id_)
    free: dict[tuple[str, int, int], list[Part]] = defaultdict(list)
    for _, span in sorted(ours.spans.items()):
        for part in _without_row(scope, span, with_row, linked):
            free[part.shape].append(part)
    for row in sorted(linked.rows.values(), key=lambda row: row.id):
        if row.id not in linked.parts and (candidates := free.get(row.shape)):
            part = candidates.pop(0)
            linked.parts[row.id] = (part.span, part.marker)
            linked.adopted.add(row.id)


def _without_row(
    scope: Scope, span: Span, with_row: Mapping[tuple[str, str | None], list[int]], linked: Linked
) -> Iterable[Part]:
    """Parts of a span that no row stands for. As many fragments are free as they outnumber the span's rows."""
    all_parts = parts(scope, span)
    yield from (part for part in all_parts if part.marker is not None and not with_row.get((span.id, part.marker)))
    fragments = [part for part in all_parts if part.marker is None]
    rows = with_row.get((span.id, None), [])
    taken = Counter(linked.rows[id_].shape for id_ in rows)
    taken |= Counter(row.shape for id_ in rows if (row := linked.known.get(id_)))
    left = []
    for part in fragments:
        if taken[part.shape]:
            taken[part.shape] -= 1
        else:
            left.append(part)
    yield from left[: max(0, len(fragments) - len(rows))]


def _find_duplicates(scope: Scope, linked: Linked, example: Example) -> None:
    """S1: single rows equal to a linked one. (Chains: `_without_repeats`.)"""
    joined = {end for row in example.relations if row.label == CONTINUES for end in (row.head, row.tail)}
    twins: dict[tuple[str, int, int], int] = {}
    for id_ in sorted(linked.parts):
        twins.setdefault(linked.rows[id_].shape, id_)
    for row in sorted(linked.rows.values(), key=lambda row: row.id):
        if row.id in linked.parts or row.id in joined:
            continue
        if (twin := twins.get(row.shape)) is not None:
            _repeats(linked, row, twin)
        elif scope.spans[row.label].label is not None:
            # The second of two new rows is a duplicate already now, not only once the first is linked.
            twins[row.shape] = row.id


def _repeats(linked: Linked, row: Row, twin: int) -> None:
    linked.duplicates[row.id] = twin
    linked.notes.append(f"{row.label} at {row.start}-{row.end} was drawn twice (rows {twin} and {row.id}): kept once")


def _without_repeats(scope: Scope, linked: Linked, new: list[Chain]) -> list[Chain]:
    """S1 for chains: a new one that repeats another row by row is a duplicate; S5: one of mixed labels is left alone."""
    rows_of: dict[str, list[Row]] = defaultdict(list)
    for id_, (span, marker) in linked.parts.items():
        if marker is None:
            rows_of[span].append(linked.rows[id_])
    seen: dict[tuple[tuple[str, int, int], ...], list[Row]] = {}
    for rows in rows_of.values():
        if len(rows) > 1:
            rows.sort(key=lambda row: row.shape)
            seen[tuple(row.shape for row in rows)] = rows
    kept = []
    for chain in sorted(new, key=lambda chain: min(row.id for row in chain.rows)):
        rows = sorted(chain.rows, key=lambda row: row.shape)
        shapes = tuple(row.shape for row in rows)
        if len({row.label for row in chain.rows}) > 1 or chain.overlapping:
            what = "fragments that overlap" if chain.overlapping else "fragments of different labels"
            linked.problems.append(
                f"{chain.rows[0].label} at {chain.rows[0].start}-{chain.rows[0].end} is a new span with {what}; mend it in the page"
            )
            for row in chain.rows:
                linked.parts.pop(row.id, None)
        elif chain.fresh and shapes in seen:
            for row, twin in zip(rows, seen[shapes], strict=True):
                _repeats(linked, row, twin.id)
        else:
            kept.append(chain)
            if len(rows) > 1:
                seen[shapes] = rows
    return kept


def _find_twins(scope: Scope, base: Items, ours: Items, linked: Linked) -> None:
    """S13: of two of ours that one row stands for, the smaller id has it; the other one is not sent, and reported."""
    with_row: dict[tuple[tuple[str, int, int], ...], str] = {}
    for id_ in sorted(ours.spans.keys() & linked.theirs.spans.keys()):
        with_row.setdefault(tuple(part.shape for part in parts(scope, ours.spans[id_])), id_)
    for id_, span in ours.spans.items():
        if id_ in linked.theirs.spans or id_ in base.spans:
            continue
        if twin := with_row.get(tuple(part.shape for part in parts(scope, span))):
            linked.twins.add(id_)
            linked.problems.append(
                f"the spans {twin} and {id_} are one and the same ({span.label} {span.text!r}); delete one of them here"
            )


def _known_here(scope: Scope, ours: Items, spans: Mapping[str, Span], new: list[Chain]) -> list[tuple[str, Chain]]:
    """Chains that were split off a span, and that ours holds already: an earlier sync saved them and not its state."""
    split = [chain for chain in new if not chain.fresh]
    if not split:
        return []
    free: dict[tuple[tuple[str, int, int], ...], str] = {}
    for id_, span in ours.spans.items():
        if id_ not in spans:
            free[tuple(part.shape for part in parts(scope, span) if part.marker is None)] = id_
    found = [(free.pop(tuple(row.shape for row in chain.rows), None), chain) for chain in split]
    return [(id_, chain) for id_, chain in found if id_ is not None]


def _on_same_words(scope: Scope, ours: Items, spans: Mapping[str, Span], new: list[Chain]) -> list[tuple[str, Chain]]:
    """Spans of ours without rows, and new chains on exactly their offsets with another label of the layer (S13): a label that
    one side changed since the two agreed, and no second span. Of several nothing is guessed."""
    layers = scope.index.span_layer
    here: dict[tuple[object, ...], list[str]] = defaultdict(list)
    there: dict[tuple[object, ...], list[Chain]] = defaultdict(list)
    for id_, span in ours.spans.items():
        if id_ not in spans:
            here[layers[span.label], *((piece.start, piece.end) for piece in span.fragments)].append(id_)
    for chain in new:
        there[layers[_label(scope, chain)], *chain.extents].append(chain)
    return [(ids[0], there[place][0]) for place, ids in here.items() if len(ids) == 1 and len(there[place]) == 1]


def _gone(linked: Linked, template: Mapping[str, Span]) -> dict[str, list[RowState]]:
    """Known spans all of whose fragments are gone from the page, with those fragments as last agreed on."""
    alive = {span for span, marker in linked.parts.values() if marker is None}
    gone: dict[str, list[RowState]] = defaultdict(list)
    for row in linked.known.values():
        if row.marker is None and row.span not in alive and row.span in template:
            gone[row.span].append(row)
    return gone


def _known_spans(
    scope: Scope, document: Document, linked: Linked, chains: list[Chain], template: Mapping[str, Span]
) -> tuple[dict[str, Span], list[Chain]]:
    """Known spans as the page has them (S3 to S5), and the chains that are new."""
    spans: dict[str, Span] = {}
    for chain in chains:
        if chain.span is None:
            continue
        label, changed = _known_label(chain, linked)
        if chain.overlapping:
            linked.disputes.append(Dispute(chain.span, "fragments", ("fragments that overlap",)))
        # Known to the state but to neither side: the page still has what both sides thought gone.
        before = template.get(chain.span) or _blank(scope, chain, chain.span)
        before = replace(before, by=_changed(chain))
        spans[chain.span] = _place(scope, document, linked, before, chain, chain.span, label)
        if len(changed) > 1:
            last = max(
                (row for row in chain.rows if row.label in changed), key=lambda row: (row.updated_at or "", row.id)
            )
            fields = fields_of(spans[chain.span])
            other = fields_of(_place(scope, document, linked, before, chain, chain.span, last.label))
            latest = {key: other.get(key) for key in {*fields, *other} if fields.get(key) != other.get(key)}
            linked.disputes.append(Dispute(chain.span, "label", tuple(sorted(changed)), latest))
    return spans, [chain for chain in chains if chain.span is None]


def _known_label(chain: Chain, linked: Linked) -> tuple[str, set[str]]:
    """The label of a known span in the page (S5), and the new labels that its rows were given."""
    home = [row for row in chain.rows if row.id in chain.linked]
    agreed = [linked.known[row.id].label for row in home if row.id in linked.known]
    expected = agreed[0] if agreed else home[0].label
    changed = set()
    for row in chain.rows:
        known = linked.known.get(row.id)
        if row.label != (known.label if known and known.marker is None else expected):
            changed.add(row.label)
    return (next(iter(changed)) if len(changed) == 1 else expected), changed


def _place(
    scope: Scope, document: Document, linked: Linked, before: Span, chain: Chain, id_: str, label: str | None = None
) -> Span:
    """A span with what the page can hold taken from there: label, offsets, attributes in the label's name. The rest stays,
    but for attributes that the new label can't carry. Its `by` counts only if something changed (`merge`)."""
    owners = {linked.parts[row.id][0] for row in chain.rows if row.id in linked.parts} | {id_}
    if len(owners) > 1:
        linked.groups.append(frozenset(owners))
    for row in chain.rows:
        linked.parts[row.id] = (id_, None)
    kind = scope.spans[label or chain.rows[0].label]
    name = kind.label or before.label
    carried = scope.index.label_attributes[name]
    kept = {key: value for key, value in before.attributes.items() if name == before.label or key in carried}
    attributes = kept | dict(kind.values)
    for attribute in scope.markers[name]:
        if before.label != name and attribute not in attributes:
            attributes[attribute] = scope.default(attribute) or ""
    fragments = tuple(Fragment(start=start, end=end, text=document.text[start:end]) for start, end in chain.extents)
    after = replace(before, label=name, fragments=fragments, attributes=attributes)
    unchanged = (name, fragments, attributes) == (before.label, before.fragments, before.attributes)
    return after if unchanged else replace(after, score=None)


def _blank(scope: Scope, chain: Chain, id_: str) -> Span:
    label = _label(scope, chain)
    attributes = {name: scope.default(name) or "" for name in scope.markers[label]}
    return Span(id=id_, label=label, fragments=(), attributes=attributes, by=_drawn_by(chain))


def _drawn_by(chain: Chain) -> By | None:
    first = min(chain.rows, key=lambda row: row.id)
    return By(annotator=first.user, at=first.created_at) if first.user or first.created_at else None


def _changed(chain: Chain) -> By | None:
    at = max((row.updated_at for row in chain.rows if row.updated_at), default=None)
    return By(at=at) if at else None


def _label(scope: Scope, chain: Chain) -> str:
    return scope.spans[chain.rows[0].label].label or ""
