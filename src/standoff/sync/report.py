"""What a sync did, or would do: the values that the command line prints, and the options that it passes."""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from standoff.errors import StandoffError
from standoff.problems import Problem
from standoff.sync.document import Counts, Direction
from standoff.sync.merge import Conflict, Resolve


class Stop(StandoffError):
    """A project as a whole that must not be synced as it is. The message says why, and how to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the curator asked for."""

    direction: Direction = "sync"
    dry_run: bool = False
    resolve: Resolve = "report"
    documents: frozenset[str] = frozenset()
    """Only these documents, also those that were dropped; all others when empty."""
    drop: frozenset[str] = frozenset()
    force_delete: frozenset[str] = frozenset()
    """Documents, and names of projects, whose guards against deletion are lifted."""


class ConflictLine(Struct, frozen=True, kw_only=True):
    """A conflict that nobody has resolved yet."""

    document: str
    item: str
    field: str
    base: Any
    ours: Any
    theirs: Any


class SkippedLine(Struct, frozen=True, kw_only=True):
    """A document that was left as it is on both sides."""

    document: str
    reason: str


class ProjectReport(Struct, kw_only=True):
    """One project: what our side and the page gained and lost, and what needs a curator."""

    project: str
    ours: Counts = msgspec.field(default_factory=Counts)
    page: Counts = msgspec.field(default_factory=Counts)
    documents: int = 0
    """Documents that are new in the page, with or without annotations."""
    confirmations: int = 0
    """Sets that somebody confirmed in the page, or that nobody has confirmed any more."""
    comments: int = 0
    """Comments that are new in the page."""
    conflicts: list[ConflictLine] = msgspec.field(default_factory=list)
    skipped: list[SkippedLine] = msgspec.field(default_factory=list)
    dropped: list[str] = msgspec.field(default_factory=list)
    """Documents that are synced no longer from this run on."""
    problems: list[Problem] = msgspec.field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is left for a curator to decide."""
        return not (self.conflicts or self.skipped or any(p.severity == "error" for p in self.problems))

    def skip(self, document: str, reason: object) -> None:
        """Records a document that is left as it is."""
        self.skipped.append(SkippedLine(document=document, reason=str(reason)))

    def conflict(self, document: str, conflicts: tuple[Conflict, ...]) -> None:
        """Records the conflicts of a document."""
        for c in conflicts:
            self.conflicts.append(
                ConflictLine(document=document, item=c.item, field=c.field, base=c.base, ours=c.ours, theirs=c.theirs)
            )

    def remark(self, document: str, annotator: str, rule: str, message: str, *, error: bool = False) -> None:
        """Records a problem in the page, or a decision that a curator may want to know."""
        self.problems.append(
            Problem(
                document=document,
                path=f"corpus/annotations/{annotator}/{document}.json",
                rule=rule,
                severity="error" if error else "warning",
                message=message,
            )
        )
