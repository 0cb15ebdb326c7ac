"""What passes between the steps of normalization: raw bytes, settings, documents, rejects. Pure."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from standoff.corpus.config import Field, Override
from standoff.corpus.model import Document

Kind = Literal["text", "markdown", "html", "line"]


class Raw(Struct, frozen=True, kw_only=True):
    """The bytes of one text as received: a whole file (unpacked), or one line of a `.jsonl` without its line end.

    `file` is relative to the repository, with `/`; `line` counts from 1, 0 for a whole file; `name` is the file's name
    without its endings, empty for a line.
    """

    file: str
    line: int = 0
    name: str
    kind: Kind
    content: bytes


class Rejected(Struct, frozen=True, kw_only=True):
    """A source that becomes no document, and why. `reason` is a stable word, `detail` is for people; `text_sha256` is that of the
    clean text (UTF-8) where a curator excludes it."""

    source: str
    line: int = 0
    id: str = ""
    reason: str
    detail: str
    text_sha256: str | UnsetType = UNSET


class Normalized(Struct, frozen=True, kw_only=True):
    """A document, and what has to be told about it.

    `changes` has the number of places of each kind that markup and cleaning changed; `left_out` the names of fields that
    the source states and no document has a place for.
    """

    document: Document
    line: int = 0
    encoding: str
    changes: Mapping[str, int]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Setting(Struct, frozen=True, kw_only=True):
    """What the corpus says about all its texts: corpus.toml and overrides.toml."""

    languages: tuple[str, ...] = ()
    license: str | None = None
    fields: Mapping[Field, str] = {}
    overrides: Mapping[str, Override] = {}
