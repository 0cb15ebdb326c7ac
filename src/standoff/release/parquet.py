"""Parquet files of a release: the same bytes for the same rows, in row groups and shards that load quickly."""

import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from standoff.release.content import ContentHash
from standoff.release.manifest import SplitEntry

GROUP = 2000
"""Rows of a row group; the last one of a split has up to twice as many."""
GROUP_BYTES = 48 << 20
"""Rows with more than this in memory are written, however few they are."""
SHARD_BYTES = 400 << 20
"""A file is closed when it has grown to this."""


class SplitWriter:
    """Writes one split of one configuration to `<folder>/<split>-00000-of-00001.parquet` and on. Rows come in order."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema, shard_bytes: int = SHARD_BYTES) -> None:
        self._folder = folder
        self._split = split
        self._schema = schema
        self._shard_bytes = shard_bytes
        self._waiting: list[pa.Table] = []
        self._shards: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._content = ContentHash()

    def write(self, table: pa.Table) -> None:
        """Adds rows."""
        self._waiting.append(table)
        waiting = pa.concat_tables(self._waiting)
        done = 0
        while waiting.num_rows - done >= 2 * GROUP:
            self._write_group(waiting.slice(done, GROUP))
            done += GROUP
        waiting = waiting.slice(done)
        if waiting.num_rows and waiting.nbytes > GROUP_BYTES:
            self._write_group(waiting)
            waiting = waiting.slice(0, 0)
        self._waiting = [waiting] if waiting.num_rows else []

    def close(self) -> SplitEntry:
        """Writes what waits and gives the files their names."""
        if self._waiting:
            self._write_group(pa.concat_tables(self._waiting))
            self._waiting = []
        self.abandon()
        for number, shard in enumerate(self._shards):
            shard.rename(self._folder / f"{self._split}-{number:05}-of-{len(self._shards):05}.parquet")
        return SplitEntry(rows=self._content.rows, content_sha256=self._content.hexdigest())

    def abandon(self) -> None:
        """Closes the open file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write_group(self, table: pa.Table) -> None:
        # The bytes depend on the chunks that come in, so there is one.
        table = table.combine_chunks()
        self._content.update(table)
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            shard = self._folder / f"{self._split}-{len(self._shards):05}.part"
            self._writer = pq.ParquetWriter(
                shard,
                self._schema,
                compression="zstd",
                compression_level=3,
                # Dictionaries take a sixth of the time, and zstd finds repetitions better without them.
                use_dictionary=False,
                use_content_defined_chunking=True,
                write_page_index=True,
            )
            self._shards.append(shard)
        self._writer.write_table(table, row_group_size=table.num_rows)
        if os.stat(self._shards[-1]).st_size >= self._shard_bytes:
            self.abandon()


class Writers:
    """The writers of all configurations and splits that have rows, under `data/`."""

    def __init__(self, folder: Path, schemas: Mapping[str, pa.Schema]) -> None:
        self._folder = folder
        self._schemas = schemas
        self._writers: dict[tuple[str, str], SplitWriter] = {}

    def write(self, configuration: str, split: str, table: pa.Table) -> None:
        """Adds rows; an empty table makes no file, because an empty split makes a whole dataset fail to load."""
        if table.num_rows:
            key = configuration, split
            if key not in self._writers:
                schema = self._schemas[configuration]
                self._writers[key] = SplitWriter(self._folder / configuration, split, schema)
            self._writers[key].write(table)

    def close(self) -> dict[tuple[str, str], SplitEntry]:
        """(configuration, split) to what was written."""
        return {key: writer.close() for key, writer in self._writers.items()}

    def abandon(self) -> None:
        """Closes all open files, to be deleted."""
        for writer in self._writers.values():
            writer.abandon()
