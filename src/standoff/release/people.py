"""Names of people in the provenance of released sets: found, and replaced by the public ones. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from standoff.corpus.model import Provenance

_HOME = re.compile(
    r"(?:/home|/Users|\b[A-Za-z]:[/\\]+Users)[/\\]+"
    r"((?:[^/\\\s\"':]| (?!-))+(?=[/\\])|[^/\\\s\"':]+)"
)
"""A folder of somebody's, the last part of which is a user name; one with spaces when a path goes on after it."""


def public_provenance(given: Provenance, names: Mapping[str, str]) -> dict[str, str]:
    """Provenance as it is released: `names` maps annotators to their public names. `user` is left out.

    An annotator is named in `parameters`, as a value or key, and in the `model` that was made of their set, `gazetteer:NAME`;
    the user of a machine in paths, whose home becomes `~`.
    """
    found = {name: _HOME.sub("~", value) for name, value in msgspec.to_builtins(given).items() if name != "user"}
    renamed = {name: public for name, public in names.items() if name != public}
    if "model" in found:
        found["model"] = _renamed(found["model"], renamed)
    parameters = found.get("parameters")
    if parameters is not None and any(name in parameters for name in renamed):
        try:
            before = msgspec.json.decode(parameters)
        except msgspec.DecodeError:
            before = parameters
        if (after := _renamed(before, renamed)) != before:
            found["parameters"] = after if isinstance(before, str) else msgspec.json.encode(after).decode()
    return found


def users(provenance: Provenance) -> list[str]:
    """Names of users whose folders are in the model's name, as they stand in a safe name made of it."""
    return [re.sub(r"[^a-z0-9._-]+", "-", user.lower()) for user in _HOME.findall(provenance.model or "")]


def learned(provenance: Provenance) -> list[str]:
    """The annotator whose set a gazetteer was made of; none for other models."""
    kind, _, name = (provenance.model or "").partition(":")
    return [name] if kind == "gazetteer" else []


def adjudicated(provenance: Provenance) -> list[str]:
    """The annotators whose sets were adjudicated, as `standoff adjudicate` notes them; none of what was made otherwise."""
    if provenance.tool != "standoff adjudicate":
        return []
    try:
        return [*msgspec.json.decode(provenance.parameters or "{}", type=_Adjudicated).sets]
    except msgspec.DecodeError:
        return []


class _Adjudicated(msgspec.Struct, frozen=True):
    sets: dict[str, str] | list[str] = []


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        kind, colon, name = value.rpartition(":")
        return f"{kind}{colon}{names[name]}" if name in names else value
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    return value
