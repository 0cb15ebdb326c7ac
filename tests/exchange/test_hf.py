"""Token classification datasets on disk to corpora and back."""

from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given, settings

from command import standoff
from release.strategies import drafts
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.exchange.exporting import export
from standoff.exchange.importing import import_
from standoff.formats import hf
from standoff.formats.foreign import Foreign

ROWS = {
    "id": ["0", "1"],
    "tokens": [["Wolff", ",", "uit", "Den", "Haag"], ["😀", "Bos"]],
    "ner_tags": [[1, 0, 0, 3, 4], [0, 1]],
}
FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "tokens": datasets.List(datasets.Value("string")),
        "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])),
    }
)


def test_names_come_from_the_classes_and_everything_goes_back(tmp_path: Path) -> None:
    made = datasets.Dataset.from_dict(ROWS, features=FEATURES)
    datasets.DatasetDict({"train": made, "test": made.select([0])}).save_to_disk(str(tmp_path / "data"))
    told = import_("hf", tmp_path / "data", tmp_path / "corpus")
    assert (told.created, told.losses, told.left_out) == (2, [], {"column id": 2})
    store = Store(tmp_path / "corpus")
    train = store.document("train")
    assert train.text == "Wolff , uit Den Haag\n😀 Bos"
    annotations = store.set("gold", "train")
    assert annotations
    assert [(span.label, span.text) for span in annotations.spans] == [
        ("PER", "Wolff"),
        ("LOC", "Den Haag"),
        ("PER", "Bos"),
    ]
    done = standoff("export", "hf", tmp_path / "out", "--root", store.root, "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    back = datasets.load_from_disk(str(tmp_path / "out"))
    kept = back.filter(lambda row: row["document"] == "train")
    assert kept["tokens"][:] == ROWS["tokens"]
    classes = back.features["ner_tags"].feature
    assert [classes.int2str(tags) for tags in kept["ner_tags"][:]] == [
        ["B-PER", "O", "O", "B-LOC", "I-LOC"],
        ["O", "B-PER"],
    ]


def test_the_seed_article(repository: Path, tmp_path: Path) -> None:
    told = export("hf", tmp_path / "out", repository)
    assert {"relation", "nested", "discontinuous"} <= {loss.reason for loss in told.losses}
    again = import_("hf", tmp_path / "out", tmp_path / "corpus")
    assert (again.created, again.losses) == (1, [])
    old, new = next(Store(repository).documents()), next(Store(tmp_path / "corpus").documents())
    assert (new.id, len(new.sentences)) == (old.id, len(old.sentences))


def test_rows_of_one_document_that_stand_apart_and_rows_that_begin_one(tmp_path: Path) -> None:
    columns = hf.Columns(tokens="t", tags="c", names=("O", "B-PER"), document="document")
    rows = [
        ("a", "Kees"),
        ("b", "-DOCSTART-"),
        ("b", "Jan"),
        ("b", "-DOCSTART-"),
        ("b", "#"),
        ("a", "Piet"),
        ("a", "Bos"),
    ]
    lines = [{"document": name, "t": [token], "c": [int(token == "Jan")]} for name, token in rows]
    lines.append({"document": "c", "t": ["Bos", "-DOCSTART-"], "c": [1, 0]})
    found = list(hf.read(lines, columns, "train", "f"))
    assert [(text.name, text.text) for text in found if isinstance(text, Foreign)] == [
        ("a", "Kees"),
        ("b-00001", "Jan"),
        ("b-00002", "#"),
        ("c", ""),
    ]
    losses = [loss for text in found for loss in (text.losses if isinstance(text, Foreign) else [text])]
    assert [(loss.reason, loss.place) for loss in losses] == [("apart", "f/train:6"), ("row", "f/train:8")]
    assert losses[0].message == "2 rows of 'a' apart from its others; sort the dataset by 'document' first"


@settings(max_examples=40)
@given(drafts())
def test_what_rows_say_is_what_is_read(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    rows = hf.write(document, annotations)
    names = sorted({tag for tags in rows.tags for tag in tags} | {"O"})
    columns = hf.Columns(tokens="t", tags="c", names=tuple(names))
    lines = [
        {"t": tokens, "c": [names.index(tag) for tag in tags]}
        for tokens, tags in zip(rows.tokens, rows.tags, strict=True)
    ]
    (foreign,) = hf.read(lines, columns, "train", "f")
    assert isinstance(foreign, Foreign)
    assert foreign.losses == []
    assert foreign.text == "\n".join(map(" ".join, rows.tokens))
    assert len(foreign.spans) == sum(tag.startswith("B-") for tags in rows.tags for tag in tags)


def test_classes_without_prefixes_and_rows_that_do_not_fit() -> None:
    columns = hf.Columns(tokens="t", tags="c", names=("O", "PER"))
    rows: list[dict[str, Any]] = [
        {"t": ["Jan", "Bos", "en"], "c": [1, 1, 0]},
        {"t": ["a"], "c": []},
        {"t": None, "c": None},
        {"t": ["a", None], "c": [0, 0]},
        {"t": ["a"], "c": [None]},
        {"t": ["a"], "c": [7]},
    ]
    (foreign,) = hf.read(rows, columns, "train", "f")
    assert isinstance(foreign, Foreign)
    assert [(span.label, span.surface) for span in foreign.spans] == [("PER", "Jan Bos")]
    assert [(loss.reason, loss.place) for loss in foreign.losses] == [
        ("row", "f/train:2"),
        ("row", "f/train:3"),
        ("row", "f/train:4"),
        ("class", "f/train:5"),
        ("class", "f/train:6"),
    ]


@pytest.mark.parametrize("content", [None, "not a dataset"])
def test_what_is_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "data"
    if content is None:
        datasets.Dataset.from_dict({"text": ["a"]}).save_to_disk(str(path))
    else:
        path.write_text(content)
    with pytest.raises(StandoffError, match="token classification" if content is None else "save_to_disk"):
        import_("hf", path, tmp_path / "corpus")
