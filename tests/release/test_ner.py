"""Sentences with tags: what they hold, what they can't, and that the tags say exactly what is in them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from release.corpora import Draft, minister
from release.strategies import NEWS, TABLES, drafts, released
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import Layer, Scheme, SchemeError, SpanLabel, index
from standoff.corpus.views import layer_views, views
from standoff.release.features import Classes, ListOf
from standoff.release.ner import CROSSING, NESTED, PIECES, UNALIGNED
from standoff.release.tables import plan

LAYERS = layer_views(NEWS)


def classes(column: str) -> tuple[str, ...]:
    kind = TABLES.features["ner"][column]
    assert isinstance(kind, ListOf)
    assert isinstance(kind.item, Classes)
    return kind.item.names


def ner(draft: Draft) -> tuple[list[dict[str, Any]], Counter[str]]:
    built = TABLES.build([released(draft.document, draft.set())], {"gold": "gold"})
    return built.tables["ner"].to_pylist(), built.losses["ner"]


def test_a_row_a_sentence_with_tags() -> None:
    rows, losses = ner(minister())
    assert [row["id"] for row in rows] == ["minister#0", "minister#1", "minister#2"]
    first, second, third = rows
    assert first["tokens"] == ["😀", "Den", "Haag", ",", "11", "juni", "."]
    assert [classes("ner_tags")[tag] for tag in first["ner_tags"]] == ["O", "B-GPE", "I-GPE", "O", "O", "O", "O"]
    assert [classes("conll2002_tags")[tag] for tag in first["conll2002_tags"][:4]] == ["O", "B-LOC", "I-LOC", "O"]
    (place,) = first["entities"]
    assert (place["text"], place["token_start"], place["token_end"], place["in_tags"]) == ("Den Haag", 1, 3, True)
    # DATE has no projection.
    assert [tag for tag in second["conll2002_tags"] if tag] == [classes("conll2002_tags").index("B-LOC")]
    assert len([tag for tag in second["ner_tags"] if tag]) == 2
    assert third["entities"] == []
    assert (third["sentence"], third["section"], third["date"]) == (2, "paragraph", "2025-06")
    assert not losses


def test_classes_are_in_the_order_that_readers_know() -> None:
    assert classes("ner_tags")[:5] == ("O", "B-PERSON", "I-PERSON", "B-NORP", "I-NORP")
    assert classes("conll2002_tags") == (
        *("O", "B-PER", "I-PER", "B-ORG", "I-ORG"),
        *("B-LOC", "I-LOC", "B-MISC", "I-MISC"),
    )
    assert not {"label", "labels"} & set(TABLES.features["ner"])


def test_what_tags_can_not_hold_is_counted_and_stays_in_the_column() -> None:
    draft = Draft("a", "Het Akkoord van Genève van Oost- en West-Europa.", "Wie? Ja.")
    draft.span("LAW", "Akkoord van Genève")
    draft.span("GPE", "Genève")
    draft.span("LOC", "Oost-", "Europa")
    draft.span("LOC", "uropa")
    draft.span("PERSON", "Europa.\nWie")
    rows, losses = ner(draft)
    assert losses == {NESTED: 1, PIECES: 1, UNALIGNED: 1, CROSSING: 1}
    entities = {entity["text"]: entity for entity in rows[0]["entities"]}
    assert {text: entity["in_tags"] for text, entity in entities.items()} == {
        "Akkoord van Genève": True,
        "Genève": False,
        "Oost- Europa": False,
        "uropa": False,
    }
    assert (entities["Genève"]["token_start"], entities["Genève"]["token_end"]) == (3, 4)
    assert (entities["uropa"]["token_start"], entities["uropa"]["token_end"]) == (None, None)


def test_an_outer_span_without_a_projection_does_not_hide_an_inner_one() -> None:
    draft = Draft("a", "De week van Genève begon.")
    draft.span("DATE", "De week van Genève")
    draft.span("GPE", "Genève")
    (row,), losses = ner(draft)
    assert [classes("ner_tags")[tag] for tag in row["ner_tags"][:4]] == ["B-DATE", "I-DATE", "I-DATE", "I-DATE"]
    assert [classes("conll2002_tags")[tag] for tag in row["conll2002_tags"]] == ["O", "O", "O", "B-LOC", "O", "O"]
    assert losses == {NESTED: 1}


def test_a_document_whose_layer_was_not_annotated_has_no_rows() -> None:
    draft = minister()
    row = released(draft.document, draft.set(layers=("quotes",)))
    built = TABLES.build([row], {"gold": "gold"}).tables
    assert built["ner"].num_rows == 0
    assert built["quotes"].num_rows == 1


def test_further_layers_without_relations_get_further_configurations() -> None:
    def layer(name: str) -> Layer:
        return Layer(name=name, color="#000000", labels=(SpanLabel(name=name.upper()),))

    tables = plan(index(Scheme(version="x", layers=(layer("names"), layer("times")))))
    assert list(tables.features) == ["documents", "ner", "ner_times", "annotators"]
    assert "conll2002_tags" not in tables.features["ner"]
    for layers in (["tokens"], ["names", "ner_times", "times"], ["sentence"]):
        with pytest.raises(SchemeError, match="rename"):
            plan(index(Scheme(version="x", layers=tuple(layer(name) for name in layers))))


def _decoded(tags: Sequence[int], names: Sequence[str]) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for place, name in enumerate([names[tag] for tag in tags]):
        if name.startswith("B-"):
            found.append((name[2:], place, place + 1))
        elif name.startswith("I-"):
            label, start, end = found.pop()
            assert (label, end) == (name[2:], place), "IOB2: an I- follows its own B- or I-"
            found.append((label, start, place + 1))
    return found


@given(drafts())
def test_tags_decode_to_the_spans_that_are_in_them(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, sets = drawn
    built = TABLES.build([released(document, *sets)], {"gold": "gold", "jan": "jan"})
    rows, losses = built.tables["ner"].to_pylist(), built.losses["ner"]
    view = views(sets[0], LAYERS, NEWS)["entities"]
    if view is None:
        assert not rows
        assert not losses
        return
    assert len(rows) == len(document.sentences)
    shown = 0
    for row in rows:
        assert row["text"] == document.text[row["offset"] : row["offset"] + len(row["text"])]
        places = zip(row["token_starts"], row["token_ends"], strict=True)
        assert [row["text"][start:end] for start, end in places] == row["tokens"]
        tagged = [
            (entity["label"], entity["token_start"], entity["token_end"])
            for entity in row["entities"]
            if entity["in_tags"]
        ]
        assert _decoded(row["ner_tags"], classes("ner_tags")) == tagged
        for entity in row["entities"]:
            if entity["token_start"] is not None:
                assert row["token_starts"][entity["token_start"]] == entity["start"]
                assert row["token_ends"][entity["token_end"] - 1] == entity["end"]
            shown += 1
    in_tags = sum(entity["in_tags"] for row in rows for entity in row["entities"])
    assert shown + losses[CROSSING] == len(view)
    assert in_tags + losses.total() == len(view)
