"""Files that are sources: found under what a user names, in order, and never outside of the repository."""

import os
import re
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path

from msgspec import Struct

from standoff.errors import UsageError
from standoff.normalize.records import Rejected

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Source(Struct, frozen=True):
    """One file to read; `file` is its path relative to the repository, with `/`."""

    path: Path
    file: str


def find(root: Path, paths: Sequence[str]) -> Iterator[Source | Rejected]:
    """Sources under `paths`, each a file, a folder or a glob; none: `seeds/`. Folders in the order of names, each file once.

    A source outside the repository, by its name or through a symbolic link, is rejected, and so are links to folders and
    what is no regular file or has a name that can't be shown. Names that begin with a dot are passed over in folders. Raises UsageError for a path that
    names nothing.
    """
    base = root.resolve()
    seen: set[Path] = set()
    for name in paths or (str(root / "seeds"),):
        for path in _expand(Path(name), root):
            if paths:  # one glob alone may name a folder and what is in it
                if (absolute := Path(os.path.abspath(path))) in seen:
                    continue
                seen.add(absolute)
            yield _source(path, base, root)


def folders(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """What the `file` of every source below the folders among `paths` (none: `seeds/`) begins with."""
    base = root.resolve()
    found = [Path(name).resolve() for name in paths or (str(root / "seeds"),) if Path(name).is_dir()]
    inside = [folder.relative_to(base) for folder in found if folder.is_relative_to(base)]
    return tuple(f"{folder.as_posix()}/" if folder.parts else "" for folder in inside)


def _source(path: Path, base: Path, root: Path) -> Source | Rejected:
    shown = _UNSAFE.sub(lambda match: ascii(match.group())[1:-1], str(path))
    copy = f"copy the text under {root / 'seeds'}"
    try:
        # The link's own name and place count, and where it leads must be inside too.
        place = path.parent.resolve() / path.name
        if not place.is_relative_to(base):
            return Rejected(source=shown, reason="outside", detail=f"outside of the repository; {copy}")
        file = place.relative_to(base).as_posix()
        shown = _UNSAFE.sub(lambda match: ascii(match.group())[1:-1], file)
        if shown != file:
            why = "its name is not UTF-8 or has control characters; rename it"
            return Rejected(source=shown, reason="bad-name", detail=why)
        if path.is_symlink():
            if not path.resolve().is_relative_to(base):
                why = f"a symbolic link leads out of the repository; {copy}"
                return Rejected(source=file, reason="outside", detail=why)
            if path.is_dir():
                why = "a symbolic link to a folder; name that folder itself"
                return Rejected(source=file, reason="no-file", detail=why)
            if not path.exists():
                return Rejected(source=file, reason="no-file", detail="a link that leads nowhere; remove it")
        elif path.is_dir():
            why = "you may not list this folder; change its permissions"
            return Rejected(source=file, reason="unreadable", detail=why)
        if not path.is_file():
            return Rejected(source=file, reason="no-file", detail="a device, pipe or socket; only files are read")
    except (OSError, RuntimeError) as error:  # a name that is too long; a link to itself
        return Rejected(source=shown, reason="unreadable", detail=getattr(error, "strerror", None) or str(error))
    return Source(path, file)


def _expand(path: Path, root: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from below(path)
    elif os.path.lexists(path):
        yield path
    elif has_magic(str(path)):
        start = Path(path.anchor) if path.is_absolute() else Path()
        try:
            found = sorted(start.glob(str(path.relative_to(path.anchor))))
        except ValueError as error:
            raise UsageError(f"{path}: {error}; mend the pattern") from None
        if not found:
            raise UsageError(f"{path}: no file has such a name; mend the pattern")
        for match in found:
            yield from below(match) if match.is_dir() and not match.is_symlink() else (match,)
    elif path == root / "seeds":
        raise UsageError(
            f"{path}: there is no such folder; put raw texts into it, or name others: standoff normalize PATHS"
        )
    else:
        raise UsageError(f"{path}: there is no such file or folder; mend the name")


def below(folder: Path) -> Iterator[Path]:
    """Files and links in a folder and the folders in it, in the order of names; a folder that can't be listed comes as it is.
    Names that begin with a dot are passed over."""
    waiting = [(folder, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if not is_folder:
            yield path
            continue
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except OSError:
            yield path
            continue
        waiting += [
            (path / entry.name, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if not entry.name.startswith(".")
        ]
