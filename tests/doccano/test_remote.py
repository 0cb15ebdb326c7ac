"""Doccano over HTTP keeps the contract of remotes: a real server."""

import itertools
from typing import Any

import pytest

from standoff.doccano import server
from standoff.doccano.answers import Made
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.sync.remote import Project
from sync.contract import RemoteContract

pytestmark = pytest.mark.doccano
_numbers = itertools.count()


@pytest.fixture(scope="module")
def session(doccano_server: server.Server) -> Session:
    password = server.read_password(doccano_server.home)
    return Session(doccano_server.url, Credentials(doccano_server.username, password))


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
