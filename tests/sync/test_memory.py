"""The remote in memory keeps the contract of remotes."""

import pytest

from sync.contract import Join, RemoteContract
from sync.memory import MemoryRemote, MemoryServer


class TestMemoryRemote(RemoteContract):
    @pytest.fixture
    def remote(self) -> MemoryRemote:
        return MemoryRemote(MemoryServer(["admin", "bea"]))

    @pytest.fixture
    def page(self, remote: MemoryRemote) -> MemoryRemote:
        return remote

    @pytest.fixture
    def name(self) -> str:
        return "corpus/main"

    @pytest.fixture
    def join(self, remote: MemoryRemote) -> Join:
        bea = MemoryRemote(remote.server, "bea")
        return lambda project: ("bea", bea, bea)
