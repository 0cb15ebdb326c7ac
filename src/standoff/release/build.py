"""Builds a release beside its place, verifies it by loading it, and renames it into place."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from standoff import __version__
from standoff.corpus import scheme as label_scheme
from standoff.corpus.files import aside_of, fault
from standoff.corpus.schema import TITLES, schema, schema_text
from standoff.corpus.store import Store
from standoff.corpus.validate import Checker
from standoff.errors import StandoffError, UsageError
from standoff.release import features, legal
from standoff.release.card import readme
from standoff.release.croissant import croissant
from standoff.release.manifest import (
    VERSION_PATTERN,
    Corpus,
    FileEntry,
    Licenses,
    Manifest,
    SplitEntry,
    Tools,
    canary,
    decode_manifest,
    differences,
    encode_manifest,
    manifest_schema,
)
from standoff.release.origin import Origin, origin
from standoff.release.parquet import Writers
from standoff.release.rows import Findings, PublicNames, Selection
from standoff.release.splits import SPLITS, Split, groups_of, read_splits, torn_groups
from standoff.release.tables import Tables, plan
from standoff.release.verify import Source, Unverified, verify
from standoff.release.workers import built_tables

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Release:
    """A release in its place. `new` is False when the same was there already, and was left as it is."""

    folder: Path
    manifest: Manifest
    new: bool


class ReleaseError(StandoffError):
    """What keeps a corpus from being released: every reason, and what to do about it."""


def release(
    store: Store,
    version: str,
    out: Path,
    *,
    allow_dirty: bool = False,
    jobs: int = 1,
    on_step: Callable[[str, int], None] = lambda step, documents: None,
) -> Release:
    """Builds version `version` of the corpus as `<out>/<name>/<version>/`, and writes nowhere else.

    The same corpus gives the same bytes, wherever and whenever it is built with the same versions of standoff and pyarrow,
    by however many processes (`jobs`).
    Killed at any moment, the release is there whole or not at all. `on_step` hears what is done, and to how many documents.

    Raises ReleaseError with all that stands in the way, UsageError for a version that is none, EnvironmentFault.
    """
    if not re.match(VERSION_PATTERN, version):
        raise UsageError(f"--version {version}: give three numbers, as in 1.0.0")
    name = store.config.corpus.name
    at = origin(store.root)
    if at.dirty and not allow_dirty:
        raise ReleaseError(_uncommitted(at))
    place = out / name / version
    with aside_of(place, "built") as aside:
        manifest = _build(store, version, at, aside, jobs, on_step)
        if origin(store.root) != at:
            raise ReleaseError("the corpus changed while it was released; run this again when nothing else works on it")
        if place.exists():
            return Release(place, _compare(place, manifest), False)
        try:
            aside.rename(place)
        except OSError as error:
            raise fault(error, place) from error
    return Release(place, manifest, True)


def _build(
    store: Store, version: str, at: Origin, folder: Path, jobs: int, on_step: Callable[[str, int], None]
) -> Manifest:
    config = store.config
    index = label_scheme.index(store.scheme)
    tables = plan(index, config.corpus.layers)
    splits = read_splits(store.folder / "splits.json")
    findings = Findings()
    configurations = _write_tables(store, tables, splits, findings, folder, jobs, on_step)
    if problems := _hindrances(store, splits, findings):
        raise ReleaseError("\n".join(problems))
    title = config.corpus.title or config.corpus.name
    texts = dict(sorted(findings.licenses.items()))
    whole = "".join(
        f"{name}/{split} {entry.content_sha256}\n"
        for name in ("documents", "annotators")
        for split, entry in configurations[name].items()
    )
    manifest = Manifest(
        name=config.corpus.name,
        version=version,
        content_sha256=hashlib.sha256(whole.encode()).hexdigest(),
        canary=canary(config.corpus.name),
        corpus=Corpus(
            commit=at.commit,
            date=at.date,
            dirty=at.dirty,
            scheme=index.scheme.version,
            set=config.release.set,
            documents=len(findings.stories),
            left_out=dict(sorted(findings.left_out.items())),
        ),
        licenses=Licenses(
            annotations=config.corpus.licenses.annotations, texts=texts, default=config.corpus.licenses.texts
        ),
        tools=Tools(standoff=__version__, pyarrow=pa.__version__),
        configurations=configurations,
        losses={
            name: dict(sorted(findings.losses[name].items())) for name in configurations if findings.losses.get(name)
        },
        files=(),
    )
    files = {f"schema/{kind}.schema.json": schema_text(schema(kind)) for kind in TITLES}
    files["schema/manifest.schema.json"] = schema_text(manifest_schema())
    files["LICENSE.md"] = legal.license_text(title, manifest.licenses.annotations, texts, config.corpus.licenses.texts)
    files["CITATION.cff"] = legal.citation(
        config.corpus.name, title, version, at.date, manifest.licenses.annotations, texts
    )
    files["README.md"] = readme(_prose(store.root), title, manifest, tables.features, findings)
    files["croissant.json"] = croissant(title, manifest, tables.features).decode()
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content.encode())
    on_step("verifying", findings.released)
    try:
        verify(
            Source(str(folder.absolute())),
            {name: features.metadata(tables.features[name]) for name in configurations},
            configurations,
            folder.parent,
        )
    except Unverified as error:
        raise ReleaseError(f"the release was built, but {error}; nothing was kept") from None
    manifest = msgspec.structs.replace(manifest, files=tuple(_listed(folder)))
    (folder / "manifest.json").write_bytes(encode_manifest(manifest))
    return manifest


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
        checker, tables, PublicNames(store), config.release.set, config.release.confirmed, config.corpus.licenses.texts
    )
    writers = Writers(folder / "data", tables.schemas)
    try:
        for built, seen in built_tables(store, selection, splits, jobs):
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
        problems.append(f"and {hidden} more errors; `standoff validate` shows all of them")
    if ids := findings.no_license:
        problems.append(
            f"no licence: {_some(ids)}; state it in corpus/overrides.toml (`unknown` is a statement too), or one for all"
            " texts in corpus.toml (licenses.texts), and run `standoff normalize`"
        )
    if ids := findings.no_split:
        problems.append(f"in no split: {_some(ids)}; run `standoff split` and commit corpus/splits.json")
    if findings.no_pseudonym:
        problems.append(
            f"people without a pseudonym: {_some(sorted(findings.no_pseudonym))}; a release names nobody,"
            " so choose names for them in corpus.toml under corpus.pseudonyms"
        )
    if findings.stories:
        problems += torn_groups(groups_of(findings.stories, np.concatenate(findings.signatures)), splits)
    if not problems and not findings.released:
        why = ", ".join(f"{reason}: {count}" for reason, count in findings.left_out.items()) or "there are none"
        problems.append(
            f"no document can be released ({why}); annotate one as {store.config.release.set!r},"
            " or choose another set in corpus.toml under [release]"
        )
    return problems


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _uncommitted(at: Origin) -> str:
    if at.commit is None:
        cause = (
            f"{at.reason or 'there is no commit'}, and a release says which commit it was made from; commit the corpus"
        )
    else:
        cause = f"not committed: {_some(at.changes)}; commit it"
    return f"{cause}, or build a release that says so with --allow-dirty"


def _prose(root: Path) -> str:
    try:
        return (root / "DATASET_CARD.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ReleaseError(f"DATASET_CARD.md: {error}; write it in UTF-8") from None


def _listed(folder: Path) -> Iterator[FileEntry]:
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield FileEntry(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=digest)


def _compare(place: Path, built: Manifest) -> Manifest:
    """The manifest of the release that is there. Raises ReleaseError unless it is the one that was built."""
    try:
        there = decode_manifest((place / "manifest.json").read_bytes(), f"{place}/manifest.json")
    except OSError as error:
        raise ReleaseError(f"{place}: is there, but not as a release ({error}); move it away") from None
    what = differences(there, built)
    if not what:
        return there
    raise ReleaseError(
        f"{place}: this version is there already, with other content ({_some(what)}), and a version never changes;"
        " build under another version or --out"
    )
