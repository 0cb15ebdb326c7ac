"""One release that many tests read."""

import json
from pathlib import Path

import pytest

from command import standoff
from release.corpora import Draft, commit, mayor, minister, write_corpus
from standoff.corpus.model import AnnotationSet, By, Comment, Document


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents in three splits, one without gold, one half annotated; a person's and a model's sets."""
    root = tmp_path_factory.mktemp("corpus")
    first = minister()
    person = first.set(
        "jan",
        kind="human",
        confirmed=(By(annotator="jan", at="2025-06-11T10:00"),),
        comments=(Comment(text="Lastig"),),
    )
    half = mayor("half", license="unknown")
    empty = Draft("empty", "Niets.")
    records: list[Document | AnnotationSet] = [
        *(first.document, first.set(), person, first.set("bert-1", kind="model")),
        *(half.document, half.set(layers=("entities",))),
        *(empty.document, empty.set(confirmed=(By(),))),
        Draft("no-gold", "Nog niet.").document,
    ]
    store = write_corpus(root, records, 'pseudonyms = { jan = "a1" }\n')
    splits = {"minister": "train", "half": "validation", "empty": "test", "no-gold": "train"}
    (store.folder / "splits.json").write_text(json.dumps({"documents": splits}))
    commit(root)
    return root


@pytest.fixture(scope="session")
def built(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus's release."""
    out = tmp_path_factory.mktemp("out")
    done = standoff("release", "--root", corpus, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["new"] is True
    assert Path(told["folder"]) == out / "tiny" / "1.0.0"
    return Path(told["folder"])
