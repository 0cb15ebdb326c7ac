"""A corpus that was imported is validated, released and loaded as any other."""

import os
import subprocess
import sys
from pathlib import Path

from command import standoff
from release.corpora import commit, git
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.exchange.importing import import_

LOAD = """
import sys
from datasets import disable_progress_bars, load_dataset
disable_progress_bars()
for words in sys.argv[1:]:
    folder, _, name = words.partition("#")
    rows = load_dataset(folder, name, split="train")
    for row in rows:
        for span in [*(row.get("entities") or ()), *([row["head"]] if "head" in row else [])]:
            piece = span["fragments"][0]
            assert row["text"][piece["start"]:piece["end"]] == piece["text"]
    print(rows.num_rows)
"""
EVENTS = "T1\tOrg 0 4\tSony\nT2\tMerge 28 41\tjoint venture\nT3\tOrg 8 16\tEricsson\nE1\tMerge:T2 Who:T1 Who2:T3\nA1\tNegation E1\n"


def released(root: Path) -> Path:
    assert report(Store(root), jobs=1).problems == ()
    git(root, "init", "-q")
    assert standoff("split", "--root", root).returncode == 0
    commit(root)
    done = standoff("release", "--root", root, "--out", root / "dist")
    assert done.returncode == 0, done.stderr
    return root / "dist" / root.name / "1.0.0"


def test_imported_corpora_are_released_and_loaded(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Sony en Ericsson vormen een joint venture 😀. Sony groeit.\n")
    (tmp_path / "a.ann").write_text(EVENTS)
    sources = {
        "books": ("brat", data / "litbank" / "entities"),
        "news": ("conll", data / "conll2002-nl" / "val.conllu"),
        "events": ("brat", tmp_path / "a.ann"),
    }
    folders = {}
    for name, (format_, path) in sources.items():
        import_(format_, path, tmp_path / name, license_="CC-BY-4.0")
        folders[name] = released(tmp_path / name)
    wanted = [
        f"{folders['books']}#documents",
        f"{folders['books']}#ner",
        f"{folders['news']}#ner",
        f"{folders['events']}#relations",
    ]
    environment = {**os.environ, "HF_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", LOAD, *wanted]
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr
    documents, _, sentences, frames = map(int, loaded.stdout.split())
    assert (documents, sentences, frames) == (8, 2_895, 1)
