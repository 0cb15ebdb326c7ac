"""`corpus/releases.json`: what was published, where, what was withdrawn. Entries are never taken away."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from standoff.corpus.files import write_atomically
from standoff.corpus.model import Sha256, Timestamp
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.release.manifest import Manifest, SplitEntry, Version

FILE = "releases.json"
_USER_INFO = re.compile(r"(https?://)[^/@\s]*@|(\w+://)[^/@:\s]*:[^/@\s]*@")


class ReleasesError(StandoffError):
    """A record of releases that can't be used, or an entry that can't be added: where, what, and what to do."""


class Published(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One published version, as its manifest describes it."""

    version: Version
    content_sha256: Sha256
    commit: Annotated[
        str | None, Meta(description="The commit that it was made from; absent: no commit holds what was published.")
    ] = None
    date: Annotated[Timestamp | None, Meta(description="That commit's.")] = None
    configurations: Annotated[
        Mapping[str, Mapping[str, SplitEntry]], Meta(description="Configuration to split to its rows and content hash.")
    ]
    targets: Annotated[tuple[str, ...], Meta(description="Where it is, as `standoff publish` was told.")] = ()
    withdrawn: Annotated[str | None, Meta(description="Why; absent: it is not withdrawn.")] = None


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    releases: tuple[Published, ...]


def read_releases(path: Path) -> tuple[Published, ...]:
    """All entries, in the order in which they were published; none when there is no such file. Raises ReleasesError."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ()
    if b"\n<<<<<<< " in raw:
        raise ReleasesError(
            f"{path}: git left a conflict here; keep the versions of both sides, each once, with all its targets, and"
            " withdrawn where either side says so"
        )
    try:
        entries = msgspec.json.decode(raw, type=_Record).releases
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReleasesError(f"{path}: {error}; restore it from git") from None
    versions = [entry.version for entry in entries]
    for version in versions:
        if versions.count(version) > 1:
            raise ReleasesError(f"{path}: {version} is there twice; keep the entry that says what was published")
    return entries


def encode_releases(entries: Sequence[Published]) -> bytes:
    """The record as it stands in `corpus/releases.json`: one version a line."""
    lines = ",\n".join(f"  {msgspec.json.encode(entry).decode()}" for entry in entries)
    return f'{{\n "releases": [\n{lines}\n ]\n}}\n'.encode()


def published(entries: Sequence[Published], manifest: Manifest, target: str) -> tuple[Published, ...]:
    """The entries with this release at this target: a new one at the end, or one more target of the one that is there.

    User names, passwords and tokens in a URL are not kept. Raises ReleasesError when the version was published with other
    content. Pure.
    """
    target = _USER_INFO.sub(r"\1\2", target)
    for place, entry in enumerate(entries):
        if entry.version == manifest.version:
            if entry.content_sha256 != manifest.content_sha256 or entry.configurations != manifest.configurations:
                raise ReleasesError(
                    f"corpus/{FILE}: {entry.version} was published with other content, and a version never changes;"
                    " release this under the next version"
                )
            targets = entry.targets if target in entry.targets else (*entry.targets, target)
            return *entries[:place], msgspec.structs.replace(entry, targets=targets), *entries[place + 1 :]
    new = Published(
        version=manifest.version,
        content_sha256=manifest.content_sha256,
        # With changes that no commit holds, no commit is what was published.
        commit=None if manifest.corpus.dirty else manifest.corpus.commit,
        date=manifest.corpus.date,
        configurations=manifest.configurations,
        targets=(target,),
    )
    return *entries, new


def withdrawn(entries: Sequence[Published], version: str, why: str) -> tuple[Published, ...]:
    """The entries with this version marked as withdrawn. Raises ReleasesError when it was never published. Pure."""
    if version not in [entry.version for entry in entries]:
        there = ", ".join(entry.version for entry in entries) or "none is"
        raise ReleasesError(f"corpus/{FILE}: {version} was not published ({there})")
    return tuple(
        msgspec.structs.replace(entry, withdrawn=why) if entry.version == version else entry for entry in entries
    )


def record_published(store: Store, manifest: Manifest, target: str) -> tuple[Published, ...]:
    """Writes `published` into `corpus/releases.json`, under the corpus's lock; the entries as they then are."""
    path = store.folder / FILE
    with store.lock():
        entries = published(read_releases(path), manifest, target)
        write_atomically(path, encode_releases(entries))
    return entries


def record_withdrawn(store: Store, version: str, why: str) -> tuple[Published, ...]:
    """Writes `withdrawn` into `corpus/releases.json`, under the corpus's lock; the entries as they then are."""
    path = store.folder / FILE
    with store.lock():
        entries = withdrawn(read_releases(path), version, why)
        write_atomically(path, encode_releases(entries))
    return entries
