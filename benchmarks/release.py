"""`standoff release` against `datasets`, DuckDB and pyarrow, which write the same nested rows from JSON lines, in one run.

Ours reads the corpus's shards, builds views, checks offsets, writes, loads what it wrote and compares; the others copy rows. Of
`documents` alone no other rule is checked; of everything all are.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import measure, synthetic
from standoff.corpus.codec import decode
from standoff.corpus.model import Document
from standoff.corpus.rules.base import SetContext
from standoff.corpus.rules.records import read
from standoff.corpus.rules.spans import span_offsets, span_surface
from standoff.corpus.scheme import index
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker, Looked
from standoff.problems import Problem
from standoff.release import features
from standoff.release.build import release
from standoff.release.parquet import Writers
from standoff.release.rows import PublicNames, Selection
from standoff.release.splits import deal, encode_splits, groups_of, read_splits, stories
from standoff.release.tables import plan
from standoff.release.verify import Source, verify
from standoff.release.workers import built_tables

NUMBER = 50_000
JOBS = 2
RUNS = 3


class Offsets(Checker):
    """Of all rules only those that say that spans are where their surfaces are: what a copy of rows would have to check too."""

    def look(self, bundle: Bundle) -> Looked:
        """The records as they are, and what is wrong with offsets."""
        document = decode(bundle.documents[0].raw, Document)
        sets = [found for entry in bundle.sets if (found := read(entry).columns)]
        problems = [
            Problem(
                document=document.id, path=finding.pointer, rule="offsets", severity="error", message=finding.message
            )
            for found in sets
            for rule in (span_offsets, span_surface)
            for finding in rule(SetContext(document, found, self.setting, found.record.text_sha256))
        ]
        return Looked(problems, document, sets)


def documents_only(root: Path, out: Path) -> None:
    """Configuration `documents`, from shards to Parquet that was loaded and compared: views built, offsets checked."""
    store = Store(root)
    whole = plan(index(store.scheme), store.config.corpus.layers)
    tables = replace(
        whole,
        features={"documents": whole.features["documents"]},
        schemas={"documents": whole.schemas["documents"]},
    )
    selection = Selection(Offsets(store.config, store.scheme), tables, PublicNames(store), "gold", False, "unknown")
    writers = Writers(out / "data", tables.schemas)
    splits = read_splits(store.folder / "splits.json")
    for built, findings in built_tables(store, selection, splits, JOBS, out):
        assert not findings.hindered, findings
        for split, configurations in built.items():
            for name, table in configurations.items():
                writers.write(name, split, table)
    written = {"documents": {split: entry for (_, split), entry in writers.close().items()}}
    files = {split: [str(path) for path in out.glob(f"data/documents/{split}-*")] for split in written["documents"]}
    wanted = {"documents": features.metadata(tables.features["documents"])}
    verify(Source(files={"documents": files}), wanted, written, out)


def everything(root: Path, out: Path) -> None:
    """The whole release: five configurations, card, hashes."""
    release(Store(root), "1.0.0", out, allow_dirty=True, jobs=JOBS)


def with_datasets(rows: Path, out: Path) -> None:
    """JSON lines to Parquet by `datasets`."""
    import datasets

    datasets.disable_progress_bars()
    loaded = datasets.load_dataset("json", data_files=str(rows), split="train", cache_dir=str(out / "cache"))
    loaded.to_parquet(str(out / "rows.parquet"))


def with_duckdb(rows: Path, out: Path) -> None:
    """JSON lines to Parquet by DuckDB."""
    import duckdb

    duckdb.sql(f"set threads to {JOBS}")
    duckdb.sql(f"copy (from read_json('{rows}')) to '{out}/rows.parquet' (compression zstd)")


def with_pyarrow(rows: Path, out: Path) -> None:
    """JSON lines to Parquet by pyarrow."""
    import pyarrow.json
    import pyarrow.parquet as pq

    reader = pyarrow.json.open_json(rows, pyarrow.json.ReadOptions(block_size=16 << 20))
    with pq.ParquetWriter(out / "rows.parquet", reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def load_cold(data: Path, out: Path) -> None:
    """`load_dataset` with an empty cache."""
    import datasets

    datasets.disable_progress_bars()
    datasets.load_dataset("parquet", data_files=str(data), split="train", cache_dir=str(out / "cache"))


def first_streamed(data: Path, out: Path) -> None:
    """Milliseconds to the first row of a stream, once `datasets` was imported."""
    import datasets

    began = time.perf_counter()
    next(iter(datasets.load_dataset("parquet", data_files=str(data), split="train", streaming=True)))
    (out / "milliseconds").write_text(f"{1000 * (time.perf_counter() - began):.0f}")
    # Threads that read ahead in a large file may keep a process from ever ending.
    os._exit(0)


STEPS: dict[str, Callable[[Path, Path], None]] = {
    "documents": documents_only,
    "everything": everything,
    "datasets": with_datasets,
    "duckdb": with_duckdb,
    "pyarrow": with_pyarrow,
    "cold": load_cold,
    "streamed": first_streamed,
}


def run(step: str, source: Path, out: Path, runs: int = RUNS) -> measure.Measured:
    """The median of some runs, each in a process of its own that starts with an empty folder `out`."""
    found = []
    for _ in range(runs):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        found.append(measure.command("-m", "benchmarks.release", step, str(source), str(out)))
    return measure.Measured(statistics.median(one.seconds for one in found), max(one.megabytes for one in found))


def main(number: int = NUMBER) -> None:
    """Prints seconds, ratios and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        root, rows = Path(folder) / "corpus", Path(folder) / "rows.jsonl"
        outs = {step: Path(folder) / step for step in STEPS}
        synthetic.corpus(root, number)
        store = Store(root)
        (root / "corpus" / "splits.json").write_bytes(
            encode_splits(deal(groups_of(*stories(store.documents())), {}, store.config.splits))
        )
        ours = run("documents", root, outs["documents"])
        with rows.open("w", encoding="utf-8") as file:
            for part in sorted(outs["documents"].glob("data/documents/*.parquet")):
                for batch in pq.ParquetFile(part).iter_batches(500):
                    file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())
        size = sum(path.stat().st_size for path in root.rglob("*.jsonl")) / 1e6
        print(f"{number:,} documents: {size:,.0f} MB in shards, {rows.stat().st_size / 1e6:,.0f} MB as nested rows")
        everything = run("everything", root, outs["everything"])
        peers = {step: run(step, rows, outs[step]) for step in ("datasets", "duckdb", "pyarrow")}
        peer = peers["datasets"].seconds
        _line("datasets, json to_parquet", peers["datasets"], peer)
        _line("standoff, documents, offsets checked", ours, peer)
        _line("standoff, all, wholly validated", everything, peer)
        for step in ("duckdb", "pyarrow"):
            _line(f"{step}, json to parquet (the floor)", peers[step], peer)
        written = {"standoff": outs["documents"] / "data" / "documents", "datasets": outs["datasets"]}
        for who, where in written.items():
            data = where / ("*.parquet" if who == "standoff" else "rows.parquet")
            cold = run("cold", data, outs["cold"])
            run("streamed", data, outs["streamed"])
            streamed = (outs["streamed"] / "milliseconds").read_text()
            print(f"load_dataset of what {who} wrote: {cold.seconds:.1f} s cold, first streamed row {streamed} ms")


def _line(what: str, measured: measure.Measured, peer: float) -> None:
    print(
        f"{what:36}{measured.seconds:7.1f} s  {measured.seconds / peer:5.2f} of datasets' time"
        f"{measured.megabytes:8,.0f} MB at the peak of a process",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) == 4:
        STEPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
