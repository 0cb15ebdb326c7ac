"""A password or a cookie is in no error, no log, no output and no file, whatever the server does with it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from command import standoff
from doccano.calls import CALLS, COOKIE, PASSWORD, SILENT, everywhere, told
from doccano.double import LOGIN, Answer, Double, Request, value
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.errors import StandoffError


def gossip(double: Double, status: int) -> Callable[[Request], Answer]:
    """A server that repeats in every place whatever it was ever told."""

    def answer(request: Request) -> Answer:
        heard = " ".join(f"{one.path} {one.body!r} {one.headers}" for one in double.requests)
        line = heard.encode("ascii", "replace").decode().replace("\n", " ")
        body = {"detail": heard, "error": {"text": heard}, "ready": True, heard: heard}
        return value(body, status, Location=f"http://127.0.0.1:9/{line}", **{"Retry-After": "0", "X-Heard": line})

    return answer


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 429, 500])
def test_no_error_and_no_log_shows_a_secret(double: Double, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    remote = DoccanoRemote(Session(double.url, Credentials("admin", PASSWORD)), task_seconds=0.1)
    everywhere(double, gossip(double, status))
    double.tell("GET", "me", gossip(double, status))
    shown = []
    for name, call in (CALLS | SILENT).items():
        if (status == 200 and name in SILENT) or (status == 404 and name.startswith("delete")):
            continue
        with pytest.raises(StandoffError) as error:
            call(remote)
        shown.append(told(error.value))
    double.tell("POST", "auth/login/", gossip(double, status))
    with pytest.raises(StandoffError) as error:
        DoccanoRemote(Session(double.url, Credentials("admin", PASSWORD))).find_projects("x")
    shown.append(told(error.value))
    assert any(PASSWORD.encode() in request.body for request in double.requests)
    for text in (*shown, caplog.text):
        assert PASSWORD not in text
        assert COOKIE not in text


@pytest.mark.parametrize("status", [200, 302, 400])
def test_no_output_and_no_file_shows_a_secret(double: Double, repository: Path, tmp_path: Path, status: int) -> None:
    shutil.copytree(repository / "corpus", tmp_path / "corpus")
    everywhere(double, gossip(double, status))
    double.tell("POST", "auth/login/", LOGIN)
    env = {"DOCCANO_URL": double.url, "DOCCANO_USERNAME": "admin", "DOCCANO_PASSWORD": PASSWORD}
    done = standoff("sync", "--root", tmp_path, env=env)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "error" in done.stderr
    assert "Traceback" not in done.stderr
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (PASSWORD, COOKIE):
        assert secret not in done.stdout + done.stderr
        assert secret.encode() not in files
