"""A release as its readers load it: real `load_dataset`, newest and oldest, in a process of its own with an empty cache."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from filelock import FileLock
from uv import find_uv_bin

from release.corpora import REPOSITORY, extents_of, fragments_of
from standoff.corpus.codec import encode
from standoff.corpus.model import By
from standoff.corpus.store import Store
from standoff.release.reading import document_of, set_of

CONFIGURATIONS = ("documents", "ner", "quotes", "events", "annotators")
OLDEST = REPOSITORY / ".venv-datasets-oldest"
"""The lowest versions that pyproject.toml allows; kept between runs."""


def oldest() -> Path:
    """Python with the oldest supported `datasets`; skips the test when it can't be installed."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [name for name in project["dependencies"] if re.match(r"(datasets|pyarrow|huggingface[-_]hub)\b", name)]
    marker = OLDEST / "installed"
    python = OLDEST / "bin" / "python"
    with FileLock(f"{OLDEST}.lock"):
        if not marker.exists() or marker.read_text() != str(wanted):
            shutil.rmtree(OLDEST, ignore_errors=True)
            uv = [find_uv_bin(), "--quiet"]
            install = [*uv, "pip", "install", "--python", str(python), "--resolution", "lowest-direct", *wanted]
            for words in ([*uv, "venv", "--no-project", "--python", sys.executable, str(OLDEST)], install):
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                if done.returncode:
                    pytest.skip(f"no environment with the oldest versions: {done.stderr}")
            marker.write_text(str(wanted))
    return python


def load(python: Path, folder: Path, cache: Path) -> Any:
    environment = {**os.environ, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    environment.pop("PYTHONPATH", None)
    words = [str(python), str(Path(__file__).with_name("loader.py")), str(folder)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["newest", "oldest"])
def loaded(request: pytest.FixtureRequest, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    python = oldest() if request.param == "oldest" else Path(sys.executable)
    return load(python, built, tmp_path_factory.mktemp("cache"))


def test_every_configuration_and_split_loads(loaded: Any) -> None:
    counts = {name: {split: len(rows) for split, rows in loaded[name]["rows"].items()} for name in CONFIGURATIONS}
    assert counts["documents"] == {"train": 1, "validation": 1, "test": 1}
    # A split without rows is not there: an empty one would make everything fail.
    assert counts["ner"] == {"train": 3, "validation": 1, "test": 1}
    assert counts["quotes"] == {"train": 1}
    assert counts["events"] == {"train": 2}
    assert counts["annotators"] == {"train": 3, "validation": 1, "test": 1}
    assert loaded["default"][:2] == ["id", "text"]


def test_filters_columns_and_classes(loaded: Any) -> None:
    assert {name: loaded[name]["filtered"] for name in CONFIGURATIONS} == {
        "documents": ["half"],
        "ner": ["minister#1"],
        "quotes": ["minister#s3"],
        "events": ["minister#s7"],
        "annotators": ["minister#a1"],
    }
    assert loaded["quotes"]["named"] == {"label": ["indirect"]}
    assert loaded["events"]["named"] == {"label": ["Conflict.Attack", "Movement.Transport-Person"]}
    assert loaded["ner"]["named"]["ner_tags"][0][:3] == ["O", "B-GPE", "I-GPE"]
    assert loaded["ner"]["named"]["conll2002_tags"][0][:3] == ["O", "B-LOC", "I-LOC"]


def test_null_and_empty_differ_after_loading(loaded: Any) -> None:
    rows = {split: found[0] for split, found in loaded["documents"]["rows"].items()}
    assert len(rows["train"]["quotes"]) == 1
    assert rows["validation"]["quotes"] is None
    assert rows["test"]["quotes"] == []
    assert {split: row["status"] for split, row in rows.items()} == {
        "train": "draft",
        "validation": "draft",
        "test": "confirmed",
    }


def test_offsets_slice_the_text_of_their_row(loaded: Any) -> None:
    checked = 0
    for name in CONFIGURATIONS:
        for row in [row for rows in loaded[name]["rows"].values() for row in rows]:
            for fragment in fragments_of(row):
                assert row["text"][fragment["start"] : fragment["end"]] == fragment["text"], (name, row["id"])
                checked += 1
            for extent in extents_of(row):
                assert extent["text"] == " ".join(fragment["text"] for fragment in extent["fragments"])
    assert checked > 40


def test_documents_and_sets_come_back_byte_for_byte(corpus: Path, loaded: Any) -> None:
    store = Store(corpus)
    for row in [row for rows in loaded["documents"]["rows"].values() for row in rows]:
        assert encode(document_of(row)) == (corpus / f"corpus/documents/{row['id']}.json").read_bytes()
    names = {"a1": "jan"}
    for row in [row for rows in loaded["annotators"]["rows"].values() for row in rows]:
        found = set_of(row)
        there = store.set(names.get(found.annotator, found.annotator), found.document)
        assert there is not None
        public = tuple(By(annotator="a1" if by.annotator else None, at=by.at) for by in there.confirmed)
        assert encode(found) == encode(
            msgspec.structs.replace(there, annotator=found.annotator, confirmed=public, comments=())
        )
