"""Documents that stand in the way are told with the reason, and the others go on."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from release.corpora import minister, write_corpus
from standoff.adjudicate.run import Adjudication, Case, SkipError
from standoff.adjudicate.take import Signature
from standoff.corpus.codec import encode_line
from standoff.corpus.decisions import Decisions
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.store import Store

OTHER = "0" * 64
LAYERS = ("entities", "quotes", "events")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Eight documents, each with something else the matter."""
    made: list[Document | AnnotationSet] = []
    for name in ("damaged", "decided", "fine", "labels", "one", "shard", "text", "written"):
        draft = minister(name)
        sides = [draft.set("ann"), draft.set("ben")]
        if name == "text":
            sides[1] = replace(sides[1], text_sha256=OTHER)
        if name == "labels":
            draft.span("MOOD", "vrees")
            sides[1] = draft.set("ben")
        made += [draft.document, *(sides[:1] if name == "one" else sides)]
        if name == "written":
            made.append(replace(draft.set("gold"), text_sha256=OTHER))
    store = write_corpus(tmp_path_factory.mktemp("corpus"), made)
    store.write_decisions([Decisions(document="decided", annotator="gold", text_sha256=OTHER)])
    (store.folder / "annotations" / "ben" / "damaged.json").write_text("{")
    (store.folder / "annotations" / "gold" / "all.jsonl").write_bytes(encode_line(minister("shard").set()))
    return store


def test_every_document_is_adjudicated_or_told(store: Store) -> None:
    run = Adjudication(store, ["ben", "ann", "ann"], "gold")
    assert run.names == ("ann", "ben")
    found = {(one.document.id if isinstance(one, Case) else one[0]): one for one in run.cases()}
    assert sorted(found) == ["damaged", "decided", "fine", "labels", "shard", "text", "written"]
    assert run.missing == 1
    for name, says in (
        ("damaged", "corpus/annotations/ben/damaged.json"),
        ("decided", "was made on another text; remove it to decide anew"),
        ("shard", "corpus/annotations/gold/all.jsonl:1 is the set of gold, and a command does not edit shards"),
        ("labels", "labels that the scheme lacks: MOOD"),
        ("text", "ben: made on another text"),
    ):
        told = found[name]
        assert isinstance(told, tuple)
        assert says in str(told[1])
    assert isinstance(found["fine"], Case)


def test_a_set_on_another_text_is_not_written_over(store: Store) -> None:
    run = Adjudication(store, ["ann", "ben"], "gold")
    before = store.set("gold", "written")
    (case,) = run.cases(["written"])
    assert isinstance(case, Case)
    with pytest.raises(SkipError, match="made on another text"):
        run.write(case, LAYERS, overwrite=True)
    assert store.set("gold", "written") == before


def test_documents_that_are_named_are_told_of(store: Store) -> None:
    told = list(Adjudication(store, ["ann", "ben"], "gold").cases(["one", "nowhere"]))
    assert [(one[0], str(one[1])) for one in told if isinstance(one, tuple)] == [
        ("one", "ben did not annotate it"),
        ("nowhere", "none of ann, ben annotated a document of this id"),
    ]


def test_two_processes_decide_side_by_side(tmp_path: Path) -> None:
    """What the other decided meanwhile is kept."""
    left, right = minister("a"), minister("a")
    left.spans[0] = replace(left.spans[0], label="LOC")
    left.spans[2] = replace(left.spans[2], label="LOC")
    store = write_corpus(tmp_path, [left.document, left.set("ann"), right.set("ben")])
    cases = []
    for _ in range(2):
        run = Adjudication(store, ["ann", "ben"], "gold")
        (case,) = run.cases()
        assert isinstance(case, Case)
        cases.append((run, case))
    for number, (run, case) in enumerate(cases):
        question = case.plan.questions[number]
        run.decide(case, [question.decide(question.answers["ann"], None, None, None)])
    kept = store.decisions("gold", "a")
    assert kept is not None
    assert len(kept.decisions) == 2
    assert cases[1][1].plan.questions == ()


def _differing(tmp_path: Path) -> tuple[Store, Adjudication, Case]:
    left, right = minister("a"), minister("a")
    left.spans[0] = replace(left.spans[0], label="LOC")
    store = write_corpus(tmp_path, [left.document, left.set("ann"), right.set("ben")])
    run = Adjudication(store, ["ann", "ben"], "gold")
    (case,) = run.cases()
    assert isinstance(case, Case)
    return store, run, case


def test_what_another_process_decided_meanwhile_is_kept_by_who_decides_nothing(tmp_path: Path) -> None:
    store, idle, asked = _differing(tmp_path)
    other = Adjudication(store, ["ann", "ben"], "gold")
    (case,) = other.cases()
    assert isinstance(case, Case)
    other.decide(case, [case.plan.questions[0].decide(None, "cor", None, None)])
    assert other.write(case, LAYERS).written
    before = store.decisions("gold", "a"), store.set("gold", "a")
    assert not idle.write(asked, LAYERS).written
    assert asked.plan.questions == ()
    assert (store.decisions("gold", "a"), store.set("gold", "a")) == before


def test_a_set_that_changes_while_somebody_thinks_is_not_written_as_it_was(tmp_path: Path) -> None:
    store, run, case = _differing(tmp_path)
    run.decide(case, [case.plan.questions[0].decide(None, "cor", None, None)])
    ann = store.set("ann", "a")
    assert ann
    with store.lock():
        store.write([replace(ann, spans=ann.spans[1:], relations=())])
    with pytest.raises(SkipError, match="ann's set has changed"):
        run.write(case, LAYERS)
    assert store.set("gold", "a") is None
    assert store.decisions("gold", "a")


def test_of_two_spans_with_one_id_none_is_lost(tmp_path: Path) -> None:
    """Neither as an answer, nor where a layer that nobody adjudicates is kept."""
    draft = minister("a")
    sound = draft.set("ann")
    twice = replace(sound, spans=(sound.spans[0], *sound.spans))
    ben = replace(draft.set("ben"), layers=("quotes",), spans=(), relations=())
    store = write_corpus(tmp_path, [draft.document, sound, ben, replace(twice, annotator="gold")])
    run = Adjudication(store, ["ann", "ben"], "gold")
    (case,) = run.cases()
    assert isinstance(case, Case)
    with pytest.raises(SkipError, match="stands there twice"):
        run.write(case, LAYERS, overwrite=True)
    with pytest.raises(SkipError, match="stands there twice"):
        run.keep_edits(case, LAYERS, Signature(None, None, None))
    assert store.decisions("gold", "a") is None
    (told,) = Adjudication(store, ["gold", "ben"], "other").cases()
    assert isinstance(told, tuple)
    assert "gold: the id" in str(told[1])
