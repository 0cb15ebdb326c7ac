"""Where a new corpus can be made, and what a killed import leaves there."""

import os
from pathlib import Path

import pytest

from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.errors import EnvironmentFault, StandoffError
from standoff.exchange.importing import import_
from standoff.exchange.new import is_free, made_aside


def columns(tmp_path: Path) -> Path:
    path = tmp_path / "a.conll"
    path.write_text("Jan\tB-PER\nwoont\tO\nhier\tO\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("moved", range(6))
def test_an_import_that_was_killed_in_an_empty_folder_is_run_again(tmp_path: Path, moved: int) -> None:
    root = tmp_path / "root"
    root.mkdir()
    import_("conll", columns(tmp_path), tmp_path / "other")
    aside = root / ".root.x1y2" / "corpus"
    aside.parent.mkdir()
    os.replace(tmp_path / "other", aside)
    parts = sorted(aside.iterdir(), key=lambda path: path.name == "corpus")
    for part in parts[:moved]:
        os.replace(part, root / part.name)
    assert len(parts) > moved  # the corpus comes last
    assert is_free(root)
    assert import_("conll", columns(tmp_path), root).created == 1
    assert report(Store(root), jobs=1).problems == ()
    assert not list(root.glob(".root.*"))
    assert not is_free(root)


def test_a_folder_with_anything_of_somebodys_is_not_free(tmp_path: Path) -> None:
    (tmp_path / ".standoff").mkdir()
    assert is_free(tmp_path)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert not is_free(tmp_path)
    assert not is_free(tmp_path / "notes.txt")


def test_nothing_makes_no_corpus_that_is_in_the_way(tmp_path: Path) -> None:
    source = tmp_path / "a.conll"
    source.write_text("\u00ad\tB-PER\n", encoding="utf-8")
    (tmp_path / "there").mkdir()
    for root in (tmp_path / "root", tmp_path / "there"):
        with pytest.raises(StandoffError, match=r"a\.conll: there is no text in it"):
            import_("conll", source, root)
        assert is_free(root)
    source.write_text("Gent\tB-LOC\n", encoding="utf-8")
    assert import_("conll", source, tmp_path / "there").labels == {"LOC": 1}


def test_two_at_once_do_not_take_each_others_folder(tmp_path: Path) -> None:
    root, source = tmp_path / "root", columns(tmp_path)
    root.mkdir()
    with made_aside(root) as aside:
        aside.mkdir()
        with pytest.raises(EnvironmentFault, match="another standoff command"):
            import_("conll", source, root)
        assert aside.is_dir()
