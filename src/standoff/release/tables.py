"""Rows of a release as Arrow tables: released documents to `documents`, `annotators` and one table for each layer of frames. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from standoff.corpus.model import AnnotationSet, Document, Provenance, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import Frame, LayerView, Views, layer_views
from standoff.release import features
from standoff.release.arrays import Columns, SpanPool, by_array, integers, lists, scattered, strings, struct
from standoff.release.features import Features
from standoff.release.items import item_columns, struct_of, window
from standoff.release.ner import ner_columns, ner_features, ner_name


@dataclass(frozen=True, slots=True)
class Released:
    """One document of a release: the set that is released, its views, and every set there is, in the order of their public names."""

    document: Document
    annotations: AnnotationSet
    views: Views
    sets: tuple[AnnotationSet, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """What a scheme makes of a release: configurations, in order, and their features."""

    index: SchemeIndex
    layers: tuple[LayerView, ...]
    features: Mapping[str, Features]
    schemas: Mapping[str, pa.Schema]

    def build(
        self, rows: Sequence[Released], names: Mapping[str, str]
    ) -> tuple[dict[str, pa.Table], dict[str, Counter[str]]]:
        """Configuration to the rows of these documents, in their order, and to the number of annotations it can't show, by reason.

        `names` maps annotators to their public names.
        """
        pool = SpanPool(
            [span for row in rows for annotations in row.sets for span in annotations.spans], self.index.attributes
        )
        layers = {ner_name(self.layers, layer) if layer.kind == "spans" else layer.name: layer for layer in self.layers}
        tables = {}
        losses = {}
        for name, schema in self.schemas.items():
            if name == "documents":
                columns = self._documents(rows, pool)
            elif name == "annotators":
                columns = self._annotators(rows, names, pool)
            elif layers[name].kind == "spans":
                columns, losses[name] = ner_columns(_spans(rows, layers[name]), layers[name], self.index, pool)
            else:
                columns = self._frames(rows, layers[name], pool)
            tables[name] = pa.Table.from_arrays([columns[column] for column in schema.names], schema=schema)
        return tables, losses

    def _documents(self, rows: Sequence[Released], pool: SpanPool) -> Columns:
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
            "text_sha256": strings([row.annotations.text_sha256 for row in rows]),
            **_set_columns([row.annotations for row in rows]),
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
            views = [row.views[layer.name] for row in rows]
            found = [item for view in views if view for item in view]
            kind = struct_of(wanted[layer.name])
            items = struct(kind, item_columns(found, layer, kind, pool))
            columns[layer.name] = lists([None if view is None else len(view) for view in views], items)
        return columns

    def _frames(self, rows: Sequence[Released], layer: LayerView, pool: SpanPool) -> Columns:
        wanted = self.features[layer.name]
        found = [
            (row.document, frame) for row in rows for frame in row.views[layer.name] or () if isinstance(frame, Frame)
        ]
        windows = [window(document, frame) for document, frame in found]
        frames = [frame for _, frame in found]
        columns = item_columns(frames, layer, wanted, pool, [start for start, _ in windows])
        if isinstance(classes := wanted.get("label"), features.Classes):
            places = {name: place for place, name in enumerate(classes.names)}
            # An unknown value is an error of validation; here it must not become a class that it isn't.
            columns["label"] = pa.array([places.get(layer.type_of(frame) or "") for frame in frames], pa.int64())
        return {
            **columns,
            "id": strings([f"{document.id}#{frame.head.id}" for document, frame in found]),
            "text": strings(
                [document.text[start:end] for (document, _), (start, end) in zip(found, windows, strict=True)]
            ),
            "document_id": strings([document.id for document, _ in found]),
            "offset": integers([start for start, _ in windows]),
            "date": strings([document.date for document, _ in found]),
        }

    def _annotators(self, rows: Sequence[Released], names: Mapping[str, str], pool: SpanPool) -> Columns:
        found = [(row.document, annotations) for row in rows for annotations in row.sets]
        sets = [annotations for _, annotations in found]
        spans = pool.spans
        relations = [relation for annotations in sets for relation in annotations.relations]
        confirmed = [by for annotations in sets for by in annotations.confirmed]
        span_kind = struct_of(self.features["annotators"]["spans"])
        relation_kind = struct_of(self.features["annotators"]["relations"])
        span_columns = {
            "id": pool.ids,
            "label": pool.labels,
            "fragments": pool.fragments(),
            **_annotation_columns(spans, names),
        }
        if attributes := span_kind.get("attributes"):
            span_columns["attributes"] = struct(struct_of(attributes), pool.attributes)
        return {
            "id": strings([f"{document.id}#{names[annotations.annotator]}" for document, annotations in found]),
            "document_id": strings([document.id for document, _ in found]),
            "annotator": strings([names[annotations.annotator] for annotations in sets]),
            "kind": strings([annotations.kind for annotations in sets]),
            "scheme": strings([annotations.scheme for annotations in sets]),
            "text": strings([document.text for document, _ in found]),
            "text_sha256": strings([annotations.text_sha256 for annotations in sets]),
            **_set_columns(sets),
            "spans": lists([len(annotations.spans) for annotations in sets], struct(span_kind, span_columns)),
            "relations": lists(
                [len(annotations.relations) for annotations in sets],
                struct(
                    relation_kind,
                    {
                        **{
                            name: strings([getattr(relation, name) for relation in relations])
                            for name in ("id", "label", "head", "tail")
                        },
                        **_annotation_columns(relations, names),
                    },
                ),
            ),
            "confirmed": lists([len(annotations.confirmed) for annotations in sets], by_array(confirmed, names)),
            "provenance": _provenance(
                [annotations.provenance for annotations in sets], struct_of(self.features["annotators"]["provenance"])
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


def _spans(rows: Sequence[Released], layer: LayerView) -> list[tuple[Document, list[Span]]]:
    """The documents in which the layer was annotated, with its spans."""
    return [
        (row.document, [item for item in view if isinstance(item, Span)])
        for row in rows
        if (view := row.views[layer.name]) is not None
    ]


def _set_columns(sets: Sequence[AnnotationSet]) -> Columns:
    return {
        "layers": lists(
            [len(annotations.layers) for annotations in sets],
            strings([layer for annotations in sets for layer in annotations.layers]),
        ),
        "status": strings(["confirmed" if annotations.confirmed else "draft" for annotations in sets]),
    }


def _annotation_columns(items: Sequence[Span] | Sequence[Relation], names: Mapping[str, str]) -> Columns:
    return {
        "by": by_array([item.by for item in items], names),
        "score": pa.array([item.score for item in items], pa.float64()),
        "note": strings([item.note for item in items]),
    }


def _provenance(values: Sequence[Provenance | None], kind: Features) -> pa.Array:
    given = [value for value in values if value is not None]
    columns = {name: strings([getattr(value, name) for value in given]) for name in kind}
    return scattered([value is not None for value in values], struct(kind, columns))
