"""A remote that fails, dies or is interrupted when it is told to: a test double around a real one."""

from collections.abc import Callable, Iterable
from typing import Any

from standoff.corpus.state import DocumentState
from standoff.corpus.store import Store
from standoff.sync.remote import Remote, Unreachable


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class FaultyRemote:
    """Passes every call on. At the call number `at` (from 0) it does `what`, before or after the real one acted."""

    def __init__(
        self, remote: Remote, at: int = -1, what: Callable[[], object] | None = None, after: bool = False
    ) -> None:
        self._remote = remote
        self._at = at
        self._what = what
        self._after = after
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        """The real one's."""
        return self._remote.url

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._remote, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            number = len(self.calls)
            self.calls.append(name)
            if number == self._at and self._what and not self._after:
                self._what()
            result = real(*args, **kwargs)
            if name == "export":
                result = iter(list(result))
            if number == self._at and self._what and self._after:
                self._what()
            return result

        return call


def unreachable() -> None:
    """No answer."""
    raise Unreachable("the server does not answer")


def killed() -> None:
    """SIGKILL."""
    raise Killed


class MortalStore(Store):
    """A store whose process dies at its write number `at`, before or after it."""

    def __init__(self, root: Any, at: int = -1, after: bool = False) -> None:
        super().__init__(root)
        self._at = at
        self._after = after
        self._writes = 0

    def _mortal(self, write: Callable[[], Any]) -> Any:
        number = self._writes
        self._writes += 1
        if number == self._at and not self._after:
            raise Killed
        result = write()
        if number == self._at:
            raise Killed
        return result

    def write(self, records: Any) -> int:
        """Writes, or dies."""
        return int(self._mortal(lambda: Store.write(self, records)))

    def write_document_states(self, project: str, states: Iterable[tuple[str, str, DocumentState]]) -> int:
        """Writes, or dies."""
        return int(self._mortal(lambda: Store.write_document_states(self, project, states)))
