"""Which files are sources, and that each other thing is told."""

import os
from pathlib import Path

import pytest

from standoff.errors import UsageError
from standoff.normalize.records import Rejected
from standoff.normalize.sources import Source, find


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name in ("b.txt", "a/2.txt", "a/10.txt", "c.md", ".hidden.txt", ".git/x.txt"):
        (root / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "seeds" / name).write_text("x")
    return root


def files(root: Path, *paths: Path | str) -> list[str]:
    found = find(root, [str(path) for path in paths])
    return [source.file if isinstance(source, Source) else source.reason for source in found]


def test_folders_come_in_the_order_of_names_without_hidden_ones(root: Path) -> None:
    assert files(root) == ["seeds/a/10.txt", "seeds/a/2.txt", "seeds/b.txt", "seeds/c.md"]


def test_files_folders_and_globs_each_file_once(root: Path) -> None:
    seeds = root / "seeds"
    assert files(root, seeds / "b.txt", seeds / "*.md", seeds / "a", seeds / "**" / "*.txt") == [
        "seeds/b.txt", "seeds/c.md", "seeds/a/10.txt", "seeds/a/2.txt", "seeds/.git/x.txt", "seeds/.hidden.txt",
    ]  # fmt: skip


def test_a_glob_that_names_a_folder_and_what_is_in_it_gives_each_file_once(root: Path) -> None:
    (root / "seeds" / "a" / "b").mkdir()
    (root / "seeds" / "a" / "b" / "x.txt").write_text("x")
    assert files(root, root / "seeds" / "a" / "**") == ["seeds/a/10.txt", "seeds/a/2.txt", "seeds/a/b/x.txt"]


def test_paths_are_relative_to_where_the_user_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "seeds" / "a")
    assert files(root, "../b.txt", "2.txt") == ["seeds/b.txt", "seeds/a/2.txt"]


@pytest.mark.parametrize("name", ["nothing.txt", "*.pdf", "**x"])
def test_names_of_nothing_are_a_usage_error(root: Path, name: str) -> None:
    with pytest.raises(UsageError):
        files(root, root / "seeds" / name)


def test_a_repository_behind_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert files(tmp_path / "link") == files(root)


def test_what_leads_outside_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.txt").write_text("x")
    (root / "seeds" / "file.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (root / "seeds" / "folder").symlink_to(tmp_path / "out")
    found = [rejected for rejected in find(root, ()) if isinstance(rejected, Rejected)]
    assert [(r.source, r.reason) for r in found] == [("seeds/file.txt", "outside"), ("seeds/folder", "outside")]
    assert "copy the text under" in found[0].detail
    assert files(root, tmp_path / "out") == ["outside"]
    assert files(root, root / ".." / "out" / "secret.txt") == ["outside"]
    assert files(root, root / "seeds" / "folder" / "secret.txt") == ["outside"]


def test_a_link_inside_keeps_its_own_name(root: Path) -> None:
    (root / "objects").mkdir()
    (root / "objects" / "0af3").write_text("x")
    (root / "seeds" / "a" / "2.txt").unlink()
    (root / "seeds" / "a" / "2.txt").symlink_to("../../objects/0af3")
    assert "seeds/a/2.txt" in files(root)


def test_what_is_no_file_is_told(root: Path) -> None:
    seeds = root / "seeds"
    (seeds / "broken.txt").symlink_to("nowhere")
    (seeds / "loop.txt").symlink_to("loop.txt")
    (seeds / "folder").symlink_to("a")
    os.mkfifo(seeds / "pipe.txt")
    found = {r.source: r.reason for r in find(root, ()) if isinstance(r, Rejected)}
    assert found == {
        "seeds/broken.txt": "no-file",
        "seeds/folder": "no-file",
        "seeds/loop.txt": "unreadable",
        "seeds/pipe.txt": "no-file",
    }


def test_names_that_cant_be_shown_are_refused_and_escaped(root: Path) -> None:
    for name in (b"\xff.txt", b"line\nbreak.txt", b"\x1b[31m.txt"):
        Path(os.fsdecode(os.fsencode(root / "seeds") + b"/" + name)).write_text("x")
    found = [r.source for r in find(root, ()) if isinstance(r, Rejected)]
    assert sorted(found) == ["seeds/\\udcff.txt", "seeds/\\x1b[31m.txt", "seeds/line\\nbreak.txt"]


def test_a_folder_deeper_than_names_may_be_long_does_not_stop_the_rest(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "seeds" / "a")
    for _ in range(40):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    found = list(find(root, ()))
    assert [r.reason for r in found if isinstance(r, Rejected)] == ["unreadable"]
    assert len(found) == 5


def test_a_glob_follows_no_link_to_a_folder(root: Path) -> None:
    (root / "seeds" / "link").symlink_to("a")
    (found,) = find(root, [str(root / "seeds" / "lin*")])
    assert isinstance(found, Rejected)
    assert found.reason == "no-file"
