"""Rules for what sync remembers between two runs. Pure."""

from collections.abc import Iterator

from standoff.corpus.rules.base import Finding
from standoff.corpus.rules.records import FileContext, unreadable
from standoff.corpus.state import DocumentState, contradictions

DELETE = "delete this file: the next sync links everything again and deletes nothing"
_RESTORE = "restore this file from git, or delete it: the next sync takes up the project of that name again"


def readable(context: FileContext) -> Iterator[Finding]:
    """A file of sync is JSON that follows its schema (`schema/sync-*.schema.json`). It is never merged by lines: after a
    conflict in git it is deleted.
    """
    name, remedy = ("sync-document", DELETE) if context.file.document else ("sync-project", _RESTORE)
    return unreadable(context, name, remedy)


def consistent(context: FileContext) -> Iterator[Finding]:
    """What sync remembers of an annotation set fits together: every span and relation that both sides agreed on has its rows
    in the page, and no id stands twice. Halves of two versions would make sync delete what nobody deleted.
    """
    if isinstance(context.record, DocumentState):
        for pointer, message in contradictions(context.record):
            yield Finding(pointer, f"{message}; {DELETE}")
