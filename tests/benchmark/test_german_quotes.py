"""The German news quotations, as scripts/german_quotes.py makes a corpus of them, and the figures that docs/benchmark.md states."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from standoff.benchmark.data import source, workspace
from standoff.benchmark.report import figure_at
from standoff.benchmark.run import run
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.text.counted import figure


@pytest.fixture(scope="module")
def script(repository: Path) -> Any:
    specification = importlib.util.spec_from_file_location("german_quotes", repository / "scripts" / "german_quotes.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_figures_of_the_page(
    script: Any, data: Path, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "german-quotes"
    script.main(data / "german-news-quotes", root)
    assert capsys.readouterr().out.endswith(f"60 documents in {root}; 6 losses\n")
    checked = report(Store(root), jobs=1)
    assert [problem for problem in checked.problems if problem.severity == "error"] == []
    where = source(str(root), root)
    store = workspace(where, tmp_path / "work")
    board = run(["rule:quotes"], where, store, tmp_path / "r", split="validation", layers=["quotes"])
    (row,) = board.layers["quotes"].models
    page = (repository / "docs" / "benchmark.md").read_text(encoding="utf-8")
    for name in ("content.strict", "content.overlap", "type", "roles.speaker.strict", "roles.cue.strict", "joint"):
        found = figure_at(row, name)
        figures = (figure(found[key]) for key in ("precision", "recall", "f1"))
        reach = "–".join(figure(value) for value in found["interval"])
        assert f"| `{name}` | {' | '.join(figures)} | {reach} |" in page
    counts = row.errors["content"].counts
    assert f"| content | {' | '.join(str(count) for count in counts.values())} |" in page


def test_a_quotation_in_two_pieces(script: Any, tmp_path: Path) -> None:
    """What the source says of one quotation, by hand: its words on both sides of the frame, and who shares its speaker."""
    text = "„Das ist gut“, sagte Anna, „und neu.“ Sie lacht."

    def part(*words: str) -> dict[str, Any]:
        return {"spans": [{"charBegin": text.index(word), "charEnd": text.index(word) + len(word)} for word in words]}

    quote = {
        "id": 0,
        "type": "Direct",
        "medium": "Speech",
        "quote": part("„Das ist gut“", "„und neu.“"),
        "speaker": part("Anna"),
        "cue": part("sagte"),
        "addressee": part(),
    }
    other = {**quote, "id": 1, "quote": part("Sie lacht"), "type": "Reported"}
    sentences = [{"charBegin": 0, "charEnd": 38}, {"charBegin": 38, "charEnd": len(text)}]
    path = tmp_path / "a.json"
    path.write_text("{}")
    stated = {"originalText": text, "annotations": [quote, other], "sentences": sentences}
    found = script.foreign(path, stated, "7", "Anna")
    assert [(span.label, span.extents) for span in found.spans] == [
        ("QUOTE", ((0, 13), (27, 37))),
        ("SPEAKER", ((21, 25),)),
        ("CUE", ((15, 20),)),
        ("QUOTE", ((38, 47),)),
    ]
    assert [span.attributes.get("type") for span in found.spans] == ["direct", None, None, "indirect"]
    assert [(relation.label, relation.head) for relation in found.relations] == [
        *(("speaker", "q0"), ("cue", "q0")),
        *(("speaker", "q1"), ("cue", "q1")),
    ]
    assert script.named("12324 - Jenaer (2) gefasst (2005-09-10)") == ("12324", "Jenaer (2) gefasst", "2005-09-10")
