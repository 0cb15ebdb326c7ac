"""What Doccano would drop, half do or crash on, found before it is sent. Pure."""

import re
from collections.abc import Sequence

from standoff.formats.doccano_rows import Example
from standoff.sync.remote import LabelType, Project, Rejected

_KEY = re.compile("[0-9a-z]")
_COLOR = re.compile("#[0-9a-fA-F]{6}")
_LONGEST_NAME = 100
_COLUMNS = frozenset(
    {"id", "data", "text", "label", "entities", "relations", "Comments", "filename", "upload_name", "example_uuid"}
)
"""What an import or export puts beside the keys of an example's meta."""


def check_project(name: str, description: str) -> None:
    """Raises Rejected for a name or description that Doccano would refuse or change."""
    if not name or name != name.strip() or len(name) > _LONGEST_NAME or not description.strip():
        raise Rejected(
            f"project {name!r}: a project needs a description, and a name of 1 to {_LONGEST_NAME} characters"
        )


def check_types(kind: str, held: Sequence[LabelType], new: Sequence[LabelType]) -> None:
    """Raises Rejected for label types that Doccano would refuse, change, or take though a name or key is there twice."""
    names = {known.name for known in held}
    keys = {known.key for known in held if known.key}
    for one in new:
        if one.name in names:
            raise Rejected(f"the project has a {kind} type {one.name!r} already")
        if one.key and one.key in keys:
            raise Rejected(f"{kind} type {one.name!r}: the key {one.key!r} belongs to another one")
        if not one.name or one.name != one.name.strip() or len(one.name) > _LONGEST_NAME:
            raise Rejected(
                f"{kind} type {one.name!r}: a name has 1 to {_LONGEST_NAME} characters, no space at its ends"
            )
        if one.key and not _KEY.fullmatch(one.key):
            raise Rejected(f"{kind} type {one.name!r}: the key {one.key!r} is none of 0-9 and a-z")
        if not _COLOR.fullmatch(one.color):
            raise Rejected(f"{kind} type {one.name!r}: {one.color!r} is no color as in #0072b2")
        names.add(one.name)
        keys |= {one.key} if one.key else set()


def check_import(project: Project, examples: Sequence[Example]) -> None:
    """Raises Rejected for an import that would lose rows, stop half way, or come back as something else."""
    spans = {label.name for label in project.span_types}
    relations = {label.name for label in project.relation_types}
    keys = frozenset(examples[0].meta) if examples else frozenset()
    for number, example in enumerate(examples, 1):
        where = f"example {number} of {len(examples)} ({example.document})"
        rows = {row.id for row in example.rows}
        if not example.text:
            raise Rejected(f"{where} has no text")
        if frozenset(example.meta) != keys or keys & _COLUMNS:
            raise Rejected(f"{where}: all meta must have the same keys, and none of {', '.join(sorted(_COLUMNS))}")
        if not all(isinstance(value, str) for value in example.meta.values()):
            raise Rejected(f"{where}: only strings in meta come back unchanged")
        if len(rows) < len(example.rows):
            raise Rejected(f"{where} has two rows of one id")
        for row in example.rows:
            if row.label not in spans:
                raise Rejected(f"{where}: the project has no span type {row.label!r}")
            check_offsets(row.start, row.end, where)
        for relation in example.relations:
            if relation.label not in relations:
                raise Rejected(f"{where}: the project has no relation type {relation.label!r}")
            if not {relation.head, relation.tail} <= rows:
                raise Rejected(f"{where}: a relation {relation.label!r} leads from or to a row that is not there")


def check_offsets(start: int, end: int, where: str) -> None:
    """Raises Rejected for an empty or negative span."""
    if not 0 <= start < end:
        raise Rejected(f"{where}: {start}-{end} is no span")
