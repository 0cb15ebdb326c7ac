"""A built release read back: its rows as documents and annotation sets, its columns as its files state them."""

import heapq
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pyarrow.parquet as pq

from standoff.corpus.model import AnnotationSet, Document
from standoff.errors import StandoffError
from standoff.release.diff import Record

R = TypeVar("R")

_BATCH = 200
_SET = ("text_sha256", "annotator", "kind", "scheme", "layers", "confirmed", "provenance", "relations")
_DOCUMENT = ("id", "text", "title", "date", "language", "group", "source", "sections", "sentences")


def document_of(row: Mapping[str, Any]) -> Document:
    """The document in a row of configuration `documents`. Raises StandoffError."""
    return _read({name: row[name] for name in _DOCUMENT}, Document)


def set_of(row: Mapping[str, Any]) -> AnnotationSet:
    """The set in a row of configuration `annotators`, without comments, with pseudonyms. Raises StandoffError."""
    spans = [
        {**span, "attributes": {name: value for name, value in span.get("attributes", {}).items() if value is not None}}
        for span in row["spans"]
    ]
    values = {name: row[name] for name in _SET}
    return _read({**values, "document": row["document_id"], "spans": spans}, AnnotationSet)


def records(folder: Path) -> Iterator[Record]:
    """Every document of a release with its split and sets, in the order of ids. Raises StandoffError."""
    splits = sorted({path.name.rpartition("-of-")[0].rpartition("-")[0] for path in _files(folder, "documents")})
    found = [_of_split(folder, split) for split in splits]
    return heapq.merge(*found, key=lambda record: record.document.id)


def texts(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Id, hash of the text and split of every document of a release. Raises StandoffError."""
    for path in _files(folder, "documents"):
        split = path.name.rpartition("-of-")[0].rpartition("-")[0]
        for row in _rows(path, ("id", "text_sha256")):
            yield row["id"], row["text_sha256"], split


def rows(folder: Path, configuration: str, split: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The rows of a split, with these columns. Raises StandoffError."""
    for path in _files(folder, configuration, split):
        yield from _rows(path, columns)


def first(folder: Path, configuration: str, split: str) -> dict[str, Any]:
    """The first row of a split. Raises StandoffError."""
    return next(_rows(_files(folder, configuration, split)[0]))


def features(folder: Path) -> dict[str, Any]:
    """Configuration to features, in the notation of the files' metadata. Raises StandoffError."""
    result = {}
    for path in sorted((folder / "data").iterdir()):
        metadata = _file(_files(folder, path.name)[0]).schema_arrow.metadata or {}
        result[path.name] = json.loads(metadata[b"huggingface"])["info"]["features"]
    return result


def _of_split(folder: Path, split: str) -> Iterator[Record]:
    documents = chain.from_iterable(_rows(path, _DOCUMENT) for path in _files(folder, "documents", split))
    sets = map(set_of, chain.from_iterable(_rows(path) for path in _files(folder, "annotators", split)))
    waiting = next(sets, None)
    for row in documents:
        own = {}
        while waiting is not None and waiting.document == row["id"]:
            own[waiting.annotator] = waiting
            waiting = next(sets, None)
        yield Record(document_of(row), split, own)
    if waiting is not None:
        raise StandoffError(
            f"{folder}/data/annotators: {waiting.document!r} is out of order; build or fetch the release again"
        )


def _files(folder: Path, configuration: str, split: str = "*") -> list[Path]:
    files = sorted((folder / "data" / configuration).glob(f"{split}-*.parquet"))
    if not files:
        raise StandoffError(f"{folder}/data/{configuration}: there are no Parquet files; this is no whole release")
    return files


def _file(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise StandoffError(f"{path}: can't be read ({error}); build or fetch the release again") from None


def _rows(path: Path, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
    with _file(path) as file:
        for batch in file.iter_batches(_BATCH, columns=list(columns) if columns else None, use_threads=False):
            yield from batch.to_pylist()


def _read(values: Mapping[str, Any], type_: type[R]) -> R:
    try:
        return msgspec.convert(values, type_)
    except msgspec.ValidationError as error:
        whose = values.get("document") or values["id"]
        raise StandoffError(
            f"the release has a row of {whose!r} that can't be ({error}); build or fetch it again"
        ) from None
