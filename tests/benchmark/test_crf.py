"""The CRF: learned from a release, loaded from a file that runs nothing, and as good on the data of 2002 as such models are."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from benchmark.corpora import corpus, pieces, released, tagged
from command import standoff
from standoff.benchmark.crf_features import features
from standoff.benchmark.crf_training import train
from standoff.benchmark.predictor import Request, load
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.release.splits import Split
from standoff.text.iob import TokenSpan, encode

NAMES = ["Anna", "Bert", "Carla", "Dirk", "Els", "Frans"]
TOWNS = ["Gent", "Zwolle", "Delft", "Breda"]
UNSEEN = "Karel B-PER\nwoont O\nin O\nLeuven B-LOC\n. O\n\n"


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A corpus whose names come before "woont in", its release, and the model of it."""
    folder = tmp_path_factory.mktemp("crf")
    lines = "".join(f"{name} B-PER\nwoont O\nin O\n{town} B-LOC\n. O\n\n" for name in NAMES for town in TOWNS)
    tagged(folder / "c", {"train": lines, "test": UNSEEN}, {"train": "train", "test": "test"})
    root, release = folder / "c", released(folder / "c")
    model = folder / "model.crf"
    done = standoff("train", "crf", "--data", release, "--out", model, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["layer"], sorted(told["labels"]), told["data"]["sentences"]) == ("entities", ["LOC", "PER"], 24)
    manifest = json.loads((release / "manifest.json").read_text())
    assert told["data"]["content_sha256"] == manifest["configurations"]["ner"]["train"]["content_sha256"]
    return root, release, model


def test_it_finds_what_it_never_saw(learned: tuple[Path, Path, Path]) -> None:
    root, _, model = learned
    done = standoff("predict", f"crf:{model}", "--set", "crf", "--split", "test", "--root", root, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["problems"] == []
    made = Store(root).set("crf", "test")
    assert made is not None
    assert [(span.text, span.label) for span in made.spans] == [("Karel", "PER"), ("Leuven", "LOC")]
    assert made.layers == ("entities",)


def test_the_same_data_make_the_same_file(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, release, model = learned
    train(release, tmp_path / "again.crf")
    assert (tmp_path / "again.crf").read_bytes() == model.read_bytes()


def test_only_labels_that_occur_are_learned(tmp_path: Path) -> None:
    people = "Gijs B-PER\nslaapt O\n. O\n\n"
    tagged(tmp_path / "c", {"train": people, "test": UNSEEN}, {"train": "train", "test": "test"})
    done = standoff("train", "crf", "--data", released(tmp_path / "c"), "--out", tmp_path / "people.crf")
    assert " learned PER from 1 sentence of" in done.stdout


def test_another_scheme_needs_a_layer_and_a_label_map(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model = learned[2]
    root = tmp_path / "c"
    store = corpus(root)
    with store.lock():
        store.write([Store(learned[0]).document("test")])
    words = ["predict", f"crf:{model}", "--set", "crf", "--root", str(root), "--json"]
    found = json.loads(standoff(*words).stdout)
    assert {problem["rule"] for problem in found["problems"]} == {"model-label"}
    (tmp_path / "map.json").write_text('{"PER": "PERSON", "LOC": "GPE"}')
    assert json.loads(standoff(*words, "--labels", tmp_path / "map.json").stdout)["problems"] == []
    made = store.set("crf", "test")
    assert made is not None
    assert [(span.text, span.label) for span in made.spans] == [("Karel", "PERSON"), ("Leuven", "GPE")]


def test_wrong_files_are_told(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    root, _, model = learned
    raw = model.read_bytes()
    wrong = {
        "the weights are damaged": [raw[:-1], raw.replace(b"lCRF", b"lCRG")],
        "no model of `standoff train crf`": [b"\x80\x04pickle", b'{"a": 1}\n', b""],
        "features of version 0": [raw.replace(b'"features":1', b'"features":0')],
        "no layer 'people'": [raw.replace(b'"layer":"entities"', b'"layer":"people"')],
    }
    for said, contents in wrong.items():
        for content in contents:
            (tmp_path / "wrong.crf").write_bytes(content)
            with pytest.raises(StandoffError, match=said):
                load("crf:", Request(argument=str(tmp_path / "wrong.crf"), store=Store(root)))
    done = standoff("predict", f"crf:{tmp_path}/none.crf", "--root", root)
    assert (done.returncode, "can't be read" in done.stderr) == (1, True)


def test_a_file_that_is_no_model_is_not_overwritten(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, release, model = learned
    other = tmp_path / "corpus.toml"
    other.write_text("[corpus]\n")
    done = standoff("train", "crf", "--data", release, "--out", other)
    assert (done.returncode, other.read_text()) == (2, "[corpus]\n")
    assert "something else than a model" in done.stderr
    shutil.copy(model, other)
    done = standoff("train", "crf", "--data", release, "--out", other)
    assert (done.returncode, done.stderr) == (0, "")
    assert other.read_bytes() == model.read_bytes()
    done = standoff("train", "crf", "--data", release, "--out", other, "--split", "test")
    assert done.returncode == 0
    assert "known from now on test: what this model reaches there says nothing of other texts" in done.stderr


def test_nothing_to_learn_from_is_told(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    root, release, _ = learned
    with pytest.raises(UsageError, match=r"no manifest\.json"):
        train(root, tmp_path / "m.crf")
    with pytest.raises(UsageError, match="it has train, test"):
        train(release, tmp_path / "m.crf", "validation")
    done = standoff("train", "lstm", "--data", release, "--out", tmp_path / "m.crf")
    assert (done.returncode, "nothing to train but crf" in done.stderr) == (2, True)
    assert not (tmp_path / "m.crf").exists()


def test_a_release_that_was_changed_is_not_learned_from(learned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, release, _ = learned
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    train_file = next((copy / "data" / "ner").glob("train*.parquet"))
    shutil.copy(next((copy / "data" / "ner").glob("test*.parquet")), train_file)
    with pytest.raises(StandoffError, match="not what was built"):
        train(copy, tmp_path / "m.crf")
    train_file.unlink()
    with pytest.raises(StandoffError, match="is missing"):
        train(copy, tmp_path / "m.crf")
    assert not (tmp_path / "m.crf").exists()


def test_features_of_a_token() -> None:
    anna, _, _ = features(["Anna-X9", "woont", "."])
    assert {"shape=Xxxx-Xd", "0:short=Xx-Xd", "-2=x9", "+3=Ann", "digit", "hyphen", "first", "-1:none"} <= set(anna)
    assert {"1:word=woont", "1:short=x", "2:word=.", "0:shapes=Xx-Xd x"} <= set(anna)
    assert features([]) == []


@pytest.mark.slow
def test_the_dutch_data_of_2002(data: Path, tmp_path: Path) -> None:
    """F1 on its test part, in pieces of 100 sentences for the interval; seqeval finds the same number."""
    parts: dict[str, Split] = {"train": "train", "test": "test"}
    files = {
        f"{name}-{number:03}": lines
        for name in parts
        for number, lines in enumerate(pieces(data / "conll2002-nl" / f"{name}.conllu", 100))
    }
    root = tmp_path / "c"
    store = tagged(root, files, {id_: parts[id_.partition("-")[0]] for id_ in files})
    release = released(root)
    model = tmp_path / "m.crf"
    assert standoff("train", "crf", "--data", release, "--out", model).returncode == 0
    done = standoff("predict", f"crf:{model}", "--set", "crf", "--split", "test", "--root", root)
    assert done.returncode == 0, done.stderr
    scored = standoff("score", "crf", "--split", "test", "--root", root, "--json")
    assert scored.returncode == 0, scored.stderr
    strict = json.loads(scored.stdout)["entities"]["strict"]
    assert 0.77 < strict["f1"] < 0.80
    assert strict["gold"] == 3_932
    low, high = strict["interval"]
    assert low < strict["f1"] < high
    tags: list[tuple[list[str], list[str]]] = []
    for id_ in files:
        if id_.startswith("test"):
            gold, found = store.set("gold", id_), store.set("crf", id_)
            assert gold is not None
            assert found is not None
            tags += _tags(store.document(id_), gold, found)
    gold_tags, found_tags = zip(*tags, strict=True)
    assert f1_score(list(gold_tags), list(found_tags), mode="strict", scheme=IOB2) == pytest.approx(
        strict["f1"], abs=1e-12
    )


def _tags(document: Document, *sets: AnnotationSet) -> Iterable[Any]:
    """For each sentence the IOB2 tags of both, on pieces so small that no span begins or ends inside one."""
    edges = sorted({edge for annotations in sets for span in annotations.spans for edge in (span.start, span.end)})
    for sentence in document.sentences:
        inside = {sentence.start, sentence.end, *(edge for edge in edges if sentence.start < edge < sentence.end)}
        place = {edge: number for number, edge in enumerate(sorted(inside))}
        yield tuple(
            encode(
                [
                    TokenSpan(place[span.start], place[span.end], span.label)
                    for span in annotations.spans
                    if sentence.start <= span.start < sentence.end
                ],
                len(place) - 1,
                "IOB2",
            )
            for annotations in sets
        )
