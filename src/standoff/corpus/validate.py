"""Validation of a whole corpus: every rule over every record, streamed, in several processes, all problems in one pass."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

from msgspec import Struct

from standoff.corpus.codec import sha256
from standoff.corpus.config import Config
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.rules import (
    BUNDLE_RULES,
    CORPUS_RULES,
    DOCUMENT_RULES,
    ENTRY_RULES,
    OTHER_TEXT_RULES,
    SET_RULES,
    STATE_RULES,
)
from standoff.corpus.rules.base import CorpusContext, DocumentContext, Finding, Rule, SetContext, Setting
from standoff.corpus.rules.records import read
from standoff.corpus.rules.states import read_state
from standoff.corpus.scheme import Scheme, SchemeIndex, index
from standoff.corpus.store import Bundle, Entry, StateFile, Store
from standoff.problems import Problem

_BYTES = 2_000_000
"""Raw bytes that go to a process together."""
_IN_PROCESS = 8_000_000
"""So many bytes are checked before the first process is started: starting one costs more than they do."""
_AHEAD = 16
"""Batches for each process that may be checked before the one that is next in order."""


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
    bundles = store.bundles()
    jobs = jobs or os.cpu_count() or 1
    size = 0
    for batch in _batches(bundles):
        yield checker.check(batch)
        size += sum(_size(bundle) for bundle in batch)
        if jobs > 1 and size > _IN_PROCESS:
            break
    else:
        return
    yield from _in_processes(checker, _batches(bundles), jobs)


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
        context = read_state(file)
        for rule in STATE_RULES:
            for finding in rule.check(context):
                yield _problem(rule, file.document, None, finding._replace(file=file.file))

    def check(self, bundles: Sequence[Bundle]) -> Checked:
        """What is wrong with these documents and their sets."""
        problems: list[Problem] = []
        documents = sets = 0
        collecting = gc.isenabled()
        # Records are trees: nothing in them needs the collector, which would walk them all again and again.
        gc.disable()
        try:
            for bundle in bundles:
                documents += len(bundle.documents)
                sets += len(bundle.sets)
                problems += self._bundle(bundle)
        finally:
            if collecting:
                gc.enable()
        return Checked(documents=documents, annotation_sets=sets, problems=tuple(problems))

    def _bundle(self, bundle: Bundle) -> Iterator[Problem]:
        id_ = bundle.id
        for rule in BUNDLE_RULES:
            for finding in rule.check(bundle):
                yield _problem(rule, id_, None, finding)
        document: Document | None = None
        for entry in bundle.documents:
            record = read(entry)
            for entry_rule in ENTRY_RULES:
                for finding in entry_rule.check(record):
                    yield _problem(entry_rule, id_, entry, finding)
            if isinstance(record.record, Document):
                context = DocumentContext(record.record, self.config)
                document = document or record.record
                for document_rule in DOCUMENT_RULES:
                    for finding in document_rule.check(context):
                        yield _problem(document_rule, id_, entry, finding)
        text_sha256 = sha256(document.text) if document else ""
        for entry in bundle.sets:
            record = read(entry)
            for entry_rule in ENTRY_RULES:
                for finding in entry_rule.check(record):
                    yield _problem(entry_rule, id_, entry, finding)
            if document and isinstance(record.record, AnnotationSet):
                made = SetContext(document, record.record, self.setting, text_sha256)
                # On another text offsets mean nothing, and what is said of them would hide that.
                rules = SET_RULES if record.record.text_sha256 == text_sha256 else OTHER_TEXT_RULES
                for set_rule in rules:
                    for finding in set_rule.check(made):
                        yield _problem(set_rule, id_, entry, finding)


def _problem(rule: Rule[Any], document: str, entry: Entry | None, finding: Finding) -> Problem:
    about = finding.entry or entry
    where = about.where if about else finding.file
    path = f"{where}#{finding.pointer}" if finding.pointer else where
    return Problem(document=document, path=path, rule=rule.name, severity=rule.severity, message=finding.message)


def _batches(bundles: Iterator[Bundle]) -> Iterator[list[Bundle]]:
    batch: list[Bundle] = []
    size = 0
    for bundle in bundles:
        batch.append(bundle)
        size += _size(bundle)
        if size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(bundle: Bundle) -> int:
    return sum(len(entry.raw) for entry in (*bundle.documents, *bundle.sets))


def _in_processes(checker: Checker, batches: Iterator[list[Bundle]], jobs: int) -> Iterator[Checked]:
    """This process works too: it checks what the others have no room for, so that it never waits while they start."""
    first = list(islice(batches, 1))
    if not first:
        return
    setting = (checker.config, checker.scheme.scheme)
    with ProcessPoolExecutor(jobs - 1, mp_context=get_context("spawn"), initializer=_start, initargs=setting) as pool:
        checked: deque[Future[Checked] | Checked] = deque()
        for batch in chain(first, batches):
            while checked and (len(checked) > _AHEAD * jobs or _done(checked[0])):
                yield _result(checked.popleft())
            if sum(not _done(part) for part in checked) < 2 * (jobs - 1):
                checked.append(pool.submit(_work, batch))
            else:
                checked.append(checker.check(batch))
        while checked:
            yield _result(checked.popleft())


def _done(part: Future[Checked] | Checked) -> bool:
    return isinstance(part, Checked) or part.done()


def _result(part: Future[Checked] | Checked) -> Checked:
    return part if isinstance(part, Checked) else part.result()


_checker: Checker


def _start(config: Config, scheme: Scheme) -> None:
    global _checker  # noqa: PLW0603 - made once in each process, not for every batch
    _checker = Checker(config, scheme)


def _work(batch: list[Bundle]) -> Checked:
    return _checker.check(batch)
