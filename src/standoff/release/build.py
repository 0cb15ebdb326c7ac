"""Builds a release beside its place, verifies it by loading it, and renames it into place."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from standoff.corpus.files import aside_of, fault, file_sha256
from standoff.corpus.schema import TITLES, schema, schema_text
from standoff.corpus.store import Store
from standoff.errors import UsageError
from standoff.release import history, legal
from standoff.release.card import prose, readme
from standoff.release.croissant import croissant
from standoff.release.gather import Gathered, ReleaseError, gather, some
from standoff.release.history import LAST, NONE
from standoff.release.manifest import (
    FileEntry,
    Manifest,
    decode_manifest,
    differences,
    encode_manifest,
    manifest_schema,
)
from standoff.release.origin import Origin, is_cut_off, origin
from standoff.release.releases import FILE, Published, read_releases
from standoff.release.sources import compare, of_folder, of_published
from standoff.release.summary import Summary, changelog
from standoff.release.verify import Source, Unverified, verify
from standoff.release.version import parse


@dataclass(frozen=True, slots=True)
class Release:
    """A release in its place. `new` is False when the same was there already, and was left as it is."""

    folder: Path
    manifest: Manifest
    new: bool


def release(
    store: Store,
    version: str,
    out: Path,
    *,
    against: str = LAST,
    allow_dirty: bool = False,
    jobs: int = 1,
    on_step: Callable[[str, int], None] = lambda step, documents: None,
) -> Release:
    """Builds version `version` of the corpus as `<out>/<name>/<version>/`, and writes nowhere else.

    `auto` is the version that follows from what changed since the last published version, or since the one that
    `against` names (`none`: nothing is compared). The same corpus gives the same bytes, wherever and whenever it is built with
    the same versions of standoff and pyarrow, by however many processes (`jobs`).
    Killed at any moment, the release is there whole or not at all. `on_step` hears what is done, and to how many documents.

    Raises ReleaseError with all that stands in the way, UsageError for a version that can't be, EnvironmentFault.
    """
    if Path(os.path.realpath(out)).is_relative_to(os.path.realpath(store.folder)):
        raise UsageError(
            f"--out {out}: this is within the corpus, which a release never changes; name a folder outside of it"
        )
    name = store.config.corpus.name
    entries = read_releases(store.folder / FILE)
    before = history.baseline(entries, version, against)
    written = prose(store.root)
    at = origin(store.root)
    if at.dirty and not allow_dirty:
        raise ReleaseError(_uncommitted(at))
    if at.commit and not allow_dirty and is_cut_off(store.root, at.commit):
        raise ReleaseError(
            f"this clone holds no history before commit {at.commit[:12]}, and a release says which commit changed the corpus"
            " last; fetch the rest (git fetch --unshallow)"
        )
    with aside_of(out / name / "next", "built") as aside:
        gathered = gather(store, aside, jobs, on_step)
        on_step("comparing", gathered.findings.released)
        summary = _changes(gathered, entries, before, None if against == NONE else version, at, out)
        version = history.chosen(entries, version, before, summary.level, summary.reasons())
        manifest = gathered.manifest(version, at)
        history.same_content(
            next((entry for entry in entries if entry.version == version), None), manifest.content_sha256
        )
        changes = changelog(
            version,
            before.version if before else None,
            summary,
            gathered.findings.released,
            first=not any(parse(entry.version) < parse(version) for entry in entries),
        )
        card = readme(written, gathered.facts(manifest, entries, released=True))
        _write_texts(gathered, manifest, {"CHANGELOG.md": changes, "README.md": card})
        on_step("verifying", gathered.findings.released)
        manifest = _verified(gathered, manifest)
        if origin(store.root) != at:
            raise ReleaseError("the corpus changed while it was released; run this again when nothing else works on it")
        place = out / name / version
        if place.exists():
            return Release(place, _compare(place, manifest, version in [entry.version for entry in entries]), False)
        try:
            aside.rename(place)
        except OSError as error:
            raise fault(error, place) from error
    return Release(place, manifest, True)


def _changes(
    gathered: Gathered,
    entries: tuple[Published, ...],
    before: Published | None,
    version: str | None,
    at: Origin,
    out: Path,
) -> Summary:
    """What changed since `before`. Raises ReleaseError for a text that was published in another split.

    With `version` None nothing is compared.
    """
    if version is None or not entries:
        return Summary()
    store = gathered.store
    new = of_folder(gathered.folder, gathered.manifest("0.0.0", at))
    now = {digest: (id_, split) for id_, digest, split in new.texts()}
    summary = Summary()
    seen = set()
    problems: list[str] = []
    for entry in entries:
        # The same documents in the same splits say nothing new.
        content = tuple(split.content_sha256 for split in entry.configurations.get("documents", {}).values())
        if entry.version == version or (entry != before and (entry.withdrawn or content in seen)):
            continue
        seen.add(content)
        with of_published(entry, store, out) as old:
            if not entry.withdrawn:
                problems += history.moved_texts([(entry.version, old.texts())], now)
            if entry == before:
                summary = Summary(compare(old, new))
    if problems:
        raise ReleaseError("\n".join(dict.fromkeys(problems)))
    return summary


def _write_texts(gathered: Gathered, manifest: Manifest, more: Mapping[str, str]) -> None:
    licenses = manifest.licenses
    files = {f"schema/{kind}.schema.json": schema_text(schema(kind)) for kind in TITLES}
    files["schema/manifest.schema.json"] = schema_text(manifest_schema())
    files["scheme.toml"] = (gathered.store.folder / "scheme.toml").read_bytes().decode()
    files["LICENSE.md"] = legal.license_text(gathered.title, licenses.annotations, licenses.texts, licenses.default)
    files["CITATION.cff"] = legal.citation(
        manifest.name, gathered.title, manifest.version, manifest.corpus.date, licenses.annotations, licenses.texts
    )
    files |= legal.license_texts([licenses.annotations, *licenses.texts])
    files["croissant.json"] = croissant(gathered.title, manifest, gathered.tables.features).decode()
    for path, content in {**files, **more}.items():
        (gathered.folder / path).parent.mkdir(exist_ok=True)
        (gathered.folder / path).write_bytes(content.encode())


def _verified(gathered: Gathered, manifest: Manifest) -> Manifest:
    """The manifest with all files in it, written. Raises ReleaseError when `datasets` doesn't load what was built."""
    folder = gathered.folder
    try:
        verify(Source(str(folder.absolute())), gathered.features, gathered.configurations, folder.parent)
    except Unverified as error:
        raise ReleaseError(f"the release was built, but {error}; nothing was kept") from None
    manifest = msgspec.structs.replace(manifest, files=tuple(_listed(folder)))
    (folder / "manifest.json").write_bytes(encode_manifest(manifest))
    return manifest


def _uncommitted(at: Origin) -> str:
    if at.commit is None:
        cause = (
            f"{at.reason or 'there is no commit'}, and a release says which commit it was made from; commit the corpus"
        )
    else:
        cause = f"not committed: {some(at.changes)}; commit it"
    return f"{cause}, or build a release that says so with --allow-dirty"


def _listed(folder: Path) -> Iterator[FileEntry]:
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            yield FileEntry(path=name, bytes=path.stat().st_size, sha256=file_sha256(path))


def _compare(place: Path, built: Manifest, is_published: bool) -> Manifest:
    """The manifest of the release that is there. Raises ReleaseError unless it is the one that was built."""
    try:
        there = decode_manifest((place / "manifest.json").read_bytes(), f"{place}/manifest.json")
    except OSError as error:
        raise ReleaseError(f"{place}: is there, but not as a release ({error}); move it away") from None
    what = differences(there, built)
    if not what:
        listed = {entry for entry in _listed(place) if entry.path != "manifest.json"}
        if edited := sorted({entry.path for entry in listed ^ set(there.files)}):
            raise ReleaseError(f"{place}: not what was built: {some(edited)}; move it away, and run this again")
        return there
    remedy = (
        "build under another version"
        if is_published
        else f"it is not in corpus/{FILE}: remove it if nobody else has it, or build under another version"
    )
    raise ReleaseError(
        f"{place}: this version is there already, with other content ({some(what)}), and a version never changes;"
        f" {remedy} or --out"
    )
