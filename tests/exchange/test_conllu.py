"""CoNLL-U to a corpus and back."""

from pathlib import Path

from command import standoff
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.exchange.exporting import export
from standoff.exchange.importing import import_


def test_the_seed_article_there_and_back(repository: Path, tmp_path: Path) -> None:
    """Words, sentences and outermost entities of the gold set, in one file; what tags can't say is told."""
    told = export("conllu", tmp_path / "news.conllu", repository)
    reasons = {loss.reason for loss in told.losses}
    assert {"relation", "attributes", "nested", "discontinuous"} <= reasons
    root = tmp_path / "corpus"
    again = import_("conllu", tmp_path / "news.conllu", root)
    assert (again.created, again.losses) == (1, [])
    old, new = next(Store(repository).documents()), next(Store(root).documents())
    assert (new.id, new.text, new.sentences) == (old.id, old.text, old.sentences)
    assert report(Store(root), jobs=1).problems == ()
    done = standoff("export", "conllu", tmp_path / "second.conllu", "--root", root, "--strict")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "second.conllu").read_bytes() == (tmp_path / "news.conllu").read_bytes()


def test_a_folder_of_files(repository: Path, tmp_path: Path) -> None:
    export("conllu", tmp_path / "out", repository)
    (tmp_path / "out" / "notes.txt").write_text("not one of them")
    (tmp_path / "out" / "broken.conllu").write_text("1\tword\n\n")
    done = standoff("import", "conllu", tmp_path / "out", "--root", tmp_path / "corpus")
    assert done.returncode == 1
    assert "broken.conllu:1" in done.stdout
    assert len(list(Store(tmp_path / "corpus").documents())) == 1
