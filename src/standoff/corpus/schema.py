"""The JSON Schemas (2020-12) of everything on disk, generated from the structs. Pure."""

import json
from inspect import cleandoc
from typing import Any

import msgspec

from standoff.corpus.decisions import Decisions
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import Scheme
from standoff.corpus.state import DocumentState, ProjectState

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLES = {
    "document": (Document, "Document: one normalized text"),
    "annotations": (AnnotationSet, "Annotation set: one annotator's annotations of one document"),
    "scheme": (Scheme, "Scheme: the labels of a corpus, as in corpus/scheme.toml"),
}
STATES = {
    "decisions": (Decisions, "Decisions: what curators decided where annotators of one document differ"),
    "sync-project": (ProjectState, "Project state: which project of which server a project of the corpus is"),
    "sync-document": (DocumentState, "Sync state: what both sides last agreed on about one annotation set"),
}
"""What sync remembers and what curators decided: no part of a release."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema called `name`, self-contained, with `$id`, titles and descriptions."""
    kind, title = (TITLES | STATES)[name]
    return schema_of(kind, name, title)


def schema_of(kind: type, name: str, title: str) -> dict[str, Any]:
    """The JSON Schema of a struct, its `$id` a name that needs no host: `urn:standoff:schema:<name>:1`."""
    (reference,), definitions = _cleaned(msgspec.json.schema_components([kind]))
    root = definitions.pop(reference["$ref"].rsplit("/", 1)[-1])
    return {
        "$schema": DIALECT,
        "$id": f"urn:standoff:schema:{name}:1",
        **root,
        "title": title,
        **({"$defs": dict(sorted(definitions.items()))} if definitions else {}),
    }


def _cleaned(value: Any) -> Any:
    """Descriptions without the indentation of the docstrings that they come from."""
    if isinstance(value, dict):
        return {
            key: cleandoc(item) if key == "description" and isinstance(item, str) else _cleaned(item)
            for key, item in value.items()
        }
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def schema_text(contents: dict[str, Any]) -> str:
    """A schema as it stands in `schema/<name>.schema.json`."""
    return json.dumps(contents, ensure_ascii=False, indent=2) + "\n"
