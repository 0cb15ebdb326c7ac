"""Annotation graphs as readers want them: entities, quotes with their speaker, events with their arguments. Pure.

The scheme decides everything: which layers are plain lists of spans, which have one slot a role, which have lists of
arguments, and which attributes stand beside each span. Views are derived, one way; spans and relations are what is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.scheme import Layer, SchemeIndex

LABEL = "label"
"""What `Head.type` says when the type of a frame is the label of its head."""


class Frame(Struct, frozen=True):
    """A head (a quote's content, an event's trigger) and the spans that its relations lead to, as (role, span).

    Parts are in text order; those that start and end together keep the order of their relations.
    """

    head: Span
    parts: tuple[tuple[str, Span], ...]


@dataclass(frozen=True, slots=True)
class RoleView:
    """One relation label of a layer: what is shown of the span that it leads to.

    `labeled`: its label is shown, because the relation allows several. `attributes` are those that its labels may carry.
    """

    name: str
    labeled: bool
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayerView:
    """How one layer is shown.

    `spans`: a list of spans. `slots`: every relation says `max = 1`, so a frame has one place for each role. `frames`: a
    frame has a list of arguments. `attributes` are those of the spans, or of the heads but for the one that is their type.
    """

    name: str
    kind: Literal["spans", "slots", "frames"]
    attributes: tuple[str, ...]
    roles: tuple[RoleView, ...] = ()
    head_labels: tuple[str, ...] = ()
    column: str = ""
    """The head's column."""
    type: str = LABEL
    """What a frame's type is: `label`, or the name of an attribute of its head."""

    @property
    def labeled(self) -> bool:
        """Whether a frame has to show the label of its head beside its type."""
        return self.type != LABEL and len(self.head_labels) > 1

    def type_of(self, frame: Frame) -> str | None:
        """A frame's type; None when its head lacks the attribute."""
        return frame.head.label if self.type == LABEL else frame.head.attributes.get(self.type)


Views = dict[str, Sequence[Span] | Sequence[Frame] | None]
"""Layer to what is in it; None when the set's annotator did not annotate that layer, empty when nothing was found."""


def layer_views(index: SchemeIndex, layers: Iterable[str] = ()) -> tuple[LayerView, ...]:
    """How these layers (all of the scheme's by default) are shown, in the scheme's order."""
    wanted = set(layers) or set(index.layers)
    return tuple(_layer_view(index, layer) for layer in index.scheme.layers if layer.name in wanted)


def views(annotations: AnnotationSet, layers: Sequence[LayerView], index: SchemeIndex) -> Views:
    """The annotations of each layer, in text order.

    Spans of a layer with relations that are no heads are seen only as parts of a frame. Of several spans in one slot the
    first in text order is shown: validation reports that, as it does a relation whose end is missing, which is skipped here.
    """
    shown = _shown_in(layers, index)
    found: dict[str, list[Span]] = {view.name: [] for view in layers if view.name in annotations.layers}
    for span in annotations.spans:
        for layer in shown.get(span.label, ()):
            if layer in found:
                found[layer].append(span)
    by_id = {span.id: span for span in annotations.spans} if annotations.relations else {}
    parts: dict[tuple[str, str], list[tuple[str, Span]]] = {}
    for relation in annotations.relations:
        owner = index.relation_layer.get(relation.label)
        if owner and (tail := by_id.get(relation.tail)):
            parts.setdefault((owner, relation.head), []).append((relation.label, tail))
    result: Views = {}
    for view in layers:
        spans = found.get(view.name)
        if spans is not None:
            spans.sort(key=_position)
        if spans is None or view.kind == "spans":
            result[view.name] = spans
        else:
            result[view.name] = [
                Frame(head, tuple(sorted(parts.get((view.name, head.id), ()), key=_part_position))) for head in spans
            ]
    return result


def _shown_in(layers: Sequence[LayerView], index: SchemeIndex) -> dict[str, list[str]]:
    """Span label to the layers whose views show it as an item of its own."""
    shown: dict[str, list[str]] = {}
    for view in layers:
        for label in view.head_labels or (label.name for label in index.layers[view.name].labels):
            shown.setdefault(label, []).append(view.name)
    return shown


def _position(span: Span) -> tuple[int, int]:
    return span.fragments[0].start, -span.fragments[-1].end


def _part_position(part: tuple[str, Span]) -> tuple[int, int]:
    return _position(part[1])


def _layer_view(index: SchemeIndex, layer: Layer) -> LayerView:
    if layer.head is None:
        return LayerView(layer.name, "spans", _attributes(index, [label.name for label in layer.labels]))
    head = layer.head
    roles = []
    for relation in layer.relations:
        tails = index.expand(relation.tails)
        roles.append(RoleView(relation.name, len(set(tails)) > 1, _attributes(index, tails)))
    return LayerView(
        name=layer.name,
        kind="slots" if all(relation.max == 1 for relation in layer.relations) else "frames",
        attributes=tuple(name for name in _attributes(index, head.labels) if name != head.type),
        roles=tuple(roles),
        head_labels=head.labels,
        column=head.column,
        type=head.type,
    )


def _attributes(index: SchemeIndex, labels: Iterable[str]) -> tuple[str, ...]:
    """Names of the attributes that at least one of these labels may carry, in the scheme's order."""
    carried = {name for label in labels for name in index.label_attributes[label]}
    return tuple(attribute.name for attribute in index.scheme.attributes if attribute.name in carried)
