"""Our process is killed at every phase of a sync with a real Doccano. Run again, nothing is lost and nothing is there twice."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from doccano.desk import Desk, fill, go_on, in_step, work, worked
from patience import PATIENCE, until
from standoff.corpus.store import Store
from standoff.doccano import remote as remote_module
from standoff.doccano import server, transfer
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.sync.journal import Asked, Begin, Done, Journal, Saved, Saving

pytestmark = pytest.mark.doccano
ROWS = 7


@dataclass(frozen=True)
class Phase:
    """A call in the middle of a sync: the `number`th of `owner.method` whose arguments satisfy `that`."""

    owner: Any
    method: str
    number: int = 0
    that: Callable[..., bool] = lambda *_: True
    after: bool = True


def line(kind: type, number: int = 0, *, after: bool = True) -> Phase:
    return Phase(Journal, "write", number, lambda _, written: isinstance(written, kind), after)


def killed(desk: Desk, phase: Phase) -> None:
    """A sync in a process of its own, which dies there: by SIGKILL, as from outside."""
    real = getattr(phase.owner, phase.method)
    calls = itertools.count()

    def call(*args: Any, **kwargs: Any) -> Any:
        now = phase.that(*args) and next(calls) == phase.number
        if now and not phase.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def run() -> None:
        setattr(phase.owner, phase.method, call)
        desk.sync(remote=desk.connect())

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(PATIENCE)
    assert child.exitcode == -signal.SIGKILL, "the sync never came to this phase"


FIRST = {
    "project made": Phase(DoccanoRemote, "create_project"),
    "label types half made": Phase(remote_module, "upload_types"),
    "project noted": Phase(Store, "write_project_state"),
    "journal begun": line(Begin),
    "file sent": Phase(Session, "upload"),
    "import under way": Phase(transfer, "_await", 0, lambda *args: args[-1] == "import", after=False),
    "import done": Phase(DoccanoRemote, "import_examples"),
    "first state saved": Phase(os, "replace", 0, lambda _, path: "sync/main/gold" in str(path)),
}


THERE = {"import under way", "import done", "first state saved"}
"""From here on the page holds the documents, and somebody works on them before the next sync."""


@pytest.mark.parametrize("phase", FIRST)
def test_killed_in_the_first_push(desk: Desk, phase: str) -> None:
    fill(desk, "a", "b")
    before = desk.set("a")
    killed(desk, FIRST[phase])
    there = phase in THERE and wait_for(desk, "a")
    if there:
        desk.relabel(desk.admin, desk.row("PERSON", "Carla"), "ORG")
    report = desk.sync()
    assert report.clean, report
    assert len(desk.remote.find_projects(f"{desk.name}/main")) == 1
    assert len(desk.examples("a")) == len(desk.examples("b")) == 1
    assert len(desk.rows("a")) == len(desk.rows("b")) == ROWS
    expected = [replace(item, label="ORG") if there and item.id == "s5" else item for item in before.spans]
    assert [replace(item, by=None) for item in desk.set("a").spans] == expected
    assert desk.set("a").relations == before.relations
    assert {item.id for item in desk.set("b").spans} == {item.id for item in before.spans}
    in_step(desk)


def wait_for(desk: Desk, id_: str) -> bool:
    # Doccano saves examples, spans and relations one after the other.
    until(lambda: desk.examples(id_) and len(desk.rows(id_)) == ROWS)
    return True


LATER = {
    "plan written": line(Begin),
    "first request noted": line(Asked),
    "first request sent": line(Done, after=False),
    "half of the requests sent": line(Done, 5, after=False),
    "half of the answers noted": line(Done, 5),
    "span deleted": Phase(DoccanoRemote, "delete_span"),
    "last answer noted": line(Done, 8),
    "saving noted": line(Saving),
    "annotations half saved": Phase(os, "replace", 0, lambda _, path: "annotations" in str(path), after=False),
    "annotations saved": Phase(Store, "write"),
    "saved noted": line(Saved),
    "state saved": Phase(Store, "write_document_states"),
    "journal cleared": Phase(Journal, "clear"),
}


@pytest.fixture(scope="module")
def pushed(doccano_server: server.Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A corpus with a document for each phase, in step."""
    desk = Desk(tmp_path_factory.mktemp("killed"), doccano_server, "killed")
    fill(desk, *(phase.replace(" ", "-") for phase in LATER))
    desk.sync()
    return desk


@pytest.mark.parametrize("phase", LATER)
def test_killed_between_two_sides(pushed: Desk, phase: str) -> None:
    id_ = phase.replace(" ", "-")
    work(pushed, id_)
    killed(pushed, LATER[phase])
    gent, hem = go_on(pushed, id_)
    report = pushed.sync()
    assert report.clean, report
    worked(pushed, id_, gent=gent, hem=hem)
    in_step(pushed)
    assert not list(pushed.root.rglob("*.tmp"))
