"""Raw texts to outcomes in several processes, in the order of the texts whatever the number of processes."""

import os
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from pathlib import Path

import msgspec

from standoff.corpus.files import fault
from standoff.corpus.processes import end_started, end_with_parent, submit
from standoff.errors import EnvironmentFault
from standoff.normalize.article import normalize
from standoff.normalize.records import Normalized, Raw, Rejected, Setting

PATIENCE = 1.0
"""Seconds of work after which processes are started: starting them costs about as much."""
_BATCH = 250
_BATCH_BYTES = 4 << 20

Outcome = Normalized | Rejected

# Several times quicker than pickling all the extents of a document.
_Batch = list[tuple[Normalized | None, Rejected | None]]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Batch)


def outcomes(raws: Iterator[Raw | Rejected], setting: Setting, jobs: int) -> Iterator[Outcome]:
    """What becomes of each text, in order. Only a few batches of texts are in memory at a time.

    Raises UsageError as `normalize` does, and EnvironmentFault when one of the processes is killed.
    """
    began = time.perf_counter()
    for raw in raws:
        yield _outcome(raw, setting)
        if jobs > 1 and time.perf_counter() - began > PATIENCE:
            break
    else:
        return
    with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
        yield from _in_processes(raws, setting, jobs, folder)


def _in_processes(raws: Iterator[Raw | Rejected], setting: Setting, jobs: int, folder: str) -> Iterator[Outcome]:
    """Results come in files in `folder`: of a process that is killed half way of sending them the pool would wait for the rest."""
    others = active_children()
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(setting, folder))
    try:
        waiting: deque[Future[str]] = deque()
        batches = _batches(raws)
        while True:
            while len(waiting) < 2 * jobs and (batch := next(batches, None)):
                waiting.append(submit(pool, _work, batch))
            if not waiting:
                return
            file = Path(waiting.popleft().result())
            found = _decoder.decode(file.read_bytes())
            file.unlink()
            for normalized, rejected in found:
                if outcome := normalized or rejected:
                    yield outcome
    except BrokenProcessPool:
        end_started(others)
        raise EnvironmentFault(
            "one of the processes was killed, most likely for want of memory; run it again with fewer: --jobs 1"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(raws: Iterator[Raw | Rejected]) -> Iterator[list[Raw | Rejected]]:
    batch: list[Raw | Rejected] = []
    size = 0
    for raw in raws:
        batch.append(raw)
        size += len(raw.content) if isinstance(raw, Raw) else 0
        if len(batch) == _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_setting = Setting()
_folder = ""


def _start(setting: Setting, folder: str) -> None:
    global _setting, _folder  # set once in each process, so that they do not travel with every batch
    _setting, _folder = setting, folder
    end_with_parent()


def _work(batch: list[Raw | Rejected]) -> str:
    """The name of the file that holds what became of these texts. Raises EnvironmentFault when there is no room for it."""
    found = (_outcome(raw, _setting) for raw in batch)
    encoded = _encoder.encode([(one, None) if isinstance(one, Normalized) else (None, one) for one in found])
    try:
        handle, file = tempfile.mkstemp(dir=_folder)
        with os.fdopen(handle, "wb") as opened:
            opened.write(encoded)
    except OSError as error:
        raise fault(error, Path(_folder)) from None
    return file


def _outcome(raw: Raw | Rejected, setting: Setting) -> Outcome:
    return raw if isinstance(raw, Rejected) else normalize(raw, setting)
