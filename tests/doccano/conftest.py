"""A real Doccano for the tests: its environment is kept between runs, its database is new in every run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from standoff.doccano import process, server
from standoff.doccano.install import install
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
