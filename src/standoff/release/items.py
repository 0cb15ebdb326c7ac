"""Items of a layer's view (spans, frames with their parts) as Arrow columns, nested in a document or rows of their own. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from standoff.corpus.model import Document, Span
from standoff.corpus.views import LABEL, Frame, LayerView
from standoff.release import features
from standoff.release.arrays import Columns, SpanPool, lists, scattered, strings, struct
from standoff.release.features import Features, ListOf


def item_columns(
    found: Sequence[Span | Frame],
    layer: LayerView,
    wanted: Features,
    pool: SpanPool,
    offsets: Sequence[int] | None = None,
) -> Columns:
    """The columns of a layer's items, nested in `documents` or rows of their own; positions less `offsets`."""
    if layer.kind == "spans":
        return pool.columns([item for item in found if isinstance(item, Span)], layer.attributes, offsets)
    frames = [item for item in found if isinstance(item, Frame)]
    heads = pool.columns([frame.head for frame in frames], layer.attributes, offsets)
    columns: Columns = {
        "id": heads["id"],
        "type": heads["label"] if layer.type == LABEL else strings([layer.type_of(frame) for frame in frames]),
        **{name: heads[name] for name in layer.attributes},
        layer.column: struct(struct_of(wanted[layer.column]), heads),
    }
    if layer.kind == "slots":
        # Reversed, because the first part in text order shall stay.
        slots = [dict(reversed(frame.parts)) for frame in frames]
        for role in layer.roles:
            filled = [slot.get(role.name) for slot in slots]
            tails = [span for span in filled if span is not None]
            moved = offsets and [offset for offset, span in zip(offsets, filled, strict=True) if span is not None]
            shown = struct(struct_of(wanted[role.name]), pool.columns(tails, role.attributes, moved))
            columns[role.name] = scattered([span is not None for span in filled], shown)
    else:
        counts = [len(frame.parts) for frame in frames]
        moved = offsets and [offset for offset, count in zip(offsets, counts, strict=True) for _ in range(count)]
        tails = [tail for frame in frames for _, tail in frame.parts]
        shown = pool.columns(tails, features.argument_view(layer).attributes, moved)
        shown["role"] = strings([role for frame in frames for role, _ in frame.parts])
        columns["arguments"] = lists(counts, struct(struct_of(wanted["arguments"]), shown))
    return columns


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
