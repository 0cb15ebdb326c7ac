"""The annotations of many documents as flat columns, and what `corpus.views` says of one set, of all at once. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import pyarrow as pa

from standoff.corpus.rules.columns import Columns as SetColumns
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import LABEL, LayerView
from standoff.release.arrays import Columns, lists_up_to, strings, struct
from standoff.release.features import FRAGMENT


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of a layer, of all rows. `heads` are places of spans; `row` says which row each is of.

    `frame`, `role` and `tail` have one value for each part: the number of its frame, the name of its relation, the place
    of its span. Parts stand in the order of frames, and within one in text order; in a layer without relations there are none.
    """

    heads: Any
    row: Any
    frame: Any
    role: pa.Array
    tail: Any


class Graph:
    """All spans and relations of some annotation sets, in order. A span is known by its place among them.

    `rows` says for each set which row shows it in views, or -1: of each row one set is shown.
    """

    def __init__(self, sets: Sequence[SetColumns], rows: Sequence[int], index: SchemeIndex) -> None:
        self.sets = sets
        self._index = index
        labels = [*chain.from_iterable([found.labels for found in sets])]
        starts = [*chain.from_iterable([found.starts for found in sets])]
        self._starts = np.array(starts, np.int32)
        self._ends = np.array([*chain.from_iterable([found.ends for found in sets])], np.int32)
        self._counts = np.array([len(one) for found in sets for one in found.fragments], np.int64)
        self._after = np.cumsum(self._counts)
        self.start = self._starts[self._after - self._counts]
        self.end = self._ends[self._after - 1]
        """Hulls of all spans, in their documents."""
        self.ids = strings([*chain.from_iterable([found.ids for found in sets])])
        self.labels = strings(labels)
        self._surfaces = strings([*chain.from_iterable([found.surfaces for found in sets])])
        several = len(starts) > len(labels)
        self._texts = strings([text for found in sets for text in _texts(found)]) if several else self._surfaces
        self.attributes = self._attributes(len(labels))
        sizes = np.array([len(found.labels) for found in sets], np.int64)
        self.row = np.repeat(np.array(rows, np.int64), sizes)
        """Which row shows each span, or -1."""
        self._labels, self._codes = _encoded(self.labels)
        self._relate(np.cumsum(sizes) - sizes)
        shown = {row: set(found.record.layers) for row, found in zip(rows, sets, strict=True) if row >= 0}
        self._layers = [shown[row] for row in range(len(shown))]

    def _attributes(self, count: int) -> Columns:
        filled: dict[str, list[str | None]] = {name: [None] * count for name in self._index.attributes}
        for place, values in enumerate(chain.from_iterable([found.attributes for found in self.sets])):
            for name, value in values.items():
                filled[name][place] = value
        return {name: strings(values) for name, values in filled.items()}

    def _relate(self, bases: Any) -> None:
        labels: list[str] = []
        names: tuple[list[str], list[str]] = [], []
        heads: list[int] = []
        tails: list[int] = []
        for base, found in zip(bases.tolist(), self.sets, strict=True):
            if found.triples:
                place_of = dict(zip(found.ids, range(base, base + len(found.ids)), strict=True)).get
                label, head, tail = zip(*found.triples, strict=True)
                labels += label
                names[0].extend(head)
                names[1].extend(tail)
                heads += map(place_of, head, repeat(-1))
                tails += map(place_of, tail, repeat(-1))
        self.relations = {
            "id": strings([*chain.from_iterable([found.relation_ids for found in self.sets])]),
            "label": strings(labels),
            "head": strings(names[0]),
            "tail": strings(names[1]),
        }
        """Of all relations, those too whose ends are missing."""
        self._relations, self._relation_codes = _encoded(self.relations["label"])
        self._heads = np.array(heads, np.int64)
        self._tails = np.array(tails, np.int64)

    # -- views

    def annotated(self, layer: LayerView) -> Any:
        """Whether the layer was annotated, for each row."""
        return np.array([layer.name in layers for layers in self._layers], bool)

    def frames(self, layer: LayerView) -> Frames:
        """What is in a layer, row by row in text order: spans, or frames with their parts."""
        labels = layer.head_labels or [label.name for label in self._index.layers[layer.name].labels]
        # The last one stands for spans that no row shows.
        annotated = np.append(self.annotated(layer), False)
        heads = np.flatnonzero(self._among(self._labels, labels)[self._codes] & annotated[self.row])
        heads = heads[np.lexsort((-self.end[heads], self.start[heads], self.row[heads]))]
        frame_of = np.full(len(self.row), -1)
        frame_of[heads] = np.arange(len(heads))
        relations = [name for name, owner in self._index.relation_layer.items() if owner == layer.name]
        chosen = self._among(self._relations, relations)[self._relation_codes] & (self._heads >= 0) & (self._tails >= 0)
        parts = np.flatnonzero(chosen)
        parts = parts[frame_of[self._heads[parts]] >= 0]
        frame, tail = frame_of[self._heads[parts]], self._tails[parts]
        order = np.lexsort((-self.end[tail], self.start[tail], frame))
        return Frames(
            heads, self.row[heads], frame[order], self.relations["label"].take(pa.array(parts[order])), tail[order]
        )

    def types(self, layer: LayerView, heads: Any) -> pa.Array:
        """Labels of spans, or types of frames; null where a head lacks the attribute."""
        names = self.labels if layer.kind == "spans" or layer.type == LABEL else self.attributes[layer.type]
        return names.take(pa.array(heads))

    @staticmethod
    def _among(codes: dict[str, int], names: Iterable[str]) -> Any:
        found = np.zeros(len(codes), bool)
        found[[codes[name] for name in names if name in codes]] = True
        return found

    # -- columns

    def in_pieces(self, places: Any) -> Any:
        """Whether each of these spans has several fragments."""
        return self._counts[places] > 1

    def fragments(self) -> pa.Array:
        """The fragments of all spans, a list each."""
        columns = {"start": pa.array(self._starts), "end": pa.array(self._ends), "text": self._surfaces}
        return lists_up_to(self._after, struct(FRAGMENT, columns))

    def columns(self, places: Any, attributes: Sequence[str] = (), offsets: Any = None) -> Columns:
        """What is shown of these spans: id, label, hull, surfaces joined by one space, fragments, attributes.

        `offsets`: for each span the place in its document of the text that the columns' positions shall index.
        """
        counts = self._counts[places]
        after = np.cumsum(counts)
        last = self._after[places] - 1
        first = last - counts + 1
        moved = np.zeros(len(places), np.int32) if offsets is None else np.asarray(offsets, np.int32)
        take = pa.array(places)
        if len(after) == 0 or after[-1] == len(after):
            every, moved_each = first, moved
        else:
            # Places of all fragments: each span's first one, and on from there.
            every = np.repeat(first - (after - counts), counts) + np.arange(after[-1])
            moved_each = np.repeat(moved, counts)
        pieces = {
            "start": pa.array(self._starts[every] - moved_each),
            "end": pa.array(self._ends[every] - moved_each),
            "text": self._surfaces.take(pa.array(every)),
        }
        return {
            "id": self.ids.take(take),
            "label": self.labels.take(take),
            "start": pa.array(self._starts[first] - moved),
            "end": pa.array(self._ends[last] - moved),
            "text": self._texts.take(take),
            "fragments": lists_up_to(after, struct(FRAGMENT, pieces)),
            **{name: self.attributes[name].take(take) for name in attributes},
        }


def _texts(found: SetColumns) -> list[str]:
    """The surfaces of a set's spans."""
    if not found.several:
        return found.surfaces
    texts = list(found.surfaces)
    # Those before it have one text each by now, so the place of a span is that of its first fragment.
    for place in found.several:
        texts[place : place + len(found.fragments[place])] = [found.surface(place)]
    return texts


def _encoded(names: pa.Array) -> tuple[dict[str, int], Any]:
    """Numbers for names, and the names as numbers."""
    encoded = names.dictionary_encode()
    numbers = {name: number for number, name in enumerate(encoded.dictionary.to_pylist())}
    return numbers, encoded.indices.to_numpy()
