"""Corpus to tables, some documents at a time, in any number of processes: the same tables in the same order."""

import os
import pickle
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.abc import MetaPathFinder
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from standoff.corpus.processes import batches, end_with_parent, results, without_collector
from standoff.corpus.store import Bundle, Store
from standoff.release.rows import Findings, Selection
from standoff.release.splits import Split

CHUNK = 250
CHUNK_BYTES = 16 << 20
"""Documents that a process holds at once: so many, or until their raw bytes are that many."""

FEW = 5
"""With fewer chunks, starting processes takes longer than they save."""

Built = tuple[dict[Split, dict[str, pa.Table]], Findings]
"""Split to configuration to rows, and what was seen."""

_Sent = tuple[Path, list[tuple[Split, str]]]
"""A file with tables one after another and what was seen, and split and configuration of each table."""

_selection: Selection | None = None
_folder = Path()


def built_tables(
    store: Store, selection: Selection, splits: Mapping[str, Split], jobs: int, scratch: Path
) -> Iterator[Built]:
    """The tables of the whole corpus, in the order of document ids, built by `jobs` processes.

    Tables come from other processes in files below `scratch`, a few at a time. Raises EnvironmentFault when the system ends
    a process.
    """
    chunks = batches(store.bundles(), _size, CHUNK, CHUNK_BYTES)
    given = ((chunk, {bundle.id: splits[bundle.id] for bundle in chunk if bundle.id in splits}) for chunk in chunks)
    first = list(islice(given, FEW))
    if jobs == 1 or len(first) < FEW:
        for bundles, own in chain(first, given):
            yield build_chunk(selection, bundles, own)
        return
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".tables-") as folder:
        for path, keys in results(_build, chain(first, given), jobs, jobs, _start, (selection, Path(folder))):
            yield _received(path, keys)


def _size(bundle: Bundle) -> int:
    return sum(len(entry.raw) for entry in (*bundle.documents, *bundle.sets))


def build_chunk(selection: Selection, bundles: list[Bundle], splits: Mapping[str, Split]) -> Built:
    """The tables of some documents. Pure."""
    with without_collector():  # it would take a third of the time
        rows, findings = selection.rows(bundles, splits)
        tables = {}
        for split, released in rows.items():
            built = selection.tables.build(released, selection.names.names)
            tables[split] = built.tables
            findings.lose(built.losses)
            findings.types.update({(layer, split): types for layer, types in built.types.items()})
        return tables, findings


class _WithoutPandas(MetaPathFinder):
    """Pyarrow imports pandas, if it is there, at the first array: that takes a second, and nothing here has use for it."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """There is no pandas; others know about the rest."""
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def _start(selection: Selection, folder: Path) -> None:
    global _selection, _folder
    _selection, _folder = selection, folder
    sys.meta_path.insert(0, _WithoutPandas())
    # Arrow's own takes longer to get new memory, chunk after chunk.
    pa.set_memory_pool(pa.system_memory_pool())
    end_with_parent()


def _build(given: tuple[list[Bundle], Mapping[str, Split]]) -> _Sent:
    assert _selection is not None
    built, findings = build_chunk(_selection, *given)
    # A pipe would copy everything four times.
    handle, name = tempfile.mkstemp(dir=_folder)
    os.close(handle)
    keys = []
    with pa.OSFile(name, "wb") as file:
        for split, tables in built.items():
            for configuration, table in tables.items():
                keys.append((split, configuration))
                with pa.ipc.new_stream(file, table.schema) as stream:
                    stream.write_table(table)
        file.write(pickle.dumps(findings))
    return Path(name), keys


def _received(path: Path, keys: list[tuple[Split, str]]) -> Built:
    built: dict[Split, dict[str, pa.Table]] = {}
    # Read, not mapped: one table that waits for more rows would keep all that came with it in memory.
    with pa.OSFile(str(path)) as file:
        for split, configuration in keys:
            with pa.ipc.open_stream(file) as stream:
                built.setdefault(split, {})[configuration] = stream.read_all()
        findings: Findings = pickle.loads(file.read())
    path.unlink()
    return built, findings
