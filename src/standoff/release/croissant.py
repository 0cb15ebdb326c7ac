"""`croissant.json` of a release: its record sets, for readers of Croissant 1.1 (MLCommons). Pure.

Lists within lists and lists within structs are left out: their readers can't follow them there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from standoff.release.features import Classes, Feature, Features, ListOf
from standoff.release.legal import license_fields
from standoff.release.manifest import Manifest

_TYPES = {"string": "sc:Text", "int32": "cr:Int32", "float64": "cr:Float64", "bool": "sc:Boolean"}
_TERMS = [
    "arrayShape",
    "citeAs",
    "column",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "recordSet",
    "references",
    "regex",
    "source",
    "subField",
    "transform",
]
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{term: f"cr:{term}" for term in _TERMS},
}


def croissant(title: str, manifest: Manifest, wanted: Mapping[str, Features]) -> bytes:
    """The description of a release with the configurations of its manifest; `wanted` has the features of each."""
    rights = license_fields(manifest.licenses.annotations, manifest.licenses.texts)
    date = {"datePublished": manifest.corpus.date} if manifest.corpus.date else {}
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest.name,
        "description": f"{title}. README.md says what is in it, manifest.json has the hash of every file.",
        "version": manifest.version,
        "creator": {"@type": "sc:Organization", "name": f"The {manifest.name} authors"},
        "license": rights.get("license_name", rights["license"]),
        **date,
        "distribution": [
            {
                "@type": "cr:FileSet",
                "@id": f"files/{name}",
                "name": f"files/{name}",
                "encodingFormat": "application/x-parquet",
                "includes": f"data/{name}/*.parquet",
            }
            for name in manifest.configurations
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": name,
                "name": name,
                "field": [
                    {
                        **_named(f"{name}/split", "sc:Text", "The split, as the name of the file says it."),
                        "source": {
                            "fileSet": {"@id": f"files/{name}"},
                            "extract": {"fileProperty": "fullpath"},
                            "transform": {"regex": r"^.*/(\w+)-\d+-of-\d+\.parquet$"},
                        },
                    },
                    *(field for column, feature in wanted[name].items() for field in _column(name, column, feature)),
                ],
            }
            for name in manifest.configurations
        ],
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _column(name: str, column: str, feature: Feature) -> Iterator[dict[str, Any]]:
    id_ = f"{name}/{column}"
    listed = {"isArray": True, "arrayShape": "-1"} if isinstance(feature, ListOf) else {}
    inner = feature.item if isinstance(feature, ListOf) else feature
    source = {"fileSet": {"@id": f"files/{name}"}, "extract": {"column": column}}
    if not isinstance(inner, Mapping):
        yield {**_named(id_, *_scalar(inner)), **listed, "source": source}
        return
    leaves = [
        {
            **_named(f"{id_}/{'/'.join(path)}", *_scalar(leaf)),
            # Quoted, because a name may have characters that mean something there.
            "source": {**source, "transform": {"jsonPath": ".".join(f"'{part}'" for part in path)}},
        }
        for path, leaf in _leaves(inner)
    ]
    yield {**_named(id_), **listed, "subField": leaves}


def _leaves(struct: Features, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Feature]]:
    for name, feature in struct.items():
        if isinstance(feature, Mapping):
            yield from _leaves(feature, (*path, name))
        elif not isinstance(feature, ListOf):
            yield (*path, name), feature


def _scalar(feature: Feature) -> tuple[str, str]:
    """Data type and description."""
    if isinstance(feature, Classes):
        return "cr:Int64", "Classes: " + ", ".join(f"{number} {name}" for number, name in enumerate(feature.names))
    assert isinstance(feature, str)
    return _TYPES[feature], ""


def _named(id_: str, kind: str = "", description: str = "") -> dict[str, Any]:
    named = {"@type": "cr:Field", "@id": id_, "name": id_, "dataType": kind, "description": description}
    return {key: value for key, value in named.items() if value}
