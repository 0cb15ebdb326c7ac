"""TOML files that people write: read, with messages that say which key is wrong, and what may stand there."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from standoff.errors import UsageError


def read_toml(path: Path, error: type[UsageError]) -> dict[str, Any]:
    """What is in the file. Raises `error` when it can't be read, or is no TOML, and FileNotFoundError."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise error(f"{path}: this is not valid TOML: {cause}") from None
    except (IsADirectoryError, PermissionError) as cause:
        raise error(f"{path}: it can't be read: {cause.strerror}") from None


def convert(raw: object, kind: Any, path: Path, error: type[UsageError], place: str = "", within: str = "") -> Any:
    """What is at a place of the file (all of it by default) as `kind`. Raises `error`.

    `place` stands before what is said of a value, `within` before an unknown key.
    """
    info = inspect.type_info(kind)
    if unknown := _unknown_key(raw, info, within):
        table, key, known = unknown
        near = difflib.get_close_matches(key, known, n=1, cutoff=0) if known else []
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise error(f"{path}: unknown key {table + key!r}; {hint}Known here: {', '.join(known)}")
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as cause:
        raise error(f"{path}: {f'{place}: ' if place else ''}{_reason(cause, info)}") from None


def _reason(error: msgspec.ValidationError, info: inspect.Type) -> str:
    """What the library says, with words in place of patterns, and with the values that there are."""
    # It says `$[...]` for a key of a mapping.
    reason = str(error).removesuffix(" - at `$[...]`").replace("`$[...].", "`").replace("`$.", "`")
    choices: dict[str, list[str]] = {}
    for name, part in _parts("", info):
        if isinstance(part, inspect.LiteralType):
            choices[name] = [str(value) for value in part.values]
        elif isinstance(part, inspect.Metadata) and isinstance(part.type, inspect.StrType) and part.type.pattern:
            described = (part.extra_json_schema or {}).get("description", "")
            reason = reason.replace(
                f"Expected `str` matching regex {part.type.pattern!r}", f"not of this form: {described.rstrip('.')}"
            )
    if found := re.search(r"Invalid enum value .* - at `(?:[\w\[\]]+\.)*(\w+)`", reason):
        reason += "; known here: " + ", ".join(choices[found[1]])
    return reason


def _parts(name: str, info: inspect.Type) -> Iterator[tuple[str, inspect.Type]]:
    """This type and all that it is made of, each with the key that it stands at."""
    yield name, info
    match info:
        case inspect.StructType():
            inner = [(field.encode_name, field.type) for field in info.fields]
        case inspect.DictType():
            inner = [(name, info.key_type), (name, info.value_type)]
        case inspect.UnionType():
            inner = [(name, member) for member in info.types]
        case inspect.VarTupleType():
            inner = [(name, info.item_type)]
        case inspect.Metadata():
            inner = [(name, info.type)]
        case _:
            inner = []
    for key, part in inner:
        yield from _parts(key, part)


def _unknown_key(value: object, info: inspect.Type, place: str) -> tuple[str, str, list[str]] | None:
    """The first key that its table does not know, as (table's place, key, keys known there)."""
    children: list[tuple[str, object, inspect.Type]] = []
    match info:
        case inspect.Metadata():
            return _unknown_key(value, info.type, place)
        case inspect.UnionType():
            return next((found for member in info.types if (found := _unknown_key(value, member, place))), None)
        case inspect.VarTupleType() if isinstance(value, list):
            children = [(f"{place.removesuffix('.')}[{n}].", item, info.item_type) for n, item in enumerate(value)]
        case inspect.StructType() if isinstance(value, dict):
            fields = {field.encode_name: field.type for field in info.fields}
            for key in value:
                if key not in fields:
                    return place, str(key), list(fields)
            children = [(f"{place}{key}.", value[key], fields[key]) for key in value]
        case inspect.DictType() if isinstance(value, dict):
            if isinstance(info.key_type, inspect.LiteralType):
                known = [str(name) for name in info.key_type.values]
                for key in value:
                    if key not in known:
                        return place, str(key), known
            children = [(f"{place}{key}.", item, info.value_type) for key, item in value.items()]
    return next((found for child in children if (found := _unknown_key(child[1], child[2], child[0]))), None)
