"""The machine of `sync.test_machine` with a real Doccano: random edits on both sides, lost answers, kills."""

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from standoff.doccano import server
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.formats.doccano_rows import Example
from standoff.sync.remote import Remote
from standoff.sync.report import ProjectReport
from sync.faults import FaultyRemote
from sync.test_machine import Machine

pytestmark = pytest.mark.doccano


class DoccanoMachine(Machine):
    """The same histories, with requests to a server. What the annotator sees is read again only after a change."""

    session: ClassVar[Session]
    seen: Example | None
    edits: ClassVar[int] = 0
    asked: ClassVar[int] = 0

    def connect(self) -> tuple[Remote, Remote]:
        """One user is both; an annotator's requests are the same."""
        remote = DoccanoRemote(self.session)
        self.current = False
        return remote, _Noticing(remote, self)

    def example(self) -> Example | None:
        """As it was read after the last change."""
        if not self.current:
            self.seen = super().example()
            self.current = True
        return self.seen

    def sync(self, *words: Any, **options: Any) -> ProjectReport | None:
        """One sync."""
        self.current = False
        DoccanoMachine.asked += 1
        try:
            return super().sync(*words, **options)
        finally:
            self.current = False


class _Noticing(FaultyRemote):
    """Tells the machine of every request that can change the page."""

    def __init__(self, remote: Remote, machine: DoccanoMachine) -> None:
        super().__init__(remote)
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        self._machine.current = False
        DoccanoMachine.edits += 1
        return super().__getattr__(name)


@pytest.mark.timeout(1200)
def test_random_edits_on_both_sides_and_a_flaky_connection(doccano_server: server.Server) -> None:
    user = Credentials(doccano_server.username, server.read_password(doccano_server.home))
    DoccanoMachine.session = Session(doccano_server.url, user)
    run_state_machine_as_test(
        seed(2)(DoccanoMachine),
        settings=settings(
            max_examples=2,
            stateful_step_count=30,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Not a test of an idle machine: annotators and syncs both acted.
    assert DoccanoMachine.edits > 10
    assert DoccanoMachine.asked > 15
