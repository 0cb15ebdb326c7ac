"""Sync with a real Doccano while processes die, logins end and passwords are wrong: nothing is lost, nothing is there twice."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doccano.desk import Desk, fill, in_step, work, worked
from standoff.doccano import process, server, transport
from standoff.doccano.remote import DoccanoRemote
from standoff.sync.remote import Unreachable

pytestmark = pytest.mark.doccano


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
