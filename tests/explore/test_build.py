"""`standoff explore`: what is written, and what is refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from command import standoff
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.explore.build import build

SEED = "000_31863ef30e6d4108"


@pytest.fixture
def corpus(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("sync"))
    return tmp_path


def test_pages_are_built_and_built_again_the_same(corpus: Path) -> None:
    done = standoff("explore", "--root", corpus, "--out", corpus / "site", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["sets"] == ["gold", "annotator-a", "annotator-b"]
    assert told["documents"] == 1
    files = {path.relative_to(corpus): path.read_bytes() for path in (corpus / "site").rglob("*") if path.is_file()}
    assert told["files"] == len(files)
    assert Path("site/index.html") in files
    (corpus / "site" / "documents" / "gone.js").write_text("left by a document that is gone")
    build(Store(corpus), told["sets"], corpus / "site")
    assert files == {
        path.relative_to(corpus): path.read_bytes() for path in (corpus / "site").rglob("*") if path.is_file()
    }
    assert sorted(path.name for path in corpus.iterdir()) == ["corpus", "site"]


def test_a_folder_with_something_else_is_left_alone(corpus: Path) -> None:
    (corpus / "mine").mkdir()
    (corpus / "mine" / "thesis.tex").write_text("years of work")
    done = standoff("explore", "--root", corpus, "--out", corpus / "mine")
    assert done.returncode == 2
    assert "something else" in done.stderr
    assert (corpus / "mine" / "thesis.tex").read_text() == "years of work"


def test_what_others_put_beside_the_pages_stays(corpus: Path) -> None:
    site = corpus / "site"
    build(Store(corpus), ["gold"], site)
    (site / "CNAME").write_text("corpus.example\n")
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").write_text("ref: refs/heads/pages\n")
    (site / "documents" / "notes.txt").write_text("mine")
    (site / "latest").symlink_to("nowhere")
    (site / "documents" / "gone.js").write_text("left by a document that is gone")
    build(Store(corpus), ["gold"], site)
    assert (site / "CNAME").read_text() == "corpus.example\n"
    assert (site / ".git" / "HEAD").read_text() == "ref: refs/heads/pages\n"
    assert (site / "documents" / "notes.txt").read_text() == "mine"
    assert (site / "latest").is_symlink()
    assert not (site / "documents" / "gone.js").exists()


def test_pages_that_cannot_be_put_in_their_place_leave_the_old_ones(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = corpus / "site"
    build(Store(corpus), ["gold"], site)
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(Store(corpus), ["gold"], site)
    assert (site / "index.html").is_file()


def test_what_a_curator_excludes_is_not_shown(corpus: Path) -> None:
    store = Store(corpus)
    kept = msgspec.structs.replace(store.document(SEED), id="another")
    stale = store.set("gold", SEED)
    assert stale
    with store.lock():
        store.write([kept, msgspec.structs.replace(stale, text_sha256="0" * 64)])
    overrides = corpus / "corpus" / "overrides.toml"
    overrides.write_text(f'["{SEED}"]\nexclude = true\nreason = "Its publisher wants it removed."\n')
    done = standoff("explore", "--root", corpus, "--out", corpus / "site", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["documents"], told["excluded"]) == (1, 1)
    assert "1 document that corpus/overrides.toml excludes" in done.stderr
    assert [path.name for path in (corpus / "site" / "documents").iterdir()] == ["another.js"]
    (corpus / "corpus" / "documents" / "another.json").unlink()
    done = standoff("explore", "--root", corpus, "--out", corpus / "site2")
    assert done.returncode == 1
    assert "excludes 1 document, and there is no other" in done.stderr


def test_sets_on_another_text_are_left_out_and_told(corpus: Path) -> None:
    path = corpus / "corpus" / "annotations" / "annotator-b" / f"{SEED}.json"
    path.write_text(path.read_text().replace('"text_sha256": "7', '"text_sha256": "8'))
    done = standoff("explore", "--root", corpus, "--out", corpus / "site", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["skipped"] == {"made on another text than the document's": 1}
    assert "left out 1 set" in done.stderr


def test_sets_with_a_span_that_is_not_where_it_says_are_left_out_and_told(corpus: Path) -> None:
    path = corpus / "corpus" / "annotations" / "annotator-b" / f"{SEED}.json"
    path.write_text(path.read_text().replace('"text":"China"', '"text":"Chima"', 1))
    assert "Chima" in path.read_text()
    done = standoff("explore", "--root", corpus, "--out", corpus / "site", "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["skipped"] == {"a span is not where it says": 1}


def test_an_unknown_set_is_a_usage_error(corpus: Path) -> None:
    assert standoff("explore", "--root", corpus, "--out", corpus / "site", "--set", "nobody").returncode == 2
    assert not (corpus / "site").exists()


def test_sets_are_chosen_and_ordered(corpus: Path) -> None:
    done = standoff(
        "explore", "--root", corpus, "--out", corpus / "site", "--set", "annotator-a", "--against", "gold", "--json"
    )
    assert json.loads(done.stdout)["sets"] == ["annotator-a", "gold"]


def test_what_a_killed_build_leaves_is_not_committed(corpus: Path) -> None:
    """`.gitignore` leaves out what ends so; the words of all texts are in it."""
    seen: list[str] = []
    build(Store(corpus), ["gold"], corpus / "site", lambda: seen.extend(path.name for path in corpus.glob(".*")))
    assert seen
    assert all(name.endswith(".tmp") for name in seen)


def test_a_build_that_fails_leaves_the_old_pages(corpus: Path) -> None:
    build(Store(corpus), ["gold"], corpus / "site")
    before = {path: path.read_bytes() for path in corpus.rglob("site/**/*") if path.is_file()}
    (corpus / "corpus" / "documents" / "zzz.json").write_text('{"id": "zzz", torn')
    with pytest.raises(StandoffError, match=r"zzz\.json"):
        build(Store(corpus), ["gold"], corpus / "site")
    assert before == {path: path.read_bytes() for path in corpus.rglob("site/**/*") if path.is_file()}
    assert sorted(path.name for path in corpus.iterdir()) == ["corpus", "site"]


def test_a_corpus_without_documents_says_what_to_do(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for name in ("corpus.toml", "scheme.toml"):
        shutil.copy(repository / "corpus" / name, tmp_path / "corpus" / name)
    with pytest.raises(StandoffError, match="standoff normalize"):
        build(Store(tmp_path), [], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_reports_are_taken_from_where_the_command_runs(corpus: Path, reports: Path) -> None:
    shutil.copytree(reports, corpus / "reports", ignore=shutil.ignore_patterns("work", "results"))
    done = standoff("explore", "--out", "site", cwd=corpus)
    assert done.returncode == 0, done.stderr
    assert "leaderboard: nl-news-standoff" in done.stdout
    assert sorted(path.name for path in (corpus / "site" / "data").glob("board-*")) == ["board-0.js", "board-1.js"]
    done = standoff("explore", "--out", "site", "--reports", "corpus", cwd=corpus)
    assert (done.returncode, "no leaderboard.json there" in done.stderr) == (2, True)


def test_gamma_is_measured_when_it_is_asked_for(corpus: Path) -> None:
    """Here both sets are empty, so that there is nothing to align, and the library that takes seconds to load is not needed."""
    store = Store(corpus)
    for name in ("annotator-a", "annotator-b"):
        annotations = store.set(name, SEED)
        assert annotations is not None
        with store.lock():
            store.write([msgspec.structs.replace(annotations, spans=(), relations=())])
    words = ("explore", "--root", corpus, "--out", corpus / "site", "--set", "annotator-a", "--against", "annotator-b")
    for more, told in ((), "false"), (("--gamma",), "true"):
        done = standoff(*words, *more)
        assert done.returncode == 0, done.stderr
        assert f'"gamma":{told}' in (corpus / "site" / "corpus.js").read_text()


def test_pages_are_built_without_what_reads_releases() -> None:
    """It would double the memory that a build takes."""
    code = "import sys, standoff.cli.explore; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
