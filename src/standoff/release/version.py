"""The version that changes of the data call for. Pure.

MAJOR: a configuration, column or class removed, renamed, retyped or reordered; a document removed, its text or licence
changed, its split moved; the licence of the annotations changed. MINOR: anything appended; annotations added, corrected or
removed; any other difference in a row. PATCH: every row and its order are the same.
"""

import re
from enum import IntEnum

from standoff.errors import UsageError
from standoff.release.diff import Change
from standoff.release.manifest import VERSION_PATTERN

FIRST = "1.0.0"


class Level(IntEnum):
    """Which of the three numbers has to grow."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2


def level(change: Change) -> Level:
    """What one change calls for."""
    match change.what:
        case "configuration" | "column" | "class":
            return Level.MINOR if change.change == "added" else Level.MAJOR
        case "license":
            return Level.MAJOR
        case "split":
            return Level.MINOR if change.change == "added" else Level.MAJOR
        case "document":
            major = change.change == "removed" or change.field in ("text", "license")
            return Level.MAJOR if major else Level.MINOR
        case _:
            return Level.MINOR


def parse(version: str) -> tuple[int, int, int]:
    """The three numbers, which compare as versions do. Raises UsageError for what is no version."""
    found = re.match(VERSION_PATTERN, version)
    if not found:
        raise UsageError(f"{version!r} is no version; give three numbers, as in 1.0.0")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def following(version: str, needs: Level) -> str:
    """The next version after `version`, when changes call for `needs`."""
    major, minor, patch = parse(version)
    if needs is Level.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if needs is Level.MINOR else f"{major}.{minor}.{patch + 1}"


def step(old: str, new: str) -> Level:
    """Which number grew. Raises ValueError unless `new` comes after `old`."""
    before, after = parse(old), parse(new)
    if after <= before:
        raise ValueError(f"{new} does not come after {old}")
    return Level.MAJOR if after[0] > before[0] else Level.MINOR if after[1] > before[1] else Level.PATCH
