"""Normalization of many sources: read, normalize in several processes, compare with what is there, write."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from standoff.corpus.files import write_atomically
from standoff.corpus.model import Document
from standoff.corpus.store import Store
from standoff.normalize.duplicates import Holdings
from standoff.normalize.outcomes import outcomes
from standoff.normalize.readers import read
from standoff.normalize.records import Normalized, Raw, Rejected, Setting
from standoff.normalize.sources import Source, find, folders

_BATCH = 500
_BATCH_CHARACTERS = 8 << 20
_MOST_NAMES = 1000
_OTHER_NAMES = "(others)"


class Notice(Struct, frozen=True, kw_only=True):
    """Something a curator should look at; nothing was left out for it but what it says."""

    source: str
    line: int = 0
    id: str
    message: str


class Report(Struct, kw_only=True):
    """What a run did. `changes` counts the places that markup and cleaning changed, by kind; `encodings` the texts, by
    encoding; `left_out` the texts, by name of a field that they state and no document has a place for."""

    sources: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = []
    warnings: list[Notice] = []
    changes: dict[str, int] = {}
    encodings: dict[str, int] = {}
    left_out: dict[str, int] = {}


def run(
    store: Store, paths: Sequence[str] = (), jobs: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Normalizes the sources under `paths` (none: `seeds/`) into the corpus, holding its lock; by default one process for
    each processor.

    `.standoff/rejects.jsonl` is written whole, with every text that became no document. A document whose text would
    change under annotations is rejected and stays as it is. Run again without a change it writes nothing.
    """
    with store.lock():
        return _Run(store).over(paths, jobs or os.cpu_count() or 1, progress)


class _Run:
    """The state of one run: what the corpus holds, and the report."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.overrides = store.overrides()
        self.holdings = Holdings(store)
        self.report = Report()
        self.changes: Counter[str] = Counter()
        self.encodings: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.read: set[str] = set()
        self.folders: tuple[str, ...] = ()
        """Where sources lie; a document from elsewhere was imported."""

    def over(self, paths: Sequence[str], jobs: int, progress: Callable[[int], None]) -> Report:
        config = self.store.config
        setting = Setting(
            languages=config.corpus.languages,
            license=config.corpus.licenses.texts,
            fields=config.normalize.fields,
            overrides=self.overrides,
        )
        batch: list[Document] = []
        size = 0
        self.folders = (*folders(self.store.root, paths), "seeds/")
        for number, outcome in enumerate(outcomes(self._raws(paths), setting, jobs), 1):
            if isinstance(outcome, Rejected):
                self.report.rejected.append(outcome)
            elif self._take(outcome):
                batch.append(outcome.document)
                size += len(outcome.document.text)
            if len(batch) == _BATCH or size >= _BATCH_CHARACTERS:
                self._write(batch)
                batch, size = [], 0
            if number % 50 == 0:
                progress(number)
        self._write(batch)
        self._look_back(paths)
        self.report.changes = dict(sorted(self.changes.items()))
        self.report.encodings = dict(sorted(self.encodings.items()))
        self.report.left_out = dict(sorted(self.left_out.items()))
        rejects = b"".join(msgspec.json.encode(rejected) + b"\n" for rejected in self.report.rejected)
        write_atomically(self.store.root / ".standoff" / "rejects.jsonl", rejects)
        return self.report

    def _raws(self, paths: Sequence[str]) -> Iterator[Raw | Rejected]:
        for source in find(self.store.root, paths):
            self.report.sources += 1
            if isinstance(source, Source):
                self.read.add(source.file)
                yield from read(source)
            else:
                yield source

    def _take(self, outcome: Normalized) -> bool:
        """Whether the document is to be written; all there is to tell about it is noted."""
        document, source = outcome.document, outcome.document.source.file
        if problem := self.holdings.take(outcome):
            reason, detail = problem
            rejected = Rejected(source=source, line=outcome.line, id=document.id, reason=reason, detail=detail)
            self.report.rejected.append(rejected)
            return False
        self.changes.update(outcome.changes)
        self.encodings[outcome.encoding] += 1
        for name in outcome.left_out:
            known = name in self.left_out or len(self.left_out) < _MOST_NAMES
            self.left_out[name if known else _OTHER_NAMES] += 1
        messages = list(outcome.warnings)
        if not outcome.encoding.startswith("utf-"):
            messages.append(
                f"read as {outcome.encoding}: look whether its accented letters are right, or save the source as UTF-8"
            )
        before = self.holdings.before.get(document.id)
        if before and before.file != source and not before.file.startswith(self.folders):  # else it was moved
            messages.append(
                f"the document came from {before.file}, which is not here; but for annotations, all of it is this source's now"
            )
        for message in messages:
            self._warn(source, document.id, message, outcome.line)
        if self.holdings.unchanged(document):
            self.report.unchanged += 1
            return False
        return True

    def _write(self, batch: list[Document]) -> None:
        self.store.write(batch)
        new = sum(document.id not in self.holdings.before for document in batch)
        self.report.created += new
        self.report.updated += len(batch) - new

    def _look_back(self, paths: Sequence[str]) -> None:
        """Notes overrides that no longer apply, and documents whose source under `paths` is gone or lacks them now."""
        rejected = {outcome.id for outcome in self.report.rejected}
        there = self.holdings.before.keys() | self.holdings.taken
        for id_, override in sorted(self.overrides.items()):
            if override.exclude and id_ in there:
                known = self.holdings.before.get(id_)
                what = f"take its line out ({known.shard})" if known and known.shard else "delete that file"
                message = f"it is excluded, but its document is still in the corpus; {what}, and the sets of it"
            elif not paths and id_ not in there and id_ not in rejected:
                message = "there is no such document any more; take this override out"
                if override.exclude:
                    message = (
                        "neither a document nor a text under seeds/ has this id; mend it if it is wrong, else leave it here: no"
                        " release that has the document can be published then"
                    )
            else:
                continue
            self._warn("corpus/overrides.toml", id_, message)
        for outcome in self.report.rejected:
            if outcome.text_sha256 and (copy := self.holdings.taken_with(outcome.text_sha256)):
                message = (
                    f"it has the same text as {outcome.id!r}, which is excluded ({self.overrides[outcome.id].reason}); if that"
                    " holds of this one too, exclude it here and delete its document"
                )
                self._warn("corpus/overrides.toml", copy, message)
        broken = {outcome.source for outcome in self.report.rejected if outcome.reason in {"damaged", "unreadable"}}
        for id_, file, message in self.holdings.gone(self.read - broken, folders(self.store.root, paths)):
            if id_ not in rejected:
                self._warn(file, id_, message)

    def _warn(self, source: str, id_: str, message: str, line: int = 0) -> None:
        self.report.warnings.append(Notice(source=source, line=line, id=id_, message=message))
