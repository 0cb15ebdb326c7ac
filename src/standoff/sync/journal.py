"""What was asked of the page and not yet saved here (S16): one file for each document, gone when its state is saved.

Killed at any moment, the next run knows which rows it had made itself, and what they were meant to be.
"""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from standoff.corpus.files import fault
from standoff.corpus.model import Document, Relation, Span
from standoff.corpus.page import CONTINUES
from standoff.corpus.state import DocumentState, RelationState, RowState
from standoff.formats.doccano import Scope, encode
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.document import base_of, settle
from standoff.sync.link import link
from standoff.sync.merge import Items, same
from standoff.sync.plan import Request
from standoff.sync.renames import in_new_names, sent_in_new_names, with_new_labels
from standoff.sync.untouched import as_imported


class Begin(Struct, frozen=True, kw_only=True, tag="begin"):
    """Our items of this project as they stand in their file, and what is going to be asked; nothing in a bulk import.

    `finished`: ids of the items that the page will hold as our file does, once all their requests are answered.
    """

    imported: bool = False
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    requests: tuple[Request, ...] = ()
    finished: tuple[str, ...] = ()


class Asked(Struct, frozen=True, kw_only=True, tag="asked"):
    """A request is about to be sent: its number in `Begin.requests`, and its rows with their real ids."""

    number: int
    request: Request


class Done(Struct, frozen=True, kw_only=True, tag="done"):
    """A request was answered: the id of what was created, or 0."""

    number: int
    id: int = 0


class Saving(Struct, frozen=True, kw_only=True, tag="saving"):
    """Annotations are about to be saved, and then this state."""

    state: DocumentState


class Saved(Struct, frozen=True, kw_only=True, tag="saved"):
    """The annotations are saved, the state may not be."""


Line = Begin | Asked | Done | Saving | Saved
_decoder = msgspec.json.Decoder(Line)


class Journal:
    """The journal of one annotation set in one project."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, line: Line) -> None:
        """Appends a line. Raises EnvironmentFault."""
        try:
            try:
                file = self._path.open("ab")
            except FileNotFoundError:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                file = self._path.open("ab")
            with file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise fault(error, self._path) from error

    def clear(self) -> None:
        """Forgets it all: the state is saved."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def read(self) -> list[Line]:
        """Its lines, up to a torn one."""
        lines: list[Line] = []
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            lines.extend(_decoder.decode(raw) for raw in self._path.read_bytes().split(b"\n")[:-1])
        return lines


def imported_items(lines: Sequence[Line]) -> Items | None:
    """The items that a bulk import sent, if the journal's document was imported."""
    begin = next((line for line in reversed(lines) if isinstance(line, Begin) and line.imported), None)
    return Items.of(begin.spans, begin.relations) if begin else None


def replay(
    scope: Scope, document: Document, ours: Items, state: DocumentState, lines: Sequence[Line], example: Example
) -> DocumentState:
    """The state as if it had been saved after the last line, as far as the page (in code points) and our file still show it.
    Pure."""
    saving: DocumentState | None = None
    for begin, session in _sessions(lines):
        if isinstance(begin, Begin):
            sent = sent_in_new_names(scope, Items.of(begin.spans, begin.relations), ours)
            if begin.imported:
                if whole := as_imported(scope, document, state, sent, example):
                    state = whole
                    continue
                state = _after_import(scope, document, state, sent, example)
            else:
                state = _after_requests(scope, document, state, begin, sent, session, example)
            state = settle(scope, document, sent, state, example, state.conflicts)
        elif isinstance(begin, Saving):
            saving = in_new_names(scope, begin.state, ours, example)
        elif saving:
            state, saving = saving, None
    return _half_saved(state, saving, ours) if saving else state


def _half_saved(state: DocumentState, saving: DocumentState, ours: Items) -> DocumentState:
    """The state when nobody knows whether the annotations were saved. What came from the page then and is in our file now was
    saved, with the rows that it came from."""
    old = {span.id for span in state.base_spans} | {item.id for item in state.base_relations}
    old |= {row.span for row in state.rows}
    spans = {span.id: span for span in saving.base_spans if _saved(span, ours.spans.get(span.id), old)}
    relations = {item.id: item for item in saving.base_relations if _saved(item, ours.relations.get(item.id), old)}
    rows = {row.id: row for row in state.rows} | {row.id: row for row in saving.rows if row.span in spans}
    edges = {edge.id: edge for edge in state.relations}
    edges |= {edge.id: edge for edge in saving.relations if edge.relation is None or edge.relation in relations}
    return replace(
        state,
        rows=tuple(rows.values()),
        relations=tuple(edges.values()),
        base_spans=tuple(({span.id: span for span in state.base_spans} | spans).values()),
        base_relations=tuple(({item.id: item for item in state.base_relations} | relations).values()),
    )


def _saved(item: Span | Relation, ours: Span | Relation | None, old: set[str]) -> bool:
    return ours is not None and (item.id not in old or same(item, ours))


def acknowledged(state: DocumentState, ours: Items, whole: set[str]) -> DocumentState:
    """The state with the items `whole` as its base: the page held each of them, completely, when it answered."""
    spans = {span.id: span for span in state.base_spans} | {i: s for i, s in ours.spans.items() if i in whole}
    relations = {r.id: r for r in state.base_relations} | {i: r for i, r in ours.relations.items() if i in whole}
    return replace(state, base_spans=tuple(spans.values()), base_relations=tuple(relations.values()))


def _sessions(lines: Sequence[Line]) -> Iterator[tuple[Begin | Saving | Saved, list[Asked | Done]]]:
    begin: Begin | Saving | Saved | None = None
    session: list[Asked | Done] = []
    for line in lines:
        if isinstance(line, Asked | Done):
            session.append(line)
        else:
            if begin:
                yield begin, session
            begin, session = line, []
    if begin:
        yield begin, session


def _after_requests(
    scope: Scope,
    document: Document,
    state: DocumentState,
    begin: Begin,
    sent: Items,
    session: Sequence[Asked | Done],
    example: Example,
) -> DocumentState:
    """The state with what the requests made. Items that were asked for completely are the base as our file had them; those
    that were only begun are the base as they stand in the page, unless an annotator changed them since."""
    done = {line.number: line.id for line in session if isinstance(line, Done)}
    asked = {line.number: line.request for line in session if isinstance(line, Asked)}
    state = with_written(state, [(request, done.get(number)) for number, request in asked.items()], example)
    by_item: dict[str, list[int]] = defaultdict(list)
    for number, request in enumerate(begin.requests):
        if request.item in begin.finished:
            by_item[request.item].append(number)
    whole = {item for item, numbers in by_item.items() if all(number in done for number in numbers)}
    begun = {item for item, numbers in by_item.items() if any(number in asked for number in numbers)} - whole
    state = acknowledged(state, sent, whole)
    return acknowledged(state, _as_written(scope, document, state, sent), begun) if begun else state


def _as_written(scope: Scope, document: Document, state: DocumentState, sent: Items) -> Items:
    """The page's items as our own requests left them, before anybody else touched them."""
    rows = [Row(id=row.id, label=row.label, start=row.start, end=row.end) for row in state.rows]
    example = Example(id=state.example or 0, text=document.text, rows=tuple(rows))
    example = with_new_labels(scope, state, example)
    return link(scope, document, base_of(state), sent, replace(state, relations=()), example).theirs


def with_written(
    state: DocumentState, written: Sequence[tuple[Request, int | None]], example: Example
) -> DocumentState:
    """The state with the rows and relations that requests made. Of an unanswered one (None) the page tells, by a row that
    nobody knows and that equals it."""
    rows = {row.id: row for row in state.rows}
    edges = {edge.id: edge for edge in state.relations}
    held = {(row.id, row.shape) for row in example.rows if not row.outdated}
    for request, id_ in written:
        row, relation = request.row, request.relation
        if row and request.item and request.kind in {"create_span", "update_span"}:
            found = _made(row, id_, rows, example.rows) if request.kind == "create_span" else row.id
            if found and (request.kind == "create_span" or id_ is not None or (row.id, row.shape) in held):
                rows[found] = RowState(
                    id=found, span=request.item, marker=request.marker, label=row.label, start=row.start, end=row.end
                )
        elif row and request.kind == "delete_span" and all(row.id != other.id for other in example.rows):
            rows.pop(row.id, None)
        elif relation and request.item and request.kind in {"create_relation", "update_relation"}:
            created = request.kind == "create_relation"
            found = _made(relation, id_, edges, example.relations) if created else relation.id
            if found and (created or id_ is not None):
                item = None if relation.label == CONTINUES else request.item
                edges[found] = RelationState(id=found, head=relation.head, tail=relation.tail, relation=item)
    return replace(state, rows=tuple(rows.values()), relations=tuple(edges.values()))


def _made(
    asked: Row | RelationRow, id_: int | None, known: Collection[int], held: Iterable[Row | RelationRow]
) -> int | None:
    """The id of what was asked for: as it was answered, else of what the page holds like it and nobody knows."""
    if id_ is not None:
        return id_
    return min((one.id for one in held if one.id not in known and one.shape == asked.shape), default=None)


def _after_import(
    scope: Scope, document: Document, state: DocumentState, ours: Items, example: Example
) -> DocumentState:
    """S2 for an import that somebody has worked on since: what was only relabelled is still on the same offsets."""
    if state.rows:
        return state
    _, sent = encode(scope, document, ours.spans.values(), ours.relations.values())
    left = sorted(example.rows, key=lambda row: row.id)
    rows: list[RowState] = []
    missing: set[str] = set()
    in_order = [row.shape for row in left[: len(sent)]] == [part.shape for part in sent]
    for part in sent:
        found = left[0] if in_order else next((r for r in left if r.shape == part.shape), None)
        if found is None:
            kinds = [r for r in left if (scope.spans[r.label].label is None) == (part.marker is not None)]
            found = next((r for r in kinds if (r.start, r.end) == (part.start, part.end)), None)
        if found is None:
            missing.add(part.span)
            continue
        left.remove(found)
        rows.append(
            RowState(id=found.id, span=part.span, marker=part.marker, label=part.label, start=part.start, end=part.end)
        )
    return acknowledged(replace(state, rows=tuple(rows)), ours, {part.span for part in sent} - missing)
