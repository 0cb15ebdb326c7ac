"""A corpus that was imported is validated, released and loaded as any other: the real ones, whole."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import pytest

from command import standoff
from exchange.conftest import CORPORA, Imports
from release.corpora import commit, extents_of, fragments_of, git
from standoff.corpus.codec import encode
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.exchange.importing import import_
from standoff.release.reading import document_of, set_of

Rows = dict[str, list[dict[str, Any]]]

RELEASED = {
    "conll2002": {"documents": 3, "ner": 23_896, "entities": 19_598},
    "litbank-entities": {"documents": 8, "ner": 716, "entities": 1_091},
    "litbank-events": {"documents": 8, "ner": 716, "entities": 634},
    "litbank-quotations": {"documents": 8, "ner": 716, "entities": 88},
    "meantime": {"documents": 120, "ner": 1_590, "entities": 3_335},
    "quotes": {"documents": 60, "ner": 793, "entities": 400, "relations": 272, "arguments": 476},
}
"""Rows of each configuration, and what is in them: entities that cross a boundary of sentences are in `documents` alone."""


def released(root: Path) -> Path:
    git(root, "init", "-q")
    assert standoff("split", "--root", root).returncode == 0
    commit(root)
    done = standoff("release", "--root", root, "--out", root / "dist")
    assert done.returncode == 0, done.stderr
    return root / "dist" / root.name / "1.0.0"


def loaded(folder: Path, cache: Path) -> Rows:
    """The rows of every configuration. Wherever one states a place, its text is there."""
    found = {}
    for name in datasets.get_dataset_config_names(str(folder)):
        splits = datasets.load_dataset(str(folder), name, cache_dir=str(cache))
        found[str(name)] = [row for rows in splits.values() for row in rows.to_list()]
        for row in found[str(name)]:
            for fragment in fragments_of(row):
                assert row["text"][fragment["start"] : fragment["end"]] == fragment["text"], (name, row["id"])
            for extent in extents_of(row):
                assert extent["text"] == " ".join(fragment["text"] for fragment in extent["fragments"])
    return found


@pytest.mark.parametrize("name", CORPORA)
def test_real_corpora_are_released_and_loaded(name: str, imported: Imports, page: str, tmp_path: Path) -> None:
    _, kept, told = imported(name)
    root = shutil.copytree(kept, tmp_path / kept.name)
    store = Store(root)
    problems = Counter((problem.rule, problem.severity) for problem in report(store, jobs=1).problems)
    crossing = problems.pop(("sentence-boundary", "warning"), 0)
    assert not problems
    rows = loaded(released(root), tmp_path / "cache")

    assert {row["id"]: encode(document_of(row)) for row in rows["documents"]} == {
        document.id: encode(document) for document in store.documents()
    }
    sets = {annotations.document: encode(annotations) for annotations in store.sets("gold")}
    assert {row["document_id"]: encode(set_of(row)) for row in rows["annotators"]} == sets
    assert (len(rows["documents"]), len(rows["annotators"])) == (told.created, told.sets)
    assert sum(len(row["spans"]) for row in rows["annotators"]) == told.spans

    whole = sum(len(row["entities"]) for row in rows["documents"])
    counts = {
        "documents": len(rows["documents"]),
        "ner": len(rows["ner"]),
        "entities": sum(len(row["entities"]) for row in rows["ner"]),
    }
    assert whole - counts["entities"] <= crossing
    if told.relations:
        counts["relations"] = len(rows["relations"])
        counts["arguments"] = sum(len(row["arguments"]) for row in rows["relations"])
        assert counts["arguments"] == told.relations
        assert whole + sum(span["label"] in HEADS for row in rows["annotators"] for span in row["spans"]) == told.spans
    else:
        assert whole == told.spans
    assert counts == RELEASED[name]
    assert f"| {', '.join(f'{number:,} {words(what)}' for what, number in counts.items())} |" in page


HEADS = {"Indirect", "Direct", "Reported", "IndirectFreeIndirect", "FreeIndirect"}
"""Labels that relations of the German quotes start from: frames, and so no entities."""


def words(what: str) -> str:
    return {"documents": "documents", "ner": "sentences", "relations": "frames"}.get(what, what)


EVENTS = "T1\tOrg 0 4\tSony\nT2\tMerge 28 41\tjoint venture\nT3\tOrg 8 16\tEricsson\nE1\tMerge:T2 Who:T1 Who2:T3\nA1\tNegation E1\n"


def test_events_are_frames_of_a_release(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Sony en Ericsson vormen een joint venture 😀. Sony groeit.\n")
    (tmp_path / "a.ann").write_text(EVENTS)
    import_("brat", tmp_path / "a.ann", tmp_path / "c", license_="CC-BY-4.0")
    (frame,) = loaded(released(tmp_path / "c"), tmp_path / "cache")["relations"]
    assert [argument["text"] for argument in frame["arguments"]] == ["Sony", "Ericsson"]
