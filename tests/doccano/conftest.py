"""A real Doccano for the tests: its environment is kept between runs, its database is new in every run."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from doccano.desk import Desk
from doccano.double import Double
from standoff.doccano import process, server, transport
from standoff.doccano import session as session_module
from standoff.doccano.credentials import Credentials
from standoff.doccano.install import install
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.errors import EnvironmentFault

ENVIRONMENT = Path(
    os.environ.get("STANDOFF_TEST_DOCCANO_HOME") or Path(__file__).resolve().parents[2] / ".venv-doccano"
)


@pytest.fixture(scope="session")
def doccano_environment() -> Path:
    """The folder of an installed Doccano. Without one the tests are skipped, or fail with STANDOFF_REQUIRE_ALL=1."""
    try:
        install(ENVIRONMENT, print)
    except EnvironmentFault as error:
        if os.environ.get("STANDOFF_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"no Doccano: {error}")
    return ENVIRONMENT


@pytest.fixture(scope="session")
def doccano_server(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """A running Doccano with an empty database. `read_password(doccano_server.home)` gives its administrator's."""
    home = tmp_path_factory.mktemp("doccano") / "home"
    try:
        yield server.up(home, environment=doccano_environment)
    finally:
        process.stop([home / "web", home / "worker"], 0)


@pytest.fixture
def env(doccano_server: server.Server) -> dict[str, str]:
    """What `standoff sync` needs in its environment to work with the server as its administrator."""
    return {
        "DOCCANO_URL": doccano_server.url,
        "DOCCANO_USERNAME": doccano_server.username,
        "DOCCANO_PASSWORD": server.read_password(doccano_server.home),
    }


@pytest.fixture
def remote(env: dict[str, str]) -> DoccanoRemote:
    """The same server and user, to do there what the page does."""
    return DoccanoRemote(Session(env["DOCCANO_URL"], Credentials(env["DOCCANO_USERNAME"], env["DOCCANO_PASSWORD"])))


@pytest.fixture
def corpus(repository: Path, tmp_path: Path) -> Path:
    """The seed corpus under a name of its own, so that tests don't meet on the server."""
    shutil.copytree(repository / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("sync"))
    path = tmp_path / "corpus" / "corpus.toml"
    name = tmp_path.name.lower().replace("_", "-")
    path.write_text(path.read_text().replace('name = "nl-news-standoff"', f'name = "{name}"'))
    return tmp_path


@pytest.fixture
def desk(doccano_server: server.Server, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """An empty corpus of a name of its own beside that server, so that tests don't meet there."""
    return Desk(tmp_path, doccano_server, re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-"))


@pytest.fixture(scope="session")
def double_server() -> Iterator[Double]:
    """A test double of a server."""
    made = Double()
    yield made
    made.close()


@pytest.fixture
def double(double_server: Double, monkeypatch: pytest.MonkeyPatch) -> Double:
    """It again, as new; nobody waits between two tries."""
    double_server.reset()
    monkeypatch.setattr(transport, "BACK_OFF", 0)
    monkeypatch.setattr(session_module, "PAUSE", 0)
    return double_server
