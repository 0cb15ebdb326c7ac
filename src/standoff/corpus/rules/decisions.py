"""Rules for curators' decisions. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from standoff.corpus.codec import DecodeError, decode
from standoff.corpus.decisions import Decisions, twice
from standoff.corpus.rules.base import Finding
from standoff.corpus.rules.records import explain
from standoff.corpus.store import StateFile


@dataclass(frozen=True)
class DecisionContext:
    """The bytes of one file of decisions, and what they are if they can be read."""

    file: StateFile
    record: Decisions | None
    reason: str
    """Why they can't be read."""


def read_decisions(file: StateFile) -> DecisionContext:
    """The decisions in a file."""
    try:
        return DecisionContext(file, decode(file.raw, Decisions), "")
    except DecodeError as error:
        return DecisionContext(file, None, error.reason)


def readable(context: DecisionContext) -> Iterator[Finding]:
    """A file of decisions is JSON that follows its schema (`schema/decisions.schema.json`)."""
    if context.record is None:
        remedy = "correct it, or restore it from git"
        findings = list(explain(context.file.raw, "decisions", "", remedy))
        yield from findings or [Finding("", f"{context.reason}; {remedy}")]


def consistent(context: DecisionContext) -> Iterator[Finding]:
    """A file of decisions is named after its document, lies in the folder of its set, and decides each question once."""
    if context.record is None:
        return
    folder, name = context.file.file.split("/")[-2:]
    if context.record.document != name.removesuffix(".json"):
        yield Finding("/document", f"{context.record.document!r} is in a file named {name!r}; rename the file")
    if context.record.annotator != folder:
        yield Finding("/annotator", f"{context.record.annotator!r} is in the folder of {folder!r}; move the file")
    for pointer, message in twice(context.record):
        yield Finding(pointer, f"{message}; keep one of them")
