"""Prodigy's JSONL: a task a line, with spans and relations in code points. Pure.

Prodigy lets tasks and spans carry keys of others, so that ids, attributes, scores and notes are kept in keys of ours; the
pieces of a discontinuous span are joined by relations `continues`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import Struct, field

from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.page import CONTINUES
from standoff.formats.doccano_rows import DOCUMENT_KEY
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan
from standoff.formats.pieces import join, piece_ids
from standoff.formats.writing import Written, item_losses, one_line_json, renamed, set_left_out
from standoff.text.tokens import tokenize

_SESSION = re.compile(r"(?:.*-)?\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")
"""What Prodigy calls a session that nobody gave a name."""


class _Span(Struct):
    start: int
    end: int
    label: str | None = None
    text: str | None = None
    id: str | None = None
    attributes: dict[str, str] = {}
    score: float | None = None
    note: str | None = None


class _Relation(Struct):
    head: int
    child: int
    label: str
    head_span: _Span | None = None
    child_span: _Span | None = None
    id: str | None = None
    score: float | None = None
    note: str | None = None


class _Token(Struct):
    start: int
    end: int


class _Task(Struct):
    text: str
    spans: list[_Span] | None = None
    relations: list[_Relation] | None = None
    tokens: list[_Token] = []
    answer: str | None = None
    meta: dict[str, Any] | None = None
    annotator: str | None = field(default=None, name="_annotator_id")
    session: str | None = field(default=None, name="_session_id")
    timestamp: float | None = field(default=None, name="_timestamp")


_KNOWN = {"text", "spans", "relations", "answer", "meta", "_annotator_id", "_session_id", "_timestamp"}
_KNOWN |= {"_input_hash", "_task_hash", "_view_id", "_is_binary"}
_CHOICES = {"label", "options", "accept"}
"""What tasks have that ask for a category of a text."""
_OF_ITEMS = {
    "spans": {*_Span.__struct_fields__, "token_start", "token_end"},
    "relations": {*_Relation.__struct_fields__, "color"},
}
"""What spans and relations have that is read, or follows from that."""
_decoder = msgspec.json.Decoder(_Task)
_items = msgspec.json.Decoder(list[dict[str, msgspec.Raw]] | None)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(line: bytes, file: str, number: int) -> Foreign:
    """One task. Raises msgspec.DecodeError for a line that is none.

    What was rejected or ignored gives a text without a set. A relation leads to the spans that it quotes, else to those that
    its tokens stand in.
    """
    task = _decoder.decode(line)
    place = f"{file}:{number}"
    name = (task.meta or {}).get(DOCUMENT_KEY)
    keys = _keys.decode(line)
    more = [
        f"{kind[:-1]}.{key}"
        for kind, known in _OF_ITEMS.items()
        for item in (_items.decode(keys[kind]) if kind in keys else None) or ()
        for key in item.keys() - known
    ]
    session = task.annotator or task.session or ""
    foreign = Foreign(
        name=name if isinstance(name, str) else "",
        file=file,
        place=place,
        text=task.text,
        raw=line,
        annotator=None if _SESSION.fullmatch(session) else session or None,
        confirmed=task.answer == "accept",
        at=_time(task.timestamp),
        left_out=(*sorted(keys.keys() - _KNOWN), *sorted(more)),
    )
    if task.answer in {"reject", "ignore"}:
        foreign.tell("refused", "answer", place, f"the answer was {task.answer!r}: its annotations are left out")
        foreign.annotated = False
        return foreign
    if task.spans is None and task.relations is None and _CHOICES.intersection(foreign.left_out):
        message = "it is about the text as a whole: of spans it says nothing, so that no set is made"
        foreign.tell("lost", "choice", place, message)
        foreign.annotated = False
        return foreign
    for position, span in enumerate(task.spans or ()):
        foreign.spans.append(
            ForeignSpan(
                id=span.id or str(position),
                keep_id=span.id is not None,
                label=span.label or "",
                extents=((span.start, span.end),),
                surface=span.text,
                attributes=span.attributes,
                score=span.score,
                note=span.note,
                place=f"{place}#/spans/{position}",
            )
        )
    for position, relation in enumerate(task.relations or ()):
        foreign.relations.append(
            ForeignRelation(
                id=relation.id or str(position),
                keep_id=relation.id is not None,
                label=relation.label,
                head=_end(foreign, task, relation.head_span, relation.head),
                tail=_end(foreign, task, relation.child_span, relation.child),
                score=relation.score,
                note=relation.note,
                place=f"{place}#/relations/{position}",
            )
        )
    join(foreign)
    return foreign


def _time(timestamp: float | None) -> str | None:
    if timestamp is None:
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(timestamp)  # which is told, as any that is none


def _end(foreign: Foreign, task: _Task, quoted: _Span | None, token: int) -> str:
    """The id of the span at one end of a relation; what can't be found is said by its place."""
    if quoted is not None:
        for span in foreign.spans:
            if (
                span.extents == ((quoted.start, quoted.end),)
                and quoted.label in {span.label, None}
                and (quoted.id in {None, span.id})
            ):
                return span.id
        return f"{quoted.start}:{quoted.end}"
    if 0 <= token < len(task.tokens):
        place = task.tokens[token]
        inside = [s for s in foreign.spans if s.extents[0][0] <= place.start and place.end <= s.extents[0][1]]
        if len(inside) == 1:
            return inside[0].id
    return f"token {token}"


# -- writing

_HELD = frozenset({"attributes", "score", "note"})


def write(document: Document, annotations: AnnotationSet) -> Written:
    """One line. Tokens are ours, `token_end` is the last one, as Prodigy has it; a span that begins or ends inside a token
    has the tokens that it touches."""
    tokens = tokenize(document.text)
    losses = list(item_losses(document.id, annotations, spans=_HELD, relations=_HELD))
    starts = [start for start, _ in tokens]
    ends = [end for _, end in tokens]
    pieces: dict[str, list[dict[str, Any]]] = {}
    relations: list[dict[str, Any]] = []
    ids = piece_ids(annotations.spans)
    for span in annotations.spans:
        parts = list(_pieces(span, ids[span.id], starts, ends))
        pieces[span.id] = parts
        relations += [_joined(CONTINUES, head, tail) for head, tail in pairwise(parts)]
    for relation in annotations.relations:
        label = relation.label
        if label == CONTINUES:
            label = f"{CONTINUES}_"
            losses.append(renamed(document.id, relation, label))
        joined = _joined(label, pieces[relation.head][0], pieces[relation.tail][0])
        relations.append({**joined, **_more(relation), "id": relation.id})
    task = {
        "text": document.text,
        "tokens": [
            {
                "text": document.text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": document.text[end : end + 1] == " ",
            }
            for number, (start, end) in enumerate(tokens)
        ],
        "spans": [piece for parts in pieces.values() for piece in parts],
        "relations": relations,
        "meta": {DOCUMENT_KEY: document.id},
        "_annotator_id": annotations.annotator,
        **({"answer": "accept"} if annotations.confirmed else {}),
    }
    return Written(one_line_json(task), tuple(losses), set_left_out(document, annotations, {"ids"}))


def _pieces(span: Span, ids: list[str], starts: list[int], ends: list[int]) -> Iterator[dict[str, Any]]:
    for id_, piece in zip(ids, span.fragments, strict=True):
        first = max(bisect_right(starts, piece.start) - 1, 0)
        if first < len(ends) - 1 and ends[first] <= piece.start:
            first += 1
        last = max(bisect_right(starts, piece.end - 1) - 1, first)
        # Every piece says its own id; a span in several pieces has that of its first one.
        own = {"id": id_, **(_more(span) if id_ == span.id else {})}
        yield {
            "start": piece.start,
            "end": piece.end,
            "token_start": first,
            "token_end": last,
            "label": span.label,
            "text": piece.text,
            **own,
        }


def _more(item: Span | Relation) -> dict[str, Any]:
    stated = {"score": item.score, "note": item.note, "attributes": dict(getattr(item, "attributes", {})) or None}
    return {name: value for name, value in stated.items() if value is not None}


def _joined(label: str, head: dict[str, Any], tail: dict[str, Any]) -> dict[str, Any]:
    ends = ("start", "end", "token_start", "token_end", "label", "id")
    return {
        "head": head["token_end"],
        "child": tail["token_end"],
        "label": label,
        "head_span": {name: head[name] for name in ends},
        "child_span": {name: tail[name] for name in ends},
    }
