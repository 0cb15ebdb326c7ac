"""What stands before a text and is not part of it: a date, or front matter. Pure."""

import re
from collections.abc import Mapping

FIELDS = ("id", "title", "date", "publisher", "url", "license", "group")

_DATE_LINE = re.compile(r"\s*date[ \t]*:?[ \t]+([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?=\s)\s*")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z_]+)[ \t]*:[ \t]*(.*?)[ \t]*\r?")


def split_header(text: str) -> tuple[dict[str, str], str]:
    """The fields that a text states before it begins, and the text without them.

    Two forms: ` date 2025-06 ` at the very start, and front matter between lines of `---`, one `key: value` a line, of
    the keys in FIELDS. Front matter with any other line is text and stays where it is.
    """
    if match := _FRONT_MATTER.match(text):
        fields = _front_matter(match.group(1))
        if fields is not None:
            return fields, text[match.end() :]
    if match := _DATE_LINE.match(text):
        return {"date": match.group(1)}, text[match.end() :]
    return {}, text


def _front_matter(block: str) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        match = _FIELD.fullmatch(line)
        if match is None or match.group(1).lower() not in FIELDS or match.group(1).lower() in fields:
            return None
        value = match.group(2)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if value:
            fields[match.group(1).lower()] = value
    return fields


def unknown_fields(fields: Mapping[str, object]) -> list[str]:
    """Names in `fields` that no document has a place for, sorted."""
    return sorted(set(fields) - {*FIELDS, "text"})
