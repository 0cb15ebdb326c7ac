"""Doccano over HTTP keeps the contract of remotes: a real server."""

import contextlib
import itertools
import sqlite3
from typing import Any

import pytest

from doccano.desk import Desk, admin_of, person
from patience import PATIENCE
from standoff.corpus.model import Provenance
from standoff.doccano import server
from standoff.doccano.answers import Made
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.doccano.transfer import upload_types
from standoff.sync.remote import LabelType, Project, Rejected, RemoteError, Settings
from sync.contract import SPANS, Join, RemoteContract
from sync.world import annotations, document, span

pytestmark = pytest.mark.doccano
_numbers = itertools.count()


@pytest.fixture(scope="module")
def session(doccano_server: server.Server) -> Session:
    password = server.read_password(doccano_server.home)
    return Session(doccano_server.url, Credentials(doccano_server.username, password))


def test_types_are_made_together_or_not_at_all(session: Session) -> None:
    """Somebody takes a name between our look and our request."""
    remote = DoccanoRemote(session)
    made = remote.create_project(f"together {next(_numbers)}", "d", "", Settings())
    upload_types(session, made.id, "span", SPANS)
    before = remote.project(made.id)
    with pytest.raises(Rejected, match="same name"):
        upload_types(session, made.id, "span", [LabelType(id=0, name="FREE", color="#000000"), SPANS[0]])
    assert remote.project(made.id) == before


def test_users_whose_names_are_dangerous(desk: Desk) -> None:
    """One called as a set of ours gets another; one whose name is a path stops the run before Doccano writes to it."""
    desk.set_projects('[doccano.main]\nmode = "per-member"\n')
    desk.write(document("a"), annotations(document("a"), [span("s1", "PERSON", "Anna")]))
    desk.sync()
    ours = desk.files("annotations", "gold")
    gold, all_, path = (person(desk.running, name) for name in ("gold", "all", "path-to-be"))
    for who in (gold, all_):
        desk.join(who)
        desk.draw(who, "ORG", "Gent")
    report = desk.sync()
    assert report.clean, report
    assert report.ours.created == 2
    assert desk.files("annotations", "gold") == ours
    assert desk.set(annotator="all").provenance == Provenance(tool="doccano", user="all")
    (safe,) = set(desk.store.annotators()) - {"gold", "all"}
    assert desk.set(annotator=safe).provenance == Provenance(tool="doccano", user="gold")
    # The page takes no such name; whoever reaches the server's database can give one.
    desk.join(path)
    database = sqlite3.connect(desk.running.home / "doccano.sqlite3", timeout=PATIENCE)
    with contextlib.closing(database), database:
        database.execute("UPDATE auth_user SET username = '../../srv' WHERE username = 'path-to-be'")
    before = desk.files()
    with pytest.raises(RemoteError, match=r"Doccano can't export what '\.\./\.\./srv' annotated"):
        desk.sync()
    assert desk.files() == before
    assert not list(desk.running.home.rglob("srv.jsonl"))


class DoccanoPage:
    """The requests that the page sends where sync sends none."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def confirm(self, project: Project, example: int) -> None:
        """Enter."""
        self._session.post(f"projects/{project.id}/examples/{example}/states", {}, Any)

    def comment(self, project: Project, example: int, text: str) -> int:
        """A comment; its id."""
        body = {"text": text, "example": example}
        return self._session.post(f"projects/{project.id}/comments?example={example}", body, Made).id

    def clear(self, project: Project, example: int) -> None:
        """The bin."""
        self._session.delete(f"projects/{project.id}/examples/{example}/spans")


class TestDoccanoRemote(RemoteContract):
    @pytest.fixture
    def remote(self, session: Session) -> DoccanoRemote:
        return DoccanoRemote(session)

    @pytest.fixture
    def page(self, session: Session) -> DoccanoPage:
        return DoccanoPage(session)

    @pytest.fixture
    def name(self) -> str:
        return f"contract/{next(_numbers)}"

    @pytest.fixture
    def join(self, doccano_server: server.Server) -> Join:
        def join(project: Project) -> tuple[str, DoccanoRemote, DoccanoPage]:
            admin, bea = admin_of(doccano_server), person(doccano_server, "bea-of-the-contract")
            role = next(known["id"] for known in admin.ask("GET", "roles") if known["name"] == "annotator")
            admin.ask("POST", f"projects/{project.id}/members", {"user": bea.id, "role": role})
            session = Session(doccano_server.url, Credentials(bea.username, bea.password))
            return bea.username, DoccanoRemote(session), DoccanoPage(session)

        return join
