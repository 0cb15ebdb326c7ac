"""Documents or annotation sets in one folder, undecoded: files of their own and lines of shards, in order. Only reads."""

import contextlib
import heapq
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec import Struct

from standoff.corpus import shards
from standoff.corpus.codec import DecodeError, decode
from standoff.corpus.folders import StoreError, names_in, shards_in
from standoff.corpus.model import DOCUMENT_ID_PATTERN, AnnotationSet, Document

R = TypeVar("R", Document, AnnotationSet)

_ID = re.compile(DOCUMENT_ID_PATTERN)


class Entry(Struct, frozen=True):
    """The raw bytes of one document or annotation set, and where they stand.

    `file` is relative to the repository, with `/`; `line` is its number in a shard, from 1, or 0 for a file of its own.
    `id` is the id of the document. `fault` says why a file could not be read, or why a line could not be attributed (its `id`
    is then that of the line before).
    """

    id: str
    annotator: str | None
    file: str
    line: int
    raw: bytes
    fault: str = ""

    @property
    def where(self) -> str:
        """File, and line within a shard, for messages."""
        return f"{self.file}:{self.line}" if self.line else self.file


def sole(entries: Sequence[Entry], kind: type[R]) -> R:
    """What the entries of one id in one folder hold. Raises StoreError for two, DecodeError for a damaged one."""
    if len(entries) > 1:
        raise StoreError(f"{entries[0].where} and {entries[1].where} have the same id; keep one of them")
    if entries[0].fault:
        raise DecodeError(entries[0].fault, entries[0].where)
    return decode(entries[0].raw, kind, entries[0].where)


class EntryFolder(NamedTuple):
    """The folder `path` in the repository at `root`; `annotator` is whose sets it holds, None for documents."""

    root: Path
    path: Path
    annotator: str | None

    def entries(self) -> Iterator[Entry]:
        """All, in the order of ids; ids in more than one place come more than once."""
        streams = [self._files(), *(self._lines(shard) for shard in shards_in(self.path))]
        return heapq.merge(*streams, key=lambda entry: entry.id)

    def names(self) -> Iterator[str]:
        """Ids of what has a file of its own, in no order."""
        return names_in(self.path)

    def find(self, id_: str) -> Entry | None:
        """One of them. Raises StoreError for what is no id, DecodeError when a shard that may hold it is damaged."""
        return self.file(id_) or self.in_shards({id_})

    def file(self, id_: str) -> Entry | None:
        """One that has a file of its own. Raises StoreError for what is no id."""
        if not _ID.fullmatch(id_):
            raise StoreError(
                f"{id_!r} is no document id: lower-case letters, digits, '.', '_', '-', a letter or digit first"
            )
        path = self.path / f"{id_}.json"
        with contextlib.suppress(FileNotFoundError):
            return Entry(id_, self.annotator, self._relative(path), 0, path.read_bytes())
        return None

    def in_shards(self, ids: Collection[str]) -> Entry | None:
        """The first of these that stands in a shard. Raises DecodeError when none does and a shard is damaged."""
        damaged = None
        for entry in self._all_lines():
            if entry.fault:
                damaged = damaged or entry
            elif entry.id in ids:
                return entry
        if damaged:  # it may hold any of them
            raise DecodeError(damaged.fault, damaged.where)
        return None

    def sharded(self) -> tuple[frozenset[str], Entry | None]:
        """Ids of all that stand in shards, and the first line that can't be attributed, if there is one."""
        ids, damaged = set(), None
        for entry in self._all_lines():
            if entry.fault:
                damaged = damaged or entry
            else:
                ids.add(entry.id)
        return frozenset(ids), damaged

    def _files(self) -> Iterator[Entry]:
        for name in sorted(self.names()):
            path = self.path / f"{name}.json"
            raw, reason = b"", ""
            try:
                raw = path.read_bytes()
            except OSError as error:
                reason = f"it can't be read: {error.strerror}"
            yield Entry(name, self.annotator, self._relative(path), 0, raw, reason)

    def _all_lines(self) -> Iterator[Entry]:
        for shard in shards_in(self.path):
            yield from self._lines(shard)

    def _lines(self, shard: Path) -> Iterator[Entry]:
        file = self._relative(shard)
        lines = shards.lines(shard, "id" if self.annotator is None else "document")
        for number, (id_, raw, fault) in enumerate(lines, 1):
            yield Entry(id_, self.annotator, file, number, raw, fault)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()
