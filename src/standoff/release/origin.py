"""The commit that a release is made from, asked of git."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from standoff.errors import StandoffError

INPUTS = ("corpus", "DATASET_CARD.md")
"""All that a release is made from, relative to the corpus repository."""
_READ = (".json", ".jsonl", ".md", ".toml", ".zst")

# Which repository a hook or script of the user works on.
_ANOTHER = {
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """`commit` is the last one that changed one of the inputs, `date` its own, in UTC; None without a commit.

    `changes` are the inputs' files that differ from what is committed. `reason` says why there is no commit.
    """

    commit: str | None
    date: str | None
    changes: tuple[str, ...]
    reason: str = ""

    @property
    def dirty(self) -> bool:
        """Whether no commit holds what is released."""
        return self.commit is None or bool(self.changes)


def origin(root: Path) -> Origin:
    """Where the inputs of the corpus repository at `root` stand in git's history. Raises StandoffError when git fails."""
    try:
        status = git(
            root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored", "--no-renames", "--", *INPUTS
        )
    except FileNotFoundError:
        return Origin(None, None, (), "git is not installed")
    if status.returncode:
        if "not a git repository" in status.stderr:
            return Origin(None, None, (), "this is no git repository")
        raise StandoffError(f"{root}: git status failed: {status.stderr.strip()}")
    changes = tuple(_told(line[:2], line[3:]) for line in status.stdout.split("\0") if line and not _passed_over(line))
    listed = git(root, "ls-files", "-v", "-z", "--", *INPUTS).stdout.split("\0")
    # Marked `assume-unchanged` or `skip-worktree`, as in a sparse checkout.
    changes += tuple(f"{line[2:]} (git does not look at it)" for line in listed if line[:1] not in ("H", ""))
    changes += tuple(f"{path} (only as a link to another place)" for path in sorted(_links(root)))
    log = git(root, "log", "-1", "--format=%H %ct", "--", *INPUTS)
    commit, _, seconds = log.stdout.strip().partition(" ")
    if log.returncode or not commit:
        return Origin(None, None, changes, "nothing of it is committed")
    return Origin(commit, datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z"), changes)


def is_cut_off(root: Path, commit: str) -> bool:
    """Whether a shallow clone ends at this commit, so that nobody can tell there what it changed."""
    found = git(root, "rev-parse", "--git-path", "shallow")
    shallow = root / found.stdout.rstrip("\n")
    return found.returncode == 0 and shallow.is_file() and commit in shallow.read_text(encoding="ascii").split()


def _links(root: Path) -> Iterator[str]:
    """The links among the inputs that lead out of the corpus: git sees nothing of what is read there."""
    yield from (name for name in INPUTS if os.path.islink(root / name))
    home = os.path.realpath(root / "corpus")
    folders = [root / "corpus"]
    while folders:
        folder = folders.pop()
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif (
                entry.is_symlink()
                and path.suffix != ".md"  # guidelines, which no release has
                and (path.suffix in _READ or entry.is_dir())
                and not Path(os.path.realpath(path)).is_relative_to(home)
            ):
                yield path.relative_to(root).as_posix()


def _passed_over(line: str) -> bool:
    """Whether git ignores this file, and it is none that we read: the backup of an editor, what a killed write left."""
    path = PurePosixPath(line[3:])
    return line.startswith("!!") and (path.name.startswith(".") or path.suffix not in _READ)


def _told(state: str, path: str) -> str:
    return f"{path} (git ignores it)" if state == "!!" else path


def git_environment() -> dict[str, str]:
    """Of a git that speaks English, takes no lock to read, and works where it is told to, also within a hook."""
    own = {name: value for name, value in os.environ.items() if name not in _ANOTHER}
    return {**own, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What git says of the repository at `root`. Raises FileNotFoundError when it is not installed."""
    return subprocess.run(
        ["git", *words],
        cwd=root,
        env=git_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
