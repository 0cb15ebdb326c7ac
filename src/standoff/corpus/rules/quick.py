"""The model as validation decodes it: the same structs, with two patterns left to what is quicker. Pure.

A pattern is searched by Python, one string at a time, which for the ids of a set takes longer than all the rest of decoding
it. They are judged together, as columns. Timestamps have a stricter pattern in place of a look at the calendar.
"""

import types
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from standoff.corpus.model import ITEM_ID_PATTERN, TIMESTAMP_PATTERN

R = TypeVar("R", bound=Struct)

_SURE = (
    r"^[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?(?![\s\S])"
)
"""Timestamps that are real; 29 February and what is unusual are left to a second look."""
_INSTEAD = {ITEM_ID_PATTERN: None, TIMESTAMP_PATTERN: _SURE}


def decode_quickly(raw: bytes, kind: type[R]) -> R | None:
    """What `codec.decode` makes of these bytes, but ids of spans and relations may have any characters; None for what needs a second look.

    That is whatever `codec.decode` refuses, and a set with a timestamp that may be none. The record is an instance of `kind`, with the same fields.
    """
    try:
        record: R = _decoder(kind).decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return record


@cache
def _decoder(kind: type[R]) -> msgspec.json.Decoder[R]:
    return msgspec.json.Decoder(_quick(kind))


@cache
def _quick(kind: type[R]) -> type[R]:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(kind):
        if field.default_factory is not NODEFAULT:
            default: Any = msgspec.field(default_factory=field.default_factory)
        else:
            default = field.default
        fields.append(
            (field.name, _changed(field.type)) if default is NODEFAULT else (field.name, _changed(field.type), default)
        )
    made: Any = msgspec.defstruct(kind.__name__, fields, bases=(kind,), frozen=True, kw_only=True, gc=False)
    return made  # type: ignore[no-any-return]


def _changed(annotation: Any) -> Any:
    """The type with these patterns replaced anywhere in it."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _quick(annotation)
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        changed, metas = _changed(get_args(annotation)[0]), map(_instead, annotation.__metadata__)
        return Annotated[changed, *metas]
    parts = tuple(part if part is ... else _changed(part) for part in get_args(annotation))
    return Union[parts] if origin in (Union, types.UnionType) else origin[parts]  # noqa: UP007 - of parts known at run time


def _instead(meta: Meta) -> Meta:
    if meta.pattern not in _INSTEAD:
        return meta
    return Meta(pattern=_INSTEAD[meta.pattern], min_length=1, max_length=meta.max_length)
