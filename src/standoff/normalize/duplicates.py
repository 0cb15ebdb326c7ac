"""What a corpus holds already, and what it can't take: ids and texts that are there, texts under annotations.

Texts are known by 16 bytes of their SHA-256, so that a corpus of any size fits in memory. Only reads.
"""

import hashlib
from collections.abc import Collection, Iterator
from sys import intern

import msgspec
from msgspec import Struct

from standoff.corpus.codec import DecodeError, decode, encode, encode_line, sha256
from standoff.corpus.model import Document
from standoff.corpus.store import Store
from standoff.normalize.records import Normalized


class Known(Struct, frozen=True):
    """A document that was there before the run: hashes of its text and bytes, its source, its shard if it is in one."""

    text: bytes
    record: bytes
    file: str
    shard: str


class _SetKey(Struct):
    text_sha256: str = ""


_set_keys = msgspec.json.Decoder(_SetKey)


class Holdings:
    """All documents of a corpus, those that this run has taken too. Raises DecodeError for a damaged document or shard."""

    def __init__(self, store: Store) -> None:
        self._root = store.root
        self.before: dict[str, Known] = {}
        self.taken: set[str] = set()
        self._texts: dict[bytes, str] = {}
        for entry in store.document_entries():
            if entry.fault:
                raise DecodeError(entry.fault, entry.where)
            document = decode(entry.raw, Document, entry.where)
            text = hash16(document.text.encode())
            shard = f"{entry.file}:{entry.line}" if entry.line else ""
            self.before[document.id] = Known(text, hash16(entry.raw), intern(document.source.file), shard)
            self._texts[text] = document.id
        self._annotated: dict[str, set[str]] = {}
        for name in store.annotators():
            for entry in store.set_entries(name):
                if entry.fault and entry.line:  # nobody knows which texts the rest of this shard stands on
                    raise DecodeError(entry.fault, entry.where)
                self._annotated.setdefault(entry.id, set()).add(_text_of(entry.raw))

    def take(self, found: Normalized) -> tuple[str, str] | None:
        """Takes a document in, or says why the corpus can't have it: reason and detail."""
        document = found.document
        id_, text = document.id, hash16(document.text.encode())
        before = self.before.get(id_)
        if problem := self._problem(document, text, before):
            return problem
        if before and before.text != text and self._texts.get(before.text) == id_:
            del self._texts[before.text]
        self._texts[text] = id_
        self.taken.add(id_)
        return None

    def holder(self, text: str) -> str | None:
        """The id of a document with this text."""
        return self._texts.get(hash16(text.encode()))

    def taken_with(self, text_sha256: str) -> str | None:
        """The id of a document with this text, if it came only with this run."""
        id_ = self._texts.get(bytes.fromhex(text_sha256)[:16])
        return None if id_ in self.before else id_

    def holds(self, id_: str) -> bool:
        """Whether a document has this id."""
        return id_ in self.before or id_ in self.taken

    def unchanged(self, document: Document) -> bool:
        """Whether the corpus holds exactly this document already."""
        before = self.before.get(document.id)
        return before is not None and before.record == _record_hash(document, before)

    def gone(self, read: Collection[str], folders: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
        """Documents that this run did not take though their source is one of `read`, or was in one of `folders` and is gone: id,
        source, and what to say. The file of an imported document may never have been in the repository: nothing is said of it.
        """
        for id_, known in sorted(self.before.items()):
            if id_ in self.taken:
                continue
            if known.file in read:
                yield (
                    id_,
                    known.file,
                    "this source was read and does not give the document any more, which stays as it is",
                )
            elif known.file.startswith(folders) and not (self._root / known.file).exists():
                yield id_, known.file, "the source is gone; the document stays"

    def _problem(self, document: Document, text: bytes, before: Known | None) -> tuple[str, str] | None:
        id_, file = document.id, document.source.file
        other = ""
        if id_ in self.taken:
            other = f"an earlier source has the id {id_!r}"
        elif before and before.file != file and (self._root / before.file).exists():
            other = f"the document {id_!r} comes from {before.file}, which is still there"
        if other and self._texts.get(text) == id_:
            return "duplicate-text", f"the same text as {id_!r}"
        if other:
            return "duplicate-id", f"{other}; rename one of them"
        if (same := self._texts.get(text, id_)) != id_:
            return "duplicate-text", f"the same text as {same!r}"
        if (before is None or before.text != text) and self._annotated.get(id_, set()) - {sha256(document.text)}:
            return "annotated", (
                "its text would change under annotations, so all of it stays as it is; give the new text another name, or"
                f" remove the annotation sets of {id_!r} first"
            )
        if before and before.shard and before.record != _record_hash(document, before):
            return (
                "in-shard",
                f"the document stands in {before.shard}, and a command does not edit shards; take its line out",
            )
        return None


def _text_of(annotation_set: bytes) -> str:
    """The sha256 of the text that a set stands on; empty, and so none that a text could have, when it is damaged."""
    try:
        return _set_keys.decode(annotation_set).text_sha256
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _record_hash(document: Document, before: Known) -> bytes:
    return hash16(encode_line(document)[:-1] if before.shard else encode(document))


def hash16(content: bytes) -> bytes:
    """16 bytes that tell contents apart: the first of its SHA-256."""
    return hashlib.sha256(content).digest()[:16]
