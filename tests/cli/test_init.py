"""`standoff init`: a new corpus that is clean, and nothing that was there is touched."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from command import standoff


def test_a_new_corpus_validates_clean(tmp_path: Path) -> None:
    folder = tmp_path / "My Corpus!"
    done = standoff("init", folder, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "my-corpus"
    done = standoff("validate", "--root", folder, "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout) == {"documents": 0, "annotation_sets": 0, "problems": []}
    assert not any(line.startswith("[doccano") for line in (folder / "corpus" / "corpus.toml").read_text().splitlines())


def test_an_existing_corpus_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "corpus.toml").write_text("mine")
    assert standoff("init", tmp_path).returncode == 1
    assert (tmp_path / "corpus" / "corpus.toml").read_text() == "mine"
    assert not (tmp_path / "seeds").exists()


def test_files_that_are_there_are_kept_and_named(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    done = standoff("init", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert ".gitignore" in done.stdout


@pytest.mark.parametrize("after", range(8))
def test_killed_at_any_file_it_is_finished_by_the_next(tmp_path: Path, after: int) -> None:
    whole = tmp_path / "whole" / "mine"
    assert standoff("init", whole).returncode == 0
    killed = tmp_path / "mine"
    code = (
        "import itertools, os, pathlib, sys\n"
        "from standoff.cli import app\n"
        "real, calls = os.replace, itertools.count()\n"
        "def replace(*paths):\n"
        "    if next(calls) == int(sys.argv[2]): os.kill(os.getpid(), 9)\n"
        "    real(*paths)\n"
        "os.replace = replace\n"
        "app(['init', sys.argv[1]])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(killed), str(after)], check=False)
    assert done.returncode == -9
    assert not (killed / "corpus" / "corpus.toml").exists()
    again = standoff("init", killed)
    assert again.returncode == 0, again.stderr
    assert "kept" not in again.stdout
    for path in whole.rglob("*"):
        if path.is_file():
            assert (killed / path.relative_to(whole)).read_bytes() == path.read_bytes()


def test_a_folder_of_somebody_else_is_no_half_made_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "notes.txt").write_text("mine")
    assert standoff("init", tmp_path).returncode == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["corpus", "notes.txt"]


def test_a_bad_name_is_a_usage_error(tmp_path: Path) -> None:
    assert standoff("init", tmp_path / "x", "--name", "../up").returncode == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_the_installed_package_carries_the_templates(tmp_path: Path, repository: Path) -> None:
    """A wheel has no checkout beside it: `init` must find scheme and guidelines inside the package."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    (site,) = environment.glob("lib/python*/site-packages")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)
    subprocess.run(
        [
            str(python),
            "-c",
            "from standoff.corpus.scaffold import scaffold; assert b'news-nl/1' in scaffold('x')['corpus/scheme.toml']",
        ],
        check=True,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p.endswith("site-packages"))},
        cwd=tmp_path,
    )


def test_a_set_is_written_as_the_page_of_the_corpus_says(tmp_path: Path, repository: Path) -> None:
    """The example of docs/corpus.md, in the corpus of the README's tour; then the same set as an editor leaves it."""
    standoff("init", tmp_path)
    assert f"put texts into {tmp_path / 'seeds'}," in standoff("normalize", "--root", tmp_path).stdout
    (tmp_path / "seeds" / "jansen.txt").write_text('Minister Jansen zei dinsdag: "We gaan door."\n')
    standoff("normalize", "--root", tmp_path)
    program = (repository / "docs" / "corpus.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    done = standoff("validate", "--root", tmp_path)
    assert done.stdout == "1 document, 1 annotation set: no problems\n"
    path = tmp_path / "corpus" / "annotations" / "anna" / "jansen.json"
    written = path.read_bytes()
    path.write_text(json.dumps(json.loads(written), indent=1))
    done = standoff("validate", "--root", tmp_path)
    assert "(canonical-form)" in done.stdout
    assert "standoff merge-file FILE FILE FILE" in done.stdout
    done = standoff("merge-file", path, path, path)
    assert done.stdout == "anna/jansen.json: 1 span, 0 relations\n"
    assert path.read_bytes() == written
