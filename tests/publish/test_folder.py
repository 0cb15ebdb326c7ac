"""Publishing into a folder, and what holds for every target."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from command import standoff
from publish.conftest import Releases
from release.corpora import REPOSITORY
from standoff.corpus.files import aside_of
from standoff.errors import EnvironmentFault, StandoffError, UsageError
from standoff.publish.built import Built, read_built
from standoff.publish.folder import FolderTarget
from standoff.publish.run import find_built, parse_target, publish
from standoff.publish.target import Finding, PublishError
from standoff.release.releases import FILE, read_releases, record_published
from standoff.release.verify import Unverified


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_published_loaded_back_and_recorded(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    target = f"folder:{tmp_path / 'public'}"
    place = tmp_path / "public" / "1.0.0"
    words = ("publish", target, "--root", releases.root, "--out", releases.out, "--version", "1.0.0")

    done = standoff(*words, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"rename them to {place}" in done.stdout
    assert not place.parent.exists()
    assert not (store.folder / "releases.json").exists()

    done = standoff(*words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], told["done"], told["public"]) == ("absent", True, False)
    assert files(place) == files(releases.built().folder)
    (entry,) = json.loads((store.folder / "releases.json").read_bytes())["releases"]
    manifest = releases.built().manifest
    assert (entry["version"], entry["content_sha256"]) == ("1.0.0", manifest.content_sha256)
    assert (entry["commit"], entry["targets"]) == (manifest.corpus.commit, [target])

    script = [sys.executable, str(REPOSITORY / "scripts" / "publish.py"), *map(str, words[1:]), "--dry-run"]
    again = subprocess.run(script, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "(nothing was changed)" in again.stdout
    assert "rename" not in again.stdout

    done = standoff("yank", "1.0.0", "--why", "  [bold]  quotes\nwere wrong", "--root", releases.root)
    assert done.returncode == 0, done.stderr
    assert "1.0.0 is withdrawn: [bold] quotes were wrong" in done.stdout
    (entry,) = json.loads((store.folder / "releases.json").read_bytes())["releases"]
    assert entry["withdrawn"] == "[bold] quotes were wrong"
    assert "| [bold] quotes were wrong |" in (releases.root / "DATASET_CARD.md").read_text()
    assert files(place) == files(releases.built().folder)
    (releases.root / "DATASET_CARD.md").write_text("---\nno end")
    done = standoff("yank", "1.0.0", "--why", "worse", "--root", releases.root)
    assert done.returncode == 1
    assert "1.0.0 is withdrawn: worse" in done.stdout
    assert "DATASET_CARD.md does not say so yet" in done.stderr
    done = standoff("publish", f"folder:{tmp_path / 'elsewhere'}", *words[2:])
    assert (done.returncode, (tmp_path / "elsewhere").exists()) == (1, False)
    assert "was withdrawn (worse)" in done.stderr
    (releases.root / "DATASET_CARD.md").unlink()
    assert standoff("yank", "2.0.0", "--why", "?", "--root", releases.root).returncode == 1
    assert standoff("yank", "1.0.0", "--why", " ", "--root", releases.root).returncode == 2


def test_a_version_is_never_changed(releases: Releases, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "1.0.0")
    target.put(releases.built())
    before = files(tmp_path)
    target.put(releases.built())
    for act in (target.look, target.put):
        with pytest.raises(PublishError, match=r"already, with other content \(.*README.md.*next version"):
            act(releases.usurper)
        with pytest.raises(PublishError, match=r"holds tiny 1.0.0, not tiny 1.1.0"):
            act(releases.built("1.1.0"))
    assert files(tmp_path) == before
    # A place that holds something else is no release, and is not touched.
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(StandoffError, match="no release here; publish to another place"):
        FolderTarget(tmp_path / "mine").put(releases.built())
    assert files(tmp_path / "mine") == {"thesis.txt": b"years"}


def test_killed_half_way_and_run_again(releases: Releases, tmp_path: Path) -> None:
    place = tmp_path / "1.0.0"
    code = (
        "import os, shutil, sys; from pathlib import Path\n"
        "from standoff.publish import folder; from standoff.publish.built import read_built\n"
        "real, seen = shutil.copyfile, []\n"
        "folder.shutil.copyfile = lambda *words: (seen.append(0), os._exit(9) if len(seen) == 3 else real(*words))\n"
        "folder.FolderTarget(Path(sys.argv[1])).put(read_built(Path(sys.argv[2])))\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, place, releases.built().folder], check=False)
    assert killed.returncode == 9
    assert not place.exists()
    assert len(list(tmp_path.glob(".building-*"))) == 1
    FolderTarget(place).put(releases.built())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "1.0.0"]
    assert files(place) == files(releases.built().folder)


def test_killed_before_it_was_recorded_and_run_again(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = releases.store()
    FolderTarget(tmp_path / "1.0.0").put(releases.built())
    checked: list[str] = []
    monkeypatch.setattr("standoff.publish.run.verify", lambda source, *_: checked.append(source.path))
    for _ in range(2):
        done = publish(store, releases.built(), f"folder:{tmp_path}")
        assert (done.state, done.done) == ("there", True)
        (entry,) = read_releases(store.folder / FILE)
        assert (entry.version, entry.targets) == ("1.0.0", (f"folder:{tmp_path}",))
    assert checked == [str(tmp_path / "1.0.0")] * 2


def test_what_was_excluded_since_it_was_built_is_not_published(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    overrides = store.folder / "overrides.toml"
    (first, *_) = [document.id for document in store.documents() if store.set("gold", document.id)]
    overrides.write_text(f'["{first}"]\nexclude = true\nreason = "its owner asked"\n')
    try:
        for dry_run in (True, False):
            with pytest.raises(PublishError, match=f"excludes by now: {first};"):
                publish(store, releases.built(), f"folder:{tmp_path}", dry_run=dry_run)
        assert list(tmp_path.iterdir()) == []
    finally:
        overrides.unlink()


def test_nothing_is_published_into_the_corpus(releases: Releases) -> None:
    place = releases.store().folder / "published"
    with pytest.raises(UsageError, match="within the corpus"):
        publish(releases.store(), releases.built(), f"folder:{place}")
    assert not place.exists()
    with pytest.raises(UsageError, match="where it was built"):
        publish(releases.store(), releases.built(), f"folder:{releases.out / 'tiny'}")


def test_full_disk_and_damage_on_the_way(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = FolderTarget(tmp_path / "1.0.0")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(EnvironmentFault, match="the disk is full"):
            target.put(releases.built())
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", lambda here, copy: copy.write_bytes(here.read_bytes()[:9000]))
        with pytest.raises(StandoffError, match="not what was built"):
            target.put(releases.built())
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_what_was_published_and_edited_is_told(releases: Releases, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "1.0.0")
    target.put(releases.built())
    (target.place / "README.md").write_text("by hand")
    with pytest.raises(StandoffError, match=r"not what was built: README.md; put those files back, or move"):
        target.look(releases.built())


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("file", "a file is where a folder has to be"),
        ("file/inside", "on the way there is a file"),
        ("dangling", "or a link that leads nowhere"),
        ("circle", "or a link that leads nowhere"),
        ("x" * 300, "the name is too long"),
    ],
)
def test_a_place_where_no_folder_can_be(releases: Releases, tmp_path: Path, place: str, told: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(EnvironmentFault, match=f"{re.escape(str(tmp_path / place))}.*: .*{told}.*; "):
        publish(releases.store(), releases.built(), f"folder:{tmp_path / place}")


def test_two_at_once(releases: Releases, tmp_path: Path) -> None:
    with (
        aside_of(tmp_path / "1.0.0", "published"),
        pytest.raises(EnvironmentFault, match="another release is being published here; wait"),
    ):
        FolderTarget(tmp_path / "1.0.0").put(releases.built())


def test_what_was_not_built_is_not_published(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    copy = tmp_path / "out"
    shutil.copytree(releases.out, copy)
    assert find_built(store, copy, None).manifest.version == "1.1.0"
    card = copy / "tiny" / "1.1.0" / "README.md"
    card.write_text(card.read_text().replace("configs:", "configs: ["))
    with pytest.raises(StandoffError, match=r"not what was built: README.md; change .*DATASET_CARD.md"):
        find_built(store, copy, "1.1.0")
    first = copy / "tiny" / "1.0.0"
    (first / "notes.txt").write_text("?")
    (first / "LICENSE.md").unlink()
    with pytest.raises(StandoffError, match=r"not what was built: LICENSE.md, notes.txt"):
        find_built(store, copy, "1.0.0")
    shutil.rmtree(first)
    shutil.copytree(releases.out / "tiny" / "1.1.0", first)
    with pytest.raises(PublishError, match=r"holds tiny 1.1.0; move it away"):
        find_built(store, copy, "1.0.0")
    for version in ("1.2.0", None):
        with pytest.raises(StandoffError, match="no release here"):
            find_built(store, tmp_path / "none", version)
    with pytest.raises(UsageError, match="three numbers"):
        find_built(store, copy, "../1.0.0")


def test_targets(tmp_path: Path) -> None:
    for words in (f"folder:{tmp_path}", f"folder:{tmp_path}/", f"folder:{tmp_path}/1.0.0"):
        target = parse_target(words, "1.0.0")
        assert isinstance(target, FolderTarget)
        assert target.place == tmp_path / "1.0.0"
    assert parse_target("folder:~/x", "1.0.0").place == Path.home() / "x" / "1.0.0"  # type: ignore[attr-defined]
    for words in ("dist", "folder:", "git:", "git:--upload-pack=x", "hub:name", "s3:bucket", "ftp://host/x"):
        with pytest.raises(UsageError, match=r"folder:PATH|git: give|ORG/NAME"):
            parse_target(words, "1.0.0")
    with pytest.raises(UsageError, match=r"ends in 1.0.0, but the version is 1.1.0"):
        parse_target("folder:x/1.0.0", "1.1.0")


class Double(FolderTarget):
    """A double of a target: a folder that anybody can read, and that may give back something else."""

    broken: Path | None = None

    def look(self, built: Built) -> Finding:
        return Finding(super().look(built).state, public=True)

    def put(self, built: Built) -> None:
        super().put(built)
        if self.broken:
            shutil.copyfile(next(self.broken.glob("data/quotes/*")), next(self.place.glob("data/quotes/*")))


def test_texts_of_unknown_licence_are_public_only_when_told(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    warnings: list[str] = []
    target = Double(tmp_path / "1.1.0")
    built = releases.built("1.1.0")
    with pytest.raises(PublishError, match=r"^1 text is of unknown licence, and others can read here .*--public"):
        publish(store, built, "here", target=target, dry_run=True)
    assert publish(store, built, "here", target=target, dry_run=True, public=True, warn=warnings.append).steps
    assert warnings == [
        "1 text is of unknown licence, and others can read here: whoever holds rights in them can ask you to take them down"
    ]
    assert publish(store, releases.built(), "here", target=Double(tmp_path / "1.0.0"), dry_run=True).unknown_texts == 0


def test_what_does_not_load_as_promised_is_not_recorded(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    target = Double(tmp_path / "1.0.0")
    target.broken = releases.built("1.1.0").folder
    with pytest.raises(
        Unverified, match=r"^here: tiny 1.0.0 is there, but `datasets` loads something else.*not recorded"
    ):
        publish(store, releases.built(), "here", target=target)
    assert not (store.folder / "releases.json").exists()


def test_what_can_not_be_made_again_or_was_other_before_is_not_published(releases: Releases, tmp_path: Path) -> None:
    store = releases.store()
    built = releases.built()
    dirty = msgspec.structs.replace(built.manifest, corpus=msgspec.structs.replace(built.manifest.corpus, dirty=True))
    with pytest.raises(PublishError, match="was not committed, so nobody could make it again"):
        publish(store, Built(built.folder, dirty), f"folder:{tmp_path}")
    record_published(store, releases.usurper.manifest, "elsewhere")
    with pytest.raises(StandoffError, match=r"1.0.0 was published with other content"):
        publish(store, built, f"folder:{tmp_path}")
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_a_file_is_not_followed(releases: Releases, tmp_path: Path) -> None:
    copy = tmp_path / "1.0.0"
    shutil.copytree(releases.built().folder, copy)
    (copy / "LICENSE.md").unlink()
    (copy / "LICENSE.md").symlink_to(releases.built().folder / "LICENSE.md")
    with pytest.raises(StandoffError, match=r"not what was built: LICENSE.md"):
        read_built(copy)
