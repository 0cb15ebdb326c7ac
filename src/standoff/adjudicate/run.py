"""Adjudication of a corpus: reads sets, keeps each decision at once, writes what is settled. All I/O is here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from msgspec.structs import replace as changed

from standoff.adjudicate.curated import Curated, read_back
from standoff.adjudicate.plan import Plan, plan
from standoff.adjudicate.result import result
from standoff.adjudicate.take import Signature, Takes
from standoff.corpus.codec import encode, sha256
from standoff.corpus.config import excluded
from standoff.corpus.decisions import Decision, Decisions
from standoff.corpus.entries import Entry, sole
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex, index
from standoff.corpus.stands import unsound
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker
from standoff.errors import StandoffError, UsageError
from standoff.problems import Problem
from standoff.score.comparison import unknown_labels

TOGETHER = 64
"""So many documents are saved together."""


class SkipError(StandoffError):
    """A document that can't be adjudicated as it is, and why."""


@dataclass(slots=True)
class Case:
    """One document that all annotators annotated, and how far it is."""

    document: Document
    sets: tuple[AnnotationSet, ...]
    decisions: Decisions
    plan: Plan
    new: int = 0
    """Decisions that this run made."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done with the adjudicated set of a document."""

    written: bool = False
    edited: tuple[str, ...] = ()
    """Layers that were left as they are, because they were edited by hand."""
    leaning: tuple[str, ...] = ()
    """Layers that not all annotated, and that kept those from being written that their relations lead to."""
    waiting: tuple[str, ...] = ()
    """Layers that are not written yet, because something is open."""
    unconfirmed: bool = False
    """The set was confirmed before, with what it held then; it is no longer."""
    problems: tuple[Problem, ...] = ()
    """What validation says of the set that was written: errors."""


class Adjudication:
    """One adjudicated set of a corpus, made of these annotators' sets.

    Raises UsageError for fewer than two annotators, one without annotations, or the set itself among them.
    """

    def __init__(self, store: Store, annotators: Iterable[str], name: str) -> None:
        self.store = store
        self.index: SchemeIndex = index(store.scheme)
        self.names = tuple(sorted(set(annotators)))
        self.set = name
        self.adjudicated = store.lookup(name)
        """The adjudicated set of a document as it is now, or None."""
        self.missing = 0
        """Documents that some of the annotators have, but not all."""
        self.excluded = 0
        """Documents that some of them have, and that a curator excludes."""
        self._held = False
        self._made: list[AnnotationSet] = []
        self._decided: dict[str, Decisions] = {}
        self._checker = Checker(store.config, store.scheme)
        known = store.annotators()
        for one in self.names:
            if one not in known:
                raise UsageError(f"{one}: no such annotator; there are {', '.join(known) or 'none yet'}")
        if len(self.names) < 2:
            raise UsageError(
                f"adjudicate needs two annotators, and there is {', '.join(self.names) or 'none'}; name two"
            )
        if name in self.names:
            raise UsageError(
                f"--set {name}: the result can't be one of the sets that it is made of; choose another name"
            )

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Holds the corpus's lock all the time and saves many documents together, which is much quicker than one by one; for
        runs in which nobody is asked."""
        with self.store.lock():
            self._held = True
            try:
                yield
            finally:
                self.flush()
                self._held = False

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Around everything that writes."""
        if self._held:
            yield
            if len(self._decided) >= TOGETHER:
                self.flush()
        else:
            with self.store.lock():
                yield
                self.flush()

    def flush(self) -> None:
        """Saves what waits to be saved together."""
        # Sets first: what a decision's file says was written then is.
        self.store.write(self._made)
        self.store.write_decisions(self._decided.values())
        self._made, self._decided = [], {}

    def cases(self, documents: Iterable[str] = ()) -> Iterator[Case | tuple[str, SkipError]]:
        """Documents that all annotated, in the order of their ids; of one that stands in the way its id and the reason.

        What a curator excludes does not come. With `documents` only those; each of them comes.
        """
        wanted = set(documents)
        seen: set[str] = set()
        without = excluded(self.store.overrides())
        for bundle in self.store.bundles((*self.names, self.set)):
            if wanted and bundle.id not in wanted:
                continue
            there = {entry.annotator for entry in bundle.sets} & set(self.names)
            if there and bundle.id in without:
                self.excluded += 1
                if wanted:
                    seen.add(bundle.id)
                    yield bundle.id, SkipError("corpus/overrides.toml excludes it; take that out to adjudicate it")
                continue
            if len(there) < len(self.names):
                self.missing += bool(there)
                if there and wanted:
                    seen.add(bundle.id)
                    absent = ", ".join(sorted(set(self.names) - there))
                    yield bundle.id, SkipError(f"{absent} did not annotate it")
                continue
            seen.add(bundle.id)
            try:
                yield self._case(bundle)
            except StandoffError as error:
                yield bundle.id, SkipError(str(error))
        for id_ in sorted(wanted - seen):
            yield id_, SkipError(f"none of {', '.join(self.names)} annotated a document of this id")

    def decide(self, case: Case, decisions: Sequence[Decision], withdrawn: Iterable[str] = ()) -> None:
        """Keeps decisions, each instead of an earlier one of its question, and plans again. On disk when it returns."""
        gone = set(withdrawn)
        if not decisions and not gone:
            return
        with self._lock():
            current = self._decisions(case)
            by_question = {decision.question: decision for decision in current.decisions}
            by_question.update({decision.question: decision for decision in decisions})
            case.decisions = changed(
                current, decisions=tuple(one for id_, one in by_question.items() if id_ not in gone)
            )
            self._decided[case.document.id] = case.decisions
        case.new += len(decisions)
        case.plan = plan(case.sets, self.index, case.decisions.decisions)

    def take(self, case: Case, layers: Sequence[str], takes: Takes, sign: Signature) -> None:
        """Answers by options, until they answer nothing more: answers bring up questions that waited for them."""
        made = takes.again(case.decisions.decisions, sign)
        while True:
            self.decide(case, made)
            made = takes.answers([one for one in case.plan.questions if one.layer in layers], sign)
            if not made:
                return

    def keep_edits(self, case: Case, layers: Sequence[str], sign: Signature) -> None:
        """Takes what the adjudicated set has, edited by hand, as decisions: then it is what was decided."""
        edited = self._adjudicated(case)
        if edited is None:
            raise SkipError(f"there is no set {self.set} of it whose edits could be kept")
        there = [layer for layer in case.plan.layers if layer in layers and layer in edited.layers]
        back = read_back(case.plan, edited, case.decisions.decisions, self.index, there, sign, page=False)
        self.keep(case, back)

    def keep(self, case: Case, back: Curated) -> None:
        """Keeps what a curated set says."""
        gone = {decision.question for decision in case.decisions.decisions} - back.decisions.keys()
        self.decide(case, back.new, gone)

    def write(self, case: Case, layers: Iterable[str], *, overwrite: bool = False) -> Outcome:
        """Writes those of these layers that are settled; decisions of no use are forgotten once nothing is open.

        Layers that were edited by hand are left as they are, unless `overwrite`. Raises SkipError when an annotator's set has
        changed since the case was read.
        """
        with self._lock():
            current = self._decisions(case)
            if current != case.decisions:
                case.decisions = current
                case.plan = plan(case.sets, self.index, current.decisions)
            for one in case.sets if not self._held else ():
                if self.store.set(one.annotator, case.document.id) != one:
                    raise SkipError(f"{one.annotator}'s set has changed since it was asked about; run it again")
            before = self._adjudicated(case)
            made = result(case.plan, before, case.decisions, self.index, layers=tuple(layers), overwrite=overwrite)
            if made.annotations:
                self._made.append(made.annotations)
            kept = case.decisions.decisions
            if not case.plan.open_layers:
                unused = {decision.question for decision in case.plan.unused}
                kept = tuple(decision for decision in kept if decision.question not in unused)
            after = changed(case.decisions, written=made.written, decisions=kept)
            if after.written or after.decisions:
                self._decided[case.document.id] = after
            case.decisions = after
        problems = self._problems(case.document, made.annotations) if made.annotations else ()
        return Outcome(
            written=made.annotations is not None,
            edited=made.edited,
            leaning=made.leaning,
            waiting=made.waiting,
            unconfirmed=bool(made.annotations and before and before.confirmed),
            problems=problems,
        )

    def _adjudicated(self, case: Case) -> AnnotationSet | None:
        found = self.adjudicated(case.document.id)
        if found and (why := unsound(case.document, found)):
            raise SkipError(f"corpus/annotations/{self.set} has a set of it: {why}; mend it, or remove it first")
        return found

    def _decisions(self, case: Case) -> Decisions:
        """Those of a case as they are now: without the lock another process may have decided something."""
        kept = None if self._held else self.store.decisions(self.set, case.document.id)
        return kept or case.decisions

    def _case(self, bundle: Bundle) -> Case:
        if not bundle.documents:
            raise SkipError("it is not in corpus/documents; restore it, or remove the sets")
        if shard := next((entry for entry in bundle.sets if entry.annotator == self.set and entry.line), None):
            raise SkipError(
                f"{shard.where} is the set of {self.set}, and a command does not edit shards; make it a file of its own,"
                " or give another --set"
            )
        document = sole(bundle.documents, Document)
        sets = tuple(
            sole([entry for entry in bundle.sets if entry.annotator == name], AnnotationSet) for name in self.names
        )
        text = sha256(document.text)
        for one in sets:
            if why := unsound(document, one):
                raise SkipError(f"{one.annotator}: {why}; run `standoff validate`")
            if unknown := unknown_labels(one, self.index):
                raise SkipError(
                    f"{one.annotator} has labels that the scheme lacks: {', '.join(unknown)}; run `standoff validate`"
                )
        decisions = self.store.decisions(self.set, document.id)
        if decisions and decisions.text_sha256 != text:
            raise SkipError(
                f"corpus/decisions/{self.set}/{document.id}.json was made on another text; remove it to decide anew"
            )
        if decisions is None:
            decisions = Decisions(document=document.id, annotator=self.set, text_sha256=text)
        found = plan(sets, self.index, decisions.decisions)
        if not found.layers:
            raise SkipError(f"no layer that all of {', '.join(self.names)} annotated")
        return Case(document, sets, decisions, found)

    def _problems(self, document: Document, annotations: AnnotationSet) -> tuple[Problem, ...]:
        file = f"corpus/annotations/{annotations.annotator}/{document.id}.json"
        documents = (Entry(document.id, None, f"corpus/documents/{document.id}.json", 0, encode(document)),)
        entry = Entry(document.id, annotations.annotator, file, 0, encode(annotations))
        found = self._checker.look(Bundle(document.id, documents, (entry,))).problems
        return tuple(one for one in found if one.severity == "error" and one.path.startswith(file))
