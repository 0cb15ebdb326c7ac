"""Differences asked in Doccano: all candidates go there, what a curator kept comes back as decisions."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from adjudicate.rivals import PROJECT, SHOWN, rivals, step
from release.corpora import Draft, write_corpus
from score.drafts import LINES, NEWS
from standoff.adjudicate.candidates import candidates
from standoff.adjudicate.plan import plan
from standoff.adjudicate.project import CuratedProject
from standoff.adjudicate.run import Adjudication, Case, SkipError
from standoff.cli import app
from standoff.corpus.codec import encode
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.errors import UsageError
from sync.world import World, annotations, document


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path, projects=PROJECT)
    world.write(*rivals())
    return world


def confirm(world: World) -> None:
    world.bea.confirm(world.project(), world.example().id)


def test_a_curator_keeps_one_of_each_in_the_page(world: World) -> None:
    step(world.root, "written")
    assert not [problem for problem in report(Store(world.root), jobs=1).problems if problem.severity == "error"]
    assert Store(world.root).annotators() == ("ann", "ben")
    (synced,) = world.sync()
    assert synced.clean, synced
    # only documents with candidates go there, with all rivals side by side
    assert world.shown() == SHOWN
    assert {example.document for _, example in world.admin.export(world.project())} == {"a"}
    step(world.root, "waiting")
    for label, place in (("ORG", "Anna"), ("SPEAKER", "Anna zei"), ("QUOTE.direct", "dat Bob"), ("ORG", "de raad")):
        world.erase(world.row(label, place).id)
    world.draw("ORG", "Gent")
    world.sync()
    step(world.root, "waiting")
    confirm(world)
    world.sync()
    case = step(world.root, "read")
    # what the page does not tell apart is still open: the marker of realis
    assert [question.kinds for question in case.plan.questions] == [("attribute",)]
    assert {(one.by, one.at is not None) for one in case.decisions.decisions} == {("bea", True)}
    gold = world.set()
    assert gold is not None
    assert gold.layers == ("quotes",)
    assert [(one.label, one.text, dict(one.attributes)) for one in gold.spans] == [
        ("SPEAKER", "Anna", {}),
        ("QUOTE", "dat Bob", {"type": "indirect"}),
    ]
    assert [one.label for one in gold.relations] == ["speaker"]
    holds = {(one.label, one.text) for one in case.plan.spans}
    assert {("PERSON", "Anna"), ("ORG", "Gent")} <= holds
    assert not {("ORG", "Anna"), ("ORG", "de raad")} & holds
    # its work is done: no rivals stay in the corpus, and sync leaves the page alone
    assert world.set(annotator="gold-candidates") is None
    before = world.files()
    (synced,) = world.sync()
    assert synced.clean, synced
    assert world.files() == before
    step(world.root, "nothing")


def test_several_that_were_kept_are_told_and_nothing_is_lost(world: World) -> None:
    step(world.root, "written")
    world.sync()
    world.erase(world.row("ORG", "Anna").id)
    confirm(world)
    world.sync()
    run = Adjudication(Store(world.root), ["ann", "ben"], "gold")
    with run.hold():
        (case,) = list(run.cases())
        assert isinstance(case, Case)
        with pytest.raises(SkipError, match=r"several candidates were kept in main: .*SPEAKER"):
            CuratedProject(run, "main").step(case, None)
    assert [one.layer for one in case.decisions.decisions if one.taken and one.kinds] == ["entities", "entities"]
    assert world.set(annotator="gold-candidates") is not None
    for label, place in (("SPEAKER", "Anna zei"), ("QUOTE.direct", "dat Bob")):
        world.erase(world.row(label, place).id)
    world.sync()
    step(world.root, "read")


def test_candidates_of_other_answers_are_not_read(world: World) -> None:
    step(world.root, "written")
    world.sync()
    confirm(world)
    world.sync()
    ben = world.set(annotator="ben")
    assert ben is not None
    raw = encode(ben).replace(b'"ORG"', b'"PERSON"')
    (world.root / "corpus" / "annotations" / "ben" / "a.json").write_bytes(raw)
    run = Adjudication(Store(world.root), ["ann", "ben"], "gold")
    with run.hold():
        (case,) = list(run.cases())
        assert isinstance(case, Case)
        with pytest.raises(SkipError, match="has changed since gold-candidates was written"):
            CuratedProject(run, "main").step(case, None)
    assert case.decisions.decisions == ()


def test_the_project_has_to_be_one_for_candidates(world: World) -> None:
    run = Adjudication(world.store, ["ann", "ben"], "gold")
    with pytest.raises(UsageError, match="has no project 'other'"):
        CuratedProject(run, "other")
    for toml, says in (
        ('[doccano.main]\nset = "gold"\n', 'set = "gold-candidates"'),
        (PROJECT + 'layers = ["events"]\n', "needs all of the layers entities, events"),
    ):
        other = World(world.root / toml[-4:-2], world.server, toml)
        other.write(document(), *(annotations(document(), annotator=name) for name in ("ann", "ben")))
        with pytest.raises(UsageError, match=says):
            CuratedProject(Adjudication(Store(other.root), ["ann", "ben"], "gold"), "main")


def test_candidates_need_not_go_together_but_are_validated(tmp_path: Path) -> None:
    """Of two rival dates one stands in the other, which no annotator may have; whatever else is wrong is told."""
    sides = []
    for name, words in (("ann", "dinsdag dat hij"), ("ben", "dinsdag")):
        draft = Draft("a", *LINES)
        draft.span("DATE", words)
        sides.append(draft.set(name))
    store = write_corpus(tmp_path, [draft.document, *sides])
    assert [problem.rule for problem in report(store, jobs=1).problems] == []
    made = candidates(plan(sides, NEWS), NEWS, {"entities", "events"}, "gold-candidates")
    assert len(made.spans) == 2
    store.write([made])
    assert [problem.rule for problem in report(store, jobs=1).problems] == []
    store.write([replace(made, annotator="gold")])
    assert {problem.rule for problem in report(store, jobs=1).problems} == {"nested-values"}
    store.write([replace(made, layers=())])
    assert "annotated-layers" in {problem.rule for problem in report(store, jobs=1).problems}


def test_the_command_says_how_to_go_on(world: World) -> None:
    def told() -> str:
        words = ["adjudicate", "ann", "ben", "--root", str(world.root), "--project", "main"]
        return " ".join(CliRunner().invoke(app, words).output.split())

    assert "the candidates of 1 document are in gold-candidates now" in told()
    assert "waiting in main for somebody's confirmation: 1 document" in told()
    world.sync()
    for label, place in (("ORG", "Anna"), ("SPEAKER", "Anna zei"), ("QUOTE.direct", "dat Bob")):
        world.erase(world.row(label, place).id)
    confirm(world)
    world.sync()
    assert "read back from main: 1 document" in told()
    # an annotator has changed something, so there is something to ask there again
    ben = world.set(annotator="ben")
    assert ben is not None
    world.write(replace(ben, spans=tuple(replace(one, label="ORG") if one.id == "b5" else one for one in ben.spans)))
    assert "a was there before: `standoff sync main --document a` takes it up again" in told()
    world.sync(documents=["a"])
    assert {("PERSON", "Carla"), ("ORG", "Carla")} <= set(world.shown())
