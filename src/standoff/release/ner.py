"""Sentences with tokens and IOB2 tags (Ramshaw and Marcus 1995; CoNLL-2002), for trainers of token classification. Pure.

Tags hold the outermost spans; the column of spans has them all, and says which are in the tags. What can't be said this way
is counted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from standoff.corpus.model import Document, Span
from standoff.corpus.scheme import SchemeError, SchemeIndex
from standoff.corpus.views import LayerView
from standoff.release import features
from standoff.release.arrays import Columns, SpanPool, integers, lists, pieces, strings, struct
from standoff.release.features import Classes, Features, I, ListOf, S
from standoff.release.items import item_columns
from standoff.text.tokens import tokenize

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
    documents: Sequence[tuple[Document, Sequence[Span]]], layer: LayerView, index: SchemeIndex, pool: SpanPool
) -> tuple[Columns, Counter[str]]:
    """Columns with a row for each sentence of these documents, and counts of what the tags don't hold.

    `documents` come with the spans of the layer, in text order; `pool` holds these spans.
    """
    rows = _Rows({label.name: i for i, label in enumerate(index.layers[layer.name].labels)}, _projection(layer, index))
    for document, spans in documents:
        rows.add(document, spans)
    return rows.columns(layer, pool), rows.losses


class _Rows:
    """Columns in the making: flat lists, with the number of items of each row."""

    def __init__(self, labels: Mapping[str, int], projection: Mapping[str, int]) -> None:
        self._labels = labels
        self._projection = projection
        self.losses: Counter[str] = Counter()
        self._sentences: list[tuple[Document, int, str | None, str]] = []
        self._lengths: list[int] = []
        self._edges: list[int] = []
        self._tags: list[tuple[int, list[int], list[int]]] = []
        self._counts: list[int] = []
        self._spans: list[Span] = []
        self._offsets: list[int] = []
        self._places: list[tuple[int | None, int | None]] = []
        self._tagged: list[bool] = []

    def add(self, document: Document, spans: Sequence[Span]) -> None:
        """A row for each sentence of the document."""
        starts = [sentence.start for sentence in document.sentences]
        sections = [section.start for section in document.sections]
        inside: list[list[Span]] = [[] for _ in starts]
        for span in spans:
            place = bisect_right(starts, span.start) - 1
            if place < 0 or span.end > document.sentences[place].end:
                self.losses[CROSSING] += 1
            else:
                inside[place].append(span)
        for number, sentence in enumerate(document.sentences):
            text = document.text[sentence.start : sentence.end]
            section = bisect_right(sections, sentence.start) - 1
            kind = document.sections[section].kind if section >= 0 else None
            self._sentences.append((document, number, kind, text))
            self._add(text, sentence.start, inside[number])

    def _add(self, text: str, offset: int, spans: Sequence[Span]) -> None:
        tokens = tokenize(text)
        self._lengths.append(len(tokens))
        self._edges.extend(chain.from_iterable(tokens))
        self._counts.append(len(spans))
        if not spans:
            return
        first = {start + offset: number for number, (start, _) in enumerate(tokens)}
        after = {end + offset: number + 1 for number, (_, end) in enumerate(tokens)}
        places = [(first.get(span.start), after.get(span.end)) for span in spans]
        tags, tagged = _tags(spans, places, self._labels, len(tokens))
        projected, _ = _tags(spans, places, self._projection, len(tokens))
        self._tags.append((len(self._edges) // 2 - len(tokens), tags, projected))
        for span, place, here in zip(spans, places, tagged, strict=True):
            if len(span.fragments) > 1:
                self.losses[PIECES] += 1
            elif None in place:
                self.losses[UNALIGNED] += 1
            elif not here:
                self.losses[NESTED] += 1
        self._spans += spans
        self._offsets += [offset] * len(spans)
        self._places += [place if None not in place else (None, None) for place in places]
        self._tagged += tagged

    def columns(self, layer: LayerView, pool: SpanPool) -> Columns:
        """All rows so far."""
        item = features.item(layer)
        texts = [text for _, _, _, text in self._sentences]
        edges = np.array(self._edges, np.int32).reshape(-1, 2)
        starts, ends = edges[:, 0], edges[:, 1]
        tags = np.zeros(len(edges), np.int64)
        projected = np.zeros(len(edges), np.int64)
        for place, own, others in self._tags:
            tags[place : place + len(own)] = own
            projected[place : place + len(own)] = others
        spans: Columns = {
            **item_columns(self._spans, layer, item, pool, self._offsets),
            "token_start": integers([start for start, _ in self._places]),
            "token_end": integers([end for _, end in self._places]),
            "in_tags": pa.array(self._tagged, pa.bool_()),
        }
        return {
            "id": strings([f"{document.id}#{number}" for document, number, _, _ in self._sentences]),
            "tokens": lists(self._lengths, pieces(texts, self._lengths, starts, ends)),
            "ner_tags": lists(self._lengths, pa.array(tags)),
            f"{PROJECTION}_tags": lists(self._lengths, pa.array(projected)),
            "text": strings(texts),
            "token_starts": lists(self._lengths, pa.array(starts)),
            "token_ends": lists(self._lengths, pa.array(ends)),
            layer.name: lists(self._counts, struct({**item, **_ALIGNMENT}, spans)),
            "document_id": strings([document.id for document, _, _, _ in self._sentences]),
            "sentence": integers([number for _, number, _, _ in self._sentences]),
            "section": strings([section for _, _, section, _ in self._sentences]),
            "offset": integers([document.sentences[number].start for document, number, _, _ in self._sentences]),
            "date": strings([document.date for document, _, _, _ in self._sentences]),
        }


def _tags(
    spans: Sequence[Span],
    places: Sequence[tuple[int | None, int | None]],
    labels: Mapping[str, int],
    length: int,
) -> tuple[list[int], list[bool]]:
    """IOB2 class of each token, and for each span whether it is in them.

    Spans come in text order, longer ones first; one that has a token in common with an earlier one is left out.
    """
    tags = [0] * length
    tagged = []
    free = 0
    for span, (start, end) in zip(spans, places, strict=True):
        label = labels.get(span.label)
        if label is None or start is None or end is None or start < free or len(span.fragments) > 1:
            tagged.append(False)
        else:
            tags[start:end] = [2 * label + 1] + [2 * label + 2] * (end - start - 1)
            free = end
            tagged.append(True)
    return tags, tagged


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
