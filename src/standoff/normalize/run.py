"""Normalization of many sources: read, normalize in several processes, compare with what is there, write."""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from hashlib import blake2b
from itertools import islice
from multiprocessing import get_context

import msgspec
from msgspec import Struct

from standoff.corpus.codec import decode as decode_record
from standoff.corpus.files import write_atomically
from standoff.corpus.model import Document
from standoff.corpus.store import Store
from standoff.normalize.article import Normalized, Raw, Rejected, Setting, normalize
from standoff.normalize.readers import Source, find, read

BATCH = 250
"""Raw texts that go to a process, or to disk, together."""
IN_PROCESS = 500
"""So many texts are normalized before the first process is started: starting one costs more than they do."""

Outcome = Normalized | Rejected


class Notice(Struct, frozen=True, kw_only=True):
    """Something a curator should look at; nothing was left out for it but what it says."""

    source: str
    line: int
    id: str
    message: str


class Report(Struct, kw_only=True):
    """What a run did. `changes` counts the places that cleaning changed, by kind; `encodings` the texts, by encoding."""

    sources: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = []
    warnings: list[Notice] = []
    changes: dict[str, int] = {}
    encodings: dict[str, int] = {}


def run(
    store: Store, paths: Iterable[str] = (), jobs: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Normalizes the sources under `paths` (none: `seeds/`) into the corpus, holding its lock.

    `.standoff/rejects.jsonl` is written whole, with every text that became no document. A document whose text would
    change under annotations is rejected and stays as it is. Run again without a change it writes nothing.
    """
    with store.lock():
        return _Run(store).over(paths, jobs or os.cpu_count() or 1, progress)


class _Run:
    """The state of one run: what is known of the corpus, and the report."""

    def __init__(self, store: Store) -> None:
        config = store.config
        self.store = store
        self.overrides = store.overrides()
        self.setting = Setting(
            languages=config.corpus.languages, license=config.corpus.licenses.texts, overrides=self.overrides
        )
        self.report = Report()
        self.changes: Counter[str] = Counter()
        self.encodings: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.texts: dict[bytes, str] = {}
        self.files: set[str] = set()
        self.annotated = {entry.id for name in store.annotators() for entry in store.set_entries(name)}
        self.there: dict[str, tuple[bytes, str]] = {}
        for entry in store.document_entries():
            if not entry.fault:
                document = decode_record(entry.raw, Document, entry.where)
                self.there[document.id] = (_hash(document.text), document.source.file)
        self.known = {text: id_ for id_, (text, _) in self.there.items()}

    def over(self, paths: Iterable[str], jobs: int, progress: Callable[[int], None]) -> Report:
        batch: list[Document] = []
        for number, outcome in enumerate(_outcomes(self._raws(paths), self.setting, jobs), 1):
            if isinstance(outcome, Rejected):
                self.report.rejected.append(outcome)
            elif document := self._accept(outcome):
                batch.append(document)
            if len(batch) == BATCH:
                self._write(batch)
                batch = []
            if number % 50 == 0:
                progress(number)
        self._write(batch)
        self._look_back()
        self.report.changes = dict(sorted(self.changes.items()))
        self.report.encodings = dict(sorted(self.encodings.items()))
        rejects = b"".join(msgspec.json.encode(rejected) + b"\n" for rejected in self.report.rejected)
        write_atomically(self.store.root / ".standoff" / "rejects.jsonl", rejects)
        return self.report

    def _raws(self, paths: Iterable[str]) -> Iterator[Raw | Rejected]:
        for source in find(self.store.root, paths):
            self.report.sources += 1
            if isinstance(source, Source):
                self.files.add(source.file)
                yield from read(source, self.store.config.normalize.fields)
            else:
                yield source

    def _accept(self, outcome: Normalized) -> Document | None:
        """The document, or None after noting why it is left out."""
        document, source = outcome.document, outcome.document.source.file
        if problem := self._problem(document, text := _hash(document.text)):
            reason, detail = problem
            self.report.rejected.append(
                Rejected(source=source, line=outcome.line, id=document.id, reason=reason, detail=detail)
            )
            return None
        self.ids.add(document.id)
        self.texts[text] = document.id
        self.changes.update(outcome.changes)
        self.encodings[outcome.encoding] += 1
        messages = list(outcome.warnings)
        if outcome.encoding != "utf-8":
            messages.append(f"read as {outcome.encoding}; save it as UTF-8 if that is wrong")
        self.report.warnings += [
            Notice(source=source, line=outcome.line, id=document.id, message=message) for message in messages
        ]
        return document

    def _problem(self, document: Document, text: bytes) -> tuple[str, str] | None:
        """Why the corpus can't take the document: reason and detail."""
        id_ = document.id
        if id_ in self.ids:
            return "duplicate-id", f"an earlier source has the id {id_!r}; rename one of them"
        before = self.there.get(id_)
        if before and before[0] != text and id_ in self.annotated:
            return "annotated", (
                "its text would change under annotations; give the new text another name, or remove the annotation sets first"
            )
        same = self.texts.get(text) or self.known.get(text, id_)
        if same != id_:
            return "duplicate-text", f"the same text as {same!r}"
        if before and before[1] != document.source.file and (self.store.root / before[1]).exists():
            return (
                "duplicate-id",
                f"the document {id_!r} comes from {before[1]}, which is still there; rename one of them",
            )
        return None

    def _write(self, batch: list[Document]) -> None:
        new = [document for document in batch if document.id not in self.there]
        changed = self.store.write(batch)
        self.report.created += len(new)
        self.report.updated += changed - len(new)
        self.report.unchanged += len(batch) - changed

    def _look_back(self) -> None:
        """Notes overrides that no longer apply, and documents whose source is gone."""
        rejected = {outcome.id for outcome in self.report.rejected}
        known = self.ids | self.there.keys() | rejected
        for id_ in sorted(self.overrides.keys() - known):
            self._warn("corpus/overrides.toml", id_, "there is no such document any more; take this override out")
        for id_, (_, file) in sorted(self.there.items()):
            if id_ not in self.ids and id_ not in rejected and not (self.store.root / file).exists():
                self._warn(file, id_, "the source is gone; the document stays")
            elif id_ in self.overrides and self.overrides[id_].exclude:
                self._warn(
                    "corpus/overrides.toml",
                    id_,
                    "it is excluded now, but its document is still in the corpus; delete that file",
                )

    def _warn(self, source: str, id_: str, message: str) -> None:
        self.report.warnings.append(Notice(source=source, line=0, id=id_, message=message))


def _outcomes(raws: Iterator[Raw | Rejected], setting: Setting, jobs: int) -> Iterator[Outcome]:
    """Outcomes in the order of the texts, whatever the number of processes; few texts are in memory at a time."""
    for raw in islice(raws, IN_PROCESS if jobs > 1 else None):
        yield raw if isinstance(raw, Rejected) else normalize(raw, setting)
    first = list(islice(raws, BATCH))
    if not first:
        return
    with ExitStack() as stack:
        pool = stack.enter_context(
            ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(setting,))
        )
        waiting: deque[Future[list[Outcome]]] = deque()
        batch = first
        while batch or waiting:
            if batch and len(waiting) < 2 * jobs:
                waiting.append(pool.submit(_work, batch))
                batch = list(islice(raws, BATCH))
                continue
            yield from waiting.popleft().result()


_setting = Setting()


def _start(setting: Setting) -> None:
    global _setting  # noqa: PLW0603 - set once in each process, so that it does not travel with every batch
    _setting = setting


def _work(batch: list[Raw | Rejected]) -> list[Outcome]:
    return [raw if isinstance(raw, Rejected) else normalize(raw, _setting) for raw in batch]


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8"), digest_size=16).digest()
