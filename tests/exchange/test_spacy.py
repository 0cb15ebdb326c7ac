"""spaCy's files to a corpus and back, with the command where spaCy is, and without it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from benchmark.environment import models_python
from command import standoff
from release.corpora import mayor, minister, write_corpus
from standoff.corpus.store import Store
from standoff.corpus.validate import report


def there(repository: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    """The command in the environment that has spaCy."""
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    arguments = [str(models_python()), "-m", "standoff", *map(str, words)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("name", ["gold.spacy", "folder"])
def test_there_and_back(repository: Path, tmp_path: Path, name: str) -> None:
    drafts = [minister(), mayor()]
    sets = [draft.set() for draft in drafts]
    root = write_corpus(tmp_path / "c", [*(draft.document for draft in drafts), *sets]).root
    done = there(repository, "export", "spacy", tmp_path / name, "--root", root, "--json")
    assert done.returncode == 0, done.stderr
    lost = {
        loss["place"] for loss in json.loads(done.stdout)["losses"] if loss["reason"] in {"discontinuous", "unaligned"}
    }
    files = sorted(path.name for path in (tmp_path / name).iterdir()) if name == "folder" else []
    assert files == (["mayor.spacy", "minister.spacy"] if name == "folder" else [])
    done = there(repository, "import", "spacy", tmp_path / name, "--root", tmp_path / "new", "--json")
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout)
    assert (told["texts"], told["created"], told["language"], told["losses"]) == (2, 2, "nl", [])
    store = Store(tmp_path / "new")
    for draft, old in zip(drafts, sets, strict=True):
        assert store.document(draft.document.id).text == draft.document.text
        new = store.set("gold", draft.document.id)
        assert new
        assert {(span.id, span.label, span.fragments) for span in new.spans} == {
            (span.id, span.label, span.fragments) for span in old.spans if span.id not in lost
        }
    assert [problem for problem in report(store, jobs=1).problems if problem.severity == "error"] == []


def test_strict_writes_nothing(repository: Path, tmp_path: Path) -> None:
    draft = minister()
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    done = there(repository, "export", "spacy", tmp_path / "gold.spacy", "--root", root, "--strict")
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert not (tmp_path / "gold.spacy").exists()


def test_what_can_not_be_read_is_told_and_the_rest_goes_on(repository: Path, tmp_path: Path) -> None:
    draft = mayor()
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    assert there(repository, "export", "spacy", tmp_path / "all", "--root", root).returncode == 0
    (tmp_path / "all" / "a.spacy").write_bytes((tmp_path / "all" / "mayor.spacy").read_bytes()[:-20])
    (tmp_path / "all" / "b.spacy").write_text("Jan lacht.")
    done = there(repository, "import", "spacy", tmp_path / "all", "--root", tmp_path / "new")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "1 texts: 1 documents created" in done.stdout
    assert "refused all/a.spacy: it was cut off; fetch it again" in done.stdout.replace("\n", " ")
    assert "refused all/b.spacy: no DocBin of spaCy" in done.stdout.replace("\n", " ")


def test_without_spacy_the_environment_is_at_fault(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "a.spacy").write_bytes(b"")
    for words in (
        ["import", "spacy", tmp_path / "a.spacy", "--root", tmp_path / "c"],
        ["export", "spacy", tmp_path / "b.spacy", "--root", repository],
    ):
        done = standoff(*words)
        assert done.returncode == 3
        assert "pip install 'standoff[spacy]'" in " ".join(done.stderr.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.spacy"]
