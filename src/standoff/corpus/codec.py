"""Canonical JSON of all records under `corpus/`: fixed key order, one span or relation a line, a final newline. Pure.

Bytes that `encode` wrote and `decode` read are written again without a change. A record in a `.jsonl` shard is the same
JSON on one line.
"""

import hashlib
from functools import cache
from typing import Any, TypeVar

import msgspec

from standoff.corpus.decisions import Decisions
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.state import DocumentState, ProjectState
from standoff.errors import StandoffError

R = TypeVar("R", Document, AnnotationSet, ProjectState, DocumentState, Decisions)

_KINDS = (Document, AnnotationSet, ProjectState, DocumentState, Decisions)

# "deterministic" sorts the keys of mappings (attributes) and keeps the order of struct fields.
_encoder = msgspec.json.Encoder(order="deterministic")
_decoders: dict[type, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(kind) for kind in _KINDS}


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, object]:
    return {field.name: field.default for field in msgspec.structs.fields(kind) if not field.required}


class DecodeError(StandoffError):
    """Bytes that are not the record they should be. `reason` names the place, as a JSON path, and the cause."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.where = where


def sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of a text, hexadecimal: the `text_sha256` of its annotation sets."""
    return hashlib.sha256(text.encode()).hexdigest()


def encode_line(record: Document | AnnotationSet) -> bytes:
    """One line of a shard, with its newline."""
    return _encoder.encode(record) + b"\n"


def encode(record: Document | AnnotationSet | ProjectState | DocumentState | Decisions) -> bytes:
    """A whole file: one key a line, and within lists of objects one object a line."""
    lines = []
    defaults = _defaults(type(record))
    for field in record.__struct_fields__:
        value = getattr(record, field)
        if field in defaults and value == defaults[field]:
            continue
        if isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            items = b",\n  ".join([_encoder.encode(item) for item in value])
            lines.append(b' "%b": [\n  %b\n ]' % (field.encode(), items))
        else:
            lines.append(b' "%b": %b' % (field.encode(), _encoder.encode(value)))
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def decode(raw: bytes, kind: type[R], where: str = "") -> R:
    """The record in a whole file or in one line of a shard.

    Raises DecodeError with the JSON path of the first fault: invalid UTF-8 or JSON, a wrong type, an unknown or missing key.
    """
    try:
        record: R = _decoders[kind].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(str(error), where) from None
    return record
