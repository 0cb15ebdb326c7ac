"""A release as other readers see it: DuckDB and Polars, which know nothing of classes, and a trainer of token classification."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from standoff.release.ner import PROJECTION

POSITIONS = {"start", "end", "offset", "sentence", "token_start", "token_end", "token_starts", "token_ends"}
CLASSES = {"ner_tags", f"{PROJECTION}_tags", "label"}
"""The only columns in which a reader that knows no classes sees numbers for names; at the top of a row, never nested."""
CONFIGURATIONS = ("documents", "ner", "quotes", "events", "annotators")


def numbers(kind: pa.DataType, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all integers in a type."""
    if pa.types.is_struct(kind):
        for field in kind:
            yield from numbers(field.type, (*path, field.name))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from numbers(kind.value_type, path)
    elif pa.types.is_integer(kind):
        yield path


def query(sql: str) -> duckdb.DuckDBPyRelation:
    found = duckdb.sql(sql)
    assert found is not None
    return found


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_names_are_names_for_every_reader(built: Path, name: str) -> None:
    files = str(built / "data" / name / "*.parquet")
    read = [query(f"from '{files}'").to_arrow_table(), pl.read_parquet(files).to_arrow()]
    for table in read:
        assert table.num_rows == sum(pq.read_metadata(file).num_rows for file in (built / "data" / name).iterdir())
        for field in table.schema:
            for path in numbers(field.type, (field.name,)):
                assert path[-1] in POSITIONS or (len(path) == 1 and path[0] in CLASSES), path
    assert read[0].sort_by("id").to_pylist() == read[1].sort_by("id").to_pylist()


def test_duckdb_asks_for_nested_values_by_name(built: Path) -> None:
    quotes, events, documents = (str(built / "data" / name / "*.parquet") for name in ("quotes", "events", "documents"))
    assert query(f"select type, speaker.entity, content.text, addressee from '{quotes}'").fetchall() == [
        ("indirect", "Jansen", "dat China zou aanvallen", None)
    ]
    found = query(
        f"select type, realis, a.role, a.label, a.entity from (select *, unnest(arguments) a from '{events}') order by id"
    )
    assert found.fetchall() == [
        ("Conflict.Attack", "Other", "Attacker", "GPE", "China"),
        ("Movement.Transport-Person", "Actual", "Destination", "ARG", "Genève"),
    ]
    found = query(f"select id, quotes is null, len(quotes), source.license from '{documents}' order by id")
    assert found.fetchall() == [
        ("empty", False, 0, "CC-BY-4.0"),
        ("half", True, None, "unknown"),
        ("minister", False, 1, "CC-BY-4.0"),
    ]


def test_polars_asks_for_nested_values_by_name(built: Path) -> None:
    entities = (
        pl.scan_parquet(built / "data" / "ner" / "*.parquet")
        .explode("entities")
        .filter(pl.col("entities").struct.field("label") == "GPE")
        .select("document_id", pl.col("entities").struct.field("text"), pl.col("entities").struct.field("kb_id"))
        .sort("document_id", "text")
    )
    assert entities.collect().rows() == [
        ("half", "Zwolle", None),
        ("minister", "China", "Q148"),
        ("minister", "Den Haag", "Q36600"),
    ]


class ToyTokenizer:
    """Stands for a fast tokenizer: pieces of at most three characters, with the word that each is of."""

    def __call__(self, words: list[list[str]], *, is_split_into_words: bool) -> "Encoded":
        assert is_split_into_words
        return Encoded(
            [[None, *(n for n, word in enumerate(row) for _ in range(0, len(word), 3)), None] for row in words]
        )


class Encoded(dict[str, Any]):
    """What a tokenizer gives back: word numbers, None for the marks at both ends."""

    def __init__(self, words: list[list[int | None]]) -> None:
        super().__init__(input_ids=[[7] * len(row) for row in words])
        self._words = words

    def word_ids(self, batch_index: int) -> list[int | None]:
        return self._words[batch_index]


@pytest.mark.parametrize("column", ["ner_tags", "conll2002_tags"])
def test_the_usual_preparation_for_token_classification(
    built: Path, column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels from the features, no column in the way of the trainer's, and a class for each first piece of a token."""
    import datasets

    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    rows = datasets.load_dataset(str(built), "ner", cache_dir=str(tmp_path))
    assert not {"label", "labels", "label_ids", "input_ids"} & set(rows["train"].column_names)
    names = rows["train"].features[column].feature.names
    assert names[0] == "O"
    assert len(names) == len(set(names))
    tokenizer = ToyTokenizer()

    def align(examples: dict[str, Any]) -> Encoded:
        encoded = tokenizer(examples["tokens"], is_split_into_words=True)
        encoded["labels"] = []
        for place, tags in enumerate(examples[column]):
            before: int | None = None
            labels = []
            for word in encoded.word_ids(batch_index=place):
                labels.append(-100 if word is None or word == before else tags[word])
                before = word
            encoded["labels"].append(labels)
        return encoded

    ready = rows.map(align, batched=True, remove_columns=rows["train"].column_names)
    assert set(ready["train"].column_names) == {"input_ids", "labels"}
    for split, found in ready.items():
        for row, source in zip(found, rows[split], strict=True):
            assert len(row["input_ids"]) == len(row["labels"])
            assert [label for label in row["labels"] if label != -100] == source[column]
            assert all(label < len(names) for label in row["labels"])
