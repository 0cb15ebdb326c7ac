"""A release after others: compared with what was published, from its folder or from git, wherever that is at hand."""

import json
import os
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from command import standoff
from release.corpora import Draft, commit, git, minister, write_corpus
from standoff.corpus.model import AnnotationSet, By, Comment, Document, Provenance
from standoff.corpus.state import DocumentState, OpenConflict
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.release import build
from standoff.release.build import release
from standoff.release.gather import ReleaseError
from standoff.release.releases import record_published, record_withdrawn

SPLITS = {"minister": "train", "empty": "test"}


@pytest.fixture(autouse=True)
def _without_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """That every release is loaded before it is kept is tested elsewhere, and takes seconds each time."""
    monkeypatch.setattr(build, "verify", lambda *words: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A corpus of two documents, with everything in its sets that a release leaves out or renames."""
    first = minister()
    by = By(annotator="jan", at="2025-06-11T10:00")
    person = replace(
        first.set("jan", kind="human"),
        confirmed=(by,),
        comments=(Comment(text="Lastig"),),
        provenance=Provenance(tool="doccano", user="Jan J."),
        spans=tuple(replace(span, by=by) for span in first.spans),
    )
    empty = Draft("empty", "Niets.")
    records: list[Document | AnnotationSet] = [
        first.document,
        first.set(),
        person,
        empty.document,
        empty.set(),
        Draft("none", "Nog niet.").document,
    ]
    found = write_corpus(tmp_path / "corpus", records, 'pseudonyms = { jan = "a1" }\n')
    _splits(found, SPLITS)
    return found


def _splits(store: Store, splits: dict[str, str]) -> None:
    (store.folder / "splits.json").write_text(json.dumps({"documents": splits}))
    commit(store.root)


def _publish(store: Store, out: Path, version: str = "auto") -> Path:
    built = release(store, version, out)
    record_published(store, built.manifest, f"folder:{out / 'tiny'}")
    commit(store.root)
    return built.folder


def _correct(store: Store) -> None:
    """Another label for one span."""
    annotations = store.set("gold", "minister")
    assert annotations
    spans = (replace(annotations.spans[0], label="LOC"), *annotations.spans[1:])
    _write(store, replace(annotations, spans=spans))


def _write(store: Store, *records: object) -> None:
    with store.lock():
        store.write(records)  # type: ignore[arg-type]
    commit(store.root)


def test_the_version_follows_from_what_changed_and_the_changelog_says_it(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = _publish(store, out)
    assert (first.name, (first / "CHANGELOG.md").read_text()) == (
        "1.0.0",
        "# Changes of the data\n\n## 1.0.0\n\nThe first version: 2 documents.\n",
    )
    _correct(store)
    with pytest.raises(UsageError, match=r"--version 1\.0\.1.*calls for 1\.1\.0 at least \(.*1 span changed: label"):
        release(store, "1.0.1", out)
    second = _publish(store, out)
    assert second.name == "1.1.0"
    text = (second / "CHANGELOG.md").read_text()
    assert "- 1 span changed: label\n  - `minister/gold` `LOC` `Den Haag` `GPE` → `LOC`\n" in text
    assert (
        "- 3 splits of configurations with other rows\n  - `annotators/train` 2 rows as before, with other content\n"
        in text
    )
    document = store.document("empty")
    _write(store, replace(document, source=replace(document.source, license="unknown")))
    assert release(store, "auto", out).manifest.version == "2.0.0"


def test_from_git_it_is_the_same_as_from_the_folder(store: Store, tmp_path: Path) -> None:
    first = _publish(store, tmp_path / "out")
    _correct(store)
    from_folder = release(store, "auto", tmp_path / "out")
    told = standoff("diff", first, "1.0.0", "--root", store.root, "--out", tmp_path / "nowhere", "--json")
    assert json.loads(told.stdout)["changes"] == []
    first.rename(tmp_path / "away")
    from_git = release(store, "auto", tmp_path / "elsewhere")
    assert from_git.manifest == from_folder.manifest
    assert from_git.manifest.version == "1.1.0"
    told = standoff("diff", tmp_path / "away", "HEAD~2", "--root", store.root, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["changes"] == []
    (store.root / ".git").rename(tmp_path / "git")
    git(store.root, "init", "-q")
    commit(store.root)
    with pytest.raises(StandoffError, match=r"1\.0\.0: what was published is not at hand"):
        release(store, "auto", tmp_path / "elsewhere")
    fifth = release(store, "5.0.0", tmp_path / "elsewhere", against="none").folder
    assert "## 5.0.0\n\nNot compared with the versions before it: 2 documents." in (fifth / "CHANGELOG.md").read_text()


def test_a_folder_whose_rows_were_changed_is_passed_over(store: Store, tmp_path: Path) -> None:
    first = _publish(store, tmp_path / "out")
    (rows,) = first.glob("data/annotators/train-*")
    table = pq.read_table(rows)
    pq.write_table(table.slice(0, 1), rows)
    told = standoff("diff", "1.0.0", "--root", store.root, "--out", tmp_path / "out", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["changes"] == []


def test_the_changelog_tells_nobody_what_an_annotator_was_called_before(store: Store, tmp_path: Path) -> None:
    gold = store.set("gold", "minister")
    assert gold
    _write(store, replace(gold, confirmed=(By(annotator="jan"),)))
    config = store.folder / "corpus.toml"
    config.write_text(config.read_text().replace('"a1"', '"jansen"'))
    commit(store.root)
    _publish(Store(store.root), tmp_path / "out")
    config.write_text(config.read_text().replace('"jansen"', '"a1"'))
    commit(store.root)
    second = release(Store(store.root), "auto", tmp_path / "out").folder
    text = (second / "CHANGELOG.md").read_text()
    assert "- 1 annotation set removed (9 spans, 4 relations)\n  - `minister` 9 spans" in text
    assert "- 1 annotation set changed: confirmed\n  - `minister/gold`\n" in text
    assert [path for path in second.rglob("*") if path.is_file() and b"jansen" in path.read_bytes()] == []
    told = standoff("diff", "1.0.0", "--root", store.root, "--out", tmp_path / "out")
    assert "`minister/jansen`" in told.stdout


def test_what_was_published_is_the_same_when_built_from_a_later_commit(store: Store, tmp_path: Path) -> None:
    first = _publish(store, tmp_path / "out")
    later = {**os.environ, "GIT_COMMITTER_DATE": "2025-07-01T10:00:00Z", "GIT_COMMITTER_NAME": "A", "EMAIL": "a@b"}
    amend = ["git", "commit", "-q", "--amend", "--no-edit"]
    subprocess.run(amend, cwd=store.root, env=later, check=True)
    again = release(store, "1.0.0", tmp_path / "elsewhere")
    assert again.manifest.corpus.date == "2025-07-01T10:00:00Z"
    assert (again.folder / "README.md").read_bytes() == (first / "README.md").read_bytes()
    assert not release(store, "1.0.0", tmp_path / "out").new


def test_without_a_change_it_is_a_patch(store: Store, tmp_path: Path) -> None:
    _publish(store, tmp_path / "out")
    (store.root / "DATASET_CARD.md").write_text("# More words\n")
    commit(store.root)
    built = release(store, "auto", tmp_path / "out")
    assert built.manifest.version == "1.0.1"
    assert "nothing in the rows" in (built.folder / "CHANGELOG.md").read_text()
    assert not release(store, "1.0.1", tmp_path / "out").new


def test_a_configuration_that_has_no_rows_any_more_is_a_major_change(store: Store, tmp_path: Path) -> None:
    _publish(store, tmp_path / "out")
    annotations = store.set("gold", "minister")
    assert annotations
    kept = [span for span in annotations.spans if span.label != "QUOTE"]
    _write(store, replace(annotations, spans=tuple(kept), relations=annotations.relations[2:]))
    with pytest.raises(UsageError, match=r"2\.0\.0 at least \(1 configuration removed"):
        release(store, "1.1.0", tmp_path / "out")


def test_a_published_version_is_never_built_with_other_content(store: Store, tmp_path: Path) -> None:
    _publish(store, tmp_path / "out")
    _correct(store)
    with pytest.raises(StandoffError, match=r"1\.0\.0 was published with other content"):
        release(store, "1.0.0", tmp_path / "elsewhere")


def test_a_text_that_was_published_in_another_split_is_refused_whatever_its_id(store: Store, tmp_path: Path) -> None:
    _publish(store, tmp_path / "out")
    document, annotations = store.document("empty"), store.set("gold", "empty")
    assert annotations
    for path in ("documents", "annotations/gold"):
        (store.folder / path / "empty.json").unlink()
    commit(store.root)
    _publish(store, tmp_path / "out")
    renamed = (replace(document, id="renamed"), replace(annotations, document="renamed"))
    _write(store, *renamed)
    _splits(store, {**SPLITS, "renamed": "train"})
    with pytest.raises(
        ReleaseError, match=r"text of renamed is in train, and was published in test \(as empty in 1\.0\.0"
    ):
        release(store, "auto", tmp_path / "out")
    record_withdrawn(store, "1.0.0", "dealt wrongly")
    commit(store.root)
    assert release(store, "auto", tmp_path / "out").manifest.version == "2.1.0"


def test_open_conflicts_are_in_the_way(store: Store, tmp_path: Path) -> None:
    conflict = OpenConflict(item="s1", field="label", base="GPE", ours="LOC", theirs="ORG")
    with store.lock():
        store.write_document_states("news", [("gold", "minister", DocumentState(conflicts=(conflict,)))])
        store.write_document_states("news", [("gold", "empty", DocumentState())])
    commit(store.root)
    with pytest.raises(ReleaseError, match="open conflicts: news/gold/minister; settle"):
        release(store, "auto", tmp_path / "out")


@pytest.mark.parametrize("words", [("HEAD", "working"), ("working", ".")])
def test_corpora_are_compared_whole(store: Store, words: tuple[str, str]) -> None:
    _write(store, Draft("none", "Nog niet.").set("jan", kind="human"))
    (store.folder / "annotations" / "jan" / "none.json").unlink()
    _, other = words
    done = standoff("diff", "HEAD", other, cwd=store.root)
    assert done.returncode == 0, done.stderr
    assert "- 1 annotation set removed (0 spans, 0 relations)\n  - `none/jan`" in done.stdout
    assert "MINOR" in done.stdout
    assert "are the same" in standoff("diff", "HEAD", "HEAD~0", cwd=store.root).stdout


def test_a_repository_of_somebody_else_is_told_as_git_tells_it(store: Store) -> None:
    done = standoff("diff", "--root", store.root, "HEAD", env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert done.returncode == 1
    assert "dubious ownership" in done.stderr
    assert "safe.directory" in done.stderr


@pytest.mark.parametrize("word", ["9.9.9", "--upload-pack=x", "no such thing", "HEAD:corpus"])
def test_a_word_that_names_nothing_is_told(store: Store, word: str) -> None:
    done = standoff("diff", "--root", store.root, "--", word, "working")
    assert done.returncode == 2
    assert "no git revision here" in done.stderr


def test_a_commit_without_a_corpus_is_told(store: Store) -> None:
    git(store.root, "rm", "-rq", "--cached", "corpus")
    git(store.root, "commit", "-qm", "gone")
    done = standoff("diff", "HEAD", "--root", store.root)
    assert done.returncode == 1
    assert "HEAD: there is no corpus in that commit" in done.stderr


def test_links_to_another_place_are_in_no_commit(store: Store, tmp_path: Path) -> None:
    _publish(store, tmp_path / "out")
    (store.folder / "guidelines.md").symlink_to("/etc/hosts")
    (store.root / "DATASET_CARD.md").symlink_to("README.md")
    (store.root / "README.md").write_text("# Tiny\n")
    (store.folder / "annotations" / "jan").rename(tmp_path / "jan")
    (store.folder / "annotations" / "jan").symlink_to(tmp_path / "jan")
    (store.folder / "annotations" / "piet").symlink_to("jan")
    commit(store.root)
    links = r"DATASET_CARD.md \(only as a link[^,]*, corpus/annotations/jan [^,]*, corpus/annotations/piet"
    with pytest.raises(ReleaseError, match=f"^not committed: {links}"):
        release(store, "auto", tmp_path / "out")
    done = standoff("diff", "HEAD", "--root", store.root)
    assert done.returncode == 1
    assert (
        "HEAD: 'corpus/annotations/jan' is a link to an absolute path, and no commit holds what is there" in done.stderr
    )
    (store.folder / "annotations" / "jan").unlink()
    (store.folder / "annotations" / "piet").unlink()
    (tmp_path / "jan").rename(store.folder / "annotations" / "jan")
    commit(store.root)
    assert standoff("diff", "HEAD", "--root", store.root).returncode == 0


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("corpus.toml", "error HEAD~1:corpus/corpus.toml: "),
        ("splits.json", "error HEAD~1:corpus/splits.json: "),
        ("documents/minister.json", "error HEAD~1: corpus/documents/minister.json: "),
    ],
)
def test_what_is_wrong_in_a_commit_is_told_of_that_commit(store: Store, file: str, told: str) -> None:
    path = store.folder / file
    sound = path.read_bytes()
    path.write_text("{")
    commit(store.root)
    path.write_bytes(sound)
    commit(store.root)
    done = standoff("diff", "HEAD~1", "--root", store.root)
    assert told in done.stderr


def test_a_split_that_moved_is_a_major_change_when_the_version_before_is_withdrawn(
    store: Store, tmp_path: Path
) -> None:
    _publish(store, tmp_path / "out")
    _splits(store, {**SPLITS, "empty": "validation"})
    with pytest.raises(ReleaseError, match=r"text of empty is in validation, and was published in test"):
        release(store, "auto", tmp_path / "out")
    record_withdrawn(store, "1.0.0", "dealt wrongly")
    commit(store.root)
    assert release(store, "auto", tmp_path / "out").manifest.version == "2.0.0"


def test_configurations_without_rows_are_no_change(tmp_path: Path) -> None:
    draft = Draft("a", "Den Haag.")
    draft.span("GPE", "Den Haag")
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    _splits(store, {"a": "train"})
    first = _publish(store, tmp_path / "out")
    first.rename(tmp_path / "away")
    assert release(store, "auto", tmp_path / "out").manifest.version == "1.0.1"
    done = standoff("diff", "1.0.0", "working", "--root", tmp_path / "corpus", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "are the same" in done.stdout
