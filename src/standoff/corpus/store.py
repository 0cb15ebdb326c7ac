"""The files under `corpus/`: documents, annotation sets, sync states, decisions, one JSON file each, or lines of `.jsonl` shards.

Nothing else touches these files. Reading streams in the order of document ids, so that a document and its sets come
together and no corpus has to fit in memory; the lines of a shard are therefore sorted by document id.
"""

import contextlib
import heapq
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from standoff.corpus import shards
from standoff.corpus.codec import DecodeError, decode, encode
from standoff.corpus.config import Config, Override, read_config, read_overrides
from standoff.corpus.decisions import Decisions, holds_candidates
from standoff.corpus.entries import Entry, EntryFolder
from standoff.corpus.files import corpus_lock, remove, write_atomically, write_many
from standoff.corpus.folders import StoreError, entries_in, folders_in, names_in
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import Scheme, read_scheme
from standoff.corpus.state import DocumentState, ProjectState

S = TypeVar("S", ProjectState, DocumentState, Decisions)


class Bundle(Struct, frozen=True):
    """All entries of one document id: normally one document, and one set an annotator."""

    id: str
    documents: tuple[Entry, ...]
    sets: tuple[Entry, ...]


class StateFile(Struct, frozen=True):
    """The raw bytes of a sync state or of decisions; `document` is empty for a project's own. `file` as in `Entry`."""

    document: str
    file: str
    raw: bytes


class Store:
    """The corpus in the repository at `root`. Raises ConfigError when there is none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "corpus"
        self.config: Config = read_config(self.folder / "corpus.toml")

    @property
    def scheme(self) -> Scheme:
        """The label scheme. Raises SchemeError."""
        return read_scheme(self.folder / "scheme.toml")

    def overrides(self) -> dict[str, Override]:
        """Document id to the curator's decision. Raises ConfigError."""
        return read_overrides(self.folder / "overrides.toml")

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """The corpus's one lock, to be held around everything that writes."""
        return corpus_lock(self.root)

    # -- reading

    def annotators(self) -> tuple[str, ...]:
        """Names of all annotators that have a folder, sorted. Sets of candidates are nobody's."""
        return tuple(name for name in self.set_names() if not holds_candidates(name))

    def set_names(self) -> tuple[str, ...]:
        """Names of all folders of annotation sets, sorted: annotators', and those of sets that hold candidates."""
        return tuple(folders_in(self.folder / "annotations"))

    def size(self) -> int:
        """Bytes of all files of documents and annotation sets, as they lie on disk."""
        folders = [self.folder / "documents", *(self.folder / "annotations" / name for name in self.set_names())]
        total = 0
        for folder in folders:
            for entry in entries_in(folder):
                with contextlib.suppress(OSError):  # a link that leads nowhere: whoever reads it is told
                    total += entry.stat().st_size
        return total

    def strays(self) -> Iterator[str]:
        """Files in the folders of documents and annotation sets that nothing reads, because of their names or places."""
        folders = [self.folder / "documents", *(self.folder / "annotations" / name for name in self.set_names())]
        for folder in folders:
            for entry in entries_in(folder):
                if not entry.name.endswith((".json", *shards.ENDINGS)):
                    yield self._relative(folder / entry.name)
        for entry in entries_in(self.folder / "annotations"):
            if not entry.is_dir():
                yield self._relative(self.folder / "annotations" / entry.name)

    def document_entries(self) -> Iterator[Entry]:
        """Raw documents in the order of their ids; ids in more than one place come more than once."""
        return self._documents.entries()

    def set_entries(self, annotator: str) -> Iterator[Entry]:
        """Raw annotation sets of one annotator in the order of their documents' ids."""
        return self._sets(annotator).entries()

    def bundles(self, annotators: Iterable[str] | None = None) -> Iterator[Bundle]:
        """Each document with its sets (of these annotators; of all by default), in the order of ids, undecoded.

        A set without a document comes in a bundle without documents.
        """
        names = self.annotators() if annotators is None else tuple(annotators)
        streams = [self.document_entries(), *(self.set_entries(name) for name in names)]
        for id_, group in groupby(heapq.merge(*streams, key=lambda entry: entry.id), key=lambda entry: entry.id):
            entries = tuple(group)
            yield Bundle(
                id_,
                tuple([entry for entry in entries if entry.annotator is None]),
                tuple([entry for entry in entries if entry.annotator is not None]),
            )

    def documents(self) -> Iterator[Document]:
        """All documents in the order of their ids.

        Raises DecodeError for a damaged one and StoreError for an id in two places: run `standoff validate` first.
        """
        return (decode(entry.raw, Document, entry.where) for entry in self._sound(self.document_entries()))

    def sets(self, annotator: str) -> Iterator[AnnotationSet]:
        """All sets of one annotator in the order of their documents' ids. Raises as `documents` does."""
        return (decode(entry.raw, AnnotationSet, entry.where) for entry in self._sound(self.set_entries(annotator)))

    def together(self, annotators: Iterable[str]) -> Iterator[tuple[Document | None, dict[str, AnnotationSet]]]:
        """Each document, by id, with the sets of these annotators; None for sets without one. Raises as `documents` does."""
        streams = [self._sound(self.document_entries()), *(self._sound(self.set_entries(name)) for name in annotators)]
        for _, group in groupby(heapq.merge(*streams, key=lambda entry: entry.id), key=lambda entry: entry.id):
            document, sets = None, {}
            for entry in group:
                if entry.annotator is None:
                    document = decode(entry.raw, Document, entry.where)
                else:
                    sets[entry.annotator] = decode(entry.raw, AnnotationSet, entry.where)
            yield document, sets

    def has_document(self, id_: str) -> bool:
        """Whether there is such a document, sound or not."""
        return self._documents.find(id_) is not None

    def document(self, id_: str) -> Document:
        """One document. Raises StoreError for none, DecodeError when it or a shard that may hold it is damaged."""
        entry = self._documents.find(id_)
        if entry is None:
            raise StoreError(
                f"corpus/documents: there is no document {id_!r}; `standoff show` lists those that are there"
            )
        return decode(entry.raw, Document, entry.where)

    def set(self, annotator: str, document: str) -> AnnotationSet | None:
        """One annotation set, or None. Raises DecodeError when it, or a shard that may hold it, is damaged."""
        entry = self._sets(annotator).find(document)
        return decode(entry.raw, AnnotationSet, entry.where) if entry else None

    def lookup(self, annotator: str) -> Callable[[str], AnnotationSet | None]:
        """`set` of one annotator for many documents that may have none: reads shards once, files each time."""
        folder = self._sets(annotator)
        sharded = cache(folder.sharded)

        def find(document: str) -> AnnotationSet | None:
            entry = folder.file(document)
            if entry is None:
                ids, damaged = sharded()
                if document in ids:
                    entry = folder.in_shards({document})
                elif damaged:  # it may hold it
                    raise DecodeError(damaged.fault, damaged.where)
            return decode(entry.raw, AnnotationSet, entry.where) if entry else None

        return find

    def annotated(self, annotator: str) -> frozenset[str]:
        """Ids of the documents of which there is a set of this annotator, sound or not; looked up once where many are asked for.

        Raises DecodeError for a damaged shard, which may hold any.
        """
        folder = self._sets(annotator)
        ids, damaged = folder.sharded()
        if damaged:
            raise DecodeError(damaged.fault, damaged.where)
        return ids.union(folder.names())

    def project_state(self, project: str) -> ProjectState | None:
        """Which project of which server `project` is, or None before the first sync. Raises DecodeError."""
        return self._read_state(self.folder / "sync" / project / "project.json", ProjectState)

    def document_state(self, project: str, annotator: str, document: str) -> DocumentState | None:
        """What sync remembers of one set in one project, or None. Raises DecodeError: deleting the file is safe."""
        return self._read_state(self._state_file(project, annotator, document), DocumentState)

    def document_states(self, project: str) -> Iterator[tuple[str, str]]:
        """Annotator and document of every set that sync knows in a project, in order."""
        folder = self.folder / "sync" / project
        for annotator in folders_in(folder):
            for document in sorted(names_in(folder / annotator)):
                yield annotator, document

    def projects_synced(self) -> list[str]:
        """Names of the projects that have a `project.json`, in order."""
        folder = self.folder / "sync"
        return [name for name in folders_in(folder) if (folder / name / "project.json").exists()]

    def states(self) -> Iterator[StateFile]:
        """All files of sync, undecoded, in order. Of a file that can't be read `raw` is empty."""
        for project in folders_in(self.folder / "sync"):
            path = self.folder / "sync" / project / "project.json"
            if path.exists():
                yield self._state_entry(path, "")
            for annotator, document in self.document_states(project):
                yield self._state_entry(self._state_file(project, annotator, document), document)

    def decisions(self, annotator: str, document: str) -> Decisions | None:
        """What was decided for one document of an adjudicated set, or None. Raises DecodeError when it is damaged."""
        return self._read_state(self._decision_file(annotator, document), Decisions)

    def decision_files(self) -> Iterator[StateFile]:
        """All files of decisions, undecoded, in order. Of a file that can't be read `raw` is empty."""
        for annotator in folders_in(self.folder / "decisions"):
            for document in sorted(names_in(self.folder / "decisions" / annotator)):
                yield self._state_entry(self._decision_file(annotator, document), document)

    def _state_entry(self, path: Path, document: str) -> StateFile:
        raw = b""
        with contextlib.suppress(OSError):
            raw = path.read_bytes()
        return StateFile(document, self._relative(path), raw)

    def _decision_file(self, annotator: str, document: str) -> Path:
        return self.folder / "decisions" / annotator / f"{document}.json"

    def _state_file(self, project: str, annotator: str, document: str) -> Path:
        return self.folder / f"sync/{project}/{annotator}/{document}.json"

    def _read_state(self, path: Path, kind: type[S]) -> S | None:
        try:
            return decode(path.read_bytes(), kind, self._relative(path))
        except FileNotFoundError:
            return None

    def _sound(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        before = None
        for entry in entries:
            if entry.fault:
                raise DecodeError(entry.fault, entry.where)
            if before and before.id == entry.id:
                raise StoreError(f"{entry.where}: {entry.id!r} is also in {before.where}; keep one of them")
            before = entry
            yield entry

    @property
    def _documents(self) -> EntryFolder:
        return EntryFolder(self.root, self.folder / "documents", None)

    def _sets(self, annotator: str) -> EntryFolder:
        return EntryFolder(self.root, self.folder / "annotations" / annotator, annotator)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    # -- writing

    def write(self, records: Iterable[Document | AnnotationSet]) -> int:
        """Writes documents and sets as files of their own; the number of files that changed.

        Call it inside `lock()`. Raises StoreError for a record that stands in a shard, which is written whole or not at
        all, DecodeError for a damaged shard that may hold one, and EnvironmentFault when a file can't be written: then
        every file is either old or new.
        """
        files = []
        ids: dict[EntryFolder, set[str]] = {}
        for record in records:
            if isinstance(record, Document):
                folder, id_ = self._documents, record.id
            else:
                folder, id_ = self._sets(record.annotator), record.document
            files.append((folder.path / f"{id_}.json", encode(record)))
            ids.setdefault(folder, set()).add(id_)
        for folder, wanted in ids.items():
            if entry := folder.in_shards(wanted):
                raise StoreError(f"{entry.where}: {entry.id!r} stands in a shard, and a command does not edit shards")
        return write_many(files)

    def remove_set(self, annotator: str, document: str) -> None:
        """Removes the file of an annotation set, if there is one. Call it inside `lock()`. Raises EnvironmentFault."""
        remove(self.folder / "annotations" / annotator / f"{document}.json")

    def write_project_state(self, project: str, state: ProjectState) -> bool:
        """Writes `project.json`; whether it changed. Call it inside `lock()`."""
        return write_atomically(self.folder / "sync" / project / "project.json", encode(state))

    def write_document_states(self, project: str, states: Iterable[tuple[str, str, DocumentState]]) -> int:
        """Writes states of sets, each with its annotator and document; the number of files that changed.

        Call it inside `lock()`, after the annotations are written.
        """
        return write_many(
            [(self._state_file(project, annotator, document), encode(state)) for annotator, document, state in states]
        )

    def write_decisions(self, decisions: Iterable[Decisions]) -> int:
        """Writes files of decisions; the number of files that changed. Call it inside `lock()`."""
        return write_many([(self._decision_file(made.annotator, made.document), encode(made)) for made in decisions])
