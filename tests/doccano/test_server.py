"""The local server, against the real one: safe by default, and whole again after whatever happened to it."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from doccano_client import DoccanoClient

from patience import PATIENCE, free_ports
from standoff.doccano import process, server
from standoff.doccano.install import install, make_home, template
from standoff.errors import EnvironmentFault, StandoffError

pytestmark = pytest.mark.doccano
UP = "import sys, pathlib; from standoff.doccano import server; p = pathlib.Path\n"
UP += "print(server.up(p(sys.argv[1]), environment=p(sys.argv[2]), progress=lambda m: print(m, flush=True)).pids)"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    stop_at_once(tmp_path / "home")


def stop_at_once(home: Path) -> None:
    process.stop([home / "web", home / "worker"], 0)


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    return made


def login(running: server.Server, password: str) -> int:
    body = {"username": running.username, "password": password}
    return session().post(f"{running.url}/v1/auth/login/", json=body, timeout=PATIENCE).status_code


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def kill(home: Path, name: str) -> None:
    leader = process.group(home / name)
    assert leader is not None
    os.killpg(leader, signal.SIGKILL)
    while process.group(home / name) is not None:
        time.sleep(0.02)


@contextlib.contextmanager
def watched_processes() -> Iterator[list[str]]:
    """All command lines and environments of the processes that others could list meanwhile."""
    seen: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(
                subprocess.run(["ps", "-eww", "e", "-o", "args"], capture_output=True, check=True, text=True).stdout
            )

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def standoff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from standoff.cli import main; main()", "doccano", *arguments]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=PATIENCE)


def test_only_this_machine_reaches_it(doccano_server: server.Server) -> None:
    port = int(doccano_server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), PATIENCE):
        pass
    # A server on all addresses would answer on every one of loopback's.
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))
    # And a page elsewhere can't reach it through a host name of its own.
    answer = session().get(f"{doccano_server.url}/v1/me", headers={"Host": "evil.example"}, timeout=PATIENCE)
    assert answer.status_code == 400


def test_the_password_is_random_and_works(doccano_server: server.Server) -> None:
    password = server.read_password(doccano_server.home)
    assert 20 <= len(password) <= 30  # random enough, and no longer than the page's login form takes
    assert login(doccano_server, password) == 200
    assert login(doccano_server, "password") == 400


def test_the_password_is_in_its_file_and_nowhere_else(doccano_server: server.Server) -> None:
    home = doccano_server.home
    password = server.read_password(home).encode()
    assert login(doccano_server, password.decode()) == 200
    assert [file for file in home.rglob("*") if file.is_file() and password in file.read_bytes()] == [home / "password"]
    for name in ("password", "secret-key", "doccano.sqlite3"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert password not in repr(doccano_server).encode()
    listed = subprocess.run(["ps", "-eww", "e", "-o", "args"], capture_output=True, check=True).stdout
    assert b"config.wsgi" in listed
    assert password not in listed
    assert (home / "secret-key").read_bytes() not in listed


def test_tasks_run_and_their_files_stay_in_the_home(doccano_server: server.Server, doccano_environment: Path) -> None:
    packages = next((doccano_environment / "venv" / "lib").glob("python*")) / "site-packages" / "backend"
    before = {file for file in packages.rglob("*") if file.suffix != ".pyc" and file.name != "__pycache__"}
    home, client = doccano_server.home, DoccanoClient(doccano_server.url)
    client.login(username=doccano_server.username, password=server.read_password(home))
    project = client.create_project("tasks", "SequenceLabeling", "a test", use_relation=True)
    row = {"text": "Anna werkt in Genève.", "entities": [], "relations": []}
    file = home / "tmp" / "upload.jsonl"
    file.write_text(json.dumps(row) + "\n")
    assert client.upload(project.id, [str(file)], "RelationExtraction", "JSONL").error is None
    assert [example.text for example in client.list_examples(project.id)] == [row["text"]]
    client.download(project.id, "JSONL", only_approved=False, dir_name=str(home / "tmp"))
    client.delete_project(project.id)
    assert list((home / "media").glob("*.zip"))
    assert {file for file in packages.rglob("*") if file.suffix != ".pyc" and file.name != "__pycache__"} == before


@pytest.fixture
def running(doccano_server: server.Server, doccano_environment: Path) -> server.Server:
    """The server as it runs now: tests of faults end its processes, and others are started."""
    return server.up(doccano_server.home, environment=doccano_environment)


def test_up_again_returns_the_running_server(running: server.Server, doccano_environment: Path) -> None:
    done: list[str] = []
    assert server.up(running.home, environment=doccano_environment, progress=done.append) == running
    assert done == []
    port = int(running.url.rpartition(":")[2])
    assert server.up(running.home, port, environment=doccano_environment) == running
    with pytest.raises(EnvironmentFault, match="already runs at"):
        server.up(running.home, port + 1, environment=doccano_environment)


def test_the_command_line(running: server.Server) -> None:
    at = ("--home", str(running.home))
    password = server.read_password(running.home)
    up = standoff("up", *at, "--json")
    assert json.loads(up.stdout) == {
        "url": running.url,
        "username": "admin",
        "password": password,
        "home": str(running.home),
    }
    text = standoff("up", *at)
    assert running.url in text.stdout
    assert str(running.home / "password") in text.stdout
    assert password not in text.stdout + text.stderr + up.stderr
    found = json.loads(standoff("status", *at, "--json").stdout)
    assert (found["state"], found["url"]) == ("running", running.url)
    assert tuple(found["pids"].values()) == running.pids
    assert running.url in standoff("status", *at).stdout


def test_the_command_line_without_a_server(home: Path) -> None:
    at = ("--home", str(home))
    assert json.loads(standoff("down", *at, "--json").stdout)["stopped"] is False
    assert json.loads(standoff("status", *at, "--json").stdout)["state"] == "stopped"
    home.mkdir()
    (home / "mine").write_text("")
    up = standoff("up", *at)
    assert up.returncode == 3
    assert "holds other files" in up.stderr
    assert [file.name for file in home.iterdir()] == ["mine"]


def test_restarts_keep_url_password_and_data_and_mend_only_what_is_broken(
    home: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    first = server.up(home, port, environment=doccano_environment)
    password = server.read_password(home)
    assert server.status(home).state == "running"

    kill(home, "worker")
    assert server.status(home).state == "broken"
    second = server.up(home, environment=doccano_environment)
    assert second.pids[0] == first.pids[0]
    assert second.pids[1] != first.pids[1]

    kill(home, "web")
    third = server.up(home, environment=doccano_environment)
    assert third.pids[1] == second.pids[1]
    assert third.url == first.url

    # One that lives and doesn't answer.
    os.killpg(third.pids[0], signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(server, "ANSWER_SECONDS", 0)
        assert server.status(home).state == "broken"
    os.killpg(third.pids[0], signal.SIGCONT)

    assert server.down(home)
    assert not server.down(home)
    assert server.status(home) == server.Status("stopped", home, None, None, None)
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(EnvironmentFault, match=f"port {port} "):
            server.up(home, port, environment=doccano_environment)
        told: list[str] = []
        fourth = server.up(home, environment=doccano_environment, progress=told.append)
    assert fourth.url != first.url
    assert told[0].startswith(f"port {port}, where it ran before, is taken")
    assert login(fourth, password) == 200


def test_two_at_once_start_one_server(home: Path, doccano_environment: Path) -> None:
    command = [sys.executable, "-c", UP, str(home), str(doccano_environment)]
    make_home(home)
    with process.exclusive(home / "lock", 0, lambda: None):
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for one in both:
            assert one.stdout is not None
            assert "waiting" in one.stdout.readline()
    results = [one.communicate(timeout=PATIENCE)[0].splitlines() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert results[0][-1] == results[1][-1]
    assert sorted(any("starting" in line for line in lines) for lines in results) == [False, True]


def test_process_ids_of_others_in_old_files_do_no_harm(home: Path, doccano_environment: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        shutil.copytree(template(doccano_environment).parent, home, ignore=shutil.ignore_patterns("*.sqlite3"))
        for name in ("web", "worker"):
            (home / name).write_text(f"{other.pid}\n")
        (home / "port").write_text("not a port")
        assert server.status(home).state == "stopped"
        assert other.pid not in server.up(home, environment=doccano_environment).pids
        assert server.down(home)
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("moment", ["setting up the database", "starting Doccano"])
def test_up_that_was_killed_is_finished_by_the_next(home: Path, doccano_environment: Path, moment: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", UP, str(home), str(doccano_environment)], stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        while not killed.stdout.readline().startswith(moment):
            pass
        time.sleep(0.3)
        killed.kill()
    running = server.up(home, environment=doccano_environment)
    assert login(running, server.read_password(home)) == 200


def test_a_crash_at_the_start_is_told_with_the_log_and_leaves_nothing(home: Path, doccano_environment: Path) -> None:
    server.up(home, environment=doccano_environment)
    stop_at_once(home)
    (home / "secret-key").unlink()
    (home / "secret-key").mkdir()
    with pytest.raises(EnvironmentFault, match="ended at its start") as caught:
        server.up(home, environment=doccano_environment)
    assert "IsADirectoryError" in str(caught.value)
    assert server.read_password(home) not in str(caught.value)
    assert server.status(home).state == "stopped"


def test_a_worker_that_never_gets_ready_is_told_with_its_log(
    home: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.up(home, environment=doccano_environment)
    kill(home, "worker")
    (home / "queue.sqlite3").unlink(missing_ok=True)
    (home / "queue.sqlite3").mkdir()
    monkeypatch.setattr(server, "START_SECONDS", 6)
    with pytest.raises(EnvironmentFault, match="worker process was not ready in 6 s") as caught:
        server.up(home, environment=doccano_environment)
    assert "worker.log:" in str(caught.value)
    # The web server, which works, still does.
    assert server.status(home).web is not None


def test_a_lost_password_is_replaced(home: Path, doccano_environment: Path) -> None:
    server.up(home, environment=doccano_environment)
    stop_at_once(home)
    lost = server.read_password(home)
    (home / "password").unlink()
    with pytest.raises(EnvironmentFault, match="standoff doccano up"):
        server.read_password(home)
    told: list[str] = []
    with watched_processes() as seen:
        running = server.up(home, environment=doccano_environment, progress=told.append)
    assert told[0] == "bringing the database up to date: what is in it stays"
    password = server.read_password(home)
    assert login(running, lost) == 400
    assert login(running, password) == 200
    assert "set_password" in "".join(seen)
    assert password not in "".join(seen)


def test_a_home_that_could_be_committed_is_refused(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/ignored/\n")
    with pytest.raises(StandoffError, match="git repository"):
        server.up(home)
    assert not home.exists()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "ignored"))
    monkeypatch.setenv("HOME", str(tmp_path / "ignored"))
    with pytest.raises(StandoffError, match="--home"):
        server.default_home()


def test_an_ignored_folder_of_a_repository_will_do(tmp_path: Path, doccano_environment: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/ignored/\n")
    home = tmp_path / "ignored" / "doccano"
    # Goes past the check and stops at the port.
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(EnvironmentFault, match="port"):
        server.up(home, taken.getsockname()[1], environment=doccano_environment)


@pytest.mark.slow
def test_an_installation_that_was_killed_is_done_again(tmp_path: Path, doccano_environment: Path) -> None:
    environment = tmp_path / "environment"
    script = (
        "import sys, pathlib; from standoff.doccano.install import install; install(pathlib.Path(sys.argv[1]), print)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(environment)], stdout=subprocess.DEVNULL) as killed:
        packages = environment / "venv" / "lib" / "python3.11" / "site-packages"
        while not (packages / "numpy").exists():
            assert killed.poll() is None
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
    assert not (environment / "installed").exists()
    messages: list[str] = []
    python = install(environment, messages.append)
    assert any(message.startswith("installing") for message in messages)
    check = subprocess.run([python, "-c", "import backend.cli"], check=False, env={"DOCCANO_HOME": str(tmp_path)})
    assert check.returncode == 0
    messages.clear()
    assert install(environment, messages.append) == python
    assert messages == []

    def refuse(message: str) -> None:
        raise StandoffError(message)

    (environment / "installed").write_text("of another lock")
    with pytest.raises(StandoffError, match="installing"):
        install(environment, refuse)


def test_the_lock_pins_everything_and_names_no_place() -> None:
    lock = (Path(server.__file__).parent / "server-requirements.txt").read_text()
    pins = [line for line in lock.splitlines() if line and line[0] not in " #"]
    assert "doccano==1.8.4 \\" in pins
    assert len(pins) > 100
    assert all(re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^\\]+)? \\", pin) for pin in pins)
    assert lock.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"://|file:|index|find-links|@", lock.replace("--no-emit-index-url", ""))
