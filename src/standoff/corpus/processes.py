"""Processes that work for another one: how they start, what they get and give, and that they end when it does."""

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.context import ForkContext, SpawnContext
from typing import Any, TypeVar

from standoff.errors import EnvironmentFault

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def without_collector() -> Iterator[None]:
    """Records are trees: nothing in them needs the collector, which would walk millions of them again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def quickest() -> ForkContext | SpawnContext:
    """How to start processes that need little more than what this one has imported.

    A copy of this process is there at once; but of one with several threads it might wait for ever for what they held.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork") if forks else get_context("spawn")


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Processes that are started inside leave Ctrl-C to this one, which ends them.

    Here it waits until the end of this, unless another thread is told of it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def batches(items: Iterable[T], size: Callable[[T], int], number: int, total: int) -> Iterator[list[T]]:
    """The items in lists of that number, or of fewer that have at least this size in total."""
    batch: list[T] = []
    length = 0
    for item in items:
        batch.append(item)
        length += size(item)
        if len(batch) == number or length >= total:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def results(
    work: Callable[[T], R],
    given: Iterable[T],
    ahead: int,
    jobs: int,
    start: Callable[..., None],
    setting: tuple[Any, ...],
) -> Iterator[R]:
    """What `work` makes of each that is given, in order, in `jobs` processes, which begin with `start(*setting)`.

    Taken from `given` are `ahead` more than were yielded. Work should return little, such as the name of a file: of a process
    that is killed half way of sending more than a pipe holds, this would wait for the rest. Raises EnvironmentFault when one is
    killed.
    """
    others = active_children()
    # Not forked: libraries have threads.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), start, setting)
    waiting: deque[Future[R]] = deque()
    try:
        for one in given:
            waiting.append(_submit(pool, work, one))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        # A pool that breaks while a process starts does not end that one, and waits for it for ever.
        for process in set(active_children()) - set(others):
            process.kill()
        raise EnvironmentFault(
            "one of the processes was killed, most likely for want of memory; run it again with fewer: --jobs 1"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, work: Callable[[T], R], one: T) -> Future[R]:
    """`pool.submit`, which may start a process; Ctrl-C is left to this one.

    Raises BrokenProcessPool also where the pool breaks meanwhile and starting fails on pipes that were closed for that, or
    because the system has no room for a process.
    """
    try:
        with uninterrupted():
            return pool.submit(work, one)
    except (ValueError, OSError) as error:
        raise BrokenProcessPool(str(error)) from error


def end_with_parent() -> None:
    """To be called in a process that `multiprocessing` started: its queue would make it wait for ever."""
    if parent := parent_process():
        _end_after(parent.join)


def end_with(pipe: int) -> None:
    """To be called in any other process: it ends when nobody holds the other end of this pipe any more."""
    _end_after(lambda: os.read(pipe, 1))


def _end_after(wait: Callable[[], object]) -> None:
    def run() -> None:
        wait()
        os._exit(1)

    threading.Thread(target=run, daemon=True).start()
