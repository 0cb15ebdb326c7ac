"""Prodigy's JSONL: what it can hold comes back, and what it can't is told."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given

from formats.meaning import meaning
from release.corpora import minister
from release.strategies import drafts
from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.formats import prodigy
from standoff.formats.foreign import Foreign

HELD = ("attributes", "score", "note")


def read(task: Any) -> Foreign:
    return prodigy.read(json.dumps(task).encode(), "f", 1)


@given(drafts())
def test_all_but_what_is_told_comes_back(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    written = prodigy.write(document, annotations)
    assert written.content.count("\n") == 1
    foreign = prodigy.read(written.content.encode(), "f", 1)
    assert (foreign.text, foreign.name, foreign.losses) == (document.text, document.id, [])
    assert foreign.confirmed == bool(annotations.confirmed)
    assert meaning(foreign, HELD) == meaning(annotations, HELD)
    assert {span.id for span in foreign.spans} == {span.id for span in annotations.spans}
    items: tuple[Span | Relation, ...] = (*annotations.spans, *annotations.relations)
    assert Counter((loss.reason, loss.place) for loss in written.losses) == Counter(
        ("by", item.id) for item in items if item.by is not None
    )


def test_a_minister_as_a_task() -> None:
    draft = minister()
    task = json.loads(prodigy.write(draft.document, draft.set()).content)
    assert task["text"].startswith("😀 Den Haag")
    place = task["spans"][0]
    assert (place["label"], place["start"], place["end"], place["token_start"], place["token_end"]) == (
        "GPE",
        2,
        10,
        1,
        2,
    )
    assert task["tokens"][2] == {"text": "Haag", "start": 6, "end": 10, "id": 2, "ws": False}
    assert [relation["label"] for relation in task["relations"]] == [
        "continues",
        "speaker",
        "cue",
        "Attacker",
        "Destination",
    ]
    assert "answer" not in task


def test_a_task_of_prodigy_itself() -> None:
    foreign = read(
        {
            "text": "Jan woont 😀 in Gent.",
            "tokens": [{"text": w, "start": s, "end": s + len(w), "id": n, "ws": True} for n, (w, s) in enumerate([("Jan", 0), ("woont", 4), ("Gent", 15)])],
            "spans": [
                {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER", "kb_id": "Q1"},
                {"start": 15, "end": 19, "token_start": 2, "token_end": 2, "label": "LOC"},
            ],
            "relations": [
                {"head": 0, "child": 2, "label": "lives", "head_span": {"start": 0, "end": 3, "label": "PER"}, "child_span": {"start": 15, "end": 19, "label": "LOC"}},
                {"head": 2, "child": 0, "label": "has", "sure": True},
                {"head": 1, "child": 0, "label": "of"},
            ],
            "answer": "accept",
            "_annotator_id": "news-jan",
            "_timestamp": 1_700_000_000,
            "_input_hash": 1,
            "priority": 2,
        }
    )  # fmt: skip
    assert [(span.label, span.extents) for span in foreign.spans] == [("PER", ((0, 3),)), ("LOC", ((15, 19),))]
    assert [(r.label, r.head, r.tail) for r in foreign.relations] == [
        ("lives", "0", "1"),
        ("has", "1", "0"),
        ("of", "token 1", "0"),
    ]
    assert (foreign.confirmed, foreign.annotator, foreign.at) == (True, "news-jan", "2023-11-14T22:13:20Z")
    assert foreign.left_out == ("priority", "tokens", "relation.sure", "span.kb_id")


@pytest.mark.parametrize("answer", ["reject", "ignore"])
def test_what_was_not_accepted_is_left_out_and_told(answer: str) -> None:
    foreign = read({"text": "Jan", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": answer})
    assert (foreign.annotated, foreign.spans) == (False, [])
    assert [(loss.kind, loss.reason) for loss in foreign.losses] == [("refused", "answer")]


def test_a_session_without_a_name_names_nobody() -> None:
    assert read({"text": "Jan", "_session_id": "2024-01-31_10-00-00"}).annotator is None


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"spans": []}', b'{"text": 1}', b"\xff"])
def test_a_line_that_is_no_task(line: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        prodigy.read(line, "f", 1)


def test_pieces_that_do_not_join_are_told() -> None:
    spans = [{"start": n, "end": n + 1, "label": "A" if n < 3 else "B", "id": f"s{n}"} for n in range(5)]
    ends = [(0, 1), (1, 2), (2, 0), (0, 2), (3, 0)]
    relations = [
        {"head": 0, "child": 0, "label": "continues", "head_span": spans[head], "child_span": spans[tail]}
        for head, tail in ends
    ]
    foreign = read({"text": "abcdef", "spans": spans, "relations": relations})
    assert [(span.id, span.extents) for span in foreign.spans] == [
        ("s0", ((0, 1), (1, 2), (2, 3))),
        ("s3", ((3, 4),)),
        ("s4", ((4, 5),)),
    ]
    assert [loss.reason for loss in foreign.losses] == ["pieces"] * 3
    assert len(foreign.relations) == 3


def test_a_category_of_a_text_says_nothing_of_spans() -> None:
    category = {"text": "Dirk woont in Gent.", "label": "SPORTS", "answer": "accept"}
    found = prodigy.read(json.dumps(category).encode(), "f", 1)
    assert not found.annotated
    assert [(loss.kind, loss.reason) for loss in found.losses] == [("lost", "choice")]
    assert prodigy.read(json.dumps({**category, "spans": []}).encode(), "f", 1).annotated
    assert prodigy.read(json.dumps({"text": "Dirk woont in Gent.", "answer": "accept"}).encode(), "f", 1).annotated
