"""What published versions ask of the next one: what it is compared with, its number, its splits. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from standoff.errors import StandoffError, UsageError
from standoff.release.releases import FILE, Published
from standoff.release.version import FIRST, Level, following, parse, step

AUTO = "auto"
LAST = "last"
NONE = "none"


def baseline(entries: Sequence[Published], version: str, against: str) -> Published | None:
    """The published version that `version` is compared with: the last one before it, or the one that `against` names.

    None: nothing comes before it, or `against` is `none`. Raises UsageError for versions that can't be had, before anything
    is built.
    """
    by_version = {entry.version: entry for entry in entries}
    if version != AUTO:
        parse(version)
    if against == NONE:
        if entries and version == AUTO:
            raise UsageError("--against none: with nothing to compare with, say which --version this is")
        return None
    if against != LAST:
        if against not in by_version:
            there = ", ".join(by_version) or "none is"
            raise UsageError(f"--against {against}: that version was not published ({there})")
        if version != AUTO and parse(version) <= parse(against):
            raise UsageError(f"--version {version} does not come after --against {against}")
        return by_version[against]
    ordered = sorted(entries, key=lambda entry: parse(entry.version))
    if version == AUTO:
        return ordered[-1] if ordered else None
    before = [entry for entry in ordered if parse(entry.version) < parse(version)]
    if version not in by_version and len(before) < len(ordered):
        raise UsageError(
            f"--version {version}: {ordered[-1].version} is published already, and the next one comes after it; give none, and"
            " the version follows from what changed"
        )
    return before[-1] if before else None


def chosen(entries: Sequence[Published], version: str, before: Published | None, needs: Level, reasons: str) -> str:
    """The version of a release, when what changed since `before` calls for `needs`, because of `reasons`.

    Raises UsageError for one that says less than that, and for an automatic one that is taken.
    """
    if before is None:
        return FIRST if version == AUTO else version
    least = following(before.version, needs)
    if version == AUTO:
        if least in [entry.version for entry in entries]:
            raise UsageError(
                f"{least} would follow {before.version}, but is published already; say which --version this is"
            )
        return least
    if step(before.version, version) < needs:
        raise UsageError(
            f"--version {version}: what changed since {before.version} calls for {least} at least ({reasons}); give that, or"
            f" none, and see it all with: standoff diff {before.version} working"
        )
    return version


def moved_texts(
    published: Iterable[tuple[str, Iterable[tuple[str, str, str | None]]]],
    texts: Mapping[str, tuple[str, str | None]],
) -> list[str]:
    """A message for every text that was published in another split than it has now.

    `published` gives (version, (id, hash of the text, split)), `texts` the hash of each text now to its id and split.
    """
    problems = {}
    for version, found in published:
        for id_, digest, split in found:
            now = texts.get(digest)
            if now and now[1] != split and digest not in problems:
                problems[digest] = (
                    f"corpus/splits.json: the text of {now[0]} is in {now[1]}, and was published in {split} (as {id_} in"
                    f" {version}); who trained on one would be tested on the other, so put it back, or exclude it in"
                    " corpus/overrides.toml"
                )
    return list(problems.values())


def same_content(entry: Published | None, content_sha256: str) -> None:
    """Raises StandoffError when this version was published with other content."""
    if entry and entry.content_sha256 != content_sha256:
        raise StandoffError(
            f"corpus/{FILE}: {entry.version} was published with other content, and a version never changes; release this"
            " under the next version (--version auto)"
        )
