"""Everything of a release that comes from the corpus alone: its tables, written, and what was seen in them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from standoff import __version__
from standoff.corpus import scheme as label_scheme
from standoff.corpus.store import Store
from standoff.corpus.validate import Checker
from standoff.errors import StandoffError
from standoff.release import features, reading
from standoff.release.facts import Facts
from standoff.release.manifest import Corpus, Licenses, Manifest, SplitEntry, Tools, canary
from standoff.release.origin import Origin
from standoff.release.parquet import Writers
from standoff.release.releases import Published
from standoff.release.rows import Findings, PublicNames, Selection, public_set
from standoff.release.splits import SPLITS, Split, groups_of, read_splits, torn_groups
from standoff.release.tables import Tables, plan
from standoff.release.workers import built_tables
from standoff.score.agreement import LayerAgreement
from standoff.text.counted import counted

_SHOWN = 5


class ReleaseError(StandoffError):
    """What keeps a corpus from being released: every reason, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tables of a release under `folder`, and what was seen on the way."""

    folder: Path
    store: Store
    tables: Tables
    configurations: Mapping[str, Mapping[str, SplitEntry]]
    findings: Findings

    @property
    def title(self) -> str:
        """The dataset's title."""
        return self.store.config.corpus.title or self.store.config.corpus.name

    @property
    def features(self) -> dict[str, Any]:
        """Configuration to features, in the notation of the files' metadata."""
        return {name: features.metadata(self.tables.features[name]) for name in self.configurations}

    def facts(self, manifest: Manifest, versions: Sequence[Published], released: bool) -> Facts:
        """What the card tells of these tables."""
        return Facts(
            title=self.title,
            manifest=manifest,
            released=released,
            index=self.tables.index,
            layers=self.tables.layers,
            features=self.tables.features,
            findings=self.findings,
            agreement=self._agreement(),
            examples={
                name: reading.first(self.folder, name, "train")
                for name, splits in self.configurations.items()
                if "train" in splits
            },
            versions=versions,
        )

    def _agreement(self) -> list[tuple[str, str, LayerAgreement]]:
        """How far annotators agree in what is released, but for the set that was made of theirs."""
        if len(self.store.annotators()) < 3:
            return []
        found: dict[tuple[str, str, str], LayerAgreement] = {}
        for record in reading.records(self.folder):
            sets = [found for found in record.sets.values() if found.annotator != public_set(self.store.config)]
            for first, second in combinations(sorted(sets, key=lambda one: one.annotator), 2):
                for layer in self.tables.layers:
                    if layer.name in first.layers and layer.name in second.layers:
                        key = first.annotator, second.annotator, layer.name
                        if key not in found:
                            found[key] = LayerAgreement(layer.name, self.tables.index)
                        found[key].add(first, second)
        return [
            (first, second, figures)
            for (first, second, _), figures in sorted(found.items(), key=lambda one: one[0][:2])
        ]

    def manifest(self, version: str, at: Origin) -> Manifest:
        """The manifest, but for the list of files."""
        config = self.store.config
        findings = self.findings
        whole = "".join(
            f"{name}/{split} {entry.content_sha256}\n"
            for name in ("documents", "annotators")
            for split, entry in self.configurations[name].items()
        )
        return Manifest(
            name=config.corpus.name,
            version=version,
            content_sha256=hashlib.sha256(whole.encode()).hexdigest(),
            canary=canary(config.corpus.name),
            corpus=Corpus(
                commit=at.commit,
                date=at.date,
                dirty=at.dirty,
                scheme=self.tables.index.scheme.version,
                set=public_set(config),
                documents=len(findings.stories),
                left_out=dict(sorted(findings.left_out.items())),
            ),
            licenses=Licenses(
                annotations=config.corpus.licenses.annotations,
                texts=dict(sorted(findings.licenses.items())),
                default=config.corpus.licenses.texts,
            ),
            tools=Tools(standoff=__version__, pyarrow=pa.__version__),
            configurations=self.configurations,
            losses={
                name: dict(sorted(findings.losses[name].items()))
                for name in self.configurations
                if findings.losses.get(name)
            },
            files=(),
        )


def gather(store: Store, folder: Path, jobs: int, on_step: Callable[[str, int], None]) -> Gathered:
    """Writes all tables below `folder`. Raises ReleaseError with all that keeps the corpus from being released."""
    planned = plan(label_scheme.index(store.scheme), store.config.corpus.layers)
    mark = {b"canary": canary(store.config.corpus.name).encode()}
    tables = replace(
        planned,
        schemas={name: columns.with_metadata(columns.metadata | mark) for name, columns in planned.schemas.items()},
    )
    splits = read_splits(store.folder / "splits.json")
    findings = Findings()
    configurations = _write_tables(store, tables, splits, findings, folder, jobs, on_step)
    if problems := _hindrances(store, splits, findings):
        raise ReleaseError("\n".join(problems))
    return Gathered(folder, store, tables, configurations, findings)


def _write_tables(
    store: Store,
    tables: Tables,
    splits: dict[str, Split],
    findings: Findings,
    folder: Path,
    jobs: int,
    on_step: Callable[[str, int], None],
) -> dict[str, dict[str, SplitEntry]]:
    config = store.config
    checker = Checker(config, store.scheme)
    findings.errors += [problem for problem in checker.corpus() if problem.severity == "error"]
    selection = Selection(
        checker,
        tables,
        PublicNames(store),
        config.release.set,
        config.release.confirmed,
        config.corpus.licenses.texts,
        store.overrides(),
    )
    writers = Writers(folder / "data", tables.schemas)
    try:
        for built, seen in built_tables(store, selection, splits, jobs, folder):
            findings.add(seen)
            if not findings.hindered:
                for split, configurations in built.items():
                    for configuration, table in configurations.items():
                        writers.write(configuration, split, table)
            on_step("building", findings.released)
        written = writers.close()
    finally:
        writers.abandon()
    return {
        name: {split: written[name, split] for split in SPLITS if (name, split) in written}
        for name in tables.schemas
        if any((name, split) in written for split in SPLITS)
    }


def _hindrances(store: Store, splits: dict[str, Split], findings: Findings) -> list[str]:
    problems = [f"{problem.path}: {problem.message} ({problem.rule})" for problem in findings.errors[:_SHOWN]]
    if hidden := len(findings.errors) - len(problems):
        problems.append(f"and {counted(hidden, 'more error')}; `standoff validate` shows all of them")
    if ids := findings.no_license:
        problems.append(
            f"no licence: {some(ids)}; state it in corpus/overrides.toml (`unknown` is a statement too), or one for all"
            " texts in corpus.toml (licenses.texts), and run `standoff normalize`"
        )
    if ids := findings.unapplied:
        problems.append(
            f"corpus/overrides.toml is not applied: {some(ids)}; run `standoff normalize`, or where the sources are gone state it"
            " in the documents"
        )
    if ids := findings.no_split:
        problems.append(f"in no split: {some(ids)}; run `standoff split` and commit corpus/splits.json")
    if findings.no_pseudonym:
        problems.append(
            f"people without a pseudonym: {some(sorted(findings.no_pseudonym))}; a release names nobody,"
            " so choose names for them in corpus.toml, below [corpus], as in pseudonyms = {"
            f' "{sorted(findings.no_pseudonym)[0]}" = "annotator-a" }}'
        )
    if findings.stories:
        problems += torn_groups(groups_of(findings.stories, np.concatenate(findings.signatures)), splits)
    if conflicts := _open_conflicts(store):
        problems.append(
            f"open conflicts: {some(conflicts)}; settle each in Doccano or in the file, and run `standoff sync`"
        )
    if not problems and not findings.released:
        why = ", ".join(f"{reason}: {count}" for reason, count in findings.left_out.items()) or "there are none"
        problems.append(
            f"no document can be released ({why}); annotate one as {store.config.release.set!r}"
            + (", and have it confirmed" if store.config.release.confirmed else "")
            + ", or change [release] in corpus.toml"
        )
    return problems


def _open_conflicts(store: Store) -> list[str]:
    """Sets, as `project/annotator/document`, in which sync has found what only a person can settle."""
    projects = sorted(path.name for path in (store.folder / "sync").glob("*") if path.is_dir())
    return [
        f"{project}/{annotator}/{document}"
        for project in projects
        for annotator, document in store.document_states(project)
        if (state := store.document_state(project, annotator, document)) and state.conflicts
    ]


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
