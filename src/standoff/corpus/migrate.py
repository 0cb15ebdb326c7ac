"""Annotation sets brought to the scheme's version, with the names that changed; each is checked first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from standoff.corpus.codec import decode, encode
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.rules.records import read, readable
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker
from standoff.errors import StandoffError


class Renames(NamedTuple):
    """Names of an earlier version to those of the present one."""

    labels: Mapping[str, str]
    """Of spans and relations."""
    attributes: Mapping[str, str]
    layers: Mapping[str, str]


class Migrated(NamedTuple):
    """What becomes of the set at `where`: `after`, or None where it stays: it is a model's, or for these `reasons`."""

    where: str
    document: str
    annotator: str
    after: AnnotationSet | None
    reasons: tuple[str, ...] = ()


def migrations(store: Store, names: Iterable[str], renames: Renames, *, models: bool) -> Iterator[Migrated | None]:
    """What becomes of the sets of these annotators that the scheme has left behind, None for each other, in the order of documents' ids.

    Those are the sets that state another version, or have a name that the scheme no longer has; all rules must hold of what
    they become. In a set that states the present version, a name that the scheme has is what it says: run again, nothing changes.
    Sets of models change only if `models`: a scheme that says something else wants new predictions. Writes nothing.
    Raises ConfigError or SchemeError.
    """
    checker = Checker(store.config, store.scheme)
    again = _unknown(renames, checker.scheme)
    for bundle in store.bundles(dict.fromkeys(names)):
        for entry in bundle.sets:
            found = _migrated(checker, bundle, entry, renames, again, models=models)
            yield found and Migrated(entry.where, bundle.id, entry.annotator or "", *found)


def renamed(annotations: AnnotationSet, version: str, renames: Renames) -> AnnotationSet:
    """The set with other names, all at once, so that two can be exchanged. Pure.

    Raises StandoffError where two attributes of one span would have one name.
    """
    labels = renames.labels
    return replace(
        annotations,
        scheme=version,
        layers=tuple([renames.layers.get(name, name) for name in annotations.layers]),
        spans=tuple(
            [
                replace(span, label=labels.get(span.label, span.label), attributes=_attributes(span, renames))
                for span in annotations.spans
            ]
        ),
        relations=tuple(
            [replace(relation, label=labels.get(relation.label, relation.label)) for relation in annotations.relations]
        ),
    )


def _unknown(renames: Renames, scheme: SchemeIndex) -> Renames:
    """Those whose old name the scheme doesn't have."""
    return Renames(
        {old: new for old, new in renames.labels.items() if old not in scheme.spans and old not in scheme.relations},
        {old: new for old, new in renames.attributes.items() if old not in scheme.attributes},
        {old: new for old, new in renames.layers.items() if old not in scheme.layers},
    )


def _attributes(span: Span, renames: Renames) -> dict[str, str]:
    names = [renames.attributes.get(name, name) for name in span.attributes]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise StandoffError(f"{span.id} would have two attributes {twice[0]!r}; take one out first")
    return dict(zip(names, span.attributes.values(), strict=True))


def _migrated(
    checker: Checker, bundle: Bundle, entry: Entry, renames: Renames, again: Renames, *, models: bool
) -> tuple[AnnotationSet | None, tuple[str, ...]] | None:
    if faults := [finding.message for finding in readable(read(entry))]:
        return None, tuple(faults)
    before = decode(entry.raw, AnnotationSet, entry.where)
    version = checker.scheme.scheme.version
    try:
        after = renamed(before, version, again if before.scheme == version else renames)
    except StandoffError as error:
        return None, (str(error),)
    if after == before:
        return None
    if before.kind == "model" and not models:
        return None, ()
    if entry.line:
        return None, ("it stands in a shard, which no command edits; write the shard anew",)
    new = Entry(entry.id, entry.annotator, entry.file, 0, encode(after))
    own = tuple([new if other is entry else other for other in bundle.sets if other.annotator == entry.annotator])
    looked = checker.look(Bundle(bundle.id, bundle.documents, own))
    reasons = [] if looked.document else ["its document can't be read; run `standoff validate`"]
    of_document = {document.where for document in bundle.documents}
    for problem in looked.problems:
        file, _, pointer = problem.path.partition("#")
        if file not in of_document and problem.severity == "error":
            reasons.append(f"{pointer}: {problem.message}" if pointer else problem.message)
    return None if reasons else after, tuple(reasons)
