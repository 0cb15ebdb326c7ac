"""Annotation sets decoded with the patterns of their structs left out, which are then judged all at once. Pure.

A pattern is searched by Python, one string at a time, which for ids and times takes longer than all the rest of decoding a set.
"""

import re
import types
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from standoff.corpus.model import DOCUMENT_ID_PATTERN, ITEM_ID_PATTERN, TIMESTAMP_PATTERN, AnnotationSet
from standoff.corpus.rules.columns import Columns

R = TypeVar("R", bound=Struct)

_LEFT_OUT = (DOCUMENT_ID_PATTERN, ITEM_ID_PATTERN, TIMESTAMP_PATTERN)
_NAME = re.compile(DOCUMENT_ID_PATTERN)
_IDS = re.compile(ITEM_ID_PATTERN)
_SURE = re.compile(
    r"[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
)
"""Timestamps that are real; 29 February and what is unusual are left to a second look."""


def read_quickly(raw: bytes) -> Columns | None:
    """The annotation set in a whole file or in one line of a shard, its structs subclasses of the model's with the same fields.

    None for what needs a second look: all that `codec.decode` refuses, and a set with a timestamp that may be none.
    """
    try:
        columns = Columns(_decoder().decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return columns if _patterns_hold(columns) else None


def _patterns_hold(columns: Columns) -> bool:
    record = columns.record
    given = [
        *record.confirmed,
        *[span.by for span in record.spans if span.by],
        *[relation.by for relation in record.relations if relation.by],
    ]
    names = {by.annotator for by in given} | {comment.by for comment in record.comments}
    times = [by.at for by in given] + [comment.at for comment in record.comments]
    if record.provenance:
        times.append(record.provenance.at)
    ids = "".join([*columns.ids, *columns.relation_ids, *columns.heads, *columns.tails])
    return (
        all(map(_NAME.match, filter(None, {record.document, record.annotator, *names})))
        and all(map(_SURE.fullmatch, filter(None, times)))
        and (not ids or _IDS.match(ids) is not None)  # the pattern is one of characters
    )


@cache
def _decoder() -> msgspec.json.Decoder[AnnotationSet]:
    return msgspec.json.Decoder(_quick(AnnotationSet))


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
    """The type without these patterns anywhere in it."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _quick(annotation)
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        changed, metas = _changed(get_args(annotation)[0]), map(_without, annotation.__metadata__)
        return Annotated[changed, *metas]
    parts = tuple(part if part is ... else _changed(part) for part in get_args(annotation))
    return Union[parts] if origin in (Union, types.UnionType) else origin[parts]  # noqa: UP007 - of parts known at run time


def _without(meta: Meta) -> Meta:
    """None of these patterns takes an empty text."""
    return Meta(min_length=1, max_length=meta.max_length) if meta.pattern in _LEFT_OUT else meta
