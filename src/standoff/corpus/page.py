"""Names of labels in the annotation page: span labels with their part of attributes, markers, relations. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from standoff.corpus.scheme import Attribute, SchemeIndex, SpanLabel

CONTINUES = "continues"
"""The page's relation between the fragments of one discontinuous span."""

MARKER_COLOR = "#666666"
DRAWN = 12
"""The page draws the first twelve characters of a name; names that agree in them can't be told apart."""


class PageLabel(Struct, frozen=True, kw_only=True):
    """One span type or relation type of the page.

    A span label: `label`, with `values` for the attributes that are part of the name. A marker: `label` is None and
    `values` holds its one attribute. A relation: `label` is its label, or None for `continues`.
    """

    name: str
    label: str | None
    values: tuple[tuple[str, str], ...] = ()
    color: str
    key: str | None = None


def span_types(index: SchemeIndex, layers: Iterable[str]) -> tuple[PageLabel, ...]:
    """The page's span types for these layers: labels, then markers; those with a key first, in the keys' order."""
    types = []
    chosen = [index.layers[layer] for layer in layers]
    for layer in chosen:
        for label in layer.labels:
            types += _label_types(index, label, layer.color)
    labels = {label.name for layer in chosen for label in layer.labels}
    for attribute in index.scheme.attributes:
        if attribute.page == "marker" and labels & set(index.expand(attribute.labels)):
            types += [
                PageLabel(
                    name=marker_name(attribute, value),
                    label=None,
                    values=((attribute.name, value),),
                    color=attribute.color or MARKER_COLOR,
                    key=attribute.keys.get(value),
                )
                for value in attribute.values
                if value != attribute.default
            ]
    return _in_order(types)


def relation_types(index: SchemeIndex, layers: Iterable[str]) -> tuple[PageLabel, ...]:
    """The page's relation types for these layers, `continues` last."""
    types = [
        PageLabel(name=relation.page or relation.name, label=relation.name, color=MARKER_COLOR, key=relation.key)
        for layer in layers
        for relation in index.layers[layer].relations
    ]
    return (*_in_order(types), PageLabel(name=CONTINUES, label=None, color=MARKER_COLOR))


def marker_name(attribute: Attribute, value: str) -> str:
    """A marker's name in the page, as in `realis:Other`."""
    return attribute.page_values.get(value, f"{attribute.name}:{value}")


def collisions(types: Sequence[PageLabel]) -> list[tuple[PageLabel, PageLabel]]:
    """Pairs of types whose names agree in the characters that the page draws, whatever their case."""
    first: dict[str, PageLabel] = {}
    pairs = []
    for kind in types:
        other = first.setdefault(kind.name[:DRAWN].casefold(), kind)
        if other is not kind:
            pairs.append((other, kind))
    return pairs


def _label_types(index: SchemeIndex, label: SpanLabel, color: str) -> list[PageLabel]:
    carried = index.label_attributes[label.name]
    parts = [a for a in index.scheme.attributes if a.page == "label" and a.name in carried]
    types = [PageLabel(name=label.page or label.name, label=label.name, color=label.color or color, key=label.key)]
    for attribute in parts:
        types = [
            PageLabel(
                name=f"{kind.name}.{attribute.page_values.get(value, value)}",
                label=label.name,
                values=(*kind.values, (attribute.name, value)),
                color=kind.color,
                key=attribute.keys.get(value),
            )
            for kind in types
            for value in attribute.values
        ]
    return types


def _in_order(types: Sequence[PageLabel]) -> tuple[PageLabel, ...]:
    # The page lists types as they were made, and its keys are given to the most frequent ones: 1 to 9, 0, a to z.
    def place(kind: PageLabel) -> int:
        return "1234567890abcdefghijklmnopqrstuvwxyz".index(kind.key) if kind.key else 36

    return tuple(sorted(types, key=place))
