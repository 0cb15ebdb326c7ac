"""What lies in the folders of a corpus: files, folders, shards; a link that leads nowhere is an error. Only reads."""

import os
from collections.abc import Iterator
from pathlib import Path

from standoff.corpus import shards
from standoff.errors import StandoffError


class StoreError(StandoffError):
    """A file under `corpus/` stands in the way: the message names it and says what to do."""


def entries_in(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is in a folder and not hidden, in no order; nothing if it is not there. Raises StoreError for a dead link."""
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        if folder.is_symlink():
            raise _dead(folder) from None


def folders_in(folder: Path) -> list[str]:
    """Names of the folders in a folder, sorted. Raises StoreError for a dead link."""
    names = []
    for entry in entries_in(folder):
        if entry.is_dir():
            names.append(entry.name)
        elif entry.is_symlink() and not os.path.exists(entry):
            raise _dead(folder / entry.name)
    return sorted(names)


def names_in(folder: Path) -> Iterator[str]:
    """What the `.json` files in a folder are named after, in no order. Raises StoreError for a dead link."""
    return (entry.name[:-5] for entry in entries_in(folder) if entry.name.endswith(".json"))


def _dead(link: Path) -> StoreError:
    return StoreError(f"{link}: a link that leads nowhere; bring back what it leads to, or remove it")


def shards_in(folder: Path) -> list[Path]:
    """The shards in a folder, sorted."""
    return sorted(folder / entry.name for entry in entries_in(folder) if entry.name.endswith(shards.ENDINGS))
