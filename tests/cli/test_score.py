"""`standoff score` and `standoff agreement` as they are run."""

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from command import standoff
from release.corpora import Draft, minister, write_corpus
from standoff.corpus.model import Provenance
from standoff.corpus.store import Store


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three documents. The model has one as gold, one without its quote and with an entity of its own, entities only; the
    third isn't its. `rater` has the first."""
    root = tmp_path_factory.mktemp("scored")
    records: list[Any] = []
    for name in ("a", "b", "c"):
        draft = minister(name)
        records += [draft.document, draft.set()]
    worse = minister("b")
    worse.spans[2] = msgspec.structs.replace(worse.spans[2], label="LOC")
    records += [minister("a").set("model", kind="model"), worse.set("model", kind="model", layers=("entities",))]
    records.append(minister("a").set("rater", kind="human"))
    odd = minister("a")
    odd.span("MOOD", "vrees")
    records.append(odd.set("odd", kind="model"))
    write_corpus(root, records)
    (root / "corpus" / "splits.json").write_text('{"documents": {"a": "train", "b": "test"}}')
    return root


def result(*words: str | Path) -> Any:
    done = standoff(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_figures_are_there_at_full_precision(corpus: Path) -> None:
    found = result("score", "model", "--root", corpus)
    assert found["entities"]["strict"]["f1"] == 5 / 6
    assert found["entities"]["exact"]["f1"] == 1.0
    assert found["entities"]["labels"]["GPE"]["strict"]["recall"] == 3 / 4
    assert found["entities"]["macro"]["strict"]["f1"] == pytest.approx((6 / 7 + 1 + 0) / 3)
    low, high = found["entities"]["strict"]["interval"]
    assert low == pytest.approx(2 / 3)
    assert high == 1.0
    assert found["quotes"]["joint"]["gold"] == 1
    about = found["_about"]
    assert (about["documents"], about["layers"]) == (2, {"entities": 2, "quotes": 1, "events": 1})
    assert about["left_out"] == {"only gold": 1, "only model": 0, "no layer in common": 0, "excluded": 0}


def test_a_split_and_a_layer(corpus: Path) -> None:
    found = result("score", "model", "--root", corpus, "--split", "test", "--layer", "entities")
    assert found["_about"]["documents"] == 1
    assert found["entities"]["strict"]["correct"] == 2
    assert found["entities"]["strict"]["interval"] is None
    assert "quotes" not in found


def test_people_see_a_table(corpus: Path) -> None:
    done = standoff("score", "model", "--root", corpus)
    assert done.returncode == 0, done.stderr
    assert "strict" in done.stdout
    assert "0.833" in done.stdout
    assert "model against gold: 2 documents; left out: 1 only gold" in done.stdout


def test_any_annotator_can_be_gold(corpus: Path) -> None:
    assert result("score", "model", "--against", "rater", "--root", corpus)["entities"]["strict"]["f1"] == 1.0
    assert result("score", "gold", "--root", corpus)["events"]["trigger"]["classification"]["f1"] == 1.0


def test_what_the_scheme_lacks_is_told(corpus: Path) -> None:
    done = standoff("score", "odd", "--root", corpus, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["_about"]["unknown_labels"] == {"odd": {"MOOD": 1}}
    assert "MOOD (1 document)" in done.stderr


def test_agreement_of_every_pair(corpus: Path) -> None:
    found = result("agreement", "gold", "model", "rater", "--root", corpus)
    pairs = {(pair["first"], pair["second"]): pair["layers"] for pair in found["pairs"]}
    entities = pairs["gold", "model"]["entities"]
    assert entities["f1"] == 5 / 6
    assert entities["documents"]["b"]["f1"] == 2 / 3
    assert {"first": "GPE", "second": "LOC", "number": 1} in entities["confusion"]
    assert pairs["gold", "rater"]["events"]["attributes"]["realis"]["kappa"] == 1.0
    assert list(pairs["model", "rater"]["quotes"]["documents"]) == ["a"]


def test_what_agreement_leaves_out_is_counted(corpus: Path) -> None:
    (pair,) = result("agreement", "gold", "model", "--root", corpus)["pairs"]
    assert pair["left_out"] == {"only gold": 1, "only model": 0, "no layer in common": 0, "excluded": 0}
    (pair,) = result("agreement", "model", "rater", "--root", corpus)["pairs"]
    assert pair["left_out"] == {"only model": 1, "only rater": 0, "no layer in common": 0, "excluded": 0}
    assert "gold and rater; left out: 2 only gold" in standoff("agreement", "gold", "rater", "--root", corpus).stdout


def test_agreement_is_of_all_but_the_released_set(corpus: Path) -> None:
    done = standoff("agreement", "--root", corpus, "--layer", "quotes")
    assert done.returncode == 1  # for MOOD
    assert "model and rater" in done.stdout
    assert "gold" not in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("score", "nobody"), 2, "no such annotator; there are gold, model, odd, rater"),
        (("score", "../gold"), 2, "no such annotator"),
        (("score", "model", "--layer", "moods"), 2, "the scheme has entities, quotes, events"),
        (("score", "model", "--split", "dev"), 2, "there are train, validation, test"),
        (("score", "rater", "--split", "test"), 1, "no document in split test"),
        (("score", "model", "--split", "validation"), 2, "no document is in it; `standoff split` deals documents"),
        (("agreement", "gold"), 2, "needs two annotators"),
        (("agreement", "gold", "nobody"), 2, "no such annotator"),
        (("agreement", "gold", "rater", "--layer", "moods"), 2, "the scheme has"),
    ],
)
def test_errors_say_what_to_do(corpus: Path, words: tuple[str, ...], code: int, message: str) -> None:
    done = standoff(*words, "--root", corpus)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stdout == ""


def test_sets_of_different_texts_stop_it(tmp_path: Path) -> None:
    draft = Draft("a", "Den Haag.")
    other = msgspec.structs.replace(draft.set("model"), text_sha256="0" * 64)
    store = write_corpus(tmp_path, [draft.document, draft.set(), other])
    commands = ("score", "model"), ("agreement", "gold", "model")
    for words in commands:
        done = standoff(*words, "--root", tmp_path)
        assert done.returncode == 1
        assert "model/a: made on another text than the document's; run `standoff validate`" in done.stderr
    with store.lock():
        store.remove_set("model", "a")
        store.write([msgspec.structs.replace(one, document="b") for one in (other, draft.set())])
    for words in commands:
        assert "gold/b: there is no such document" in standoff(*words, "--root", tmp_path).stderr


def test_only_what_is_compared_has_to_be_sound(corpus: Path, tmp_path: Path) -> None:
    """Sets that nothing is compared with: of one document of the other split, of one that is gold's alone, of a third one."""
    shutil.copytree(corpus, tmp_path, dirs_exist_ok=True)
    store = Store(tmp_path)
    stale = [store.set(name, id_) for name, id_ in (("model", "a"), ("gold", "c"), ("rater", "a"))]
    with store.lock():
        store.write([msgspec.structs.replace(one, text_sha256="0" * 64) for one in stale if one])
    assert result("score", "model", "--split", "test", "--root", tmp_path)["_about"]["documents"] == 1
    assert "model/a: made on another text" in standoff("score", "model", "--root", tmp_path).stderr
    (tmp_path / "corpus" / "documents" / "a.json").unlink()
    assert result("score", "model", "--split", "test", "--root", tmp_path)["_about"]["documents"] == 1
    (tmp_path / "corpus" / "annotations" / "model" / "a.json").unlink()
    (pair,) = result("agreement", "gold", "model", "--root", tmp_path)["pairs"]
    assert pair["left_out"] == {"only gold": 2, "only model": 0, "no layer in common": 0, "excluded": 0}


def test_what_a_curator_excludes_is_not_compared(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path, dirs_exist_ok=True)
    overrides = tmp_path / "corpus" / "overrides.toml"
    overrides.write_text('[a]\nexclude = true\nreason = "Its publisher asked for it."\n')
    about = result("score", "model", "--root", tmp_path)["_about"]
    assert (about["documents"], about["left_out"]["excluded"]) == (1, 1)
    done = standoff("score", "model", "--root", tmp_path, "--split", "train")
    assert (done.returncode, done.stdout) == (1, "")
    assert "(excluded: 1)" in done.stderr
    (pair,) = result("agreement", "gold", "model", "--root", tmp_path)["pairs"]
    assert list(pair["layers"]["entities"]["documents"]) == ["b"]
    assert pair["left_out"] == {"only gold": 1, "only model": 0, "no layer in common": 0, "excluded": 1}


def test_a_set_whose_spans_are_not_where_they_say_is_trusted_by_nobody(tmp_path: Path) -> None:
    draft = Draft("a", "Den Haag en Zwolle.")
    draft.span("GPE", "Den Haag")
    store = write_corpus(tmp_path, [draft.document, draft.set(), draft.set("ben", kind="human")])
    (store.folder / "splits.json").write_text('{"documents": {"a": "train"}}')
    path = store.folder / "annotations" / "gold" / "a.json"
    path.write_bytes(path.read_bytes().replace(b'"start":0,"end":8', b'"start":1,"end":9'))
    for words in (
        ("score", "ben"),
        ("agreement", "gold", "ben"),
        ("show", "a"),
        ("export", "brat", str(tmp_path / "out")),
        ("adjudicate", "gold", "ben", "--set", "both"),
        ("predict", "gazetteer:gold"),
        ("benchmark", "rule:quotes", "--split", "train"),
    ):
        done = standoff(*words, "--root", tmp_path, cwd=tmp_path)
        assert done.returncode == 1, words
        assert "s0 is not where it says, 'Den Haag' at 1:9;" in done.stderr + done.stdout, words


def test_predictions_of_two_versions_are_told(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path, dirs_exist_ok=True)
    store = Store(tmp_path)
    assert "mixed" not in standoff("score", "model", "--root", tmp_path).stderr
    with store.lock():
        store.write(
            [
                msgspec.structs.replace(one, provenance=Provenance(tool="x", model="m", version=one.document))
                for one in list(store.sets("model"))
            ]
        )
    for words in (("score", "model"), ("agreement", "gold", "model")):
        done = standoff(*words, "--root", tmp_path)
        assert done.returncode == 0
        assert "mixed model: 1 document by version a, 1 document by version b;" in done.stderr
    assert "mixed" not in standoff("score", "model", "--split", "test", "--root", tmp_path).stderr
