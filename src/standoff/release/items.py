"""Items of a layer's view (spans, frames) as Arrow columns, nested in a document or rows of their own. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from standoff.corpus.model import Document
from standoff.corpus.views import LayerView
from standoff.release import features
from standoff.release.arrays import Columns, lists, scattered, struct
from standoff.release.features import Features, ListOf
from standoff.release.graph import Frames, Graph


def item_columns(graph: Graph, frames: Frames, layer: LayerView, wanted: Features, offsets: Any = None) -> Columns:
    """The columns of a layer's items, nested or rows of their own; positions less `offsets`, one for each."""
    heads = graph.columns(frames.heads, layer.attributes, offsets)
    if layer.kind == "spans":
        return heads
    columns: Columns = {
        "id": heads["id"],
        "type": graph.types(layer, frames.heads),
        **{name: heads[name] for name in layer.attributes},
        layer.column: struct(struct_of(wanted[layer.column]), heads),
    }
    moved = None if offsets is None else np.asarray(offsets)[frames.frame]
    if layer.kind == "slots":
        names = np.array(frames.role.to_pylist(), object)
        for role in layer.roles:
            places = np.flatnonzero(names == role.name)
            # The first part in text order is shown.
            filled, firsts = np.unique(frames.frame[places], return_index=True)
            chosen = places[firsts]
            shown = graph.columns(frames.tail[chosen], role.attributes, None if moved is None else moved[chosen])
            present = np.zeros(len(frames.heads), bool)
            present[filled] = True
            columns[role.name] = scattered(present, struct(struct_of(wanted[role.name]), shown))
    else:
        shown = graph.columns(frames.tail, features.argument_view(layer).attributes, moved)
        counts = np.bincount(frames.frame, minlength=len(frames.heads))
        columns["arguments"] = lists(counts, struct(struct_of(wanted["arguments"]), {**shown, "role": frames.role}))
    return columns


class Sentences:
    """The sentences of many documents on one line, on which each document begins where the one before ends."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.counts = np.array([len(document.sentences) for document in documents], np.int64)
        self.after = np.cumsum(self.counts)
        """For each document the number of sentences up to its end."""
        lengths = np.array([len(document.text) for document in documents], np.int64)
        self.bases = np.cumsum(lengths) - lengths
        """Where each document begins."""
        self.document = np.repeat(np.arange(len(documents)), self.counts)
        self.start = np.array([one.start for document in documents for one in document.sentences], np.int64)
        self.end = np.array([one.end for document in documents for one in document.sentences], np.int64)
        """In their documents."""
        self._line = self.start + self.bases[self.document]

    def at(self, documents: Any, places: Any) -> Any:
        """The number of the sentence that each place of a document is in or after; -1 for none."""
        found = np.searchsorted(self._line, places + self.bases[documents], "right") - 1
        return np.where(found >= (self.after - self.counts)[documents], found, -1)


def windows(sentences: Sentences, graph: Graph, frames: Frames) -> tuple[Any, Any]:
    """The sentence or sentences that hold all parts of each frame: starts and ends in their documents."""
    start, end = graph.start[frames.heads].astype(np.int64), graph.end[frames.heads].astype(np.int64)
    np.minimum.at(start, frames.frame, graph.start[frames.tail])
    np.maximum.at(end, frames.frame, graph.end[frames.tail])
    first, last = sentences.at(frames.row, start), sentences.at(frames.row, end - 1)
    edges = np.append(sentences.start, 0), np.append(sentences.end, 0)
    return (
        np.where(first >= 0, np.minimum(start, edges[0][first]), start),
        np.where(last >= 0, np.maximum(end, edges[1][last]), end),
    )


def struct_of(feature: features.Feature) -> Features:
    """The fields of a struct, or of the structs in a list."""
    inner = feature.item if isinstance(feature, ListOf) else feature
    if not isinstance(inner, Mapping):
        raise TypeError(f"not a struct: {feature}")
    return inner
