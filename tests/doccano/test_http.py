"""Requests to Doccano when something goes wrong: what is asked again, what never is, and what a user then reads."""

import time
from collections.abc import Callable

import pytest
from urllib3.util.timeout import Timeout

from doccano.calls import CALLS, COOKIE, EXAMPLE, PASSWORD, PROJECT, ROW, SILENT, everywhere, told
from doccano.double import CLOSED, HTML, Answer, Double, value
from patience import PATIENCE
from standoff.doccano import transport
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import CONNECTIONS, Session
from standoff.formats.doccano_rows import write_line
from standoff.sync.remote import (
    NotFound,
    Rejected,
    RemoteError,
    Unauthorized,
    Unreachable,
)

FLAWS = {
    "429": value({}, 429, **{"Retry-After": "0"}),
    "500": Answer(500, HTML),
    "503": Answer(503, HTML, {"Retry-After": "0"}),
    "closed": CLOSED,
    "cut": Answer(200, b'{"id": 1}', cut=3),
}
NONSENSE = {
    "html": Answer(200, HTML, {"Content-Type": "text/html"}),
    "nothing": Answer(200),
    "number": value(5),
    "list": value([[]]),
    "word": value("ok"),
    "other": value({"id": "x", "results": [5], "ready": "no", "task_id": [], "tags": 3}),
    "deep": Answer(200, b"[" * 100_000),
    "bytes": Answer(200, b"\xff\xfe\x00"),
}


class FirstShort(Timeout):
    """The first try waits for `read` seconds, the others for as long as it takes."""

    _read: float

    def clone(self) -> Timeout:
        """The time-out of the next try."""
        mine = Timeout(connect=PATIENCE, read=self._read)
        self._read = PATIENCE
        return mine


@pytest.fixture
def session(double: Double) -> Session:
    return Session(double.url, Credentials("admin", PASSWORD))


@pytest.fixture
def remote(session: Session) -> DoccanoRemote:
    return DoccanoRemote(session, task_seconds=0.1)


# -- many at the same time


def test_many_questions_are_answered_in_their_order(double: Double, session: Session) -> None:
    """Over a few connections, each of which gets over a flaw and a login that has expired."""
    for number in range(40):
        flaws = {7: [CLOSED], 8: [FLAWS["503"]], 11: [value({}, 403)]}.get(number, [])
        double.tell("GET", f"x/{number}", *flaws, value(number))
    double.tell("GET", "me", value({}, 403))
    asked = [number for number in range(40) if number != 20]
    assert session.several(lambda one, number: one.get(f"x/{number}", int), asked) == asked
    assert double.count("GET", "x/20") == 0
    assert double.count("POST", "auth/login/") == 2


@pytest.mark.parametrize("number", range(CONNECTIONS))
def test_one_of_many_questions_fails(double: Double, session: Session, number: int) -> None:
    for other in range(200):
        double.tell("GET", f"x/{other}", value(other))
    double.tell("GET", f"x/{number}", value({}, 404))
    with pytest.raises(NotFound, match=f"x/{number}"):
        session.several(lambda one, other: one.get(f"x/{other}", int), range(200))


# -- asked again, or not


@pytest.mark.parametrize("flaw", FLAWS)
def test_reading_is_tried_again(double: Double, session: Session, flaw: str) -> None:
    double.tell("GET", "x", FLAWS[flaw], FLAWS[flaw], value({"a": 1}))
    assert session.get("x", dict[str, int]) == {"a": 1}
    assert double.count("GET", "x") == 3


@pytest.mark.parametrize("flaw", FLAWS)
def test_changing_and_deleting_are_tried_again(double: Double, remote: DoccanoRemote, flaw: str) -> None:
    place = "projects/7/examples/3/spans/5"
    double.tell("PATCH", place, FLAWS[flaw], value({}))
    remote.update_span(PROJECT, 3, ROW)
    assert double.count("PATCH", place) == 2
    # The first request deleted it, though its answer never came.
    double.tell("DELETE", place, FLAWS[flaw], value({}, 404))
    remote.delete_span(PROJECT, 3, 5)
    assert double.count("DELETE", place) == 2


@pytest.mark.parametrize("flaw", FLAWS)
@pytest.mark.parametrize("call", ["create_project", "create_span", "create_relation"])
def test_creating_is_asked_once(double: Double, remote: DoccanoRemote, flaw: str, call: str) -> None:
    double.tell("POST", "*", FLAWS[flaw], value({"id": 1}))
    with pytest.raises(Unreachable):
        CALLS[call](remote)
    assert [request.method for request in double.requests[1:]] == ["POST"]


def test_an_import_is_asked_once_and_its_upload_again(double: Double, remote: DoccanoRemote) -> None:
    double.tell("POST", "fp/process/", CLOSED, Answer(200, b"abc"))
    double.tell("POST", "projects/7/upload", CLOSED)
    with pytest.raises(Unreachable):
        remote.import_examples(PROJECT, [EXAMPLE])
    assert (double.count("POST", "fp/process/"), double.count("POST", "projects/7/upload")) == (2, 1)
    assert write_line(EXAMPLE)[:10] not in double.requests[-1].body
    assert b"standoff_document" in double.requests[-2].body


@pytest.mark.parametrize("flaw", FLAWS)
def test_it_ends_when_nothing_helps(double: Double, session: Session, flaw: str) -> None:
    double.tell("GET", "x", FLAWS[flaw])
    with pytest.raises(Unreachable, match=f"{double.url}: GET x: ") as error:
        session.get("x", object)
    assert flaw in str(error.value) or "no answer" in str(error.value)
    assert double.count("GET", "x") <= transport.RETRIES + 1


def test_a_pause_that_the_server_asks_for(double: Double, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_PAUSE", 0.2)
    double.tell("GET", "x", value({}, 503, **{"Retry-After": "86400"}), value(1))
    start = time.monotonic()
    assert session.get("x", int) == 1
    assert time.monotonic() - start >= 0.2
    double.tell("GET", "x", value({}, 503, **{"Retry-After": "soon\u00e9"}), value(1))
    with pytest.raises(Unreachable):
        session.get("x", int)


def test_a_slow_server(double: Double, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Answer(200, b"1", seconds=600)
    monkeypatch.setattr(transport, "TIMEOUT", FirstShort(read=0.2))
    double.tell("GET", "x", slow, value(2))
    assert session.get("x", int) == 2
    monkeypatch.setattr(transport, "TIMEOUT", (PATIENCE, 0.2))
    double.tell("GET", "x", slow)
    double.tell("POST", "x", slow)
    with pytest.raises(Unreachable, match="no answer"):
        session.get("x", int)
    with pytest.raises(Unreachable, match="no answer"):
        session.post("x", {}, int)
    assert (double.count("GET", "x"), double.count("POST", "x")) == (4, 1)


def test_a_worker_that_is_down(double: Double, remote: DoccanoRemote) -> None:
    everywhere(double, value({"task_id": "t", "ready": False}))
    double.tell("POST", "fp/process/", Answer(200, b"abc"))
    for what in ("export", "import_examples"):
        with pytest.raises(Unreachable, match="see that Doccano's task worker runs"):
            CALLS[what](remote)


def test_a_task_that_failed(double: Double, remote: DoccanoRemote) -> None:
    double.tell("POST", "*", value({"task_id": "t"}))
    double.tell("POST", "fp/process/", Answer(200, b"abc"))
    reasons = [{"filename": "f", "line": 3, "message": "no \x1b[31mlabel"}]
    double.tell("GET", "tasks/status/t", value({"ready": True, "result": {"error": reasons}}))
    with pytest.raises(Rejected, match=r"import into project 7 failed: line 3: no  \[31mlabel"):
        CALLS["import_examples"](remote)
    double.tell("GET", "projects/7", value({}))
    double.tell("GET", "tasks/status/t", value({"ready": True, "error": {"text": "disk full"}}))
    with pytest.raises(Rejected, match="export of project 7 failed: disk full"):
        CALLS["export"](remote)
    double.tell("GET", "projects/7", value({}, 404))
    with pytest.raises(NotFound):
        CALLS["export"](remote)


# -- answers that are none


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("call", CALLS)
def test_nonsense_is_told_from_an_answer(double: Double, remote: DoccanoRemote, call: str, nonsense: str) -> None:
    everywhere(double, NONSENSE[nonsense])
    with pytest.raises(RemoteError, match=f"^{double.url}: .*check the server's address"):
        CALLS[call](remote)


def test_an_upload_that_is_none_is_not_imported(double: Double, remote: DoccanoRemote) -> None:
    double.tell("POST", "fp/process/", Answer(200, HTML))
    with pytest.raises(RemoteError, match=r"upload of a file: this is not an answer of Doccano"):
        CALLS["import_examples"](remote)
    assert double.count("POST", "projects/7/upload") == 0


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 418, 429, 500, 501, 502, 503, 504, 599])
def test_every_refusal_has_its_kind(double: Double, remote: DoccanoRemote, code: int) -> None:
    kinds: dict[int, type[RemoteError]] = {401: Unauthorized, 403: Unauthorized, 404: NotFound, 429: Unreachable}
    kind = kinds.get(code, Unreachable if code >= 500 else Rejected)
    for content in (Answer(code, HTML), value({"name": ["too \x1b[31mlong"]}, code)):
        everywhere(double, content)
        for name, call in (CALLS | SILENT).items():
            if code == 404 and name.startswith("delete"):
                call(remote)
                continue
            with pytest.raises(kind, match=f"^{double.url}: ") as error:
                call(remote)
            assert type(error.value) is kind
            assert str(error.value).isprintable()


def test_the_servers_reason_is_told(double: Double, remote: DoccanoRemote) -> None:
    everywhere(double, value({"name": ["This field is too long."]}, 400))
    with pytest.raises(Rejected, match=r"POST projects/7/examples/3/spans: 400: name: .*too long"):
        CALLS["create_span"](remote)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(double: Double, session: Session, code: int) -> None:
    thief = Double()
    try:
        remote = DoccanoRemote(session, task_seconds=0.1)
        everywhere(double, Answer(code, headers={"Location": f"{thief.url}/v1/x?{COOKIE}"}))
        for call in (CALLS | SILENT).values():
            with pytest.raises(RemoteError, match=rf"sends on to '{thief.url}/v1/x\?\*\*\*'"):
                call(remote)
        double.tell("POST", "auth/login/", Answer(code, headers={"Location": f"{thief.url}/{PASSWORD}"}))
        with pytest.raises(RemoteError, match=rf"sends on to '{thief.url}/\*\*\*'"):
            Session(double.url, Credentials("admin", PASSWORD))
        assert thief.requests == []
    finally:
        thief.close()


def test_an_endless_answer(double: Double, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    double.tell("GET", "x", Answer(200, b"1" * 200_000))
    monkeypatch.setattr(transport, "blocks", lambda answer, limit, blocks=transport.blocks: blocks(answer, 1000))
    with pytest.raises(RemoteError, match="it is not read"):
        session.get("x", int)


# -- who asks


def test_an_expired_login_is_renewed_once(double: Double, session: Session) -> None:
    double.tell("GET", "me", value({}, 403))
    asks: dict[str, Callable[[], int]] = {
        "GET": lambda: session.get("x", int),
        "POST": lambda: session.post("x", 0, int),
    }
    for method, ask in asks.items():
        double.tell(method, "x", value({}, 403), value(1))
        assert ask() == 1
        double.tell(method, "x", value({}, 403))
        with pytest.raises(Unauthorized, match="this user may not do that"):
            ask()
    assert double.count("POST", "auth/login/") == 5
    double.tell("POST", "auth/login/", value({"non_field_errors": ["no"]}, 400))
    with pytest.raises(Unauthorized, match="does not accept the user 'admin'"):
        session.get("x", int)


def test_what_is_forbidden_is_asked_once(double: Double, session: Session) -> None:
    double.tell("POST", "x", value({"detail": "no"}, 403))
    with pytest.raises(Unauthorized, match="use one who is an administrator"):
        session.post("x", {}, int)
    assert (double.count("POST", "x"), double.count("POST", "auth/login/")) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (value({"non_field_errors": [PASSWORD]}, 400), Unauthorized, "check DOCCANO_USERNAME and DOCCANO_PASSWORD"),
        (value({}, 403), Unauthorized, "check DOCCANO_USERNAME and DOCCANO_PASSWORD"),
        (Answer(404, HTML), RemoteError, "is this the address of a Doccano"),
        (Answer(405, HTML), RemoteError, "is this the address of a Doccano"),
        (Answer(429), Unreachable, "the server answered 429"),
        (Answer(500, HTML), Unreachable, "the server answered 500"),
        (Answer(418, b"[" * 100_000), RemoteError, "check the server's address"),
        (Answer(200, b"", {"Set-Cookie": "csrftoken=a\xff; Path=/"}), None, "check the server's address"),
        (CLOSED, Unreachable, "see that Doccano runs there"),
    ],
)
def test_a_login_that_fails(double: Double, answer: Answer, kind: type[RemoteError] | None, says: str) -> None:
    double.tell("POST", "auth/login/", answer)
    double.tell("GET", "*", Answer(200, HTML))
    with pytest.raises(kind or RemoteError, match=says) as error:
        DoccanoRemote(Session(double.url, Credentials("admin", PASSWORD))).find_projects("x")
    assert type(error.value) is (kind or RemoteError)
    assert double.count("POST", "auth/login/") == 1
    assert PASSWORD not in told(error.value, variables=True)
