"""Structs of the model without their constraints, for JSON that its schema has accepted already. Pure.

The schema checks every constraint that a type states, so checking them again while the structs are made would only cost
time: half of all that it takes to validate a record.
"""

import types
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

R = TypeVar("R", bound=Struct)


def convert(contents: object, kind: type[R]) -> R:
    """The record of this kind in parsed JSON that its schema accepts: an instance of `kind`, with the same fields.

    Raises msgspec.ValidationError where the shape differs, and lets constraints pass that the schema should have checked.
    """
    record: R = msgspec.convert(contents, _unchecked(kind))
    return record


@cache
def _unchecked(kind: type[R]) -> type[R]:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(kind):
        if field.default_factory is not NODEFAULT:
            default: Any = msgspec.field(default_factory=field.default_factory)
        else:
            default = field.default
        fields.append(
            (field.name, _bare(field.type)) if default is NODEFAULT else (field.name, _bare(field.type), default)
        )
    made: Any = msgspec.defstruct(kind.__name__, fields, bases=(kind,), frozen=True, kw_only=True, gc=False)
    return made  # type: ignore[no-any-return]


def _bare(annotation: Any) -> Any:
    """The type without the `Meta` anywhere in it."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _unchecked(annotation)
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        return _bare(get_args(annotation)[0])
    parts = tuple(part if part is ... else _bare(part) for part in get_args(annotation))
    return Union[parts] if origin in (Union, types.UnionType) else origin[parts]  # noqa: UP007 - of parts known at run time
