"""What a place has to offer for releases to be published there."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from standoff.errors import StandoffError
from standoff.publish.built import MANIFEST, Built
from standoff.release.gather import some
from standoff.release.manifest import Manifest, differences
from standoff.release.verify import Source
from standoff.release.version import parse

INITIAL = frozenset({".gitattributes", ".gitignore", "LICENSE", "README.md"})
"""Files that a server may put into a new repository, and that a first release may replace."""


ATTRIBUTES = ".gitattributes"
"""Says which files the Hub keeps apart; it is the Hub's own."""


class PublishError(StandoffError):
    """Why a release is not published, and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is at a target before anything is done.

    `state`: nothing of this version, a part of it by a publication that was interrupted, or all of it. `public`: others
    may be able to read what is put there. `steps`: what publishing will do, in words, in order. `newest`: the version that
    is the newest there, where the target has one.
    """

    state: Literal["absent", "partial", "there"]
    public: bool
    steps: tuple[str, ...] = ()
    newest: str | None = None


class Target(Protocol):
    """A place for releases. Versions that are there never change.

    `look` reads only, and raises PublishError when the version is there with other content. `put` does what is missing:
    killed at any moment and called again it finishes, and of two at once one wins while the other raises PublishError or
    EnvironmentFault; until it is done, nobody finds the version there. `source` is where `datasets` loads it from.
    """

    def look(self, built: Built) -> Finding: ...

    def put(self, built: Built) -> None: ...

    def source(self, built: Built) -> AbstractContextManager[Source]: ...


def printable(text: str) -> str:
    """What a server says, on one line, without what would change a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def check_same(where: str, there: Manifest, built: Built) -> None:
    """Raises PublishError unless the version that is there is the release that was built."""
    if (there.name, there.version) != (built.manifest.name, built.manifest.version):
        raise PublishError(f"{where}: holds {there.name} {there.version}, not {built.title}; publish to another place")
    if what := differences(there, built.manifest):
        raise PublishError(
            f"{where}: {built.title} is there already, with other content ({', '.join(what[:5])}), and a version never"
            " changes; release under the next version"
        )


def check_branch(
    where: str, there: Mapping[str, str], newest: Manifest | None, tagged: Mapping[str, str] | None, built: Built
) -> None:
    """Raises PublishError unless the release may become the newest state of a branch.

    `there` are the files there now, path to hash, and `newest` is the release that they are, if they are one; `tagged` are
    the files under that release's tag, if it has one.
    """
    if newest is None:
        if strange := sorted(there.keys() - INITIAL):
            raise PublishError(
                f"{where}: holds something that is no release ({printable(', '.join(strange[:3]))}); publish to a repository of its own"
            )
        return
    if newest.name != built.manifest.name:
        raise PublishError(f"{where}: holds {newest.name}, another corpus; publish to a repository of its own")
    if parse(newest.version) > parse(built.manifest.version):
        raise PublishError(
            f"{where}: {newest.version} was published here, which is newer than {built.manifest.version}, and readers of the"
            " newest version would get the older one; release under the next version"
        )
    if tagged is None:
        changed = there.keys() ^ {MANIFEST, *(entry.path for entry in newest.files)}
    else:
        changed = {path for path in there.keys() | tagged.keys() if there.get(path) != tagged.get(path)}
    if by_hand := sorted(changed - {ATTRIBUTES}):
        raise PublishError(
            f"{where}: somebody changed {newest.version} by hand ({printable(some(by_hand))}), and publishing would take that"
            " away; take over what is to stay into DATASET_CARD.md or the corpus, put back there what the tag"
            f" v{newest.version} holds, and run this again"
        )
