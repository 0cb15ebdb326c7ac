"""What was published: entries are added and marked, never changed or lost."""

from pathlib import Path

import msgspec
import pytest

from release.corpora import write_corpus
from release.test_card import MANIFEST
from standoff.release.releases import (
    ReleasesError,
    encode_releases,
    published,
    read_releases,
    record_published,
    record_withdrawn,
    withdrawn,
)

NEXT = msgspec.structs.replace(MANIFEST, version="1.1.0", content_sha256="1" * 64)


def test_a_version_is_added_once_and_its_targets_are_collected() -> None:
    entries = published((), MANIFEST, "folder:/srv/a")
    entries = published(entries, NEXT, "folder:/srv/a")
    entries = published(entries, MANIFEST, "git:https://somebody:secret@example.org/a.git")
    entries = published(entries, MANIFEST, "git:https://example.org/a.git")
    assert [(entry.version, entry.targets) for entry in entries] == [
        ("1.0.0", ("folder:/srv/a", "git:https://example.org/a.git")),
        ("1.1.0", ("folder:/srv/a",)),
    ]
    assert entries[0].configurations == MANIFEST.configurations
    clean = msgspec.structs.replace(MANIFEST, corpus=msgspec.structs.replace(MANIFEST.corpus, commit="c"))
    assert published((), clean, "folder:a")[0].commit is None, "it was dirty"
    clean = msgspec.structs.replace(clean, corpus=msgspec.structs.replace(clean.corpus, dirty=False))
    assert published((), clean, "folder:a")[0].commit == "c"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("git:https://TOKEN@example.org/a", "git:https://example.org/a"),
        ("git:ssh://git@example.org/a", "git:ssh://git@example.org/a"),
        ("s3://key:secret@bucket/a", "s3://bucket/a"),
        ("git:git@example.org:a/b.git", "git:git@example.org:a/b.git"),
        ("hub:org/name", "hub:org/name"),
    ],
)
def test_no_credential_is_kept(given: str, kept: str) -> None:
    assert published((), MANIFEST, given)[0].targets == (kept,)


def test_other_content_under_a_published_version_is_refused() -> None:
    entries = published((), MANIFEST, "folder:a")
    with pytest.raises(ReleasesError, match=r"1\.0\.0 was published with other content.*next version"):
        published(entries, msgspec.structs.replace(NEXT, version="1.0.0"), "folder:a")


def test_a_withdrawn_version_stays_with_the_reason() -> None:
    entries = withdrawn(published((), MANIFEST, "folder:a"), "1.0.0", "a text had to go")
    assert [(entry.version, entry.withdrawn) for entry in entries] == [("1.0.0", "a text had to go")]
    with pytest.raises(ReleasesError, match=r"2\.0\.0 was not published \(1\.0\.0\)"):
        withdrawn(entries, "2.0.0", "?")


def test_the_file_has_a_version_a_line_and_reads_back(tmp_path: Path) -> None:
    store = write_corpus(tmp_path, [])
    path = store.folder / "releases.json"
    assert read_releases(path) == ()
    record_published(store, MANIFEST, "folder:a")
    record_published(store, NEXT, "folder:a")
    entries = record_withdrawn(store, "1.0.0", "wrong")
    raw = path.read_bytes()
    assert read_releases(path) == entries
    assert raw == encode_releases(entries)
    assert [line[:20] for line in raw.decode().splitlines()[2:-2]] == ['  {"version":"1.0.0"', '  {"version":"1.1.0"']


@pytest.mark.parametrize("wrong", ["[]", '{"releases": [{"version": "1.0"}]}', "{", "<<<<<<< ours"])
def test_a_damaged_file_is_told(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "releases.json"
    path.write_text(wrong)
    with pytest.raises(ReleasesError, match=r"releases\.json: .*restore it from git"):
        read_releases(path)


def test_a_conflict_of_git_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "releases.json"
    path.write_text('{\n "releases": [\n<<<<<<< HEAD\n=======\n>>>>>>> other\n ]\n}\n')
    with pytest.raises(ReleasesError, match="git left a conflict here; keep the versions of both sides"):
        read_releases(path)


def test_one_version_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "releases.json"
    path.write_bytes(encode_releases(published((), MANIFEST, "folder:a") * 2))
    with pytest.raises(ReleasesError, match=r"1\.0\.0 is there twice"):
        read_releases(path)
