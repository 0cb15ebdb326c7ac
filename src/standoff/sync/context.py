"""What all parts of one project's run share, and how they read one document from all sides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from standoff.corpus.codec import DecodeError
from standoff.corpus.config import DoccanoTable
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.stands import unsound
from standoff.corpus.state import DocumentState, contradictions
from standoff.corpus.store import Store
from standoff.formats.doccano import Scope, from_page, offsets
from standoff.formats.doccano_rows import Example
from standoff.sync.case import Case
from standoff.sync.document import Skip, base_of, within
from standoff.sync.journal import Journal, imported_items, replay
from standoff.sync.people import annotator_name, with_annotators
from standoff.sync.remote import Confirmation, Project, Remote
from standoff.sync.renames import in_new_names, sent_in_new_names, with_new_labels
from standoff.sync.report import Options, ProjectReport
from standoff.sync.sets import items_of
from standoff.sync.spool import Spool
from standoff.text.counted import counted

_LINKED_AGAIN = "the next sync links everything again and deletes nothing"

Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, of how many."""


@dataclass(slots=True)
class Context:
    """One project's run."""

    store: Store
    name: str
    table: DoccanoTable
    scope: Scope
    others: Mapping[str, tuple[str, ...]]
    """Other projects of the same set or of members' sets, with their layers: all must have confirmed a set."""
    remote: Remote
    options: Options
    progress: Progress
    report: ProjectReport
    excluded: frozenset[str] = frozenset()
    """Documents that a curator excludes: none of them comes into the page."""
    saved: bool = False
    """This run's export has been kept as a backup."""
    lookups: dict[str, Callable[[str], AnnotationSet | None]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """What this project keeps outside of git."""
        return self.store.root / f".standoff/sync/{self.name}"

    @property
    def reserved(self) -> frozenset[str]:
        """Annotators' names that no user of the page gets."""
        tables = [self.table, *self.store.config.doccano.values()]
        named = {name for table in tables for name in (table.set, table.push.source) if name}
        return frozenset({"gold", *named})

    def named(self, document: str) -> bool:
        """Whether this run is about a document: all are, unless some are named on the command line."""
        options = self.options
        return document not in options.drop and (not options.documents or document in options.documents)

    def annotator(self, member: str | None) -> str:
        """Whose set a member's rows are."""
        return annotator_name(member, self.reserved) if member else self.table.set

    def set(self, annotator: str, document: str) -> AnnotationSet | None:
        """One annotation set as it is now, or None. Raises as `Store.set` does."""
        if annotator not in self.lookups:
            self.lookups[annotator] = self.store.lookup(annotator)
        return self.lookups[annotator](document)

    def journal(self, annotator: str, document: str) -> Journal:
        """The journal of one set."""
        return Journal(self.folder / f"journal/{annotator}/{document}.jsonl")

    def state(self, annotator: str, document: str, project: str | None = None) -> DocumentState | None:
        """What is remembered of a set, in this or another project; None also for one that was dropped and is now named on
        the command line.

        Raises Skip when that is damaged or of two halves, as after a merge by lines (S13).
        """
        file = f"corpus/sync/{project or self.name}/{annotator}/{document}.json"
        try:
            state = self.store.document_state(project or self.name, annotator, document)
        except DecodeError as error:
            raise Skip(f"{error}; delete {file}: {_LINKED_AGAIN}") from None
        for _, reason in contradictions(state) if state else ():
            raise Skip(f"{file} was merged badly: {reason}; delete {file}: {_LINKED_AGAIN}")
        return None if state and state.dropped and document in self.options.documents else state

    def keep_export(self, spool: Spool) -> None:
        """Keeps the export as a backup (S22), once, before anything is written."""
        if not self.saved:
            spool.keep(self.folder / "backups")
            self.saved = True

    def case(self, document: Document, before: AnnotationSet | None, example: Example, member: str | None) -> Case:
        """One document read from all sides. Raises PageError, and Skip: a damaged state, an annotation file that is gone
        (S19), a set on another text (S10)."""
        annotator = self.annotator(member)
        units = offsets(document.text, grapheme_mode=self.table.grapheme_mode)
        stored = self.state(annotator, document.id)
        state = stored if stored and stored.example == example.id else DocumentState(example=example.id)
        if before:
            state = in_new_names(self.scope, state, items_of(before), example)
        example = with_annotators(example, self.reserved, member)
        if member is None and self.options.direction != "pull":
            example = with_new_labels(self.scope, state, example)
        example = from_page(self.scope, document, example, units)
        if before:
            check_set(self.scope, document, before)
        lines = self.journal(annotator, document.id).read()
        sent = imported_items(lines)
        sent = sent and sent_in_new_names(self.scope, sent, sent)
        if before is None and (state.rows or state.base_spans) and document.id not in self.options.force_delete:
            size = len(base_of(state).spans)
            raise Skip(
                f"corpus/annotations/{annotator}/{document.id}.json is gone, with what is in the page ({counted(size, 'span')});"
                " restore it from git, or name this document with --force-delete to delete them in the page too"
            )
        ours = within(self.scope, items_of(before)) if before or sent is None else sent
        if lines:
            state = replay(self.scope, document, ours, state, lines, example)
        return Case(
            document=document,
            annotator=annotator,
            user=member,
            before=before,
            ours=ours,
            stored=stored,
            state=state,
            example=example,
            units=units,
            journaled=bool(lines),
        )


def check_set(scope: Scope, document: Document, annotations: AnnotationSet) -> None:
    """Raises Skip for a set whose offsets are not those of the text: in the page they would be anywhere (S10). And for labels
    that the scheme lacks, relations without an end, and items of one id: they would be taken for deleted. And for one of another
    version of the scheme: its labels may mean others in the page, and what is drawn there is of this version."""
    where, version = f"corpus/annotations/{annotations.annotator}/{document.id}.json", scope.index.scheme.version
    if annotations.scheme != version:
        raise Skip(
            f"{where}: it was made with the scheme {annotations.scheme!r}, and the corpus has {version!r}; run `standoff migrate`,"
            " then sync again"
        )
    why = unsound(document, annotations)
    known = (
        ("span", annotations.spans, scope.index.span_layer),
        ("relation", annotations.relations, scope.index.relation_layer),
    )
    for kind, items, layers in known if not why else ():
        for item in items:
            if item.label not in layers:
                why = f"{kind} {item.id} has the label {item.label!r}, which the scheme lacks"
    if why:
        raise Skip(f"{where}: {why}; run `standoff validate`, mend it, sync again")


@dataclass(slots=True)
class Page:
    """The page as this run found it."""

    project: Project | None
    """None when there is none yet and none may be made."""
    spool: Spool
    confirmed: set[tuple[str | None, int]]
    """Member (None in a shared project) and example, of what is confirmed."""
    listed: datetime | None = None
    """The server's clock, to a second, when what is confirmed in a shared project was listed, before all reading."""
    confirmations: dict[int, tuple[Confirmation, ...]] = field(default_factory=dict)
    """Who confirmed an example of a shared project, and when, of those of which it was asked since they were
    read."""

    @property
    def there(self) -> Project:
        """The project, where there is one."""
        assert self.project is not None
        return self.project
