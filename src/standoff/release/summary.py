"""Changes counted and told: what `standoff diff` prints and the changelog of a release holds. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from standoff.release.diff import Change
from standoff.release.version import Level, level
from standoff.text.counted import counted

SHOWN = 40
"""Changes of one kind that are told one by one."""
_LONG = 60
_RULE = {
    Level.PATCH: "Every row is the same, in the same order.",
    Level.MINOR: "What was there is still there under the same names; rows were added, corrected or removed.",
    Level.MAJOR: "Code or scores that rest on the version before may have to be looked at again.",
}
_NOUNS = {
    "license": ("licence", "licences"),
    "class": ("class", "classes"),
    "rows": ("split of a configuration", "splits of configurations"),
    "split": ("document", "documents"),
    "set": ("annotation set", "annotation sets"),
}
_VERBS = {
    ("rows", "changed"): "with other rows",
    ("split", "added"): "newly in a split",
    ("split", "removed"): "no longer in a split",
    ("split", "changed"): "moved to another split",
}


class Summary:
    """Changes as they stream by: all are counted, the first of each kind are kept."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self.level = Level.PATCH
        self.counts: Counter[tuple[str, str, str]] = Counter()
        """(what, change, field) to a number."""
        self._sizes: dict[str, tuple[int, int]] = {}
        self.kept: dict[tuple[str, str, str], list[Change]] = {}
        self._rewritten: set[str] = set()
        self._worst: dict[Level, list[tuple[str, str, str]]] = {}
        for change in changes:
            self.add(change)

    def add(self, change: Change) -> None:
        """Counts one change."""
        key = change.what, change.change, change.field
        if key not in self.counts:
            self._worst.setdefault(level(change), []).append(key)
        self.level = max(self.level, level(change))
        if (change.what, change.field) == ("document", "text"):
            self._rewritten.add(change.document)
        self.counts[key] += 1
        spans, relations = self._sizes.get(change.change, (0, 0))
        self._sizes[change.change] = spans + change.size[0], relations + change.size[1]
        kept = self.kept.setdefault(key, [])
        if len(kept) < SHOWN:
            kept.append(change)

    def reasons(self) -> str:
        """What calls for the level, in a few words."""
        return "; ".join(self._counted(key) for key in self._worst.get(self.level, ())[:3])

    def lines(self, *, published: bool = False) -> Iterator[str]:
        """Markdown: a line a kind of change with its number, and the changes below it.

        Where they are `published`, nobody is told what an annotator was called before, nor what stood in a text that is
        another one by now.
        """
        for key, changes in self.kept.items():
            yield f"- {self._counted(key)}"
            for change in changes:
                yield f"  - {_told(self._public(change) if published else change)}"
            if hidden := self.counts[key] - len(changes):
                yield f"  - and {hidden:,} more"

    def _public(self, change: Change) -> Change:
        """A change without what may be gone for a reason: names of annotators, words of texts."""
        if change.what == "set" and change.change == "removed":
            return msgspec.structs.replace(change, annotator="")
        if change.field in ("by", "confirmed", "provenance"):
            return msgspec.structs.replace(change, before=None, after=None)
        if (
            change.what in ("document", "span", "relation")
            and change.field != "text"
            and change.document in self._rewritten
        ):
            text = "" if change.change == "removed" or change.what == "relation" else change.text
            return msgspec.structs.replace(change, text=text, before=None, after=None)
        return change

    def _counted(self, key: tuple[str, str, str]) -> str:
        what, change, field = key
        number = self.counts[key]
        one, several = _NOUNS.get(what, (what, f"{what}s"))
        text = f"{number:,} {one if number == 1 else several} {_VERBS.get((what, change), change)}"
        if what == "set" and change != "changed":
            spans, relations = self._sizes[change]
            text += f" ({counted(spans, 'span')}, {counted(relations, 'relation')})"
        return f"{text}: {field.removeprefix('attributes.')}" if field else text


def changelog(version: str, before: str | None, summary: Summary, documents: int, *, first: bool = True) -> str:
    """CHANGELOG.md of a release: what changed since the version `before`, or how many documents it has.

    `first`: no version comes before it; otherwise it was compared with none of them.
    """
    lines = ["# Changes of the data", ""]
    if before is None:
        told = "The first version" if first else "Not compared with the versions before it"
        lines += [f"## {version}", "", f"{told}: {counted(documents, 'document')}."]
    else:
        lines += [f"## {version}, since {before}", "", _RULE[summary.level], ""]
        lines += list(summary.lines(published=True)) or ["- nothing in the rows"]
        lines += ["", "Each version has the changes since the one before it in its own CHANGELOG.md."]
    return "\n".join(lines) + "\n"


def _told(change: Change) -> str:
    place = "/".join(part for part in (change.document, change.annotator) if part)
    words = [code(place)] if place else []
    if change.item and change.what not in ("span", "relation"):
        words.append(code(change.item))
    if change.label:
        words.append(code(change.label))
    if change.text:
        words.append(code(change.text))
    if change.size != (0, 0):
        words.append(f"{counted(change.size[0], 'span')}, {counted(change.size[1], 'relation')}")
    if change.what == "rows" and change.before == change.after:
        words.append(f"{counted(change.after, 'row')} as before, with other content")
    elif change.change == "changed" and (change.before is not None or change.after is not None):
        words.append(f"{_value(change, change.before)} → {_value(change, change.after)}")
    elif change.what == "document" and change.after:
        # Not the title of one that was removed: who took a text down finds no words of it in the next version.
        words.append(code(str(change.after)))
    return " ".join(words)


def _value(change: Change, value: Any) -> str:
    if value is None or value in ((), [], {}):
        return "nothing"
    if change.field == "extent":
        return ", ".join(f"{code(fragment['text'])} {fragment['start']}:{fragment['end']}" for fragment in value)
    if change.field in ("head", "tail"):
        return code(value["text"] or value["id"])
    return code(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def code(text: str) -> str:
    """Any text as Markdown code on one line, cut when it is long."""
    text = " ".join(text.split())
    text = text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}"
