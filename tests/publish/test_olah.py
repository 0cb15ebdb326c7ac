"""Readers of the Hub get the version that they ask for: olah serves a bare repository as the Hub's read side."""

import json
import os
import subprocess
import sys
from pathlib import Path

from publish.conftest import Releases
from publish.servers import olah
from standoff.publish.git import GitTarget

READER = """
import json, sys
from datasets import load_dataset
rows = lambda *words, **keys: load_dataset("org/tiny", *words, split="train", **keys)
print(json.dumps({
    "old": rows("quotes", revision="v1.0.0").to_list(),
    "new": rows("quotes", revision="v1.1.0").to_list(),
    "newest": rows("quotes").num_rows,
    "streamed": [row["id"] for row in rows("documents", revision="v1.0.0", streaming=True)],
    "label": rows("quotes", revision="v1.0.0").features["label"].names,
}))
"""


def test_an_old_version_stays_as_it_was(releases: Releases, tmp_path: Path) -> None:
    bare = tmp_path / "datasets" / "org" / "tiny"
    bare.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
    for version in ("1.0.0", "1.1.0"):
        GitTarget(str(bare)).put(releases.built(version))
    with olah(tmp_path) as url:
        environment = {
            **os.environ,
            "HF_ENDPOINT": url,
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_OFFLINE": "0",
            "HF_DATASETS_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", READER], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert [row["document_id"] for row in read["old"]] == ["minister"]
    assert [row["document_id"] for row in read["new"]] == ["minister", "second"]
    assert read["new"][0] == read["old"][0]
    assert (read["newest"], read["streamed"], read["label"]) == (2, ["minister"], ["direct", "indirect", "mixed"])
