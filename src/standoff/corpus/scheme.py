"""A label scheme: layers, labels, attributes, relations, and how they look in the page. Data, read from `scheme.toml`.

The order of labels is part of the released data (class indices) and only ever grows at the end.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from msgspec import Meta, Struct

from standoff.corpus.model import Name
from standoff.corpus.tables import convert, read_toml
from standoff.errors import UsageError

T = TypeVar("T")

_FIGURES = frozenset(("arguments", "by_role", "labels", "macro", "roles"))
"""Names that stand beside a head's column among the figures and mistakes of its layer, and mean others."""

ColumnName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*(?![\s\S])",
        max_length=40,
        description="Lower-case letters, digits, '_', a letter first.",
    ),
]
Color = Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}(?![\s\S])", description="A color as in #0072B2.")]
Key = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-z](?![\s\S])",
        description="The key that chooses it in the page: a digit or a lower-case letter.",
    ),
]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class SpanLabel(_Part, frozen=True, kw_only=True):
    """A label of spans."""

    name: Name
    page: Annotated[Name | None, Meta(description="Its name in the page; absent: the same.")] = None
    key: Key | None = None
    color: Annotated[Color | None, Meta(description="Absent: the layer's.")] = None
    projections: Annotated[
        Mapping[str, str], Meta(description="Projection to the label there; absent: outside of that projection.")
    ] = {}


class RelationLabel(_Part, frozen=True, kw_only=True):
    """A label of relations, with the labels allowed at each end. `@layer` stands for all span labels of a
    layer, `@layer.heads` for those that its relations start from."""

    name: Name
    heads: Annotated[tuple[Name, ...], Meta(min_length=1)]
    tails: Annotated[tuple[Name, ...], Meta(min_length=1)]
    max: Annotated[int, Meta(ge=1)] | None = None
    page: Name | None = None
    key: Key | None = None


class Head(_Part, frozen=True, kw_only=True):
    """What the relations of a layer start from, and how a release shows it."""

    labels: Annotated[tuple[Name, ...], Meta(min_length=1)]
    column: Annotated[Name, Meta(description="Its column in a release, as in `content` or `trigger`.")]
    type: Annotated[Name, Meta(description="What the `type` column holds: `label`, or the name of an attribute.")]


class Layer(_Part, frozen=True, kw_only=True):
    """Labels that are annotated together, or not at all."""

    name: ColumnName
    color: Color
    labels: Annotated[tuple[SpanLabel, ...], Meta(min_length=1)]
    head: Annotated[Head | None, Meta(description="Present exactly when the layer has relations.")] = None
    relations: tuple[RelationLabel, ...] = ()


class Attribute(_Part, frozen=True, kw_only=True):
    """A property of spans: one of `values`, or free text when `values` is empty."""

    name: ColumnName
    labels: Annotated[
        tuple[Name, ...], Meta(min_length=1, description="Labels that may carry it; `@layer` for a layer's.")
    ]
    values: tuple[Name, ...] = ()
    default: Annotated[
        Name | None, Meta(description="What the page shows by showing nothing. Files always state the value.")
    ] = None
    required: Annotated[bool, Meta(description="Every span with one of the labels states it.")] = False
    pattern: Annotated[str | None, Meta(description="A free text matches it as a whole (a regular expression).")] = None
    page: Annotated[
        Literal["label", "marker", "local"],
        Meta(description="In the page: part of the label, a marker on the first fragment, or never sent."),
    ]
    page_values: Annotated[
        Mapping[str, Name], Meta(description="Value to its name in the page; absent: made from the names.")
    ] = {}
    keys: Annotated[Mapping[str, Key], Meta(description="Value to its key in the page.")] = {}
    color: Color | None = None


class QuotationRule(_Part, frozen=True, kw_only=True):
    """The attribute of a quote's content follows from the quotation marks in it: all within, none, or some."""

    labels: tuple[Name, ...]
    attribute: Name
    direct: Name
    indirect: Name
    mixed: Name


class FlatRule(_Part, frozen=True, kw_only=True):
    """Spans with these labels never stand inside one another."""

    labels: tuple[Name, ...]


class ExclusiveRule(_Part, frozen=True, kw_only=True):
    """No span of `labels` has a fragment in common with a span of `others`."""

    labels: tuple[Name, ...]
    others: tuple[Name, ...]


class SameRule(_Part, frozen=True, kw_only=True):
    """Spans of one set with the same value of `key` agree on `attributes`."""

    key: Name
    attributes: tuple[Name, ...]


class Rules(_Part, frozen=True, kw_only=True):
    """What this scheme forbids beyond labels and values."""

    quotation: tuple[QuotationRule, ...] = ()
    flat: tuple[FlatRule, ...] = ()
    exclusive: tuple[ExclusiveRule, ...] = ()
    same: tuple[SameRule, ...] = ()


class Projection(_Part, frozen=True, kw_only=True):
    """Another inventory that labels are mapped to, with its labels in their own order."""

    name: ColumnName
    labels: tuple[Name, ...]


class Scheme(_Part, frozen=True, kw_only=True):
    """A label scheme."""

    version: Name
    title: str | None = None
    layers: Annotated[tuple[Layer, ...], Meta(min_length=1)]
    attributes: tuple[Attribute, ...] = ()
    projections: tuple[Projection, ...] = ()
    rules: Rules = Rules()


class SchemeError(UsageError):
    """A scheme that can't be used, with the file and the place in it."""


@dataclass(frozen=True, slots=True)
class SchemeIndex:
    """Look-ups over a scheme, `@layer` resolved. Made once by `index`."""

    scheme: Scheme
    layers: Mapping[str, Layer]
    spans: Mapping[str, SpanLabel]
    span_layer: Mapping[str, str]
    """Span label to the name of its layer."""
    relations: Mapping[str, RelationLabel]
    relation_layer: Mapping[str, str]
    heads: Mapping[str, frozenset[str]]
    """Relation label to the span labels allowed at its head."""
    tails: Mapping[str, frozenset[str]]
    attributes: Mapping[str, Attribute]
    label_attributes: Mapping[str, frozenset[str]]
    """Span label to the names of the attributes that it may carry."""
    required: Mapping[str, frozenset[str]]
    """Span label to the names of the attributes that it must carry."""
    patterns: Mapping[str, re.Pattern[str]]
    """Attribute to the pattern that its values match as a whole, for those that have one."""

    def expand(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Span labels, each `@layer` replaced by that layer's."""
        return tuple(_expand(labels, self.layers))


def _expand(labels: Sequence[str], layers: Mapping[str, Layer]) -> Iterator[str]:
    for label in labels:
        if label.startswith("@"):
            name, _, part = label[1:].partition(".")
            layer = layers[name]
            yield from layer.head.labels if part and layer.head else (span.name for span in layer.labels)
        else:
            yield label


def index(scheme: Scheme, where: str = "scheme.toml") -> SchemeIndex:
    """Look-ups over the scheme.

    Raises SchemeError for names that are declared twice, used but not declared, or contradict one another.
    """
    layers = _unique([(layer.name, layer) for layer in scheme.layers], "layer", where)
    spans = _unique([(label.name, label) for layer in scheme.layers for label in layer.labels], "span label", where)
    relations = _unique(
        [(label.name, label) for layer in scheme.layers for label in layer.relations], "relation label", where
    )
    attributes = _unique([(attribute.name, attribute) for attribute in scheme.attributes], "attribute", where)
    projections = _unique([(projection.name, projection) for projection in scheme.projections], "projection", where)
    for fault in _faults(scheme, spans.keys(), attributes, projections):
        raise SchemeError(f"{where}: {fault}")
    carried = {name: frozenset(_expand(attribute.labels, layers)) for name, attribute in attributes.items()}
    return SchemeIndex(
        scheme=scheme,
        layers=layers,
        spans=spans,
        span_layer={label.name: layer.name for layer in scheme.layers for label in layer.labels},
        relations=relations,
        relation_layer={label.name: layer.name for layer in scheme.layers for label in layer.relations},
        heads={name: frozenset(_expand(label.heads, layers)) for name, label in relations.items()},
        tails={name: frozenset(_expand(label.tails, layers)) for name, label in relations.items()},
        attributes=attributes,
        label_attributes={label: frozenset(name for name in attributes if label in carried[name]) for label in spans},
        patterns={name: re.compile(attribute.pattern) for name, attribute in attributes.items() if attribute.pattern},
        required={
            label: frozenset(name for name in attributes if attributes[name].required and label in carried[name])
            for label in spans
        },
    )


def _faults(
    scheme: Scheme,
    labels: Collection[str],
    attributes: Mapping[str, Attribute],
    projections: Mapping[str, Projection],
) -> Iterator[str]:
    """Names that are used but not declared, and what contradicts something else."""
    groups = {f"@{layer.name}{part}" for layer in scheme.layers for part in ("", ".heads" if layer.head else "")}
    for used_in, names in _used_labels(scheme):
        for name in names:
            if name not in labels and name not in groups:
                yield f"{used_in} names the label {name!r}, which no layer declares"
    for layer in scheme.layers:
        if (layer.head is None) != (not layer.relations):
            yield f"layer {layer.name!r} needs a head exactly when it has relations"
        if layer.head and layer.head.type != "label" and layer.head.type not in attributes:
            yield f"layer {layer.name!r}: head.type is {layer.head.type!r}, neither `label` nor an attribute"
        if layer.head and layer.head.column in _FIGURES:
            yield f"layer {layer.name!r}: head.column is {layer.head.column!r}, which scores call something else; choose another"
        for label in layer.labels:
            for projection, target in label.projections.items():
                if projection not in projections or target not in projections[projection].labels:
                    yield f"label {label.name!r} projects to {projection}.{target}, which [[projections]] does not declare"
    for attribute in scheme.attributes:
        yield from (f"attribute {attribute.name!r}: {fault}" for fault in _attribute_faults(attribute))
    for quotation in scheme.rules.quotation:
        values = attributes[quotation.attribute].values if quotation.attribute in attributes else ()
        if missing := {quotation.direct, quotation.indirect, quotation.mixed} - set(values):
            yield f"rules.quotation needs the attribute {quotation.attribute!r} with the value {min(missing)!r}"
    for same in scheme.rules.same:
        for name in (same.key, *same.attributes):
            if name not in attributes:
                yield f"rules.same names the attribute {name!r}, which is not declared"


def _used_labels(scheme: Scheme) -> Iterator[tuple[str, Sequence[str]]]:
    for layer in scheme.layers:
        if layer.head:
            yield f"layer {layer.name!r}: head", layer.head.labels
        for relation in layer.relations:
            yield f"relation {relation.name!r}: heads", relation.heads
            yield f"relation {relation.name!r}: tails", relation.tails
    for attribute in scheme.attributes:
        yield f"attribute {attribute.name!r}", attribute.labels
    for kind in ("quotation", "flat", "exclusive"):
        for rule in getattr(scheme.rules, kind):
            yield f"rules.{kind}", rule.labels
            yield f"rules.{kind}", getattr(rule, "others", ())


def _unique(pairs: Sequence[tuple[str, T]], what: str, where: str) -> dict[str, T]:
    table: dict[str, T] = {}
    for name, value in pairs:
        if name in table:
            raise SchemeError(f"{where}: the {what} {name!r} is declared twice")
        table[name] = value
    return table


def _attribute_faults(attribute: Attribute) -> Iterator[str]:
    if attribute.pattern is not None:
        try:
            re.compile(attribute.pattern)
        except re.error as error:
            yield f"pattern is no regular expression: {error}"
    if attribute.default is not None and attribute.values and attribute.default not in attribute.values:
        yield f"default {attribute.default!r} is not one of its values"
    if attribute.page != "local" and not attribute.values:
        yield f"page = {attribute.page!r} needs `values`; free text can only be local"
    if attribute.page == "marker" and attribute.default is None:
        yield "page = 'marker' needs a `default`, the value that is shown by no marker"
    if attribute.page == "label" and not attribute.required:
        yield "page = 'label' needs `required = true`: every label in the page states a value"
    for value in (*attribute.page_values, *attribute.keys):
        if value not in attribute.values:
            yield f"{value!r} has a page name or key but is not one of its values"


def read_scheme(path: Path) -> Scheme:
    """The scheme in a TOML file. Raises SchemeError with the file, the place and the cause."""
    try:
        raw = read_toml(path, SchemeError)
    except FileNotFoundError:
        raise SchemeError(f"{path}: there is no label scheme here; `standoff init` writes one to start from") from None
    scheme: Scheme = convert(raw, Scheme, path, SchemeError)
    index(scheme, str(path))
    return scheme
