"""What stands before a text and is not part of it: a date, or front matter. Pure."""

import re
from typing import NamedTuple, get_args

import yaml

from standoff.corpus.config import Field
from standoff.corpus.model import Date, fits

FIELDS: tuple[str, ...] = tuple(name for name in get_args(Field) if name != "text")
"""What a source may state about a text."""

_DATE = re.compile(r"\s*date[ \t]*:?[ \t]+([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?=\s|\Z)\s*")
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n((?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST = 65_536


class Header(NamedTuple):
    """Fields that a text states before it begins, names of those that no document has a place for, and where it begins."""

    fields: dict[str, str]
    left_out: tuple[str, ...]
    end: int


class BadHeader(NamedTuple):
    """Front matter that can't be read, and why."""

    detail: str


def date_line(text: str) -> Header | None:
    """` date 2025-06 ` at the very start of a text, and only there. A date that can't be one is text."""
    match = _DATE.match(text)
    if match is None or not fits(match.group(1), Date):
        return None
    return Header({"date": match.group(1)}, (), match.end())


def front_matter(text: str) -> Header | BadHeader | None:
    """YAML between two lines of `---` at the very start of a text: one value for each of FIELDS.

    Values are taken as they are written, so that a date stays a string. Other keys are left out and named.
    """
    match = _FRONT_MATTER.match(text, 0, _LONGEST)
    if match is None:
        return None
    try:
        node = yaml.compose(match.group(1), yaml.BaseLoader)
        stated = yaml.load(match.group(1), yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        problem = str(getattr(error, "problem", None) or "nested too deeply")
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 2}: " if mark else ""
        return BadHeader(f"front matter, {where}{problem}; write `key: value` lines")
    if stated is None or stated == "":
        stated = {}
    if not isinstance(stated, dict) or not all(isinstance(name, str) for name in stated):
        return BadHeader("front matter: this is no list of `key: value` lines; write some, or take the `---` out")
    names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    if twice := next((name for name in names if names.count(name) > 1), None):
        return BadHeader(f"front matter: {twice!a} stands twice; keep one of them")
    for name in stated:
        if _SURROGATE.search(f"{name} {stated[name] if name in FIELDS else ''}"):
            return BadHeader(
                f"front matter: {name!a} holds half a surrogate pair, which is no text; write the character"
            )
    for name in FIELDS:
        if not isinstance(stated.get(name, ""), str):
            return BadHeader(f"front matter: {name} has several values; write one")
    fields = {name: stated[name] for name in FIELDS if stated.get(name)}
    return Header(fields, tuple(name for name in stated if name not in FIELDS), match.end())
