"""What tests of models share."""

from pathlib import Path

import pytest

from standoff.corpus.store import Store


@pytest.fixture(scope="session")
def seed(repository: Path) -> Store:
    """The seed corpus, to be read."""
    return Store(repository)
