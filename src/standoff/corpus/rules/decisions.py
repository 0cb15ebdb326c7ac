"""Rules for curators' decisions. Pure."""

from collections.abc import Iterator

from standoff.corpus.decisions import Decisions, twice
from standoff.corpus.rules.base import Finding
from standoff.corpus.rules.records import REMEDY, FileContext, unreadable


def readable(context: FileContext) -> Iterator[Finding]:
    """A file of decisions is JSON that follows its schema (`schema/decisions.schema.json`)."""
    return unreadable(context, "decisions", REMEDY)


def consistent(context: FileContext) -> Iterator[Finding]:
    """A file of decisions is named after its document, lies in the folder of its set, and decides each question once."""
    if not isinstance(context.record, Decisions):
        return
    folder, name = context.file.file.split("/")[-2:]
    if context.record.document != name.removesuffix(".json"):
        yield Finding("/document", f"{context.record.document!r} is in a file named {name!r}; rename the file")
    if context.record.annotator != folder:
        yield Finding("/annotator", f"{context.record.annotator!r} is in the folder of {folder!r}; move the file")
    for pointer, message in twice(context.record):
        yield Finding(pointer, f"{message}; keep one of them")
