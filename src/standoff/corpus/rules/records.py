"""Rules for the bytes of a record, before there is a document or an annotation set. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import jsonschema_rs
import msgspec

from standoff.corpus.codec import DecodeError, decode, encode
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.rules.base import Finding
from standoff.corpus.schema import schema
from standoff.corpus.store import Bundle, Entry

_SCHEMA = "it does not follow the schema"
_MOST = 20
"""Faults of one record that are told; a record of another kind has thousands."""


@dataclass(frozen=True)
class EntryContext:
    """The bytes of one document or annotation set, and what they are if they can be read."""

    entry: Entry
    record: Document | AnnotationSet | None
    reason: str
    """Why they can't be read."""


def read(entry: Entry) -> EntryContext:
    """The record in an entry. Its schema is asked too: model and schema are one, and this is where a difference would show."""
    if entry.fault:
        return EntryContext(entry, None, entry.fault)
    kind = Document if entry.annotator is None else AnnotationSet
    record: Document | AnnotationSet
    try:
        contents = msgspec.json.decode(entry.raw)
        # Converting what the schema has to see anyway is quicker than decoding the bytes a second time.
        record = msgspec.convert(contents, Document) if kind is Document else msgspec.convert(contents, AnnotationSet)
        return EntryContext(entry, record, "" if _validator(kind).is_valid(contents) else _SCHEMA)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        record = decode(entry.raw, Document) if entry.annotator is None else decode(entry.raw, AnnotationSet)
    except DecodeError as error:
        return EntryContext(entry, None, error.reason)
    return EntryContext(entry, record, "")


def readable(context: EntryContext) -> Iterator[Finding]:
    """A record is JSON that follows its schema (`schema/*.schema.json`); keys that it does not know, and keys that stand twice,
    would be lost when the file is written again.
    """
    if context.record is None or context.reason:
        yield from _explain(context)
        return
    entry = context.entry
    if entry.line == 0 and entry.raw != encode(context.record):
        for key in _keys_twice(entry.raw):
            yield Finding("", f"the key {key!r} stands twice in one object; keep one of them")


def canonical_form(context: EntryContext) -> Iterator[Finding]:
    """A file is written the way that standoff writes it: fixed order of keys, one span or relation a line. Else the next
    command that writes it changes lines that nobody touched.
    """
    if context.record is not None and context.entry.line == 0 and context.entry.raw != encode(context.record):
        yield Finding("", "not in canonical form; any command that writes it will bring it there")


def file_name(context: EntryContext) -> Iterator[Finding]:
    """A file is named after its document, and lies in its annotator's folder."""
    record, entry = context.record, context.entry
    if record is None:
        return
    id_ = record.id if isinstance(record, Document) else record.document
    pointer = "/id" if isinstance(record, Document) else "/document"
    if entry.line == 0 and id_ != entry.id:
        yield Finding(pointer, f"{id_!r} is in a file named after {entry.id!r}; rename the file")
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


def _explain(context: EntryContext) -> Iterator[Finding]:
    entry = context.entry
    try:
        contents = json.loads(entry.raw.decode("utf-8"))
    except (ValueError, RecursionError):
        yield Finding("", f"{context.reason}; restore it from git, or correct it")
        return
    if entry.fault:
        yield Finding("", entry.fault)
        return
    kind = Document if entry.annotator is None else AnnotationSet
    errors = sorted(
        _explainer(kind).iter_errors(contents), key=lambda error: [str(part) for part in error.absolute_path]
    )
    for error in errors[:_MOST]:
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
        yield Finding(pointer, f"{_short(error.message)}; correct it")
    if len(errors) > _MOST:
        yield Finding("", f"and {len(errors) - _MOST} more faults of this kind")
    if not errors:
        yield Finding("", f"{context.reason}; correct it")


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
def _validator(kind: type) -> Any:
    return jsonschema_rs.validator_for(schema("document" if kind is Document else "annotations"))


@cache
def _explainer(kind: type) -> Any:
    return jsonschema.Draft202012Validator(schema("document" if kind is Document else "annotations"))
