"""Detached processes that can be found and stopped again, by locks on files in place of process ids.

A process that is started here holds a lock on its pid file for as long as it or a process it forked lives. So a file left
by a killed machine, or an id that the system gave to somebody else since, is never taken for ours.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from standoff.errors import EnvironmentFault

if sys.platform == "win32":
    raise EnvironmentFault(
        "Doccano's server can't be started on Windows; start it elsewhere (in WSL, on another machine) and set its url"
    )

import fcntl

_PAUSE = 0.05
_LONG = 60
"""Seconds for what takes none, unless the machine is very busy."""


@contextlib.contextmanager
def exclusive(path: Path, seconds: float, waiting: Callable[[], None]) -> Iterator[int]:
    """Holds the lock on `path` and yields its descriptor: who inherits that keeps the lock after our death.

    Calls `waiting` once when somebody else holds it. Raises EnvironmentFault after `seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(descriptor):
            waiting()
            if not _wait(lambda: _lock(descriptor), seconds):
                raise EnvironmentFault(
                    f"{path}: another command has held this lock for {seconds:.0f} seconds; wait until it has finished"
                )
        yield descriptor
    finally:
        os.close(descriptor)


def start(
    pid_file: Path,
    log: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    inherited: Collection[int] = (),
) -> None:
    """Starts `command` in a session of its own, in the pid file's folder, its output in `log`; the last log is kept as `.1`.

    The process writes its own id before anything else, so that it can be stopped even if we are killed at this moment.
    """
    descriptor = os.open(pid_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _wait(lambda: _lock(descriptor), 1):
            raise EnvironmentFault(f"{pid_file}: its process still runs")
        os.ftruncate(descriptor, 0)
        with contextlib.suppress(FileNotFoundError):
            os.replace(log, log.with_name(f"{log.name}.1"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", 'echo "$$" > "$0" && exec "$@"', str(pid_file), *command],
                cwd=pid_file.parent,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                pass_fds=[descriptor, *inherited],
            )
        # Nobody waits for it: it is to outlive us.
        process.returncode = 0
    finally:
        os.close(descriptor)


def group(pid_file: Path) -> int | None:
    """The id of the process, and process group, that was started with this file and still lives; else None."""
    try:
        descriptor = os.open(pid_file, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that two who look at the same time don't take each other for the process.
        if _lock(descriptor, fcntl.LOCK_SH):
            return None
    finally:
        os.close(descriptor)
    _wait(lambda: bool(pid_file.read_text().strip()), _LONG)
    return int(pid_file.read_text())


def stop(pid_files: Iterable[Path], seconds: float) -> list[Path]:
    """Ends the processes of these files: asks all, waits up to `seconds`, then kills what is left of their groups.

    Returns the files whose process lived.
    """
    # A group's id can't have been given away: a member of it holds the lock.
    living = {file: leader for file in pid_files if (leader := group(file)) is not None}
    for leader in living.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    end = time.monotonic() + seconds
    for file, leader in living.items():
        if not _ended(file, end - time.monotonic()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(leader, signal.SIGKILL)
            if not _ended(file, _LONG):
                raise EnvironmentFault(f"process {leader} ({file}) can't be killed; stop it by hand")
    return list(living)


def _ended(pid_file: Path, seconds: float) -> bool:
    return _wait(lambda: group(pid_file) is None, seconds)


def _lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True
