"""`corpus.toml` and `overrides.toml`: what a curator decides about a corpus. An unknown key is an error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from standoff.corpus.model import AnnotatorName, Date, DocumentId, Language, Name
from standoff.corpus.tables import convert, read_toml
from standoff.errors import UsageError

FORMAT = 1


class ConfigError(UsageError):
    """A configuration that can't be used: the file, the key, the cause, what to do."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Licenses(_Table, frozen=True, kw_only=True):
    """Licences of the annotations, and of every text that states none of its own."""

    annotations: Name
    texts: Name | None = None


class CorpusTable(_Table, frozen=True, kw_only=True):
    """`[corpus]`: what this corpus is. `layers` names the scheme's layers that it annotates; empty: all."""

    format: int
    name: DocumentId
    title: str | None = None
    licenses: Licenses
    languages: tuple[Language, ...] = ()
    layers: tuple[Name, ...] = ()
    pseudonyms: Mapping[AnnotatorName, AnnotatorName] = {}


Field = Literal["id", "text", "title", "date", "publisher", "url", "license", "group"]


class NormalizeTable(_Table, frozen=True, kw_only=True):
    """`[normalize]`: `fields` maps our field names to those of `.jsonl` sources."""

    fields: Mapping[Field, Name] = {}


class SplitsTable(_Table, frozen=True, kw_only=True):
    """`[splits]`: how documents are dealt to splits, once and for ever."""

    salt: str = ""
    fractions: Mapping[Literal["train", "validation", "test"], Annotated[float, Meta(ge=0, le=1)]] = msgspec.field(
        default_factory=lambda: {"train": 0.8, "validation": 0.1, "test": 0.1}
    )
    min_groups: Annotated[int, Meta(ge=0)] = 20


class ReleaseTable(_Table, frozen=True, kw_only=True):
    """`[release]`: the annotation set that is released, and whether it has to be confirmed."""

    set: AnnotatorName = "gold"
    confirmed: bool = False


class PushTable(_Table, frozen=True, kw_only=True, rename={"source": "from"}):
    """`push` of a Doccano project: which documents, and the set whose annotations a new one starts with. `present`: those that
    `set` (or else `from`) has."""

    documents: Literal["all", "present", "confirmed", "unconfirmed"] = "all"
    source: AnnotatorName | None = None


class DoccanoTable(_Table, frozen=True, kw_only=True):
    """`[doccano.<project>]`: one project in Doccano."""

    url: str | None = None
    layers: tuple[Name, ...] = ()
    mode: Literal["shared", "per-member"] = "shared"
    set: AnnotatorName = "gold"
    push: PushTable = PushTable()
    grapheme_mode: bool = False


class Config(_Table, frozen=True, kw_only=True):
    """All of `corpus.toml`."""

    corpus: CorpusTable
    normalize: NormalizeTable = NormalizeTable()
    splits: SplitsTable = SplitsTable()
    release: ReleaseTable = ReleaseTable()
    doccano: Mapping[DocumentId, DoccanoTable] = {}


class Override(_Table, frozen=True, kw_only=True):
    """A curator's decision about one document, with its reason."""

    reason: Annotated[str, Meta(min_length=1)]
    exclude: bool = False
    title: str | None = None
    date: Date | None = None
    publisher: str | None = None
    url: str | None = None
    license: str | None = None
    group: Name | None = None
    language: Language | None = None


def read_config(path: Path) -> Config:
    """The configuration in `corpus.toml`.

    Raises ConfigError: no such file, invalid TOML, another `format`, an unknown key (naming the nearest known one), a
    value of a wrong type.
    """
    try:
        raw = read_toml(path, ConfigError)
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            f"{path}: there is no corpus here; name its repository with --root, or make one with `standoff init DIR`"
        ) from None
    found = raw.get("corpus", {}).get("format", FORMAT) if isinstance(raw.get("corpus", {}), dict) else FORMAT
    if found != FORMAT:
        raise ConfigError(
            f"{path}: corpus.format is {found!r}; this version of standoff reads format {FORMAT}. Install the version of"
            " standoff that wrote it, or bring the folder to this format"
        )
    projects = raw.get("doccano")
    for name, table in projects.items() if isinstance(projects, dict) else ():
        convert(table, DoccanoTable, path, ConfigError, f"doccano.{name}", f"doccano.{name}.")
    config: Config = convert(raw, Config, path, ConfigError)
    if abs((total := sum(config.splits.fractions.values())) - 1) > 1e-9:
        raise ConfigError(f"{path}: splits.fractions add up to {total:g}; make it 1")
    return config


def read_overrides(path: Path) -> dict[str, Override]:
    """Document id to the curator's decision; empty when there is no such file. Raises ConfigError."""
    try:
        raw = read_toml(path, ConfigError)
    except FileNotFoundError:
        return {}
    return {
        convert(id_, DocumentId, path, ConfigError, f"document {id_!r}"): convert(
            {id_: stated}, dict[str, Override], path, ConfigError, f'["{id_}"]'
        )[id_]
        for id_, stated in raw.items()
    }


def excluded(overrides: Mapping[str, Override]) -> frozenset[str]:
    """Ids of the documents that a curator excludes. They may still be in the corpus."""
    return frozenset(id_ for id_, override in overrides.items() if override.exclude)
