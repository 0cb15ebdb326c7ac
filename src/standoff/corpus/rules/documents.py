"""Rules for documents and for the corpus as a whole. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from standoff.corpus.model import Extent, Section, is_day
from standoff.corpus.page import collisions, relation_types, span_types
from standoff.corpus.rules.base import CorpusContext, DocumentContext, Finding
from standoff.text.clean import invariants
from standoff.text.counted import counted


def page_names(context: CorpusContext) -> Iterator[Finding]:
    """The names of a project's labels differ in their first twelve characters, whatever their case: the page draws no more
    of them, and annotators could not tell them apart.
    """
    tables = context.config.doccano
    everything = tuple(context.scheme.layers)
    projects = {f"project {name}": table.layers or everything for name, table in tables.items()}
    for name, layers in (projects or {"all layers together": everything}).items():
        known = [layer for layer in layers if layer in context.scheme.layers]
        for types in (span_types(context.scheme, known), relation_types(context.scheme, known)):
            for first, second in collisions(types):
                yield Finding(
                    "",
                    f"{name}: the page draws {first.name!r} and {second.name!r} alike; give one another `page` name",
                    file="corpus/scheme.toml",
                )


def known_layers(context: CorpusContext) -> Iterator[Finding]:
    """The layers that `corpus.toml` names are layers of the scheme."""
    known = context.scheme.layers
    named = {"corpus.layers": context.config.corpus.layers}
    named |= {f"doccano.{name}.layers": table.layers for name, table in context.config.doccano.items()}
    for key, layers in named.items():
        for layer in layers:
            if layer not in known:
                yield Finding(
                    "",
                    f"{key} names {layer!r}; the scheme has {', '.join(known)}",
                    file="corpus/corpus.toml",
                )


def stray_files(context: CorpusContext) -> Iterator[Finding]:
    """Every file among documents and annotation sets is one that is read: `<document>.json`, or a shard, `.jsonl` or
    `.jsonl.zst`, in `documents/` or in an annotator's folder. What is called otherwise is left out of everything.
    """
    for file in context.strays:
        yield Finding("", "nothing reads this file; rename it, or move it out of the corpus", file=file)


def clean_text(context: DocumentContext) -> Iterable[Finding]:
    """A text is clean: NFC, newlines as U+000A, plain spaces, no other control characters, no white space at its ends. Else
    offsets shift wherever another program cleans it.
    """
    return [
        Finding("/text", f"{found.message}; normalize the source again") for found in invariants(context.document.text)
    ]


def real_date(context: DocumentContext) -> Iterator[Finding]:
    """A document's date is a day of the calendar, or a month or year: there is no 30th of February, and programs that read
    dates stop at one.
    """
    date = context.document.date
    if date and not is_day(date):
        yield Finding("/date", f"{date} is no day of the calendar; correct it at the source or in overrides.toml")


def sections_in_order(context: DocumentContext) -> Iterable[Finding]:
    """Sections lie in the text, in order, apart from one another, not empty, without white space at their ends."""
    return _extents(context.document.text, context.document.sections, "/sections")


def sentences_in_order(context: DocumentContext) -> Iterable[Finding]:
    """Sentences lie in the text, in order, apart from one another, not empty, without white space at their ends, and none
    crosses a section.
    """
    document = context.document
    found = list(_extents(document.text, document.sentences, "/sentences"))
    sections = iter(document.sections)
    section = next(sections, None)
    for place, sentence in enumerate(document.sentences):
        while section and section.end <= sentence.start:
            section = next(sections, None)
        if section is None or sentence.start < section.start or sentence.end > section.end:
            found.append(
                Finding(f"/sentences/{place}", "it lies in no section, or crosses one; normalize the source again")
            )
    return found


def _extents(text: str, extents: Sequence[Section | Extent], pointer: str) -> Iterator[Finding]:
    for place, extent in enumerate(extents):
        if not extent.start < extent.end <= len(text):
            yield Finding(
                f"{pointer}/{place}",
                f"{extent.start}:{extent.end} is not a stretch of the text, which has {counted(len(text), 'character')}; normalize the source again",
            )
        elif text[extent.start].isspace() or text[extent.end - 1].isspace():
            yield Finding(f"{pointer}/{place}", "white space at its ends; normalize the source again")
    for place, (before, after) in enumerate(pairwise(extents), 1):
        if after.start < before.end:
            yield Finding(f"{pointer}/{place}", "it begins before the one before it ends; normalize the source again")
