"""`standoff normalize` as users call it: what it prints, and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import standoff
from standoff.corpus.files import corpus_lock


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    root = tmp_path / "corpus"
    assert standoff("init", root).returncode == 0
    (root / "seeds" / "a.txt").write_text("date 2025-06 Een tekst.\n", encoding="utf-8")
    return root


def test_all_is_well(corpus: Path) -> None:
    done = standoff("normalize", "--root", corpus)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "1 source: 1 document created, 0 updated, 0 unchanged, 0 texts rejected"
    assert (corpus / ".standoff" / "rejects.jsonl").read_bytes() == b""


def test_json_for_programs(corpus: Path) -> None:
    (corpus / "seeds" / "b.jpg").write_bytes(b"\xff")
    (corpus / "seeds" / "c.jsonl").write_text('{"id":"c","text":"T.","by":"x"}\n{\n')
    done = standoff("normalize", "--root", corpus, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert {name: report[name] for name in ("sources", "created", "updated", "unchanged", "left_out", "encodings")} == {
        "sources": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "left_out": {"by": 1},
        "encodings": {"utf-8": 2},
    }
    assert report["changes"] == {"outer_white_space": 1}
    assert report["warnings"] == []
    assert [(r["source"], r["line"], r["id"], r["reason"]) for r in report["rejected"]] == [
        ("seeds/b.jpg", 0, "", "unknown-kind"),
        ("seeds/c.jsonl", 2, "", "bad-json"),
    ]
    assert all(r["detail"] for r in report["rejected"])


def test_rejects_are_shown_with_their_reason_and_where_the_list_is(corpus: Path) -> None:
    (corpus / "seeds" / "[red]b.jpg").write_bytes(b"\xff")
    done = standoff("normalize", "--root", corpus)
    assert done.returncode == 1
    assert "rejected seeds/[red]b.jpg: unknown-kind: " in done.stdout
    assert str(corpus / ".standoff" / "rejects.jsonl") in done.stdout


def test_without_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    done = standoff("normalize", "--root", tmp_path)
    assert done.returncode == 2
    assert "there is no corpus here" in done.stderr
    assert not (tmp_path / ".standoff").exists()


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("\n[normalise]\nfields = {}\n", "did you mean 'normalize'?"),
        ("\n[normalize]\nfield = {}\n", "did you mean 'fields'?"),
        ('\n[normalize]\nfields = { titel = "x" }\n', "did you mean 'title'?"),
    ],
)
def test_a_misspelled_key(corpus: Path, added: str, told: str) -> None:
    path = corpus / "corpus" / "corpus.toml"
    path.write_text(path.read_text() + added)
    done = standoff("normalize", "--root", corpus)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_language_that_cant_be_told_from_others(corpus: Path) -> None:
    path = corpus / "corpus" / "corpus.toml"
    path.write_text(path.read_text().replace('languages = ["nl"]', 'languages = ["nl", "xx"]'))
    done = standoff("normalize", "--root", corpus)
    assert done.returncode == 2
    assert "language xx can't be identified" in done.stderr


def test_another_command_is_writing(corpus: Path) -> None:
    with corpus_lock(corpus):
        done = standoff("normalize", "--root", corpus)
    assert done.returncode == 3
    assert f"process {os.getpid()}" in done.stderr


def test_the_script_is_the_command(corpus: Path, repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repository / "scripts" / "normalize.py"), "seeds/a.txt", "--json"],
        capture_output=True,
        text=True,
        cwd=corpus,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["created"] == 1


def test_what_a_curator_excludes_is_listed_and_no_problem(corpus: Path) -> None:
    (corpus / "seeds" / "b.txt").write_text("Een andere tekst.\n", encoding="utf-8")
    (corpus / "corpus" / "overrides.toml").write_text('[b]\nexclude = true\nreason = "Its publisher asked for it."\n')
    done = standoff("normalize", "--root", corpus)
    assert "rejected seeds/b.txt (b): excluded: " in done.stdout
    assert done.returncode == 0
