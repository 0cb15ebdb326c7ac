"""The columns of a release, derived from the scheme, in every notation that states them: Arrow, file metadata, card. Pure.

Two notations of a list have to be mixed for every supported version of `datasets` to read the same features: a list of
structs is written as a JSON list, a list of scalars as a `Sequence`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from standoff.corpus.scheme import SchemeError, SchemeIndex
from standoff.corpus.views import LABEL, LayerView, RoleView

Scalar = Literal["string", "int32", "float64", "bool"]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; null and empty differ."""

    item: "Feature"


@dataclass(frozen=True, slots=True)
class Classes:
    """An integer that stands for one of these names."""

    names: tuple[str, ...]


Feature = Scalar | ListOf | Classes | Mapping[str, "Feature"]
Features = Mapping[str, Feature]

S: Scalar = "string"
I: Scalar = "int32"  # noqa: E741 - one letter each keeps the table of columns readable

FRAGMENT: Features = {"start": I, "end": I, "text": S}
EXTENT: Features = {**FRAGMENT, "fragments": ListOf(FRAGMENT)}
BY: Features = {"annotator": S, "at": S}
_MORE: Features = {"by": BY, "score": "float64", "note": S}
_DOCUMENT: Features = {
    "id": S,
    "text": S,
    "title": S,
    "date": S,
    "language": S,
    "group": S,
    "source": {"file": S, "sha256": S, "publisher": S, "url": S, "license": S},
    "text_sha256": S,
    "layers": ListOf(S),
    "status": S,
    "sections": ListOf({"kind": S, "start": I, "end": I}),
    "sentences": ListOf({"start": I, "end": I}),
}
_SET: Features = {
    "id": S,
    "document_id": S,
    "annotator": S,
    "kind": S,
    "status": S,
    "scheme": S,
    "layers": ListOf(S),
    "text": S,
    "text_sha256": S,
}
_PLACE: Features = {"document_id": S, "offset": I, "date": S}


def documents(layers: Sequence[LayerView]) -> Features:
    """Configuration `documents`: a row a document, with the views of every layer.

    Raises SchemeError when a layer has the name of a column that is always there.
    """
    own = {*_DOCUMENT, "documents", "annotators", "ner", *(f"ner_{layer.name}" for layer in layers)}
    if taken := sorted({layer.name for layer in layers} & own):
        raise SchemeError(
            f"scheme.toml: a release can't show a layer called {taken[0]!r}, which it uses itself; rename it"
        )
    return {**_DOCUMENT, **{layer.name: ListOf(item(layer)) for layer in layers}}


def annotators(index: SchemeIndex) -> Features:
    """Configuration `annotators`: a row for every annotation set of the released documents, items as they are."""
    attributes: Features = {attribute.name: S for attribute in index.scheme.attributes}
    span: Features = {"id": S, "label": S, "fragments": ListOf(FRAGMENT)}
    # An empty struct can't be loaded.
    span = {**span, **({"attributes": attributes} if attributes else {}), **_MORE}
    return {
        **_SET,
        "spans": ListOf(span),
        "relations": ListOf({"id": S, "label": S, "head": S, "tail": S, **_MORE}),
        "confirmed": ListOf(BY),
        "provenance": {"tool": S, "model": S, "version": S, "parameters": S, "at": S},
    }


def frames(layer: LayerView, index: SchemeIndex) -> Features:
    """The configuration of a layer with relations: a row a frame.

    `text` is the sentence or sentences that hold all its parts, `label` repeats `type` as a class with the full inventory.
    """
    names = layer.head_labels if layer.type == LABEL else index.attributes[layer.type].values
    columns = dict(item(layer))
    start: dict[str, Feature] = {"id": columns.pop("id"), "text": S, "type": columns.pop("type")}
    if names:
        start["label"] = Classes(tuple(names))
    if taken := sorted(({*start, *_PLACE} - {"id", "type"}) & set(columns)):
        raise SchemeError(
            f"scheme.toml, layer {layer.name!r}: a release can't show {taken[0]!r}, a name that it uses itself; rename it"
        )
    return {**start, **columns, **_PLACE}


def item(layer: LayerView) -> Features:
    """One item of a layer's view: a span, or a frame with a column for each role or a list of arguments.

    Raises SchemeError when two columns of the item would have one name.
    """
    if layer.kind == "spans":
        return _struct(layer, [("id", S), ("label", S), *EXTENT.items(), *((name, S) for name in layer.attributes)])
    head: Features = {"label": S, **EXTENT} if layer.labeled else EXTENT
    columns: list[tuple[str, Feature]] = [("id", S), ("type", S)]
    attributes = [(name, S) for name in layer.attributes]
    if layer.kind == "slots":
        roles = [(role.name, _struct(layer, _role_columns(role))) for role in layer.roles]
        return _struct(layer, [*columns, *attributes, (layer.column, head), *roles])
    argument = _struct(layer, [("role", S), *_role_columns(argument_view(layer))])
    return _struct(layer, [*columns, *attributes, (layer.column, head), ("arguments", ListOf(argument))])


def argument_view(layer: LayerView) -> RoleView:
    """What is shown of an argument, whatever its role: its label, and every attribute that one of the roles shows."""
    return RoleView("arguments", True, tuple(dict.fromkeys(name for role in layer.roles for name in role.attributes)))


def _role_columns(role: RoleView) -> list[tuple[str, Feature]]:
    label: list[tuple[str, Feature]] = [("label", S)] if role.labeled else []
    return [("id", S), *label, *EXTENT.items(), *((name, S) for name in role.attributes)]


def _struct(layer: LayerView, columns: Sequence[tuple[str, Feature]]) -> Features:
    # DuckDB takes names without regard to case.
    names = [name.casefold() for name, _ in columns]
    for name in names:
        if names.count(name) > 1:
            raise SchemeError(
                f"scheme.toml, layer {layer.name!r}: a release would show two columns called {name!r} side by side;"
                " rename the attribute or the role"
            )
    return dict(columns)


# -- notations


def arrow_type(feature: Feature) -> pa.DataType:
    """The Arrow type. Classes are nullable 64-bit integers: `datasets` forgets the names of any other."""
    if isinstance(feature, ListOf):
        return pa.list_(arrow_type(feature.item))
    if isinstance(feature, Classes):
        return pa.int64()
    if isinstance(feature, Mapping):
        return pa.struct([(name, arrow_type(child)) for name, child in feature.items()])
    scalars: dict[str, pa.DataType] = {
        "string": pa.string(),
        "int32": pa.int32(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
    }
    return scalars[feature]


def arrow_schema(features: Features) -> pa.Schema:
    """The schema of a Parquet file, with the features in its metadata as `datasets` reads them."""
    info = json.dumps({"info": {"features": metadata(features)}}, ensure_ascii=False)
    return pa.schema([(name, arrow_type(feature)) for name, feature in features.items()], {"huggingface": info})


def metadata(feature: Feature) -> Any:
    """The features in the notation of the files' metadata."""
    if isinstance(feature, ListOf):
        inner = metadata(feature.item)
        return [inner] if isinstance(feature.item, Mapping) else {"feature": inner, "_type": "Sequence"}
    if isinstance(feature, Classes):
        return {"names": list(feature.names), "_type": "ClassLabel"}
    if isinstance(feature, Mapping):
        return {name: metadata(child) for name, child in feature.items()}
    return {"dtype": feature, "_type": "Value"}


def card(features: Features) -> list[dict[str, Any]]:
    """The features in the notation of a card's `dataset_info`. The order of keys matters to the reader."""
    return [{"name": name, **_card(feature)} for name, feature in features.items()]


def _card(feature: Feature) -> dict[str, Any]:
    if isinstance(feature, ListOf):
        if isinstance(feature.item, Mapping):
            return {"list": card(feature.item)}
        inner = _card(feature.item)
        return {"sequence": inner["dtype"] if isinstance(inner["dtype"], str) else inner}
    if isinstance(feature, Classes):
        return {"dtype": {"class_label": {"names": {str(i): name for i, name in enumerate(feature.names)}}}}
    if isinstance(feature, Mapping):
        return {"struct": card(feature)}
    return {"dtype": feature}
