"""Rows of a release as Arrow tables: `documents`, `annotators`, and one for each layer of frames. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.rules.columns import Columns as SetColumns
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import LayerView, layer_views
from standoff.release import features
from standoff.release.arrays import Columns, by_array, integers, lists, scattered, strings, struct
from standoff.release.features import Features
from standoff.release.graph import Frames, Graph
from standoff.release.items import Sentences, item_columns, struct_of, windows
from standoff.release.ner import ner_columns, ner_features, ner_name
from standoff.release.people import public_provenance


@dataclass(frozen=True, slots=True)
class Released:
    """One document of a release: the set that is released, and every set there is, in the order of their public names."""

    document: Document
    annotations: SetColumns
    sets: tuple[SetColumns, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """The rows of some documents, configuration by configuration.

    `losses`: for each the number of annotations that it can't show, by reason. `types`: for each layer the number of spans
    of each label, or of frames of each type.
    """

    tables: dict[str, pa.Table]
    losses: dict[str, Counter[str]]
    types: dict[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """What a scheme makes of a release: configurations, in order, and their features."""

    index: SchemeIndex
    layers: tuple[LayerView, ...]
    features: Mapping[str, Features]
    schemas: Mapping[str, pa.Schema]

    def build(self, rows: Sequence[Released], names: Mapping[str, str]) -> Built:
        """The rows of these documents, in their order. `names` maps annotators to their public names."""
        sets = [found for row in rows for found in row.sets]
        shown = [place if found is row.annotations else -1 for place, row in enumerate(rows) for found in row.sets]
        graph = Graph(sets, shown, self.index)
        frames = {layer.name: graph.frames(layer) for layer in self.layers}
        by_name = {
            ner_name(self.layers, layer) if layer.kind == "spans" else layer.name: layer for layer in self.layers
        }
        documents = [row.document for row in rows]
        tables = {}
        losses = {}
        for name, schema in self.schemas.items():
            if name == "documents":
                columns = self._documents(rows, graph, frames)
            elif name == "annotators":
                columns = self._annotators(rows, names, graph)
            elif (layer := by_name[name]).kind == "spans":
                columns, losses[name] = ner_columns(documents, graph, frames[layer.name], layer, self.index)
            else:
                columns = self._frames(documents, graph, frames[layer.name], layer)
            tables[name] = pa.Table.from_arrays([columns[column] for column in schema.names], schema=schema)
        types = {
            layer.name: Counter(
                {
                    found["values"] or "": found["counts"]
                    for found in graph.types(layer, frames[layer.name].heads).value_counts().to_pylist()
                }
            )
            for layer in self.layers
        }
        return Built(tables, losses, types)

    def _documents(self, rows: Sequence[Released], graph: Graph, frames: Mapping[str, Frames]) -> Columns:
        wanted = self.features["documents"]
        documents = [row.document for row in rows]
        sources = [document.source for document in documents]
        sections = [section for document in documents for section in document.sections]
        sentences = [sentence for document in documents for sentence in document.sentences]
        columns: Columns = {
            **{
                name: strings([getattr(document, name) for document in documents])
                for name in ("id", "text", "title", "date", "language", "group")
            },
            "source": struct(
                struct_of(wanted["source"]),
                {
                    name: strings([getattr(source, name) for source in sources])
                    for name in ("file", "sha256", "publisher", "url", "license")
                },
            ),
            "text_sha256": strings([row.annotations.record.text_sha256 for row in rows]),
            **_set_columns([row.annotations.record for row in rows]),
            "sections": lists(
                [len(document.sections) for document in documents],
                struct(
                    struct_of(wanted["sections"]),
                    {
                        "kind": strings([section.kind for section in sections]),
                        "start": integers([section.start for section in sections]),
                        "end": integers([section.end for section in sections]),
                    },
                ),
            ),
            "sentences": lists(
                [len(document.sentences) for document in documents],
                struct(
                    struct_of(wanted["sentences"]),
                    {
                        "start": integers([sentence.start for sentence in sentences]),
                        "end": integers([sentence.end for sentence in sentences]),
                    },
                ),
            ),
        }
        for layer in self.layers:
            kind = struct_of(wanted[layer.name])
            found = frames[layer.name]
            items = struct(kind, item_columns(graph, found, layer, kind))
            counts = np.bincount(found.row, minlength=len(rows))
            columns[layer.name] = lists(counts, items, graph.annotated(layer))
        return columns

    def _frames(self, documents: Sequence[Document], graph: Graph, frames: Frames, layer: LayerView) -> Columns:
        wanted = self.features[layer.name]
        starts, ends = windows(Sentences(documents), graph, frames)
        columns = item_columns(graph, frames, layer, wanted, starts)
        if isinstance(classes := wanted.get("label"), features.Classes):
            # An unknown value is an error of validation; here it must not become a class that it isn't.
            columns["label"] = pc.index_in(columns["type"], pa.array(classes.names, pa.string())).cast(pa.int64())
        found = [documents[row] for row in frames.row.tolist()]
        heads = columns["id"].to_pylist()
        return {
            **columns,
            "id": strings([f"{document.id}#{head}" for document, head in zip(found, heads, strict=True)]),
            "text": strings(
                [
                    document.text[start:end]
                    for document, start, end in zip(found, starts.tolist(), ends.tolist(), strict=True)
                ]
            ),
            "document_id": strings([document.id for document in found]),
            "offset": pa.array(starts.astype(np.int32)),
            "date": strings([document.date for document in found]),
        }

    def _annotators(self, rows: Sequence[Released], names: Mapping[str, str], graph: Graph) -> Columns:
        documents = [row.document for row in rows for _ in row.sets]
        sets = [found.record for row in rows for found in row.sets]
        spans = [span for found in sets for span in found.spans]
        relations = [relation for found in sets for relation in found.relations]
        span_kind = struct_of(self.features["annotators"]["spans"])
        relation_kind = struct_of(self.features["annotators"]["relations"])
        span_columns = {
            "id": graph.ids,
            "label": graph.labels,
            "fragments": graph.fragments(),
            **_annotation_columns(spans, names),
        }
        if attributes := span_kind.get("attributes"):
            span_columns["attributes"] = struct(struct_of(attributes), graph.attributes)
        return {
            "id": strings(
                [f"{document.id}#{names[found.annotator]}" for document, found in zip(documents, sets, strict=True)]
            ),
            "document_id": strings([document.id for document in documents]),
            "annotator": strings([names[found.annotator] for found in sets]),
            "kind": strings([found.kind for found in sets]),
            "scheme": strings([found.scheme for found in sets]),
            "text": strings([document.text for document in documents]),
            "text_sha256": strings([found.text_sha256 for found in sets]),
            **_set_columns(sets),
            "spans": lists([len(found.spans) for found in sets], struct(span_kind, span_columns)),
            "relations": lists(
                [len(found.relations) for found in sets],
                struct(
                    relation_kind,
                    {
                        **graph.relations,
                        **_annotation_columns(relations, names),
                    },
                ),
            ),
            "confirmed": lists(
                [len(found.confirmed) for found in sets],
                by_array([by for found in sets for by in found.confirmed], names),
            ),
            "provenance": _provenance(
                [public_provenance(made, names) if (made := found.provenance) else None for found in sets],
                struct_of(self.features["annotators"]["provenance"]),
            ),
        }


def plan(index: SchemeIndex, layers: Sequence[str] = ()) -> Tables:
    """The tables of a corpus that annotates these layers (all of the scheme's by default).

    Raises SchemeError when the scheme's names can't stand beside one another in a table.
    """
    views = layer_views(index, layers)
    wanted: dict[str, Features] = {"documents": features.documents(views)}
    for layer in views:
        if layer.kind == "spans":
            wanted[ner_name(views, layer)] = ner_features(layer, index)
    for layer in views:
        if layer.kind != "spans":
            wanted[layer.name] = features.frames(layer, index)
    wanted["annotators"] = features.annotators(index)
    return Tables(index, views, wanted, {name: features.arrow_schema(columns) for name, columns in wanted.items()})


def _set_columns(sets: Sequence[AnnotationSet]) -> Columns:
    return {
        "layers": lists(
            [len(found.layers) for found in sets], strings([layer for found in sets for layer in found.layers])
        ),
        "status": strings(["confirmed" if found.confirmed else "draft" for found in sets]),
    }


def _annotation_columns(items: Sequence[Span] | Sequence[Relation], names: Mapping[str, str]) -> Columns:
    return {
        "by": by_array([item.by for item in items], names),
        "score": pa.array([item.score for item in items], pa.float64()),
        "note": strings([item.note for item in items]),
    }


def _provenance(values: Sequence[Mapping[str, str] | None], kind: Features) -> pa.Array:
    given = [value for value in values if value is not None]
    columns = {name: strings([value.get(name) for value in given]) for name in kind}
    return scattered([value is not None for value in values], struct(kind, columns))
