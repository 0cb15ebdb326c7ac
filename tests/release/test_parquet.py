"""Parquet files: row groups, shards, and bytes that change little where rows do."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from standoff.release import parquet
from standoff.release.parquet import GROUP, SplitWriter

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


def rows(numbers: range, words: int = 3) -> pa.Table:
    """A row for each number, with a text that no compression makes small."""
    texts = [" ".join(f"{hash((number, word)) & 0xFFFFFFFF:x}" for word in range(words)) for number in numbers]
    return pa.table({"id": [f"{number:06}" for number in numbers], "text": texts}, SCHEMA)


def written(folder: Path, *tables: pa.Table, shard_bytes: int = parquet.SHARD_BYTES) -> list[Path]:
    writer = SplitWriter(folder, "train", SCHEMA, shard_bytes)
    for table in tables:
        writer.write(table)
    entry = writer.close()
    files = sorted(folder.iterdir())
    assert entry.rows == sum(pq.read_metadata(file).num_rows for file in files)
    return files


@pytest.mark.parametrize(
    ("count", "groups"),
    [
        (1, [1]),
        (GROUP, [GROUP]),
        (2 * GROUP - 1, [2 * GROUP - 1]),
        (2 * GROUP, [GROUP, GROUP]),
        (3 * GROUP + 1, [GROUP, GROUP, GROUP + 1]),
    ],
)
def test_row_groups_have_two_to_four_thousand_rows(tmp_path: Path, count: int, groups: list[int]) -> None:
    at_once = written(tmp_path / "a", rows(range(count)))
    in_pieces = written(tmp_path / "b", *(rows(range(i, min(i + 300, count))) for i in range(0, count, 300)))
    for (file,) in (at_once, in_pieces):
        found = pq.read_metadata(file)
        assert [found.row_group(place).num_rows for place in range(found.num_row_groups)] == groups
    assert at_once[0].read_bytes() == in_pieces[0].read_bytes()


def test_large_rows_do_not_wait_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 10_000)
    (file,) = written(tmp_path / "a", *(rows(range(i, i + 10), words=200) for i in range(0, 50, 10)))
    assert pq.read_metadata(file).num_row_groups == 5


def test_pages_are_compressed_and_have_an_index(tmp_path: Path) -> None:
    (file,) = written(tmp_path / "a", rows(range(10)))
    column = pq.read_metadata(file).row_group(0).column(0)
    assert (column.compression, column.has_column_index, column.has_offset_index) == ("ZSTD", True, True)


def test_a_full_shard_is_followed_by_another_one(tmp_path: Path) -> None:
    tables = [rows(range(i, i + GROUP)) for i in range(0, 5 * GROUP, GROUP)]
    files = written(tmp_path / "a", *tables, shard_bytes=1)
    assert [file.name for file in files] == [f"train-{number:05}-of-00005.parquet" for number in range(5)]
    together = pa.concat_tables([pq.read_table(file) for file in files])
    assert together.equals(pa.concat_tables(tables))
    assert all(pq.read_schema(file).equals(SCHEMA) for file in files)


def test_a_row_more_at_the_start_leaves_most_pages_as_they_were(tmp_path: Path) -> None:
    """What servers that keep each stretch of bytes once call content-defined chunks: pages end where contents say so."""
    (old,) = written(tmp_path / "old", rows(range(1, GROUP), words=400))
    (new,) = written(tmp_path / "new", rows(range(GROUP), words=400))
    before, after = old.read_bytes(), new.read_bytes()
    stretches = [before[place : place + 4096] for place in range(0, len(before) - 4096, len(before) // 50)]
    kept = sum(stretch in after for stretch in stretches)
    assert kept > 0.6 * len(stretches)
