"""UIMA CAS to a corpus and back: nothing of the annotations is lost."""

from pathlib import Path

import pytest

from command import standoff
from standoff.corpus.store import Store
from standoff.corpus.validate import report


@pytest.mark.parametrize("format_", ["cas", "xmi"])
def test_the_seed_article_there_and_back(repository: Path, tmp_path: Path, format_: str) -> None:
    done = standoff("export", format_, tmp_path / "out", "--root", repository, "--strict")
    assert done.returncode == 0, done.stderr
    root = tmp_path / "corpus"
    done = standoff(
        "import", "cas", tmp_path / "out", "--root", root, "--scheme", repository / "corpus" / "scheme.toml"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (document,) = Store(root).documents()
    old = Store(repository).document(document.id)
    assert (document.text, document.sentences) == (old.text, old.sentences)
    before, after = Store(repository).set("gold", document.id), Store(root).set("gold", document.id)
    assert before
    assert after
    assert {span.id: span for span in after.spans} == {span.id: span for span in before.spans}
    assert {item.id: item for item in after.relations} == {item.id: item for item in before.relations}
    assert [p for p in report(Store(root), jobs=1).problems if p.severity == "error"] == []


def test_xmi_without_its_types_is_told_and_the_rest_goes_on(repository: Path, tmp_path: Path) -> None:
    standoff("export", "xmi", tmp_path / "out", "--root", repository)
    (tmp_path / "out" / "TypeSystem.xml").unlink()
    done = standoff("import", "cas", tmp_path / "out", "--root", tmp_path / "corpus")
    assert done.returncode == 1
    assert "TypeSystem.xml" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
