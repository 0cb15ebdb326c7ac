"""Processes end with the one that they work for."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from patience import until
from standoff.corpus.processes import uninterrupted

POOL = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from standoff.corpus.processes import end_with_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""
PIPE = """
import os, subprocess, sys, time
from standoff.corpus.processes import end_with

if len(sys.argv) > 1:
    end_with(int(sys.argv[1]))
    print(os.getpid(), flush=True)
else:
    watched, held = os.pipe()
    subprocess.Popen([sys.executable, __file__, str(watched)], pass_fds=[watched])
time.sleep(600)
"""


@pytest.mark.parametrize("script", [POOL, PIPE])
def test_they_end_when_it_is_killed(tmp_path: Path, script: str) -> None:
    (tmp_path / "script.py").write_text(script)
    parent = subprocess.Popen([sys.executable, str(tmp_path / "script.py")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert running(child)
    parent.kill()
    parent.wait()
    until(lambda: not running(child))


def test_ctrl_c_is_for_the_one_that_started_them(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import time; print('ready', flush=True); time.sleep(0.3); print('done')")
    told: list[str] = []

    def interrupted() -> None:
        with uninterrupted():
            child = subprocess.Popen([sys.executable, str(tmp_path / "script.py")], stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            told.append(child.communicate()[0])

    # Who starts the tests in the background may have told them to take no notice of it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == ["done\n"]


def running(process: int) -> bool:
    """Whether it works still, and is no mere entry in a table that nobody has read."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return not state.stdout.startswith("Z") and state.stdout != ""
