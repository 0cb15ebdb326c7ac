"""Names learnt by heart: from the training split alone, the longest first, and only those that are mostly names."""

from pathlib import Path

import msgspec
import pytest

from benchmark.corpora import corpus
from standoff.benchmark.predictor import Request, load
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Document, Extent, Fragment, Section, Source, Span
from standoff.corpus.store import Store
from standoff.errors import UsageError


def document(id_: str, text: str) -> Document:
    return Document(
        id=id_,
        language="nl",
        source=Source(file="x", sha256="0" * 64),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=(Extent(start=0, end=len(text)),),
    )


def gold(document: Document, **labels: str) -> AnnotationSet:
    spans = []
    for number, (name, label) in enumerate(labels.items()):
        surface = name.replace("_", " ")
        start = document.text.index(surface)
        spans.append(
            Span(
                id=f"s{number}",
                label=label,
                fragments=(Fragment(start=start, end=start + len(surface), text=surface),),
                attributes={"entity": surface},
            )
        )
    return AnnotationSet(
        document=document.id,
        text_sha256=sha256(document.text),
        annotator="gold",
        kind="human",
        scheme="news-nl/1",
        layers=("entities",),
        spans=tuple(spans),
        relations=(),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:

    store = corpus(tmp_path / "c")
    one = document("one", "Anna Bos woont in Den Haag. De Post en de post, de post, de post is er.")
    two = document("two", "Geheim Kees is van de test.")
    with store.lock():
        store.write(
            [
                one,
                two,
                gold(one, Anna_Bos="PERSON", Anna="PERSON", Den_Haag="GPE", post="ORG"),
                gold(two, Kees="PERSON"),
            ]
        )
    (store.folder / "splits.json").write_text('{"documents": {"one": "train", "two": "test"}}')
    return store


def test_names_of_the_training_split_are_found_elsewhere(store: Store) -> None:
    predictor = load("gazetteer:gold", Request(argument="gold", store=store))
    text = "In Den Haag zag Kees de post, Anna Bosman en Anna Bos; ANNA niet."
    (prediction,) = predictor.predict([document("x", text)])
    found = [(span.label, text[slice(*span.fragments[0])], span.attributes["entity"]) for span in prediction.spans]
    assert found == [("GPE", "Den Haag", "Den Haag"), ("PERSON", "Anna", "Anna"), ("PERSON", "Anna Bos", "Anna Bos")]


def test_without_names_there_is_nothing_to_learn(store: Store) -> None:
    with pytest.raises(UsageError, match="standoff split"):
        load("gazetteer:nobody", Request(argument="nobody", store=store))


def test_nothing_is_learnt_from_what_a_curator_excludes(store: Store) -> None:
    (store.folder / "overrides.toml").write_text('[one]\nexclude = true\nreason = "Its publisher asked for it."\n')
    with pytest.raises(UsageError, match="no labelled names"):
        load("gazetteer:gold", Request(argument="gold", store=store))


def test_where_names_were_not_annotated_they_are_not_other_words(store: Store) -> None:
    three = document("three", "Den Haag, Den Haag en Den Haag.")
    with store.lock():
        store.write([three, msgspec.structs.replace(gold(three), layers=("quotes",))])
    (store.folder / "splits.json").write_text('{"documents": {"one": "train", "three": "train", "two": "test"}}')
    predictor = load("gazetteer:gold", Request(argument="gold", store=store))
    (prediction,) = predictor.predict([document("x", "In Den Haag.")])
    assert [span.label for span in prediction.spans] == ["GPE"]
