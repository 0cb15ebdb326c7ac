"""Detached processes: found by their lock, whatever their pid file says, and stopped for certain."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patience import PATIENCE, until
from standoff.doccano import process
from standoff.errors import EnvironmentFault

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
# A leader that ignores the signal to end, and a child that does too.
STUBBORN = 'trap "" TERM; sleep 600 & echo up; wait; wait; sleep 600'


@pytest.fixture
def pid_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "it"
    yield file
    process.stop([file], 0)


def start(pid_file: Path, *command: str) -> int:
    process.start(pid_file, pid_file.with_name("log"), command, ENVIRONMENT)
    group = process.group(pid_file)
    assert group is not None
    return group


def wait_for(log: Path, text: str) -> None:
    until(lambda: text in log.read_text())


def dead(id_: int) -> bool:
    """Killed, though nobody may have read its end."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(id_)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z")


def test_a_process_is_found_while_it_lives(pid_file: Path) -> None:
    assert process.group(pid_file) is None
    leader = start(pid_file, "sleep", "600")
    assert os.getsid(leader) == leader != os.getsid(0)
    assert process.group(pid_file) == leader
    assert process.stop([pid_file], PATIENCE) == [pid_file]
    assert process.group(pid_file) is None
    assert process.stop([pid_file], PATIENCE) == []


def test_a_process_id_of_somebody_else_is_not_taken_for_ours(pid_file: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        pid_file.write_text(f"{other.pid}\n")
        assert process.group(pid_file) is None
        assert process.stop([pid_file], PATIENCE) == []
        assert other.poll() is None
        other.kill()


def test_a_process_that_ignores_the_signal_is_killed_with_its_children(pid_file: Path) -> None:
    start(pid_file, "/bin/sh", "-c", STUBBORN)
    wait_for(pid_file.with_name("log"), "up")
    assert process.stop([pid_file], 0.5) == [pid_file]
    # The child held the lock too.
    assert process.group(pid_file) is None


def test_children_that_outlive_their_leader_are_found_and_killed(pid_file: Path) -> None:
    leader = start(pid_file, "/bin/sh", "-c", STUBBORN)
    wait_for(pid_file.with_name("log"), "up")
    os.kill(leader, signal.SIGKILL)
    until(lambda: dead(leader))
    assert process.group(pid_file) == leader
    process.stop([pid_file], 0.2)
    assert process.group(pid_file) is None


def test_a_second_start_is_refused_while_the_first_runs(pid_file: Path) -> None:
    leader = start(pid_file, "sleep", "600")
    with pytest.raises(EnvironmentFault, match="still runs"):
        process.start(pid_file, pid_file.with_name("log"), ["sleep", "600"], ENVIRONMENT)
    assert process.group(pid_file) == leader


def test_the_log_of_the_last_start_is_kept(pid_file: Path) -> None:
    log = pid_file.with_name("log")
    for word in ("first", "second"):
        process.start(pid_file, log, ["echo", word], ENVIRONMENT)
        wait_for(log, word)
        until(lambda: process.group(pid_file) is None)
    assert log.with_name("log.1").read_text() == "first\n"


def test_a_lock_is_waited_for_and_outlives_its_owner_in_a_child(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = (
        "import pathlib, subprocess, sys, os; from standoff.doccano.process import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1]), 1, lambda: None) as fd:\n"
        "    child = subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, pass_fds=[fd])\n"
        "    print(child.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(lock)], check=False, stdout=subprocess.PIPE)
    assert killed.returncode == -signal.SIGKILL
    waited: list[str] = []
    with (
        pytest.raises(EnvironmentFault, match="another command"),
        process.exclusive(lock, 0.1, lambda: waited.append("in vain")),
    ):
        pass

    def waiting() -> None:
        waited.append("until it ends")
        os.kill(int(killed.stdout), signal.SIGKILL)

    with process.exclusive(lock, PATIENCE, waiting):
        pass
    assert waited == ["in vain", "until it ends"]
