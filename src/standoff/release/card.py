"""README.md of a release and the committed DATASET_CARD.md: prose, YAML for the Hub, facts. Pure but for reading."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from standoff.errors import StandoffError
from standoff.release import features
from standoff.release.facts import Facts
from standoff.release.legal import license_fields

FILE = "DATASET_CARD.md"
BEGIN = "<!-- facts: written by `standoff card`, don't edit -->"
END = "<!-- end of facts -->"
_WRITE = "<!-- write:"
_NEEDED = {
    "known ambiguities": re.compile("ambigu", re.IGNORECASE),
    "taking down a text": re.compile(r"tak(e|ing|en)[ -]?down|remov(e|al|ing)|withdraw", re.IGNORECASE),
}
"""What a card has to have a section about, and what the heading of that says."""
_SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7))


class CardError(StandoffError):
    """A DATASET_CARD.md that can't be used: the line, what is wrong with it, and what to do."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What people have yet to write: sections with a line `<!-- write: ... -->` left, and those without a heading."""

    left: tuple[str, ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.left or self.missing)

    def __str__(self) -> str:
        parts = ["still to be written: " + ", ".join(f'"{name}"' for name in self.left)] if self.left else []
        return "; ".join([*parts, *(f"no section is about {name}" for name in self.missing)])


def unwritten(written: str) -> Unwritten:
    """What DATASET_CARD.md, possibly empty, still lacks. Raises CardError."""
    _, _, body = _parts(written)
    before, _, rest = body.partition(BEGIN)
    _, _, after = rest.partition(END)
    heading, headings, left = FILE, [], []
    for line in [*before.splitlines(), *after.splitlines()]:
        if line.startswith("#"):
            heading = line.strip("# \t")
            headings.append(heading)
        elif _WRITE in line and heading not in left:
            left.append(heading)
    missing = [name for name, about in _NEEDED.items() if not any(map(about.search, headings))]
    return Unwritten(tuple(left), tuple(missing))


def prose(root: Path) -> str:
    """DATASET_CARD.md of the corpus repository at `root`; empty when there is none. Raises CardError."""
    try:
        written = (root / FILE).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise CardError(f"{FILE}: {error}; write it in UTF-8") from None
    _parts(written)
    return written


def readme(written: str, facts: Facts) -> str:
    """README.md of a release. `written` is DATASET_CARD.md, possibly empty: its own YAML is kept, what is derived replaced.

    The facts stand between BEGIN and END, or at its end when it has no such lines. Raises CardError.
    """
    own, _, body = _parts(written)
    header = yaml.safe_dump(_header(own, facts), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{header}---\n\n{_filled(body, facts).strip()}\n"


def refreshed(written: str, facts: Facts) -> str:
    """DATASET_CARD.md with these facts in place of those that it has; not a byte else changes. Raises CardError."""
    _, head, body = _parts(written)
    return f"{head}{_filled(body, facts).rstrip()}\n"


def _filled(body: str, facts: Facts) -> str:
    # No title, and no name of a licence, ends the facts or hides them.
    block = f"{BEGIN}\n\n{facts.text().replace('<!--', '&lt;!--')}{END}"
    marks = body.count(BEGIN), body.count(END)
    if marks == (0, 0):
        return f"{body.rstrip() or f'# {facts.title}'.replace('<!--', '&lt;!--')}\n\n{block}\n"
    before, _, rest = body.partition(BEGIN)
    _, end, after = rest.partition(END)
    if marks != (1, 1) or not end:
        raise CardError(
            f"{FILE}: the facts stand between one line {BEGIN} and, after it, one line {END}; put both back, or remove both"
            " and the facts come at the end"
        )
    return before + block + after


def _parts(written: str) -> tuple[dict[str, Any], str, str]:
    """The YAML that the prose starts with, as read and as it stands, and the rest of it."""
    first, _, _ = written.partition("\n")
    if first != "---":
        if first.strip("\ufeff \t\r") == "---":
            raise CardError(
                f"{FILE}:1: three hyphens and nothing else, in UTF-8 without a mark, have to end with a line feed"
            )
        return {}, "", written
    head, end, body = written[4:].partition("\n---\n")
    if not end:
        raise CardError(f"{FILE}: starts with a line of ---, and no second one ends the YAML that follows; add it")
    try:
        own = yaml.safe_load(head)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 2}" if error.problem_mark else ""
        raise CardError(f"{FILE}{line}: not valid YAML ({error.problem}); mend it, or take the line out") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise CardError(f"{FILE}: the lines up to the second --- are not valid YAML ({reason}); mend them") from None
    if own is not None and (not isinstance(own, dict) or not all(isinstance(key, str) for key in own)):
        raise CardError(f"{FILE}: the lines up to the second --- have to be keys with values, as in `tags: [news]`")
    return own or {}, f"---\n{head}{end}", body


def _header(own: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    manifest = facts.manifest
    rows = sum(split.rows for split in manifest.configurations["documents"].values())
    return {
        "pretty_name": facts.title,
        **own,
        "language": sorted({language.partition("-")[0] for language in facts.findings.languages}),
        **license_fields(manifest.licenses.annotations, manifest.licenses.texts),
        "size_categories": [next((name for name, limit in _SIZES if rows < limit), "n>10M")],
        "configs": [
            {
                "config_name": name,
                **({"default": True} if name == "documents" else {}),
                "data_files": [{"split": split, "path": f"data/{name}/{split}-*.parquet"} for split in splits],
            }
            for name, splits in manifest.configurations.items()
        ],
        # Without `splits`: numbers of rows make a load with filters fail.
        "dataset_info": [
            {"config_name": name, "features": features.card(facts.features[name])} for name in manifest.configurations
        ],
    }
