"""`corpus.toml` and `overrides.toml`: what a curator decides about a corpus. An unknown key is an error."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from standoff.corpus.model import AnnotatorName, Date, DocumentId, Language, Name
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
        raw = _toml(path)
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
        _convert(table, DoccanoTable, path, f"doccano.{name}")
    config: Config = _convert(raw, Config, path)
    if abs((total := sum(config.splits.fractions.values())) - 1) > 1e-9:
        raise ConfigError(f"{path}: splits.fractions add up to {total:g}; make it 1")
    return config


def read_overrides(path: Path) -> dict[str, Override]:
    """Document id to the curator's decision; empty when there is no such file. Raises ConfigError."""
    try:
        raw = _toml(path)
    except FileNotFoundError:
        return {}
    return {
        _convert(id_, DocumentId, path, f"document {id_!r}"): _convert(
            {id_: stated}, dict[str, Override], path, f'["{id_}"]'
        )[id_]
        for id_, stated in raw.items()
    }


def excluded(overrides: Mapping[str, Override]) -> frozenset[str]:
    """Ids of the documents that a curator excludes. They may still be in the corpus."""
    return frozenset(id_ for id_, override in overrides.items() if override.exclude)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: this is not valid TOML: {error}") from None
    except (IsADirectoryError, PermissionError) as error:
        raise ConfigError(f"{path}: it can't be read: {error.strerror}") from None


def _convert(raw: object, kind: Any, path: Path, place: str = "") -> Any:
    """What is at a place of the file (all of it by default) as `kind`. Raises ConfigError."""
    if unknown := _unknown_key(raw, msgspec.inspect.type_info(kind), ""):
        within, key, known = unknown
        within = f"{place}.{within}" if place and kind is DoccanoTable else within
        near = difflib.get_close_matches(key, known, n=1, cutoff=0) if known else []
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"{path}: unknown key {within + key!r}; {hint}Known here: {', '.join(known)}")
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {f'{place}: ' if place else ''}{_reason(error)}") from None


def _reason(error: msgspec.ValidationError) -> str:
    """What the library says, with words in place of patterns, and with the values that there are."""
    # It says `$[...]` for a key of a mapping.
    reason = str(error).removesuffix(" - at `$[...]`").replace("`$[...].", "`").replace("`$.", "`")
    for described in (DocumentId, Date, Language):
        meta = described.__metadata__[0]  # type: ignore[attr-defined]
        reason = reason.replace(
            f"Expected `str` matching regex {meta.pattern!r}", f"not of this form: {meta.description.rstrip('.')}"
        )
    if found := re.search(r"Invalid enum value .* - at `(?:\w+\.)*(\w+)`", reason):
        reason += "; known here: " + ", ".join(_choices()[found[1]])
    return reason


def _choices() -> dict[str, list[str]]:
    """The values of the keys that have only some."""
    fields = [field for table in (DoccanoTable, PushTable) for field in msgspec.inspect.type_info(table).fields]  # type: ignore[attr-defined]
    return {
        field.encode_name: [str(value) for value in field.type.values]
        for field in fields
        if isinstance(field.type, msgspec.inspect.LiteralType)
    }


def _unknown_key(value: object, info: msgspec.inspect.Type, place: str) -> tuple[str, str, list[str]] | None:
    """The first key that its table does not know, as (table's place, key, keys known there)."""
    if isinstance(info, msgspec.inspect.Metadata):
        return _unknown_key(value, info.type, place)
    if not isinstance(value, dict):
        return None
    if isinstance(info, msgspec.inspect.StructType):
        fields = {field.encode_name: field.type for field in info.fields}
        for key in value:
            if key not in fields:
                return place, str(key), list(fields)
        children = [(key, fields[key]) for key in value]
    elif isinstance(info, msgspec.inspect.DictType):
        if isinstance(info.key_type, msgspec.inspect.LiteralType):
            known = [str(name) for name in info.key_type.values]
            for key in value:
                if key not in known:
                    return place, str(key), known
        children = [(key, info.value_type) for key in value]
    else:
        return None
    for key, child in children:
        if unknown := _unknown_key(value[key], child, f"{place}{key}."):
            return unknown
    return None
