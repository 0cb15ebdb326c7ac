"""Which files of a folder an import reads: none from outside of it, and none is passed over unsaid."""

import os
from pathlib import Path

import pytest

from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.exchange.importing import import_

COLUMNS = "Jansen\tB-PER\nwoont\tO\n"


def test_a_link_out_of_the_folder_brings_nothing_in(tmp_path: Path) -> None:
    source, secret = tmp_path / "source", tmp_path / "secret"
    (source / "inside").mkdir(parents=True)
    secret.mkdir()
    (source / "inside" / "a.txt").write_text("Jansen woont hier.", encoding="utf-8")
    (source / "inside" / "b.txt").symlink_to("a.txt")
    (source / "inside" / "b.ann").write_text("", encoding="utf-8")
    (secret / "key.txt").write_text("Dit is geheim.", encoding="utf-8")
    (source / "key.txt").symlink_to(secret / "key.txt")
    (source / "all").symlink_to(secret)
    (source / "gone.ann").symlink_to("nowhere")
    os.mkfifo(source / "pipe.ann")
    (source / "picture.png").symlink_to("nowhere")
    told = import_("brat", source, tmp_path / "corpus")
    assert [(loss.reason, loss.place) for loss in told.losses if loss.kind == "refused"] == [
        ("folder", "source/all"),
        ("no-file", "source/gone.ann"),
        ("outside", "source/key.txt"),
        ("no-file", "source/pipe.ann"),
        ("duplicate-text", "source/inside/b.txt"),
    ]
    assert [document.id for document in Store(tmp_path / "corpus").documents()] == ["inside-a"]


def test_a_file_beside_the_one_that_is_named_may_lead_out_neither(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "secret").write_text("Dit is geheim.", encoding="utf-8")
    (tmp_path / "source" / "a.txt").symlink_to(tmp_path / "secret")
    (tmp_path / "source" / "a.ann").write_text("", encoding="utf-8")
    with pytest.raises(StandoffError, match="leads out of this folder"):
        import_("brat", tmp_path / "source" / "a.ann", tmp_path / "corpus")
    assert import_("brat", tmp_path / "source" / "a.txt", tmp_path / "corpus").created == 1


def test_a_link_that_is_named_itself_is_the_source(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "real.conll").write_text(COLUMNS, encoding="utf-8")
    import_("conll", tmp_path / "data" / "real.conll", tmp_path / "corpus")
    (tmp_path / "corpus" / "raw").mkdir()
    (tmp_path / "corpus" / "raw" / "b.conll").symlink_to(tmp_path / "data" / "real.conll")
    link = tmp_path / "corpus" / "raw" / "b.conll"
    told = import_("conll", link, tmp_path / "corpus")
    assert [loss.reason for loss in told.losses] == ["duplicate-text"]
    (tmp_path / "data" / "real.conll").write_text("Anders\tB-PER\n", encoding="utf-8")
    import_("conll", link, tmp_path / "corpus")
    assert Store(tmp_path / "corpus").document("b").source.file == "raw/b.conll"


def test_a_name_that_is_not_utf_8_is_refused_and_the_rest_comes_in(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    bad = os.fsdecode(b"caf\xe9.conll")
    for name in ("good.conll", bad):
        (tmp_path / "source" / name).write_text(COLUMNS, encoding="utf-8")
    told = import_("conll", tmp_path / "source", tmp_path / "corpus")
    assert [(loss.reason, loss.place) for loss in told.losses] == [("name", "source/caf\\udce9.conll")]
    assert told.created == 1
    folder = tmp_path / "corpus" / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "other.conll").write_text(COLUMNS, encoding="utf-8")
    with pytest.raises(UsageError, match="not UTF-8"):
        import_("conll", folder / "other.conll", tmp_path / "corpus")
