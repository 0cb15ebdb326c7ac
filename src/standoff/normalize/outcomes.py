"""Raw texts to outcomes in several processes, in the order of the texts whatever the number of processes."""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context

import msgspec

from standoff.corpus.processes import end_started, end_with_parent, uninterrupted
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
    others = active_children()
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(setting,))
    try:
        waiting: deque[Future[bytes]] = deque()
        batches = _batches(raws)
        while True:
            while len(waiting) < 2 * jobs and (batch := next(batches, None)):
                with uninterrupted():
                    waiting.append(pool.submit(_work, batch))
            if not waiting:
                return
            for normalized, rejected in _decoder.decode(waiting.popleft().result()):
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


def _start(setting: Setting) -> None:
    global _setting  # noqa: PLW0603 - set once in each process, so that it does not travel with every batch
    _setting = setting
    end_with_parent()


def _work(batch: list[Raw | Rejected]) -> bytes:
    found = (_outcome(raw, _setting) for raw in batch)
    return _encoder.encode([(one, None) if isinstance(one, Normalized) else (None, one) for one in found])


def _outcome(raw: Raw | Rejected, setting: Setting) -> Outcome:
    return raw if isinstance(raw, Rejected) else normalize(raw, setting)
