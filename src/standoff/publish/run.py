"""Publishes a release: looks at the target, does what is missing, loads it back from there, and records it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from standoff.corpus.config import excluded
from standoff.corpus.store import Store
from standoff.errors import UsageError
from standoff.publish.built import Built, read_built
from standoff.publish.folder import FolderTarget
from standoff.publish.target import PublishError, Target
from standoff.release.gather import some
from standoff.release.manifest import VERSION_PATTERN
from standoff.release.reading import features, texts
from standoff.release.releases import FILE, published, read_releases, record_published
from standoff.release.verify import Unverified, verify
from standoff.release.version import parse


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing does (`done` False: would do), and what was there before.

    `public`: others may be able to read it. `unknown_texts`: texts of which nobody has established the licence.
    """

    target: str
    name: str
    version: str
    content_sha256: str
    state: str
    public: bool
    unknown_texts: int
    steps: tuple[str, ...]
    done: bool


def parse_target(words: str, version: str, *, public: bool = False) -> Target:
    """The target that a user names: `folder:PATH`, `git:URL`, `hub:ORG/NAME` or `s3://BUCKET/PREFIX`.

    In folders and buckets each version has a folder of its own. A repository that has to be made on the Hub is made
    private unless `public`. Raises UsageError.
    """
    kind, _, rest = words.partition(":")
    if kind == "folder" and rest:
        path = Path(os.path.expanduser(rest))
        return FolderTarget(path.parent / _versioned(path.name, version) if path.name else path / version)
    if kind == "git":
        from standoff.publish.git import GitTarget

        return GitTarget(rest)
    if kind == "hub":
        from standoff.publish.hub import HubTarget

        return HubTarget(rest, public=public)
    if kind == "s3" and re.fullmatch(r"//[a-z0-9][a-z0-9.-]*(/[\w.=-]+)*/?", rest):
        from standoff.publish.s3 import S3Target

        return S3Target(_versioned(rest.strip("/"), version))
    raise UsageError(f"{words}: not a target; name one as folder:PATH, git:URL, hub:ORG/NAME or s3://BUCKET/PREFIX")


def _versioned(path: str, version: str) -> str:
    """`path` with the version as its last part, which a user may have written already."""
    last = path.rpartition("/")[2]
    if last == version:
        return path
    if re.match(VERSION_PATTERN, last):
        raise UsageError(
            f"the target ends in {last}, but the version is {version}; leave the version out of the target"
        )
    return f"{path}/{version}"


def find_built(store: Store, out: Path, version: str | None) -> Built:
    """The release of this version under `out`, by default the newest there. Raises StandoffError when there is none."""
    place = out / store.config.corpus.name
    if version is None:
        there = [path.name for path in place.glob("*") if re.match(VERSION_PATTERN, path.name)]
        if not there:
            raise PublishError(f"{place}: there is no release here; build one with `standoff release`")
        version = max(there, key=parse)
    elif not re.match(VERSION_PATTERN, version):
        raise UsageError(f"--version {version}: give three numbers, as in 1.0.0")
    built = read_built(place / version)
    if (built.manifest.name, built.manifest.version) != (store.config.corpus.name, version):
        raise PublishError(f"{built.folder}: holds {built.title}; move it away, and build {version} again")
    return built


def _check_excluded(store: Store, built: Built) -> None:
    """Raises PublishError for a release with documents that a curator has excluded since it was built."""
    without = excluded(store.overrides())
    if without and (ids := [id_ for id_, _, _ in texts(built.folder) if id_ in without]):
        raise PublishError(
            f"{built.title} holds what corpus/overrides.toml excludes by now: {some(ids)}; move {built.folder} away, and release"
            " and publish again"
        )


def publish(
    store: Store,
    built: Built,
    words: str,
    *,
    public: bool = False,
    dry_run: bool = False,
    target: Target | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    warn: Callable[[str], None] = lambda message: None,
) -> Publication:
    """Brings a release to the target that `words` name, or says what that would do.

    Afterwards `datasets` has loaded it from there with the same content, and `corpus/releases.json` says where it is.
    Killed at any moment and run again it finishes; what is there already is left as it is. `warn` hears of texts of unknown
    licence that others will be able to read.

    Raises PublishError, Unverified, UsageError, EnvironmentFault.
    """
    if built.manifest.corpus.dirty:
        raise PublishError(
            f"{built.folder}: made from a corpus that was not committed, so nobody could make it again; commit the corpus,"
            " move this folder away, and run `standoff release` without --allow-dirty"
        )
    entries = published(read_releases(store.folder / FILE), built.manifest, words)
    for entry in entries:
        if entry.version == built.manifest.version and entry.withdrawn:
            raise PublishError(f"{built.title} was withdrawn ({entry.withdrawn}); release and publish the next version")
    target = target or parse_target(words, built.manifest.version, public=public)
    # Not Path.resolve, which raises errors of its own where links lead in a circle.
    if isinstance(target, FolderTarget) and Path(os.path.realpath(target.place)).is_relative_to(
        os.path.realpath(store.folder)
    ):
        raise UsageError(f"{words}: this is within the corpus; name a folder outside of it")
    if isinstance(target, FolderTarget) and os.path.realpath(target.place) == os.path.realpath(built.folder):
        raise UsageError(f"{words}: this is where it was built; name a folder that others read")
    on_step("looking at the target")
    found = target.look(built)
    if found.state != "there":
        _check_excluded(store, built)
    if found.newest is not None and found.newest not in [entry.version for entry in entries]:
        raise PublishError(
            f"{words}: {found.newest} was published here, and corpus/{FILE} does not know it, so {built.title} was not compared"
            f" with it; pull what whoever published it has recorded (or publish {found.newest} again, which records it), and"
            " release anew"
        )
    if found.public and built.unknown_texts:
        count = built.unknown_texts
        some = f"{count} {'text is' if count == 1 else 'texts are'} of unknown licence, and others can read {words}"
        if not public:
            raise PublishError(
                f"{some} (or nobody can tell); establish the licences in corpus/overrides.toml, exclude the texts there, or"
                " publish them nevertheless with --public"
            )
        warn(f"{some}: whoever holds rights in them can ask you to take them down")
    publication = Publication(
        target=words,
        name=built.manifest.name,
        version=built.manifest.version,
        content_sha256=built.manifest.content_sha256,
        state=found.state,
        public=found.public,
        unknown_texts=built.unknown_texts,
        steps=(
            *found.steps,
            "load it from there with datasets, and compare content hashes",
            f"record it in corpus/{FILE}",
        ),
        done=not dry_run,
    )
    if dry_run:
        return publication
    if found.state != "there":
        on_step("publishing")
        target.put(built)
    on_step("loading it back")
    with target.source(built) as source:
        try:
            verify(source, features(built.folder), built.manifest.configurations, None)
        except Unverified as error:
            raise Unverified(
                f"{words}: {built.title} is there, but {error}; it is not recorded as published. Find out what changed it, or is in the way, and"
                " run this again"
            ) from None
    record_published(store, built.manifest, words)
    return publication
