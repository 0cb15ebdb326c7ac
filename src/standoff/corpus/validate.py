"""Validation of a whole corpus: every rule over every record, streamed, in several processes, all problems in one pass."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from standoff.corpus.codec import sha256
from standoff.corpus.config import Config
from standoff.corpus.decisions import Decisions, holds_candidates
from standoff.corpus.entries import Entry
from standoff.corpus.model import Document
from standoff.corpus.processes import end_with_parent, quickest, uninterrupted, without_collector
from standoff.corpus.rules import (
    BUNDLE_RULES,
    CANDIDATE_RULES,
    CORPUS_RULES,
    DECISION_RULES,
    DOCUMENT_RULES,
    ENTRY_RULES,
    OTHER_TEXT_RULES,
    SET_RULES,
    STATE_RULES,
)
from standoff.corpus.rules.base import Context, CorpusContext, DocumentContext, Finding, Rule, SetContext, Setting
from standoff.corpus.rules.columns import Columns
from standoff.corpus.rules.records import read, read_file
from standoff.corpus.scheme import Scheme, SchemeIndex, index
from standoff.corpus.state import DocumentState, ProjectState
from standoff.corpus.store import Bundle, StateFile, Store
from standoff.errors import EnvironmentFault, StandoffError
from standoff.problems import Problem

_BYTES = 500_000
"""Raw bytes that a process takes together."""
_IN_PROCESS = 8_000_000
"""With fewer bytes of records no process is started: starting one costs more than checking them."""


class Checked(Struct, frozen=True, kw_only=True):
    """A part of the corpus: how much of it was looked at, and what is wrong in it."""

    documents: int = 0
    annotation_sets: int = 0
    problems: tuple[Problem, ...] = ()


def validate(store: Store, jobs: int | None = None) -> Iterator[Checked]:
    """Checks the corpus part by part, in the order of document ids, whatever the number of processes.

    Bad records never stop it. Raises ConfigError or SchemeError when there are no rules to go by.
    """
    config, scheme = store.config, store.scheme
    checker = Checker(config, scheme)
    yield Checked(problems=tuple(checker.corpus(sorted(store.strays()))))
    yield from (Checked(problems=found) for file in store.states() if (found := tuple(checker.state(file))))
    yield from (Checked(problems=found) for file in store.decision_files() if (found := tuple(checker.decisions(file))))
    jobs = jobs or os.cpu_count() or 1
    if jobs > 1 and store.size() > _IN_PROCESS:
        yield from _in_processes(store, checker, jobs)
    else:
        for batch, _ in _batches(store.bundles(store.set_names()), _BYTES):
            yield checker.check(batch)


def report(store: Store, jobs: int | None = None, progress: Callable[[int], None] = lambda _: None) -> Checked:
    """All of `validate` together; `progress` is told how many documents have been looked at."""
    documents = sets = 0
    problems: list[Problem] = []
    for part in validate(store, jobs):
        documents += part.documents
        sets += part.annotation_sets
        problems += part.problems
        progress(documents)
    return Checked(documents=documents, annotation_sets=sets, problems=tuple(problems))


class Looked(NamedTuple):
    """One document and its sets as they were read, and what is wrong with them. What can't be read is missing."""

    problems: list[Problem]
    document: Document | None
    sets: list[Columns]


class Checker:
    """The rules, ready to be applied to records of one corpus."""

    def __init__(self, config: Config, scheme: Scheme) -> None:
        self.config = config
        self.scheme: SchemeIndex = index(scheme)
        self.setting = Setting(self.scheme, frozenset(config.corpus.layers or self.scheme.layers))

    def corpus(self, strays: Iterable[str] = ()) -> Iterator[Problem]:
        """What is wrong with the corpus as a whole; `strays` are the files that nothing reads."""
        context = CorpusContext(self.config, self.scheme, tuple(strays))
        for rule in CORPUS_RULES:
            for finding in rule.check(context):
                yield _problem(rule, "", None, finding)

    def state(self, file: StateFile) -> Iterator[Problem]:
        """What is wrong with one file of sync."""
        context = read_file(file, DocumentState if file.document else ProjectState)
        for rule in STATE_RULES:
            for finding in rule.check(context):
                yield _problem(rule, file.document, None, finding._replace(file=file.file))

    def decisions(self, file: StateFile) -> Iterator[Problem]:
        """What is wrong with one file of decisions."""
        context = read_file(file, Decisions)
        for rule in DECISION_RULES:
            for finding in rule.check(context):
                yield _problem(rule, file.document, None, finding._replace(file=file.file))

    def check(self, bundles: Sequence[Bundle]) -> Checked:
        """What is wrong with these documents and their sets."""
        problems: list[Problem] = []
        documents = sets = 0
        with without_collector():
            for bundle in bundles:
                documents += len(bundle.documents)
                sets += len(bundle.sets)
                problems += self.look(bundle).problems
        return Checked(documents=documents, annotation_sets=sets, problems=tuple(problems))

    def look(self, bundle: Bundle) -> Looked:
        """What is wrong with a document and its sets, and what could be read of them."""
        id_ = bundle.id
        problems: list[Problem] = []
        _apply(BUNDLE_RULES, bundle, problems, id_)
        document: Document | None = None
        for entry in bundle.documents:
            record = read(entry)
            _apply(ENTRY_RULES, record, problems, id_, entry)
            if isinstance(found := record.record, Document):
                document = document or found
                _apply(DOCUMENT_RULES, DocumentContext(found, self.config), problems, id_, entry)
        text_sha256 = sha256(document.text) if document else ""
        sets = []
        for entry in bundle.sets:
            record = read(entry)
            _apply(ENTRY_RULES, record, problems, id_, entry)
            if document and (columns := record.columns):
                sets.append(columns)
                # On another text offsets mean nothing, and what is said of them would hide that.
                rules = CANDIDATE_RULES if holds_candidates(entry.annotator or "") else SET_RULES
                if columns.record.text_sha256 != text_sha256:
                    rules = OTHER_TEXT_RULES
                _apply(rules, SetContext(document, columns, self.setting, text_sha256), problems, id_, entry)
        return Looked(problems, document, sets)


def _apply(
    rules: Iterable[Rule[Context]], context: Context, problems: list[Problem], document: str, entry: Entry | None = None
) -> None:
    for rule in rules:
        for finding in rule.check(context):
            problems.append(_problem(rule, document, entry, finding))  # noqa: PERF401 - nearly always there is none


def _problem(rule: Rule[Any], document: str, entry: Entry | None, finding: Finding) -> Problem:
    about = finding.entry or entry
    where = about.where if about else finding.file
    path = f"{where}#{finding.pointer}" if finding.pointer else where
    return Problem(document=document, path=path, rule=rule.name, severity=rule.severity, message=finding.message)


def _batches(bundles: Iterator[Bundle], size: int) -> Iterator[tuple[list[Bundle], int]]:
    """Bundles that have as many raw bytes together, and how many those are."""
    batch: list[Bundle] = []
    length = 0
    for bundle in bundles:
        batch.append(bundle)
        length += sum([len(entry.raw) for entry in bundle.documents]) + sum([len(entry.raw) for entry in bundle.sets])
        if length >= size:
            yield batch, length
            batch, length = [], 0
    if batch:
        yield batch, length


def _in_processes(store: Store, checker: Checker, jobs: int) -> Iterator[Checked]:
    """Every process reads all and checks the batches that it takes: reading costs less than being sent a part."""
    context = quickest()
    following: _Counter = context.Value("q", 0)
    workers = [_Worker(context, store, checker, following) for _ in range(jobs - 1)]
    try:
        checked: dict[int, Checked] = {}
        told = read = 0
        for part in _take(store, checker, following, _BYTES):
            if isinstance(part, int):
                read = part
                continue
            checked[part[0]] = part[1]
            for worker in workers:
                checked.update(worker.results(wait=False))
            while told in checked:
                yield checked.pop(told)
                told += 1
        for worker in workers:
            checked.update(worker.results(wait=True))
        for number in sorted(checked):
            yield checked[number]
        if any(worker.read != read for worker in workers):
            raise StandoffError("corpus: files were changed while they were being validated; run it again")
    finally:
        for worker in workers:
            worker.process.terminate()
            worker.process.join()


class _Worker:
    """Another process that checks, and what came from it."""

    def __init__(
        self, context: ForkContext | SpawnContext, store: Store, checker: Checker, following: "_Counter"
    ) -> None:
        self._connection, other = context.Pipe(duplex=False)
        setting = (store.root, checker.config, checker.scheme.scheme, following, _BYTES, other)
        self.process = context.Process(target=_work, args=setting, daemon=True)
        with uninterrupted():
            self.process.start()
        other.close()
        self.read: int | None = None
        """Bytes that it has read, known when it has come to the end."""

    def results(self, *, wait: bool) -> Iterator[tuple[int, Checked]]:
        """Batches that it has checked, by their numbers: those that are here, or all."""
        while self.read is None and (wait or self._connection.poll()):
            try:
                part: tuple[int, Checked] | int = self._connection.recv()
            except (EOFError, OSError):  # ended between messages, or within one
                raise EnvironmentFault(
                    "a process that was checking the corpus was ended; if memory is short, run it again with --jobs 1"
                ) from None
            if isinstance(part, int):
                self.read = part
            else:
                yield part


class _Counter(Protocol):
    """A number that processes share."""

    value: int

    def get_lock(self) -> AbstractContextManager[Any]: ...


def _work(root: Path, config: Config, scheme: Scheme, following: _Counter, size: int, connection: Connection) -> None:
    end_with_parent()
    for part in _take(Store(root), Checker(config, scheme), following, size):
        connection.send(part)


def _take(store: Store, checker: Checker, following: _Counter, size: int) -> Iterator[tuple[int, Checked] | int]:
    """Goes through all batches and checks those that no other process has taken; at the end, how many bytes there were."""
    read = 0
    taken = _next(following)
    for number, (batch, length) in enumerate(_batches(store.bundles(store.set_names()), size)):
        read += length
        if number == taken:
            yield number, checker.check(batch)
            taken = _next(following)
    yield read


def _next(following: _Counter) -> int:
    with following.get_lock():
        taken = following.value
        following.value += 1
    return taken
