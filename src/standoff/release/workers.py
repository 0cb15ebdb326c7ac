"""Corpus to tables, some documents at a time, in processes of their own: the same tables in the same order with any number of them."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

import pyarrow as pa

from standoff.corpus.processes import end_with_parent, uninterrupted
from standoff.corpus.store import Bundle, Store
from standoff.errors import EnvironmentFault
from standoff.release.rows import Findings, Selection
from standoff.release.splits import Split

CHUNK = 250
CHUNK_BYTES = 16 << 20
"""Documents that a process holds at once: so many, or until their raw bytes are that many."""

FEW = 5
"""With fewer chunks, starting processes takes longer than they save."""

Built = tuple[dict[Split, dict[str, pa.Table]], Findings]
"""Split to configuration to rows, and what was seen."""

_selection: Selection | None = None


def built_tables(store: Store, selection: Selection, splits: Mapping[str, Split], jobs: int) -> Iterator[Built]:
    """The tables of the whole corpus, in the order of document ids, built by `jobs` processes.

    Raises EnvironmentFault when the system ends a process.
    """
    chunks = _chunks(store)
    first = list(islice(chunks, FEW))
    if jobs == 1 or len(first) < FEW:
        for chunk in chain(first, chunks):
            yield build_chunk(selection, chunk, _of(chunk, splits))
        return
    # Not forked: pyarrow has threads by now.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start, (selection,)) as pool:
        waiting: deque[Future[Built]] = deque()
        try:
            for chunk in chain(first, chunks):
                with uninterrupted():
                    waiting.append(pool.submit(_build, chunk, _of(chunk, splits)))
                if len(waiting) > jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise EnvironmentFault("the system ended a process that built tables; use fewer with --jobs") from None
        finally:
            pool.shutdown(cancel_futures=True)


def build_chunk(selection: Selection, bundles: list[Bundle], splits: Mapping[str, Split]) -> Built:
    """The tables of some documents. Pure."""
    # Millions of small structs without a cycle among them: looking for cycles would take a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        rows, findings = selection.rows(bundles, splits)
        tables = {}
        for split, released in rows.items():
            built = selection.tables.build(released, selection.names.names)
            tables[split] = built.tables
            findings.lose(built.losses)
            findings.types.update({(layer, split): types for layer, types in built.types.items()})
        return tables, findings
    finally:
        if collecting:
            gc.enable()


def _start(selection: Selection) -> None:
    global _selection  # noqa: PLW0603 - a process is given it once, not with each chunk
    _selection = selection
    end_with_parent()


def _build(bundles: list[Bundle], splits: Mapping[str, Split]) -> Built:
    assert _selection is not None
    return build_chunk(_selection, bundles, splits)


def _chunks(store: Store) -> Iterator[list[Bundle]]:
    chunk: list[Bundle] = []
    size = 0
    for bundle in store.bundles():
        chunk.append(bundle)
        size += sum(len(entry.raw) for entry in (*bundle.documents, *bundle.sets))
        if len(chunk) >= CHUNK or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _of(chunk: list[Bundle], splits: Mapping[str, Split]) -> dict[str, Split]:
    return {bundle.id: splits[bundle.id] for bundle in chunk if bundle.id in splits}
