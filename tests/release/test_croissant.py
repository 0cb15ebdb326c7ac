"""croissant.json: its records, read with mlcroissant, are the rows of the release."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlcroissant
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def dataset(built: Path) -> Any:
    return mlcroissant.Dataset(jsonld=str(built / "croissant.json"))


def test_it_is_valid_and_describes_every_configuration(built: Path, dataset: Any) -> None:
    assert not dataset.metadata.ctx.issues.errors
    manifest = json.loads((built / "manifest.json").read_text())
    assert [found.id for found in dataset.metadata.record_sets] == list(manifest["configurations"])
    assert dataset.metadata.version == manifest["version"]


@pytest.mark.parametrize("name", ["documents", "ner", "quotes", "events", "annotators"])
def test_records_are_the_rows(built: Path, dataset: Any, name: str) -> None:
    expected = []
    for file in (built / "data" / name).iterdir():
        table = pq.read_table(file)
        split = {f"{name}/split": file.name.partition("-")[0]}
        expected += [
            split | {f"{name}/{f.name}": shown(f"{name}/{f.name}", f.type, row[f.name]) for f in table.schema}
            for row in table.to_pylist()
        ]
    found = [plain(record) for record in dataset.records(name)]
    assert sorted(found, key=lambda row: row[f"{name}/id"]) == sorted(expected, key=lambda row: row[f"{name}/id"])


def plain(value: Any) -> Any:
    """A record with strings for bytes."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode()
    return [plain(item) for item in value] if isinstance(value, list) else value


def shown(path: str, kind: pa.DataType, value: Any) -> Any:
    """A value as mlcroissant shows it: structs by the paths of their leaves, for null one with nothing but nulls."""
    if pa.types.is_struct(kind):
        return dict(leaves(path, kind, value))
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        return [shown(path, kind.value_type, item) for item in ([None] if value is None else value)]
    return value


def leaves(path: str, kind: pa.DataType, value: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    for field in kind:
        inner = value and value[field.name]
        if pa.types.is_struct(field.type):
            yield from leaves(f"{path}/{field.name}", field.type, inner)
        elif not pa.types.is_list(field.type):
            yield f"{path}/{field.name}", inner
