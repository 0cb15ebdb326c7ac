"""Time and memory of a command in a process of its own."""

import os
import subprocess
import sys
import time
from typing import NamedTuple


class Measured(NamedTuple):
    """Wall seconds, and the peak of the largest single process in megabytes."""

    seconds: float
    megabytes: float


def command(*words: str) -> Measured:
    """Runs `python ...`; stops the benchmark when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(words)} failed")
    return Measured(seconds, usage.ru_maxrss / 1024)
