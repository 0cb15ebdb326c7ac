"""Sync with a real Doccano while processes die, logins end and passwords are wrong: nothing is lost, nothing is there twice."""

import base64
import contextlib
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from command import standoff
from doccano.desk import PASSWORD, Desk, fill, in_step, interrupt, person, work, worked
from patience import PATIENCE
from standoff.corpus.files import blocks
from standoff.doccano import process, server, transport
from standoff.doccano.remote import DoccanoRemote
from standoff.sync import new_documents
from standoff.sync.remote import Unauthorized, Unreachable

WRONG = "niet-het-wachtwoord-41"
pytestmark = pytest.mark.doccano


@pytest.fixture
def mended(doccano_server: server.Server, doccano_environment: Path) -> Iterator[Callable[[], None]]:
    """Starts what a test stopped; at its end at the latest."""

    def mend() -> None:
        server.up(doccano_server.home, environment=doccano_environment)

    yield mend
    mend()


def test_no_worker(desk: Desk, mended: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    fill(desk, "a", "b")
    process.stop([desk.running.home / "worker"], 0)
    monkeypatch.setattr(new_documents, "BATCH", 1)
    remote = desk.connect(task_seconds=0.5)
    with pytest.raises(Unreachable) as caught:
        desk.sync(remote=remote)
    # Each import waits for as long, so a second one is not begun.
    assert [path.stem for path in (desk.root / ".standoff").rglob("journal/gold/*.jsonl")] == ["a"]
    message = str(caught.value)
    assert message.startswith(desk.running.url)
    assert "the import did not finish within 0.5 seconds" in message
    assert "Doccano's task worker" in message
    assert "`standoff doccano up`" in message
    assert "sync again" in message
    mended()
    # What was asked stood in the queue, and is done now: it must not be there twice.
    report = desk.sync()
    assert report.clean, report
    assert len(desk.examples("a")) == len(desk.examples("b")) == 1
    assert len(desk.rows()) == 7
    in_step(desk)


def test_the_worker_dies_in_the_middle_of_an_import(desk: Desk, mended: Callable[[], None]) -> None:
    ids = [f"d{number}" for number in range(100)]
    fill(desk, *ids)
    annotated = desk.files("annotations")
    leader = process.group(desk.running.home / "worker")
    assert leader

    def die() -> None:
        # Doccano saves examples, spans and relations one after the other, and rolls nothing back.
        with contextlib.closing(sqlite3.connect(desk.running.home / "doccano.sqlite3")) as database:
            query = "select count(*) from examples_example where project_id = ?"
            while database.execute(query, [desk.project().id]).fetchone() == (0,):
                time.sleep(0.001)
        os.killpg(leader, signal.SIGKILL)

    remote = desk.connect()
    dying = threading.Thread(target=die)

    def begin() -> None:
        # Only what is asked from here on waits for a worker that is gone.
        remote._task_seconds = 3
        dying.start()

    interrupt(remote, "import_examples", begin)
    # On a busy machine all rows may be there before the signal is; then it is the export that nobody answers.
    with pytest.raises(Unreachable, match=r"the (import|export) did not finish"):
        desk.sync(remote=remote)
    dying.join()
    mended()
    report = desk.sync()
    assert report.clean, report
    assert len(desk.admin.ask("GET", f"projects/{desk.project().id}/examples?limit=1000")["results"]) == len(ids)
    for id_ in ids[::10]:
        assert len(desk.rows(id_)) == 7
        assert len(desk.admin.ask("GET", f"{desk.place(id_)}/relations")) == 3
    assert desk.files("annotations") == annotated
    in_step(desk)


def test_the_web_server_stops_half_way(desk: Desk, mended: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    fill(desk)
    desk.sync()
    work(desk)
    monkeypatch.setattr(transport, "RETRIES", 1)
    remote = desk.connect()
    interrupt(remote, "create_relation", lambda: process.stop([desk.running.home / "web"], 0))
    with pytest.raises(Unreachable, match="no answer") as caught:
        desk.sync(remote=remote)
    message = str(caught.value)
    assert message.startswith(desk.running.url)
    assert "sync again" in message
    mended()
    report = desk.sync()
    assert report.clean, report
    worked(desk)
    in_step(desk)


def test_the_web_server_is_restarted_half_way(desk: Desk, mended: Callable[[], None]) -> None:
    fill(desk)
    desk.sync()
    work(desk)
    remote = desk.connect()
    starting = threading.Thread(target=mended)

    def restart() -> None:
        process.stop([desk.running.home / "web"], 0)
        starting.start()

    interrupt(remote, "create_span", restart)
    report = desk.sync(remote=remote)
    starting.join()
    assert report.clean, report
    worked(desk)
    in_step(desk)


def log_out(remote: DoccanoRemote) -> None:
    """The server forgets the login, as it does after some time, and the client doesn't know."""
    cookies = remote._session._http.cookies
    other = requests.Session()
    other.trust_env = False
    other.headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
    other.headers["X-CSRFToken"] = cookies["csrftoken"]
    assert other.post(f"{remote.url}/v1/auth/logout/", timeout=PATIENCE).ok


def test_an_expired_login_is_renewed(desk: Desk) -> None:
    fill(desk)
    remote = desk.connect()
    for method in ("create_project", "add_label_types", "import_examples", "export"):
        interrupt(remote, method, lambda: log_out(remote))
    assert desk.sync(remote=remote).clean
    work(desk)
    for method in ("project", "export", "read", "update_span", "create_span", "create_relation", "delete_span"):
        interrupt(remote, method, lambda: log_out(remote))
    assert desk.sync(remote=remote).clean
    worked(desk)
    in_step(desk)


def run(desk: Desk, *words: str, code: int, **env: str) -> str:
    """What the command prints, on one line."""
    done = standoff(*words, "--root", desk.root, env={**desk.env, **env})
    assert done.returncode == code, done.stdout + done.stderr
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    assert not any(word in output for word in (desk.admin.password, PASSWORD, WRONG))
    return " ".join(output.split())


def test_a_wrong_password(desk: Desk) -> None:
    fill(desk)
    before = desk.files()
    message = run(desk, "sync", code=3, DOCCANO_PASSWORD=WRONG)
    assert desk.running.url in message
    assert "does not accept the user 'admin' with this password" in message
    assert "DOCCANO_PASSWORD" in message
    assert desk.files() == before


def test_users_without_rights(desk: Desk) -> None:
    fill(desk)
    annotator, stranger = person(desk.running, "bea"), person(desk.running, "stranger")
    before = desk.files()
    with pytest.raises(Unauthorized, match="an administrator of the project, or of the server to make one"):
        desk.sync(remote=desk.connect(stranger))
    assert desk.files() == before
    assert desk.sync().clean
    desk.join(annotator)
    work(desk)
    before, rows = desk.files(), desk.rows()
    message = run(desk, "sync", code=3, DOCCANO_USERNAME="bea", DOCCANO_PASSWORD=PASSWORD)
    assert desk.running.url in message
    assert "this user may not do that; use one who is an administrator of the project" in message
    for who in (annotator, stranger):
        for direction in ("sync", "push", "pull"):
            with pytest.raises(Unauthorized, match="this user may not do that"):
                desk.sync(remote=desk.connect(who), direction=direction)
    assert (desk.files(), desk.rows()) == (before, rows)
    assert desk.sync().clean
    worked(desk)


def test_two_syncs_at_once(desk: Desk) -> None:
    fill(desk)
    remote = desk.connect()
    said: list[str] = []
    interrupt(remote, "import_examples", lambda: said.append(run(desk, "sync", code=3)))
    assert desk.sync(remote=remote).clean
    (message,) = said
    assert str(desk.root) in message
    assert f"another standoff command is writing to this corpus (process {os.getpid()})" in message
    assert "wait until it has finished" in message
    # Looking takes no lock.
    interrupt(remote, "project", lambda: said.append(run(desk, "status", code=0)))
    assert desk.sync(remote=remote).clean
    assert len(desk.examples()) == 1
    in_step(desk)


def test_the_password_stands_nowhere(desk: Desk) -> None:
    fill(desk)
    run(desk, "sync", code=0)
    work(desk)
    run(desk, "status", code=0)
    run(desk, "sync", "--json", code=0)
    cookies = desk.remote._session._http.cookies
    secrets = [desk.admin.password, cookies["sessionid"], cookies["csrftoken"]]
    secrets += [base64.b64encode(f"admin:{desk.admin.password}".encode()).decode()]
    contents = [path.read_bytes() for path in desk.root.rglob("*") if path.is_file()]
    contents += [b"".join(blocks(path)) for path in desk.root.rglob("*.zst")]
    assert len(contents) > 10
    assert not [word for word in secrets for content in contents if word.encode() in content]
    shown = repr(desk.remote.__dict__) + repr(desk.remote._session.__dict__)
    assert not [word for word in secrets if word in shown]
