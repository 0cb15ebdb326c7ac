"""Sentences with tokens and IOB2 tags (Ramshaw and Marcus 1995; CoNLL-2002), for trainers of token classification. Pure.

Tags hold the outermost spans; the column of spans has them all, and says which are in the tags. What can't be said this way
is counted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from standoff.corpus.model import Document
from standoff.corpus.scheme import SchemeError, SchemeIndex
from standoff.corpus.views import LayerView
from standoff.release import features
from standoff.release.arrays import Columns, integers, lists, pieces, strings, struct
from standoff.release.features import Classes, Features, I, ListOf, S
from standoff.release.graph import Frames, Graph
from standoff.release.items import Sentences, item_columns
from standoff.text.tokens import tokenize_all

PROJECTION = "conll2002"
"""The one projection that gets tags of its own, with the inventory that most taggers know."""

_PLACE: Features = {"document_id": S, "sentence": I, "section": S, "offset": I, "date": S}
_ALIGNMENT: Features = {"token_start": I, "token_end": I, "in_tags": "bool"}
_TAKEN = {
    "tokens",
    "ner_tags",
    f"{PROJECTION}_tags",
    "token_starts",
    "token_ends",
    "label",
    "labels",
    *_PLACE,
    *_ALIGNMENT,
}

NESTED = "inside or across another one: not in the tags"
PIECES = "in several pieces: not in the tags"
UNALIGNED = "starts or ends inside a token: not in the tags"
CROSSING = "crosses a sentence boundary: left out"


def ner_name(layers: Sequence[LayerView], layer: LayerView) -> str:
    """The configuration of a layer without relations: `ner` for the first one, `ner_<layer>` for others."""
    first = next(view for view in layers if view.kind == "spans")
    return "ner" if layer is first else f"ner_{layer.name}"


def ner_features(layer: LayerView, index: SchemeIndex) -> Features:
    """The columns. None is called `label` or `labels`, which trainers claim for themselves.

    Raises SchemeError when the layer or one of its attributes has the name of another column.
    """
    labels = [label.name for label in index.layers[layer.name].labels]
    projected = _projected(index)
    more: Features = {f"{PROJECTION}_tags": ListOf(_iob(projected))} if projected else {}
    columns: Features = {
        "id": S,
        "tokens": ListOf(S),
        "ner_tags": ListOf(_iob(labels)),
        **more,
        "text": S,
        "token_starts": ListOf(I),
        "token_ends": ListOf(I),
        layer.name: ListOf({**features.item(layer), **_ALIGNMENT}),
        **_PLACE,
    }
    taken = [name for name in (layer.name, *layer.attributes) if name in _TAKEN]
    if taken:
        raise SchemeError(
            f"scheme.toml, layer {layer.name!r}: a release can't show {taken[0]!r}, a name that it uses itself; rename it"
        )
    return columns


def ner_columns(
    documents: Sequence[Document], graph: Graph, frames: Frames, layer: LayerView, index: SchemeIndex
) -> tuple[Columns, Counter[str]]:
    """Columns with a row for each sentence of the documents in which the layer was annotated, and counts of what tags don't hold.

    `documents` are those of the graph's rows, `frames` the spans of the layer.
    """
    shown = graph.annotated(layer)
    whole = Sentences(documents)
    chosen = np.flatnonzero(shown[whole.document])
    texts = [
        documents[row].text[start:end]
        for row, start, end in zip(
            whole.document[chosen].tolist(), whole.start[chosen].tolist(), whole.end[chosen].tolist(), strict=True
        )
    ]
    lengths, tokens = tokenize_all(texts)
    edges = tokens.astype(np.int32)
    spans = _Placed(graph, frames, whole, chosen, lengths, edges)
    tags, tagged = spans.tags({label.name: i for i, label in enumerate(index.layers[layer.name].labels)}, len(edges))
    projected, _ = spans.tags(_projection(layer, index), len(edges))
    item = features.item(layer)
    kept = replace(frames, heads=spans.places, row=frames.row[spans.inside])
    listed: Columns = {
        **item_columns(graph, kept, layer, item, spans.offsets),
        "token_start": pa.array(spans.first, pa.int32(), mask=~spans.aligned),
        "token_end": pa.array(spans.after, pa.int32(), mask=~spans.aligned),
        "in_tags": pa.array(tagged),
    }
    numbers = (np.arange(len(whole.document)) - (whole.after - whole.counts)[whole.document])[chosen].tolist()
    places = whole.document[chosen].tolist()
    counts = np.bincount(spans.sentence, minlength=len(chosen))
    columns: Columns = {
        "id": strings([f"{documents[row].id}#{number}" for row, number in zip(places, numbers, strict=True)]),
        "tokens": lists(lengths, pieces(texts, lengths, edges[:, 0], edges[:, 1])),
        "ner_tags": lists(lengths, pa.array(tags)),
        f"{PROJECTION}_tags": lists(lengths, pa.array(projected)),
        "text": strings(texts),
        "token_starts": lists(lengths, pa.array(edges[:, 0])),
        "token_ends": lists(lengths, pa.array(edges[:, 1])),
        layer.name: lists(counts, struct({**item, **_ALIGNMENT}, listed)),
        "document_id": strings([documents[row].id for row in places]),
        "sentence": integers(numbers),
        "section": strings([kind for row in np.flatnonzero(shown).tolist() for kind in _kinds(documents[row])]),
        "offset": pa.array(whole.start[chosen].astype(np.int32)),
        "date": strings([documents[row].date for row in places]),
    }
    return columns, spans.losses(tagged)


class _Placed:
    """Where the spans of a layer are among the sentences and tokens of what is shown.

    `inside` are those that are in one sentence, and everything else has one value for each of these: `sentence` its number
    among the rows, `offsets` where it begins, `first` and `after` the tokens of that sentence, half-open, where `aligned`.
    """

    def __init__(self, graph: Graph, frames: Frames, whole: Sentences, chosen: Any, lengths: Any, edges: Any) -> None:
        row_of = np.full(len(whole.start), -1)
        row_of[chosen] = np.arange(len(chosen))
        sentence = whole.at(frames.row, graph.start[frames.heads].astype(np.int64))
        ends = np.append(whole.end, -1)
        self.inside = np.flatnonzero((sentence >= 0) & (graph.end[frames.heads] <= ends[sentence]))
        self._crossing = len(frames.heads) - len(self.inside)
        self.places = frames.heads[self.inside]
        self.sentence = row_of[sentence[self.inside]]
        self.offsets = whole.start[sentence[self.inside]]
        self._labels = graph.labels.take(pa.array(self.places))
        self._whole = ~graph.in_pieces(self.places)
        # All tokens on one line, on which each sentence is as long as in its document.
        sizes = (whole.end - whole.start)[chosen]
        bases = np.cumsum(sizes) - sizes
        first_token = np.cumsum(lengths) - lengths
        moved = np.repeat(bases, lengths)
        shift = bases[self.sentence] - self.offsets
        starts, ends = edges[:, 0] + moved, edges[:, 1] + moved
        start, end = graph.start[self.places] + shift, graph.end[self.places] + shift
        self._first = np.searchsorted(starts, start)
        self._after = np.searchsorted(ends, end) + 1
        self.aligned = (np.append(starts, -1)[self._first] == start) & (np.append(ends, -1)[self._after - 1] == end)
        self.first = self._first - first_token[self.sentence]
        self.after = self._after - first_token[self.sentence]

    def tags(self, labels: Mapping[str, int], count: int) -> tuple[Any, Any]:
        """IOB2 class of each of `count` tokens, and for each span whether it is in them.

        Spans come in text order, longer ones first; one that has a token in common with an earlier one is left out.
        """
        known = pc.index_in(self._labels, pa.array([*labels], pa.string()))
        values = np.array([*labels.values(), -1], np.int64)
        classes = values[known.fill_null(len(labels)).to_numpy(zero_copy_only=False)]
        able = np.flatnonzero((classes >= 0) & self.aligned & self._whole)
        tagged = np.zeros(len(self.places), bool)
        free = 0
        taken = []
        for place, first, after in zip(
            able.tolist(), self._first[able].tolist(), self._after[able].tolist(), strict=True
        ):
            if first >= free:
                taken.append(place)
                free = after
        tagged[taken] = True
        sizes = (self._after - self._first)[tagged]
        tags = np.zeros(count, np.int64)
        every = np.repeat(self._first[tagged] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        tags[every] = np.repeat(2 * classes[tagged] + 2, sizes)
        tags[self._first[tagged]] -= 1
        return tags, tagged

    def losses(self, tagged: Any) -> Counter[str]:
        """What the tags don't hold, by reason."""
        counts = {
            PIECES: ~self._whole,
            UNALIGNED: self._whole & ~self.aligned,
            NESTED: self._whole & self.aligned & ~tagged,
        }
        found = Counter({reason: int(lost.sum()) for reason, lost in counts.items()} | {CROSSING: self._crossing})
        return +found


def _kinds(document: Document) -> list[str | None]:
    """The kind of the section that each sentence is in or after."""
    starts = [section.start for section in document.sections]
    kinds: list[str | None] = [*(section.kind for section in document.sections), None]
    return [kinds[bisect_right(starts, sentence.start) - 1] for sentence in document.sentences]


def _iob(labels: Sequence[str]) -> Classes:
    return Classes(("O", *(f"{mark}-{label}" for label in labels for mark in "BI")))


def _projected(index: SchemeIndex) -> Sequence[str]:
    return next((found.labels for found in index.scheme.projections if found.name == PROJECTION), ())


def _projection(layer: LayerView, index: SchemeIndex) -> dict[str, int]:
    """Span label to the place of its projection among the projection's labels; without those that have none."""
    projected = list(_projected(index))
    return {
        label.name: projected.index(label.projections[PROJECTION])
        for label in index.layers[layer.name].labels
        if label.projections.get(PROJECTION) in projected
    }
