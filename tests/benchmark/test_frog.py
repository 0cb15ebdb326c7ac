"""Frog itself, on the seed article and on what it can't read."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from benchmark.corpora import corpus
from command import standoff
from standoff.benchmark.frog import load
from standoff.benchmark.predictor import PredictorError, Request
from standoff.corpus.model import Document, Extent, Section, Source
from standoff.corpus.store import Store
from standoff.errors import UsageError

needs_frog = pytest.mark.skipif(shutil.which("frog") is None, reason="frog is not installed (Debian: frog ucto)")


def document(id_: str, text: str, language: str = "nl") -> Document:
    whole = (Extent(start=0, end=len(text)),)
    return Document(
        id=id_,
        language=language,
        source=Source(file="x", sha256="0" * 64, license="unknown"),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=whole,
    )


@needs_frog
def test_the_seed_article(repository: Path, tmp_path: Path) -> None:
    root = tmp_path / "c"
    shutil.copytree(repository / "corpus", root / "corpus")
    done = standoff("predict", "frog", "--root", root, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["failed"], told["set"], told["version"]) == (0, "frog", "frog 0.20")
    assert {problem["message"] for problem in told["problems"]} == {"'MISC' is not in the model's label map; left out"}
    store = Store(root)
    (made,) = store.sets("frog")
    found = {(span.text, span.label) for span in made.spans}
    assert {("Donald Trump", "PERSON"), ("Londen", "GPE"), ("China", "GPE")} <= found
    scored = json.loads(standoff("score", "frog", "--root", root, "--layer", "entities", "--json").stdout)
    assert scored["entities"]["exact"]["f1"] == pytest.approx(0.75)
    assert scored["entities"]["labels"]["GPE"]["strict"]["recall"] == 1


@needs_frog
def test_what_it_can_not_read_does_no_harm_to_the_rest(tmp_path: Path) -> None:
    predictor = load(Request(argument="", store=corpus(tmp_path)))
    few = [
        document("a", "😀 Jan de Vries woont in Den Haag."),
        document("b", "Angela Merkel lebt in Berlin.", language="de"),
        document("c", "<b>Els</b> & \u200b \\ \"Piet\" 'Klaas' | e\u0301\u0301 \ufeff."),
        document("d", "Morgen reist Jan de Vries naar Gent."),
    ]
    predictions = list(predictor.predict(few))
    assert [prediction.document for prediction in predictions] == ["a", "b", "c", "d"]
    expected = {0: ["Jan de Vries", "Den Haag"], 3: ["Jan de Vries", "Gent"]}
    for place, names in expected.items():
        text = few[place].text
        found = [(text[slice(*span.fragments[0])], predictor.labels[span.label]) for span in predictions[place].spans]
        assert found == list(zip(names, ("PERSON", "GPE"), strict=True))
    assert predictions[1].failure == "it reads Dutch, and this is 'de'"


# A frog for faults: it answers for other words where a text says "stray", and ends where it says "crash".
DOUBLE = """#!{python}
import json, sys
lines = open(sys.argv[sys.argv.index("-t") + 1]).read().splitlines() if "-t" in sys.argv else []
if any("crash" in line for line in lines):
    sys.exit("no memory left")
for line in lines:
    print(json.dumps([{{"word": word.replace("stray", "astray"), "ner": {{"tag": "B-PER"}}}} for word in line.split()]))
"""


def test_words_that_are_not_those_of_the_text_fail_their_document_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "frog").write_text(DOUBLE.format(python=sys.executable))
    (tmp_path / "frog").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    predictor = load(Request(argument="", store=corpus(tmp_path / "c")))
    few = [document(id_, "stray Els" if id_ == "c" else "Els zag") for id_ in "abcde"]
    predictions = list(predictor.predict(few))
    assert [prediction.document for prediction in predictions] == ["a", "b", "c", "d", "e"]
    assert [prediction.failure for prediction in predictions] == [
        *(None, None),
        "its words are not those of the text",
        *(None, None),
    ]
    assert [len(prediction.spans) for prediction in predictions] == [2, 2, 0, 2, 2]
    with pytest.raises(PredictorError, match=r"exit code 1\. It said: no memory left"):
        list(predictor.predict([document("a", "crash")]))


def test_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = corpus(tmp_path)
    with pytest.raises(UsageError, match="no name behind a colon"):
        load(Request(argument="nl", store=store))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PredictorError, match="apt-get install frog"):
        load(Request(argument="", store=store))
