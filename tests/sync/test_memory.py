"""The remote in memory keeps the contract of remotes."""

import pytest

from standoff.sync.memory import MemoryRemote, MemoryServer
from sync.contract import RemoteContract


class TestMemoryRemote(RemoteContract):
    @pytest.fixture
    def remote(self) -> MemoryRemote:
        return MemoryRemote(MemoryServer())

    @pytest.fixture
    def page(self, remote: MemoryRemote) -> MemoryRemote:
        return remote

    @pytest.fixture
    def name(self) -> str:
        return "corpus/main"
