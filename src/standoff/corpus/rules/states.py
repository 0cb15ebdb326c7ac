"""Rules for what sync remembers between two runs. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from standoff.corpus.codec import DecodeError, decode
from standoff.corpus.rules.base import Finding
from standoff.corpus.rules.records import explain
from standoff.corpus.state import DocumentState, ProjectState, contradictions
from standoff.corpus.store import StateFile

DELETE = "delete this file: the next sync links everything again and deletes nothing"
_RESTORE = "restore this file from git, or delete it: the next sync takes up the project of that name again"


@dataclass(frozen=True)
class StateContext:
    """The bytes of one state, and what they are if they can be read."""

    file: StateFile
    record: ProjectState | DocumentState | None
    reason: str
    """Why they can't be read."""


def read_state(file: StateFile) -> StateContext:
    """The state in a file."""
    try:
        record = decode(file.raw, DocumentState) if file.document else decode(file.raw, ProjectState)
    except DecodeError as error:
        return StateContext(file, None, error.reason)
    return StateContext(file, record, "")


def readable(context: StateContext) -> Iterator[Finding]:
    """A file of sync is JSON that follows its schema (`schema/sync-*.schema.json`). It is never merged by lines: after a
    conflict in git it is deleted.
    """
    if context.record is not None:
        return
    name, remedy = ("sync-document", DELETE) if context.file.document else ("sync-project", _RESTORE)
    findings = list(explain(context.file.raw, name, "", remedy))
    yield from findings or [Finding("", f"{context.reason}; {remedy}")]


def consistent(context: StateContext) -> Iterator[Finding]:
    """What sync remembers of an annotation set fits together: every span and relation that both sides agreed on has its rows
    in the page, and no id stands twice. Halves of two versions would make sync delete what nobody deleted.
    """
    if isinstance(context.record, DocumentState):
        for pointer, message in contradictions(context.record):
            yield Finding(pointer, f"{message}; {DELETE}")
