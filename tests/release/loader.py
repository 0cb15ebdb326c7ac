"""Loads a release in every way that `datasets` has, and prints what came out. Runs by itself: `python loader.py FOLDER`."""

import json
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets import (
    Dataset,
    DatasetDict,
    Features,
    disable_progress_bars,
    get_dataset_config_info,
    get_dataset_config_names,
    load_dataset,
)

disable_progress_bars()
folder = sys.argv[1]
FILTERS = {
    "documents": (pc.field("source", "license") == "unknown", "validation"),
    "ner": (pc.field("sentence") == 1, "train"),
    "quotes": (pc.field("speaker", "entity") == "Jansen", "train"),
    "events": ((pc.field("trigger", "text") == "vertrok") & (pc.field("realis") == "Actual"), "train"),
    "annotators": (pc.field("provenance", "tool").is_null() & (pc.field("annotator") == "a1"), "train"),
}


def look(name: str) -> dict[str, object]:
    """One configuration: all rows, features, and whether every other way to load it gives the same."""
    splits: DatasetDict = load_dataset(folder, name)
    features: Features = splits["train"].features
    rows = {split: found.to_list() for split, found in splits.items()}
    streams = load_dataset(folder, name, streaming=True)
    first: Dataset = load_dataset(folder, name, split="train[:1]")
    half: Dataset = load_dataset(folder, name, split="train[50%:]")
    whole: Dataset = load_dataset(folder, name, split="+".join(rows))
    some: Dataset = load_dataset(folder, name, split="train", columns=["date", "id"] if "date" in features else ["id"])
    declared = [pq.read_schema(file).metadata[b"huggingface"] for file in Path(folder, "data", name).iterdir()]
    assert all(features == Features.from_dict(json.loads(info)["info"]["features"]) for info in declared)
    assert features == get_dataset_config_info(folder, name).features
    condition, split = FILTERS[name]
    kept: Dataset = load_dataset(folder, name, split=split, filters=condition)
    assert all(found.features == features for found in [*splits.values(), first, half, whole, kept])
    assert {split: list(stream) for split, stream in streams.items()} == rows
    assert all(stream.features == features for stream in streams.values())
    assert first.to_list() == rows["train"][:1]
    assert half.to_list() == rows["train"][round(len(rows["train"]) / 2) :]
    assert whole.to_list() == [row for found in rows.values() for row in found]
    assert some.features == Features({column: features[column] for column in some.column_names})
    assert some.to_list() == [{column: row[column] for column in some.column_names} for row in rows["train"]]
    assert kept.to_list() == [row for row in rows[split] if row in kept.to_list()]
    named = {
        column: [feature.int2str(row[column]) for row in rows["train"]]
        for column, feature in features.items()
        if hasattr(feature, "int2str")
    }
    listed = {
        column: [[feature.feature.int2str(tag) for tag in row[column]] for row in rows["train"]]
        for column, feature in features.items()
        if hasattr(getattr(feature, "feature", None), "int2str")
    }
    return {
        "rows": rows,
        "filtered": [row["id"] for row in kept],
        "selected": some.column_names,
        "named": named | listed,
    }


print(
    json.dumps(
        {
            "default": load_dataset(folder)["train"].column_names,
            **{name: look(name) for name in get_dataset_config_names(folder)},
        }
    )
)
