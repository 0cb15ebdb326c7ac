"""Waiting and measuring in tests, so that no result depends on how fast or busy the machine is."""

import itertools
import random
import socket
import time
from collections.abc import Callable

PATIENCE = 240.0
"""Seconds for what has to happen: only what never does is missed. Below pytest's own limit of one test."""


def until(done: Callable[[], object]) -> None:
    """Waits for it."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def grows_no_faster_than_its_input(work: Callable[[int], object], small: int) -> None:
    """Fails when eight times as much input takes much more than eight times as long, in this process's own time.

    Squares would take 64 times as long; so a limit of 30 lets no noise in and no squares out.
    """
    work(small)
    before = min(_processor_time(work, small) for _ in range(3))
    after = _processor_time(work, 8 * small)
    for _ in range(4):
        if after < 30 * before:
            break
        before = max(before, _processor_time(work, small))
        after = min(after, _processor_time(work, 8 * small))
    assert after < 30 * before, f"{small} take {before:.4f} s, eight times as many {after:.4f} s"


def _processor_time(work: Callable[[int], object], size: int) -> float:
    before = time.process_time()
    work(size)
    return time.process_time() - before


def free_ports(count: int, above: int = 0) -> list[int]:
    """Different ports of loopback that nobody listens on, and not on those that are `above` higher either.

    None that the system gives to whoever asks for any: that may be gone before it is used.
    """
    ports = random.SystemRandom().sample(range(10_000, 20_000), 10_000)
    return list(itertools.islice((port for port in ports if _is_free(port) and _is_free(port + above)), count))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
