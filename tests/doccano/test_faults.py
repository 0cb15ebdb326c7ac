"""Sync with a real Doccano while processes die, logins end and passwords are wrong: nothing is lost, nothing is there twice."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from doccano.desk import Desk
from standoff.doccano import process, server, transport
from standoff.doccano.remote import DoccanoRemote
from standoff.sync.remote import Unreachable
from sync.world import annotations, document, relation, span

pytestmark = pytest.mark.doccano
FORK = multiprocessing.get_context("fork")


def spans() -> list[Any]:
    return [
        span("s1", "PERSON", "Anna", entity="anna"),
        span("s2", "QUOTE", "dat Bob 👩‍👩‍👧", "en dat niemand", type="mixed"),
        span("s3", "SPEAKER", "Anna"),
        span("s4", "Meet", "ontmoette", realis="Other"),
        span("s5", "PERSON", "Carla"),
    ]


def fill(desk: Desk, *ids: str) -> None:
    for id_ in ids or ("a",):
        relations = [relation("r1", "speaker", "s2", "s3"), relation("r2", "Agent", "s4", "s5")]
        desk.write(document(id_), annotations(document(id_), spans(), relations))


def in_step(desk: Desk) -> None:
    """A sync finds nothing to do and changes no byte."""
    before = desk.files()
    report = desk.sync()
    assert report.clean, report
    assert not report.ours
    assert not report.page
    assert desk.files() == before


@pytest.fixture
def mended(doccano_server: server.Server, doccano_environment: Path) -> Iterator[Callable[[], None]]:
    """Starts what a test stopped; at its end at the latest."""

    def mend() -> None:
        server.up(doccano_server.home, environment=doccano_environment)

    yield mend
    mend()


def test_no_worker(desk: Desk, mended: Callable[[], None]) -> None:
    fill(desk, "a", "b")
    process.stop([desk.running.home / "worker"], 0)
    start = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        desk.sync(remote=desk.connect(task_seconds=0.5))
    assert time.monotonic() - start < 10
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


def interrupt(remote: DoccanoRemote, method: str, what: Callable[[], object], *, before: bool = True) -> None:
    """Something happens at the first call of this method: right before it, or right after."""
    real = getattr(remote, method)

    def call(*args: Any, **kwargs: Any) -> Any:
        delattr(remote, method)
        if before:
            what()
        result = real(*args, **kwargs)
        if not before:
            what()
        return result

    setattr(remote, method, call)


def work(desk: Desk, id_: str = "a") -> None:
    """Every kind of change, on both sides."""
    desk.draw(desk.admin, "ORG", "de raad", id_)
    desk.relabel(desk.admin, desk.row("Meet", "ontmoette", id_), "Die", id_)
    desk.erase(desk.admin, desk.row("PERSON", "Carla", id_), id_)
    before = desk.set(id_)
    kept = [item for item in before.spans if item.id != "s3"]
    kept = [replace(item, label="ORG") if item.id == "s1" else item for item in kept]
    new = [span("s6", "CUE", "zei"), span("s7", "PERSON", "Gent"), span("s8", "SPEAKER", "Bob")]
    drawn = [
        relation("r3", "cue", "s2", "s6"),
        relation("r4", "speaker", "s2", "s8"),
        relation("r5", "Place", "s4", "s7"),
    ]
    desk.write(replace(before, spans=(*kept, *new), relations=(before.relations[1], *drawn)))


def worked(desk: Desk, id_: str = "a") -> None:
    """Both sides have all of `work`, once, and nothing else."""
    found = desk.set(id_)
    assert sorted((item.label, item.text) for item in found.spans) == [
        ("CUE", "zei"),
        ("Life.Die", "ontmoette"),
        ("ORG", "Anna"),
        ("ORG", "de raad"),
        ("PERSON", "Gent"),
        ("QUOTE", "dat Bob 👩‍👩‍👧 en dat niemand"),
        ("SPEAKER", "Bob"),
    ]
    assert {item.id for item in found.relations} == {"r3", "r4", "r5"}
    assert {item.id for item in found.spans} >= {"s1", "s2", "s4", "s6", "s7", "s8"}
    assert sorted(desk.rows(id_).values()) == [
        ("CUE", "zei"),
        ("Die", "ontmoette"),
        ("ORG", "Anna"),
        ("ORG", "de raad"),
        ("PERSON", "Gent"),
        ("QUOTE.mixed", "dat Bob 👩‍👩‍👧"),
        ("QUOTE.mixed", "en dat niemand"),
        ("SPEAKER", "Bob"),
        ("realis:Other", "ontmoette"),
    ]
    assert len(desk.admin.ask("GET", f"{desk.place(id_)}/relations")) == 4


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
