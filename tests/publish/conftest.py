"""Releases to publish: two versions of one corpus, and another build that calls itself the first."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from release.corpora import commit, minister, write_corpus
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.publish.built import Built, read_built
from standoff.release import build


@dataclass(frozen=True)
class Releases:
    """`root` is the corpus, at the second version; `out` has both, `other` a first version with other content."""

    root: Path
    out: Path
    other: Path

    def built(self, version: str = "1.0.0") -> Built:
        return read_built(self.out / "tiny" / version)

    @property
    def usurper(self) -> Built:
        return read_built(self.other / "tiny" / "1.0.0")

    def store(self) -> Store:
        """The corpus, without a record of what was published."""
        (self.root / "corpus" / "releases.json").unlink(missing_ok=True)
        return Store(self.root)

    def race(self, put: Callable[[Built], object]) -> tuple[Built, str]:
        """Two publish the same version with other content at once: what won, and what the other was told."""
        told: dict[str, str] = {}

        def run(name: str, built: Built) -> None:
            try:
                put(built)
                told[name] = "won"
            except StandoffError as error:
                told[name] = str(error)

        rivals = {"one": self.built(), "two": self.usurper}
        threads = [threading.Thread(target=run, args=rival) for rival in rivals.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [name for name, words in told.items() if words == "won"]
        (words,) = [words for words in told.values() if words != "won"]
        return rivals[winner], words


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("releases")
    first = minister()
    store = write_corpus(folder / "corpus", [first.document, first.set()])
    (store.folder / "splits.json").write_text(json.dumps({"documents": {"minister": "train", "second": "train"}}))
    commit(store.root)
    with pytest.MonkeyPatch.context() as patch:
        # Publishing loads what it publishes; that builds do so too is tested elsewhere.
        patch.setattr(build, "verify", lambda *_: None)
        build.release(store, "1.0.0", folder / "out")
        second = minister("second", license="unknown")
        with store.lock():
            store.write([second.document, second.set()])
        commit(store.root)
        build.release(store, "1.1.0", folder / "out")
        build.release(store, "1.0.0", folder / "other")
    return Releases(store.root, folder / "out", folder / "other")
