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
    if files:
        (tmp_path / name / "a.spacy").write_bytes((tmp_path / name / "mayor.spacy").read_bytes()[:-20])
        (tmp_path / name / "b.spacy").write_text("Jan lacht.")
    done = there(repository, "import", "spacy", tmp_path / name, "--root", tmp_path / "new", "--json")
    told = json.loads(done.stdout)
    assert (told["texts"], told["created"], told["language"]) == (2, 2, "nl")
    assert [(loss["kind"], loss["place"], loss["message"][:20]) for loss in told["losses"]] == [
        ("refused", f"folder/{file}.spacy", message)
        for file, message in (("a", "it was cut off; fetc"), ("b", "no DocBin of spaCy: "))
        if files
    ]
    assert done.returncode == (1 if files else 0)
    store = Store(tmp_path / "new")
    for draft, old in zip(drafts, sets, strict=True):
        assert store.document(draft.document.id).text == draft.document.text
        new = store.set("gold", draft.document.id)
        assert new
        assert {(span.id, span.label, span.fragments) for span in new.spans} == {
            (span.id, span.label, span.fragments) for span in old.spans if span.id not in lost
        }
    assert [problem for problem in report(store, jobs=1).problems if problem.severity == "error"] == []


def test_without_spacy_the_environment_is_at_fault(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "a.spacy").write_bytes(b"")
    for words in (
        ("import", "spacy", tmp_path / "a.spacy", "--root", tmp_path / "c"),
        ("export", "spacy", tmp_path / "b.spacy", "--root", repository),
    ):
        done = standoff(*words)
        assert done.returncode == 3
        assert "install standoff with its extra `spacy`: pip install '.[spacy]' in the checkout" in " ".join(
            done.stderr.split()
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.spacy"]
