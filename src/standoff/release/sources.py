"""What is compared: a release folder, a published version, a git revision, the working corpus."""

import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from standoff.corpus import scheme as label_scheme
from standoff.corpus.codec import decode, sha256
from standoff.corpus.config import excluded
from standoff.corpus.files import file_sha256
from standoff.corpus.model import AnnotationSet, By, Document, Provenance
from standoff.corpus.store import Bundle, Store
from standoff.corpus.views import views
from standoff.errors import StandoffError, UsageError
from standoff.release import features, reading
from standoff.release.columns import feature_changes, license_changes, row_changes
from standoff.release.diff import Change, Record, differences
from standoff.release.manifest import VERSION_PATTERN, Manifest, SplitEntry, decode_manifest
from standoff.release.ner import ner_name
from standoff.release.origin import git, git_environment
from standoff.release.people import public_provenance
from standoff.release.releases import FILE, Published, read_releases
from standoff.release.rows import PublicNames, public_set
from standoff.release.splits import read_splits
from standoff.release.tables import Tables, plan

WORKING = "working"
"""How the working corpus is named where a version or revision could stand."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two states. `records` starts anew at each call, in the order of document ids.

    `texts` gives id, hash of the text and split of each document. `features` are in the notation of the files' metadata,
    `licenses` those of the annotations and of texts that state none, `configurations` empty unless it is a release.
    """

    name: str
    records: Callable[[], Iterator[Record]]
    texts: Callable[[], Iterator[tuple[str, str, str | None]]]
    features: Mapping[str, Any]
    licenses: tuple[str, str | None]
    configurations: Mapping[str, Mapping[str, SplitEntry]]


def compare(old: Side, new: Side) -> Iterator[Change]:
    """Everything that differs: licences, columns, rows by their hashes, then document by document."""
    yield from license_changes(old.licenses, new.licenses)
    yield from feature_changes(old.features, new.features)
    yield from row_changes(old.configurations, new.configurations)
    yield from differences(old.records(), new.records())


def of_folder(folder: Path, manifest: Manifest) -> Side:
    """A release as it lies in a folder."""
    return Side(
        f"{manifest.name} {manifest.version}",
        lambda: reading.records(folder),
        lambda: reading.texts(folder),
        reading.features(folder),
        (manifest.licenses.annotations, manifest.licenses.default),
        manifest.configurations,
    )


def of_store(name: str, store: Store, released: bool, entry: Published | None = None) -> Side:
    """A corpus: all of it, or what a release of it holds, under the names that a release uses.

    `entry`, of a release that was made of it, says which configurations had rows. Otherwise, of what a release would hold,
    records are looked through until all have some.
    """
    tables = plan(label_scheme.index(store.scheme), store.config.corpus.layers)
    wanted = tables.features
    stated = store.config.corpus.licenses

    def records() -> Iterator[Record]:
        try:
            yield from _records(store, released)
        except StandoffError as error:
            error.args = (f"{name}: {error}",)
            raise

    def texts() -> Iterator[tuple[str, str, str | None]]:
        return ((record.document.id, sha256(record.document.text), record.split) for record in records())

    if entry:
        filled = set(entry.configurations)
    else:
        filled = _filled(tables, records(), public_set(store.config)) if released else set(wanted)
    kept = [name for name in wanted if name in filled]
    return Side(
        name,
        records,
        texts,
        {name: features.metadata(wanted[name]) for name in kept},
        (stated.annotations, stated.texts),
        entry.configurations if entry else {},
    )


def resolve(words: Sequence[str], store: Store, out: Path) -> list[AbstractContextManager[Side]]:
    """What each word means: `working`, a release folder, a corpus repository, a published version, a git revision.

    When one of them is a release, corpora are seen as releases of them would be, or all of them. Raises UsageError for a
    word that is nothing of these. `out` is where releases are built, and looked for.
    """
    entries = {entry.version: entry for entry in read_releases(store.folder / FILE)}
    released = any(_manifest(Path(word)) or word.removeprefix("v") in entries for word in words)
    return [_resolved(word, store, out, entries, released) for word in words]


def _resolved(
    word: str, store: Store, out: Path, entries: Mapping[str, Published], released: bool
) -> AbstractContextManager[Side]:
    path = Path(word)
    if word == WORKING:
        return nullcontext(of_store("the working corpus", store, released))
    if manifest := _manifest(path):
        return nullcontext(of_folder(path, manifest))
    if (path / "corpus" / "corpus.toml").is_file():
        return nullcontext(of_store(f"the corpus in {word}", Store(path), released))
    if entry := entries.get(word.removeprefix("v")):
        return of_published(entry, store, out)
    if commit := _commit(store.root, word):
        return _of_commit(word, commit, store.root, released)
    number = ""
    if re.match(VERSION_PATTERN, version := word.removeprefix("v")):
        built = out / store.config.corpus.name / version
        number = f" This version was not published{f', but is built: name {built}' if _manifest(built) else ''}."
    raise UsageError(
        f"{word!r} is no release folder, no corpus repository, no version in corpus/{FILE}, and no git revision here.{number}"
        f" Name one of these, or {WORKING!r} for the corpus as it stands"
    )


def of_published(entry: Published, store: Store, out: Path) -> AbstractContextManager[Side]:
    """A published version: from a folder where it lies, as built or as published, unless
    somebody changed its rows there, else from the commit that it was made from.

    Raises StandoffError when its data is nowhere at hand.
    """
    name = store.config.corpus.name
    folders = [out / name / entry.version]
    for target in entry.targets:
        if target.startswith("folder:"):
            base = store.root / os.path.expanduser(target.removeprefix("folder:"))
            folders += [base, base / entry.version]
    for folder in folders:
        manifest = _manifest(folder)
        if (
            manifest
            and (manifest.version, manifest.content_sha256) == (entry.version, entry.content_sha256)
            and _intact(folder, manifest)
        ):
            return nullcontext(of_folder(folder, manifest))
    if entry.commit and (commit := _commit(store.root, entry.commit)):
        return _of_commit(f"{name} {entry.version}", commit, store.root, True, entry)
    raise StandoffError(
        f"{entry.version}: what was published is not at hand: not in {folders[0]}, and commit {entry.commit or '(none)'} is not"
        " in this repository; fetch the whole history (git fetch --unshallow), or put the release into that folder"
    )


def _intact(folder: Path, manifest: Manifest) -> bool:
    """Whether the rows of a release are still in the files that were built."""
    rows = [entry for entry in manifest.files if entry.path.startswith("data/")]
    try:
        return all(file_sha256(folder / entry.path) == entry.sha256 for entry in rows)
    except OSError:
        return False


@contextmanager
def _of_commit(name: str, commit: str, root: Path, released: bool, entry: Published | None = None) -> Iterator[Side]:
    with tempfile.TemporaryDirectory(prefix="standoff-diff-") as folder:
        command = ["git", "archive", "--format=tar", commit, "--", "corpus"]
        with subprocess.Popen(
            command, cwd=root, env=git_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                    archive.extractall(folder, filter=_within)
            except tarfile.FilterError as error:
                raise StandoffError(f"{name}: {error}, and no commit holds what is there") from None
            except tarfile.ReadError as error:
                told = process.stderr.read().decode(errors="replace").strip()
                raise StandoffError(f"{name}: there is no corpus in that commit ({told or error})") from None
        try:
            yield of_store(name, Store(Path(folder)), released, entry)
        except StandoffError as error:
            # Nobody finds that folder any more.
            error.args = (str(error).replace(f"{name}: {folder}/", f"{folder}/").replace(f"{folder}/", f"{name}:"),)
            raise


def _within(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """What may be unpacked; None for prose that is a link to another place, which nothing compares."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        if member.issym() and member.name.endswith(".md"):
            return None
        raise


def _manifest(folder: Path) -> Manifest | None:
    path = folder / "manifest.json"
    return decode_manifest(path.read_bytes(), str(path)) if path.is_file() else None


def _commit(root: Path, word: str) -> str | None:
    """The full name of the commit that a word means to git; None when it means nothing. Raises StandoffError where git refuses to look."""
    try:
        found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    except (FileNotFoundError, ValueError):
        return None
    if "dubious ownership" in found.stderr:
        raise StandoffError(f"{root}: git rev-parse failed: {found.stderr.strip()}")
    return found.stdout.strip() if found.returncode == 0 else None


def _records(store: Store, released: bool) -> Iterator[Record]:
    splits = read_splits(store.folder / "splits.json")
    names = PublicNames(store).names if released else {}
    wanted = store.config.release
    without = excluded(store.overrides()) if released else frozenset()
    for bundle in store.bundles():
        if bundle.id in without:
            continue
        document, sets = _decoded(bundle)
        if not released:
            yield Record(document, splits.get(document.id), sets)
        elif (chosen := sets.get(wanted.set)) and (chosen.confirmed or not wanted.confirmed):
            public = [_public(found, names) for found in sets.values()]
            yield Record(document, splits.get(document.id), {found.annotator: found for found in public})


def _filled(tables: Tables, records: Iterable[Record], shown: str) -> set[str]:
    """The configurations that have rows in a release of these records."""
    found: set[str] = set()
    for record in records:
        found |= {"documents", "annotators"}
        annotated = views(record.sets[shown], tables.layers, tables.index)
        for layer in tables.layers:
            if layer.kind == "spans" and annotated[layer.name] is not None and record.document.sentences:
                found.add(ner_name(tables.layers, layer))
            elif layer.kind != "spans" and annotated[layer.name]:
                found.add(layer.name)
        if len(found) == len(tables.features):
            break
    return found


def _decoded(bundle: Bundle) -> tuple[Document, dict[str, AnnotationSet]]:
    entries = [*bundle.documents, *bundle.sets]
    faulty = next((entry for entry in entries if entry.fault), None)
    names = [entry.annotator for entry in entries]
    if faulty or len(bundle.documents) != 1 or len(set(names)) < len(names):
        why = faulty.fault if faulty else "is there without its document, or twice"
        raise StandoffError(f"{(faulty or entries[0]).where}: {bundle.id!r}: {why}; run `standoff validate`")
    document = decode(bundle.documents[0].raw, Document, bundle.documents[0].where)
    return document, {entry.annotator or "": decode(entry.raw, AnnotationSet, entry.where) for entry in bundle.sets}


def _public(found: AnnotationSet, names: Mapping[str, str]) -> AnnotationSet:
    """A set as a release has it: without comments and the user of another system, and under public names."""

    def named(by: By | None) -> By | None:
        return replace(by, annotator=names.get(by.annotator, by.annotator)) if by and by.annotator else by

    return replace(
        found,
        annotator=names.get(found.annotator, found.annotator),
        comments=(),
        provenance=convert(public_provenance(found.provenance, names), Provenance) if found.provenance else None,
        confirmed=tuple(by for given in found.confirmed if (by := named(given))),
        spans=tuple(replace(span, by=named(span.by)) if span.by else span for span in found.spans),
        relations=tuple(
            replace(relation, by=named(relation.by)) if relation.by else relation for relation in found.relations
        ),
    )
