"""Rules for the bytes of a record, before there is a document or an annotation set. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from standoff.corpus.codec import DecodeError, decode, encode
from standoff.corpus.decisions import Decisions
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.rules.base import Finding
from standoff.corpus.rules.columns import Columns
from standoff.corpus.rules.quick import read_quickly
from standoff.corpus.schema import schema
from standoff.corpus.state import DocumentState, ProjectState
from standoff.corpus.store import Bundle, StateFile
from standoff.text.counted import counted

if TYPE_CHECKING:
    from jsonschema import ValidationError

REMEDY = "correct it, or restore it from git"
_CONFLICT = re.compile(rb"^<<<<<<< ", re.MULTILINE)  # no JSON begins a line with it
_READ = 40
"""The length of a pattern that people still read."""
_MOST = 20
"""Faults of one record that are told; a record of another kind has thousands."""


class EntryContext(Struct, frozen=True):
    """The bytes of one document or annotation set, and what they are if they can be read."""

    entry: Entry
    record: Document | AnnotationSet | None
    """The document or annotation set itself."""
    reason: str = ""
    """Why it can't be read."""
    is_json: bool = False
    """Whether it is JSON, though it can't be read."""
    columns: Columns | None = None
    """Of an annotation set."""
    canonical: bool = False
    """Whether these are the bytes that standoff would write; of the line of a shard, whether no key stands twice."""


def read(entry: Entry) -> EntryContext:
    """The record in an entry, if its schema takes it.

    What the model writes follows the schema that is made from it, so that most records are clean without being asked for it;
    of all others the schema itself decides.
    """
    if entry.fault:
        return EntryContext(entry, None, entry.fault)
    return _as_written(entry) or _by_schema(entry)


def _as_written(entry: Entry) -> EntryContext | None:
    """The record in bytes that are those which the model writes, but for a set with a timestamp that may be none."""
    columns = read_quickly(entry.raw) if entry.annotator is not None else None
    record = columns.record if columns else _document(entry.raw) if entry.annotator is None else None
    if record is None or entry.raw != (msgspec.json.encode(record) if entry.line else encode(record)):
        return None
    return EntryContext(entry, record, columns=columns, canonical=True)


def _document(raw: bytes) -> Document | None:
    try:
        return decode(raw, Document)
    except DecodeError:
        return None


def _by_schema(entry: Entry) -> EntryContext:
    try:
        contents = msgspec.json.decode(entry.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return EntryContext(entry, None, str(error))
    if not _validator("document" if entry.annotator is None else "annotations").is_valid(contents):
        return EntryContext(entry, None, "it does not follow the schema", is_json=True)
    try:
        record = decode(entry.raw, Document) if entry.annotator is None else decode(entry.raw, AnnotationSet)
    except DecodeError as error:
        return EntryContext(entry, None, error.reason)
    canonical = entry.raw == (msgspec.json.encode(contents) if entry.line else encode(record))
    columns = Columns(record, doubtful=True) if isinstance(record, AnnotationSet) else None
    return EntryContext(entry, record, columns=columns, canonical=canonical)


def readable(context: EntryContext) -> Iterator[Finding]:
    """A record is JSON that follows its schema (`schema/*.schema.json`); keys that it does not know, and keys that stand twice,
    would be lost when the file is written again.
    """
    raw, reason = context.entry.raw, context.reason
    if context.record is None:
        name = "document" if context.entry.annotator is None else "annotations"
        if not (context.entry.fault and "; " in reason):  # what to do about a damaged shard
            reason = f"{reason}; {REMEDY}"
        # Of JSON the schema tells all that is wrong.
        yield from list(explain(raw, name, "" if context.is_json else reason, REMEDY)) or [Finding("", reason)]
    elif not context.canonical:
        for key in _keys_twice(raw):
            yield Finding("", f"the key {key!r} stands twice in one object; keep one of them")


def canonical_form(context: EntryContext) -> Iterator[Finding]:
    """A file is written the way that standoff writes it: fixed order of keys, one span or relation a line. Else the next
    command that writes it changes lines that nobody touched.
    """
    if context.record is None or context.entry.line or context.canonical:
        return
    if not _keys_twice(context.entry.raw):  # of which one would be lost by what is advised
        message = "not in canonical form; any command that writes it will bring it there"
        if context.entry.annotator is not None:
            message += ", as does `standoff merge-file FILE FILE FILE`, three times this file"
        yield Finding("", message)


def file_name(context: EntryContext) -> Iterator[Finding]:
    """A file is named after its document, and lies in its annotator's folder."""
    entry, record = context.entry, context.record
    if record is None:
        return
    key, id_ = ("id", record.id) if isinstance(record, Document) else ("document", record.document)
    if entry.line == 0 and id_ != entry.id:
        yield Finding(f"/{key}", f"{id_!r} is in a file named after {entry.id!r}; rename the file")
    if isinstance(record, AnnotationSet) and record.annotator != entry.annotator:
        yield Finding("/annotator", f"{record.annotator!r} is in the folder of {entry.annotator!r}; move the file")


def one_place(bundle: Bundle) -> Iterator[Finding]:
    """A document, and an annotator's set of it, stand in one place: a file, or a line of a shard."""
    seen: dict[str | None, Entry] = {}
    for entry in (*bundle.documents, *bundle.sets):
        if entry.fault:
            continue
        first = seen.setdefault(entry.annotator, entry)
        if first is not entry:
            yield Finding("", f"{entry.id!r} is also in {first.where}; keep one of them", entry)


def has_document(bundle: Bundle) -> Iterator[Finding]:
    """An annotation set has its document."""
    if not bundle.documents:
        for entry in bundle.sets:
            if not entry.fault:
                yield Finding("/document", f"there is no document {bundle.id!r}; restore it, or remove the set", entry)


@dataclass(frozen=True)
class FileContext:
    """The bytes of one file of sync or of decisions, and what they are if they can be read."""

    file: StateFile
    record: ProjectState | DocumentState | Decisions | None
    reason: str = ""
    """Why they can't be read."""


def read_file(file: StateFile, kind: type[Any]) -> FileContext:
    """The record of this kind in a file."""
    try:
        return FileContext(file, decode(file.raw, kind))
    except DecodeError as error:
        return FileContext(file, None, error.reason)


def unreadable(context: FileContext, name: str, remedy: str) -> Iterator[Finding]:
    """Why a file is not what the schema called `name` describes, if it is not."""
    if context.record is None:
        findings = list(explain(context.file.raw, name, "", remedy))
        yield from findings or [Finding("", f"{context.reason}; {remedy}")]


def explain(raw: bytes, name: str, reason: str, remedy: str) -> Iterator[Finding]:
    """Why bytes are not what the schema called `name` describes: first the reason, if there is one that it can't tell."""
    if mark := _CONFLICT.search(raw):
        line = raw.count(b"\n", 0, mark.start()) + 1
        yield Finding("", f"git left a conflict here, from line {line} on; {remedy}")
        return
    if reason:
        yield Finding("", reason)
    try:
        contents = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return
    errors = sorted(
        chain.from_iterable(map(_stated, _explainer(name).iter_errors(contents))),
        key=lambda error: [(isinstance(part, int), f"{part:>9}") for part in error.absolute_path],
    )
    for error in errors[:_MOST]:
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
        yield Finding(pointer, f"{_short(_message(error))}; {remedy}")
    if len(errors) > _MOST:
        yield Finding("", f"and {counted(len(errors) - _MOST, 'more fault')} of this kind")


def _stated(error: "ValidationError") -> Iterator["ValidationError"]:
    """What is wrong with a value that may also be null: what is wrong with the value."""
    if error.validator != "anyOf":
        yield error
        return
    for inner in error.context or ():
        if not (inner.validator == "type" and inner.validator_value == "null"):
            yield from _stated(inner)


def _message(error: "ValidationError") -> str:
    if error.validator != "pattern" or not isinstance(error.schema, dict):
        return error.message
    pattern = str(error.validator_value).replace(r"(?![\s\S])", "$")
    what = error.schema.get("description", "").rstrip(".")
    asked = f"{pattern} ({what})" if len(pattern) < _READ and what else what or pattern
    return f"{error.instance!r} does not match: {asked}"


def _short(message: str) -> str:
    return message if len(message) <= 300 else message[:200] + " ... " + message[-90:]


def _keys_twice(raw: bytes) -> list[str]:
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return dict(pairs)

    json.loads(raw, object_pairs_hook=look)
    return twice


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs

    contents = msgspec.json.encode(schema(name))
    # `$` is the true end of a text for this library, though not for all: its engine without look-ahead takes half the time.
    plain = msgspec.json.decode(contents.replace(rb"(?![\\s\\S])", b"$"))
    return jsonschema_rs.validator_for(plain, pattern_options=jsonschema_rs.RegexOptions())


@cache
def _explainer(name: str) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(schema(name))
