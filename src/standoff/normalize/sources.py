"""Files that are sources: found under what a user names, in order, and never outside of the repository."""

import os
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path

from msgspec import Struct

from standoff.errors import UsageError
from standoff.normalize.records import Rejected


class Source(Struct, frozen=True):
    """One file to read; `file` is its path relative to the repository, with `/`."""

    path: Path
    file: str


def find(root: Path, paths: Sequence[str]) -> Iterator[Source | Rejected]:
    """Sources under `paths`, each a file, a folder or a glob; none: `seeds/`. Folders in the order of names, each file once.

    A source outside the repository, by its name or through a symbolic link, is rejected, and so are links to folders and
    what is no regular file. Names that begin with a dot are passed over in folders. Raises UsageError for a path that
    names nothing.
    """
    base = root.resolve()
    seen: set[Path] = set()
    for name in paths or (str(root / "seeds"),):
        for path in _expand(Path(name), root):
            if len(paths) > 1:
                if (absolute := Path(os.path.abspath(path))) in seen:
                    continue
                seen.add(absolute)
            yield _source(path, base, root)


def _source(path: Path, base: Path, root: Path) -> Source | Rejected:
    if path.is_dir() and not path.is_symlink():
        return Rejected(source=str(path), reason="unreadable", detail="you may not list this folder; change its rights")
    # The link's own name and place count, and where it leads must be inside too.
    place = path.parent.resolve() / path.name
    inside = place.is_relative_to(base)
    file = place.relative_to(base).as_posix() if inside else str(path)
    if not inside:
        why = f"outside of the repository; copy the text under {root / 'seeds'}"
        return Rejected(source=file, reason="outside", detail=why)
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(base):
            why = f"a symbolic link leads out of the repository; copy the text under {root / 'seeds'}"
            return Rejected(source=file, reason="outside", detail=why)
        if path.is_dir():
            return Rejected(
                source=file, reason="no-file", detail="a symbolic link to a folder; name that folder itself"
            )
        if not path.is_file():
            why = "a link that leads nowhere" if path.is_symlink() else "a device, pipe or socket; only files are read"
            return Rejected(source=file, reason="no-file", detail=why)
    except (OSError, RuntimeError) as error:  # a link to itself
        return Rejected(source=file, reason="unreadable", detail=str(error))
    return Source(path, file)


def _expand(path: Path, root: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _below(path)
    elif os.path.lexists(path):
        yield path
    elif has_magic(str(path)):
        start = Path(path.anchor) if path.is_absolute() else Path()
        found = sorted(start.glob(str(path.relative_to(path.anchor))))
        if not found:
            raise UsageError(f"{path}: no file has such a name; mend the pattern")
        for match in found:
            yield from _below(match) if match.is_dir() and not match.is_symlink() else (match,)
    elif path == root / "seeds":
        raise UsageError(
            f"{path}: there is no such folder; put raw texts into it, or name others: standoff normalize PATHS"
        )
    else:
        raise UsageError(f"{path}: there is no such file or folder; mend the name")


def _below(folder: Path) -> Iterator[Path]:
    """Files in a folder and the folders in it, one listing in memory at a time; a folder that can't be listed itself."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name)
        else:
            yield folder / entry.name
