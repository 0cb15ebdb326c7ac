"""Which documents are released, with which annotations, and what stands in the way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from standoff.corpus.codec import DecodeError, decode
from standoff.corpus.config import Config, Override
from standoff.corpus.model import AnnotationSet, Document, Provenance
from standoff.corpus.rules.columns import Columns
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker
from standoff.errors import StandoffError
from standoff.problems import Problem
from standoff.release.near_duplicates import signatures
from standoff.release.people import adjudicated, learned, users
from standoff.release.splits import Split, story_of
from standoff.release.tables import Released, Tables
from standoff.text.clean import one_line

GOLD = "gold"
"""The name that is nobody's, whoever made the set."""


def public_set(config: Config) -> str:
    """What the released set is called in a release."""
    return config.corpus.pseudonyms.get(config.release.set, config.release.set)


class PublicNames:
    """What annotators are called in a release: pseudonyms, but models and the released set keep their names, a person's set only
    when it is called `gold`, a model only when it is not called after somebody, or somebody's folder.

    Raises StandoffError when two of them would be called the same.
    """

    def __init__(self, store: Store) -> None:
        kept = store.config.release.set
        pseudonyms = store.config.corpus.pseudonyms
        renamed = {name for name, public in pseudonyms.items() if name != public}
        models = set()
        for annotator in store.annotators():
            # A damaged one is an error of validation, which is told later with all others.
            first = next(store.set_entries(annotator), None)
            with suppress(DecodeError):
                if first and (found := decode(first.raw, AnnotationSet)).kind == "model":
                    made = found.provenance or Provenance()
                    called = [*users(made), *renamed.intersection(learned(made))]
                    if not any(name in annotator for name in called):
                        models.add(annotator)
        self._impersonal = (models | {kept}) - {GOLD, *pseudonyms}
        self.names: dict[str, str] = {kept: kept, **{name: name for name in models}, **pseudonyms}
        for name, public in self.names.items():
            if same := [other for other in self.names if other < name and self.names[other] == public]:
                raise StandoffError(
                    f"corpus.toml: in a release {same[0]!r} and {name!r} would both be called {public!r};"
                    " give them different names in corpus.pseudonyms"
                )

    def missing(self, annotations: Columns) -> set[str]:
        """Names in this set that may not be released: nothing says that they are other than a person's."""
        record = annotations.record
        given = [
            *record.confirmed,
            *(span.by for span in record.spans if span.by),
            *(relation.by for relation in record.relations if relation.by),
        ]
        used = {record.annotator, *(by.annotator for by in given if by.annotator)}
        if record.provenance:
            used.update(adjudicated(record.provenance), [name for name in learned(record.provenance) if name != GOLD])
        missing = used - self.names.keys()
        if record.kind == "human" and record.annotator in self._impersonal:
            missing.add(record.annotator)
        return missing


@dataclass(slots=True)
class Findings:
    """What was seen while the rows streamed by."""

    released: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    annotated: Counter[str] = field(default_factory=Counter)
    """Layer to the number of released documents in which it was annotated."""
    types: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """(Layer, split) to the number of spans of each label, or of frames of each type."""
    losses: dict[str, Counter[str]] = field(default_factory=dict)
    """Configuration to the number of annotations that it can't show, by reason."""
    languages: Counter[str] = field(default_factory=Counter)
    stories: dict[str, str] = field(default_factory=dict)
    """Every document of the corpus to its story."""
    signatures: list[Any] = field(default_factory=list)
    """Row by row the signatures of these documents' texts, in several pieces."""
    no_license: list[str] = field(default_factory=list)
    no_split: list[str] = field(default_factory=list)
    no_pseudonym: set[str] = field(default_factory=set)
    unapplied: list[str] = field(default_factory=list)
    """Documents that state something else than a curator decided, with the fields."""
    errors: list[Problem] = field(default_factory=list)
    """What validation found."""

    @property
    def hindered(self) -> bool:
        """Whether anything was found that keeps the corpus from being released."""
        return bool(self.no_license or self.no_split or self.no_pseudonym or self.unapplied or self.errors)

    def add(self, more: "Findings") -> None:
        """Adds what was seen in later rows."""
        self.released += more.released
        for mine, others in (
            (self.left_out, more.left_out),
            (self.licenses, more.licenses),
            (self.annotated, more.annotated),
            (self.languages, more.languages),
        ):
            mine.update(others)
        for key, types in more.types.items():
            self.types.setdefault(key, Counter()).update(types)
        self.lose(more.losses)
        self.stories |= more.stories
        self.signatures += more.signatures
        self.no_license += more.no_license
        self.no_split += more.no_split
        self.no_pseudonym |= more.no_pseudonym
        self.unapplied += more.unapplied
        self.errors += more.errors

    def lose(self, losses: Mapping[str, Counter[str]]) -> None:
        """Adds annotations that a configuration can't show."""
        for name, lost in losses.items():
            self.losses.setdefault(name, Counter()).update(lost)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sets are released, under which names, and how they are shown."""

    checker: Checker
    tables: Tables
    names: PublicNames
    set: str
    confirmed: bool
    license: str | None
    """The licence of texts that state none of their own."""
    overrides: Mapping[str, Override] = field(default_factory=dict)
    """A curator's decisions: of documents that are excluded some may still be there."""

    def rows(
        self, bundles: Sequence[Bundle], splits: Mapping[str, Split]
    ) -> tuple[dict[Split, list[Released]], Findings]:
        """The released documents by split, without those that errors or anything else hinder. Pure."""
        findings = Findings()
        sound = []
        for bundle in bundles:
            if (decided := self.overrides.get(bundle.id)) and decided.exclude:
                findings.left_out["excluded in corpus/overrides.toml"] += 1
                continue
            looked = self.checker.look(bundle)
            errors = [problem for problem in looked.problems if problem.severity == "error"]
            findings.errors += errors
            if looked.document and not errors:
                sound.append((looked.document, looked.sets))
        findings.stories = {document.id: story_of(document) for document, _ in sound}
        findings.signatures = [signatures([document.text for document, _ in sound])]
        rows: dict[Split, list[Released]] = {}
        for document, sets in sound:
            if row := self._row(document, sets, splits, findings):
                rows.setdefault(splits[document.id], []).append(row)
        return rows, findings

    def _row(
        self, document: Document, sets: Sequence[Columns], splits: Mapping[str, Split], findings: Findings
    ) -> Released | None:
        """The row of a valid document; None when it is left out, or hindered, as `findings` then say."""
        annotations = next((found for found in sets if found.record.annotator == self.set), None)
        if annotations is None:
            findings.left_out[f"no {self.names.names[self.set]} annotations"] += 1
            return None
        if self.confirmed and not annotations.record.confirmed:
            findings.left_out["annotations not confirmed"] += 1
            return None
        license_ = document.source.license or self.license
        missing = set().union(*(self.names.missing(found) for found in sets))
        if license_ is None:
            findings.no_license.append(document.id)
        if document.id not in splits:
            findings.no_split.append(document.id)
        findings.no_pseudonym |= missing
        if unapplied := _unapplied(document, self.overrides.get(document.id)):
            findings.unapplied.append(f"{document.id} ({', '.join(unapplied)})")
        if license_ is None or document.id not in splits or missing or unapplied:
            return None
        findings.released += 1
        findings.licenses[license_] += 1
        findings.languages[document.language] += 1
        shown = {layer.name for layer in self.tables.layers}
        findings.annotated.update([layer for layer in annotations.record.layers if layer in shown])
        ordered = tuple(sorted(sets, key=lambda found: self.names.names[found.record.annotator]))
        return Released(document, annotations, ordered)


def _unapplied(document: Document, override: Override | None) -> list[str]:
    """The fields of which a document states something else than a curator decided."""
    if override is None:
        return []
    stated = {name: getattr(document, name) for name in ("title", "date", "group", "language")}
    stated |= {name: getattr(document.source, name) for name in ("publisher", "url", "license")}
    return [
        name
        for name, value in stated.items()
        if (decided := one_line(getattr(override, name) or "")) and decided != value
    ]
