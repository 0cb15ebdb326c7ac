"""Items of a layer's view (spans, frames with their parts) as Arrow columns, nested in a document or rows of their own. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from standoff.corpus.model import Document, Span
from standoff.corpus.views import LABEL, Frame, LayerView
from standoff.release import features
from standoff.release.arrays import Columns, attribute_columns, extent_columns, lists, scattered, strings, struct
from standoff.release.features import Features, ListOf


def item_columns(
    found: Sequence[Span | Frame], layer: LayerView, wanted: Features, offsets: Sequence[int] | None = None
) -> Columns:
    """The columns of a layer's items, nested in `documents` or rows of their own; positions less `offsets`."""
    if layer.kind == "spans":
        spans = [item for item in found if isinstance(item, Span)]
        return _span_columns(spans, True, layer.attributes, offsets)
    frames = [item for item in found if isinstance(item, Frame)]
    heads = [frame.head for frame in frames]
    head: Columns = {"label": strings([span.label for span in heads])} if layer.labeled else {}
    types = [span.label for span in heads] if layer.type == LABEL else [layer.type_of(frame) for frame in frames]
    columns: Columns = {
        "id": strings([span.id for span in heads]),
        "type": strings(types),
        **attribute_columns(heads, layer.attributes),
        layer.column: struct(struct_of(wanted[layer.column]), {**head, **extent_columns(heads, offsets)}),
    }
    if layer.kind == "slots":
        # Reversed, because the first part in text order shall stay.
        slots = [dict(reversed(frame.parts)) for frame in frames]
        for role in layer.roles:
            filled = [slot.get(role.name) for slot in slots]
            moved = offsets and [offset for offset, span in zip(offsets, filled, strict=True) if span is not None]
            shown = _span_columns([span for span in filled if span is not None], role.labeled, role.attributes, moved)
            columns[role.name] = scattered(
                [span is not None for span in filled], struct(struct_of(wanted[role.name]), shown)
            )
    else:
        counts = [len(frame.parts) for frame in frames]
        moved = offsets and [offset for offset, count in zip(offsets, counts, strict=True) for _ in range(count)]
        view = features.argument_view(layer)
        shown = _span_columns([tail for frame in frames for _, tail in frame.parts], True, view.attributes, moved)
        shown["role"] = strings([role for frame in frames for role, _ in frame.parts])
        columns["arguments"] = lists(counts, struct(struct_of(wanted["arguments"]), shown))
    return columns


def _span_columns(
    spans: Sequence[Span], labeled: bool, attributes: Sequence[str], offsets: Sequence[int] | None
) -> Columns:
    label: Columns = {"label": strings([span.label for span in spans])} if labeled else {}
    return {
        "id": strings([span.id for span in spans]),
        **label,
        **extent_columns(spans, offsets),
        **attribute_columns(spans, attributes),
    }


def window(document: Document, frame: Frame) -> tuple[int, int]:
    """The sentence or sentences that hold all parts of a frame, as `(start, end)` in the document."""
    start = min(frame.head.start, *(tail.start for _, tail in frame.parts), frame.head.start)
    end = max(frame.head.end, *(tail.end for _, tail in frame.parts), frame.head.end)
    first = bisect_right(document.sentences, start, key=lambda sentence: sentence.start) - 1
    last = bisect_right(document.sentences, end - 1, key=lambda sentence: sentence.start) - 1
    if first >= 0:
        start = min(start, document.sentences[first].start)
    if last >= 0:
        end = max(end, document.sentences[last].end)
    return start, end


def struct_of(feature: features.Feature) -> Features:
    """The fields of a struct, or of the structs in a list."""
    inner = feature.item if isinstance(feature, ListOf) else feature
    if not isinstance(inner, Mapping):
        raise TypeError(f"not a struct: {feature}")
    return inner
