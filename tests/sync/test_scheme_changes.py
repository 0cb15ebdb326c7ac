"""A scheme, or the layers of a project, that changed between two syncs: no value and no annotation is lost for that."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from standoff.corpus.migrate import Renames, migrations
from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.store import Store
from standoff.sync.remote import LabelType
from sync.world import World, annotations, document, relation, span

REALIS = 'name = "realis"\nlabels = ["@events.heads"]\nvalues = ["Actual", "Generic", "Other"]\ndefault = "Actual"\nrequired = true\npage = "marker"'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def push(world: World, realis: str = "Other") -> None:
    doc = document()
    spans = [span("s1", "SPEAKER", "Anna", entity="anna"), span("s2", "Meet", "ontmoette", realis=realis)]
    world.write(doc, annotations(doc, spans))
    assert world.one().clean


def change(world: World, old: str, new: str) -> None:
    path = world.root / "corpus" / "scheme.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    world.store = Store(world.root)


def gold(world: World) -> AnnotationSet:
    held = world.set()
    assert held is not None
    return held


def by_id(world: World) -> dict[str, Span]:
    return {one.id: one for one in gold(world).spans}


@pytest.mark.parametrize("edited", [False, True])
def test_an_attribute_that_markers_show_only_now(world: World, edited: bool) -> None:
    change(world, REALIS, REALIS.replace("marker", "local"))
    push(world)
    change(world, REALIS.replace("marker", "local"), REALIS)
    if edited:
        world.draw("PERSON", "Carla")
    world.one()
    assert by_id(world)["s2"].attributes["realis"] == "Other"
    assert ("realis:Other", "ontmoette") in world.shown()
    world.erase(world.row("realis:Other", "ontmoette").id)
    world.one()
    assert by_id(world)["s2"].attributes["realis"] == "Actual"


@pytest.mark.parametrize("edited", [False, True])
def test_another_default(world: World, edited: bool) -> None:
    push(world, realis="Actual")
    change(world, REALIS, REALIS.replace('default = "Actual"', 'default = "Other"'))
    if edited:
        world.draw("PERSON", "Carla")
    world.one()
    assert by_id(world)["s2"].attributes["realis"] == "Actual"
    assert ("realis:Actual", "ontmoette") in world.shown()


def test_an_attribute_that_a_label_has_no_more(world: World) -> None:
    """It is for validation to tell; the page knows nothing of it."""
    push(world)
    change(world, 'labels = ["@entities", "SPEAKER"]', 'labels = ["@entities"]')
    world.draw("PERSON", "Carla")
    world.one()
    assert by_id(world)["s1"].attributes["entity"] == "anna"


def rename_type(world: World, old: str, new: str) -> None:
    """What an administrator does in the page: its rows have the new name at once."""
    project = world.project()
    types = tuple(replace(one, name=new) if one.name == old else one for one in project.span_types)
    world.server.projects[project.id] = replace(project, span_types=types)
    for held in world.server.examples.values():
        held.rows |= {id_: replace(row, label=new) for id_, row in held.rows.items() if row.label == old}


def test_a_label_that_is_renamed_in_the_scheme_and_in_the_page(world: World) -> None:
    push(world)
    before = gold(world)
    change(world, '{ name = "SPEAKER" }', '{ name = "SPEAKER", page = "Spreker" }')
    rename_type(world, "SPEAKER", "Spreker")
    report = world.one()
    assert report.clean
    assert gold(world) == before
    assert ("Spreker", "Anna") in world.shown()
    files = world.files()
    assert not world.one().ours
    assert world.files() == files


def test_a_label_that_is_renamed_in_the_scheme_alone(world: World) -> None:
    push(world)
    files = {path: content for path, content in world.files().items() if "project.json" not in path}
    change(world, '{ name = "SPEAKER" }', '{ name = "SPEAKER", page = "Spreker" }')
    (skipped,) = world.one().skipped
    assert "take the label back into the scheme" in skipped.reason
    change(world, '{ name = "SPEAKER", page = "Spreker" }', '{ name = "SPEAKER" }')
    assert world.one().clean
    assert {path: content for path, content in world.files().items() if "project.json" not in path} == files


def test_a_label_that_the_scheme_calls_otherwise_keeps_its_name_in_the_page(world: World) -> None:
    push(world)
    shown = world.shown()
    change(world, "SPEAKER", "SOURCE")
    (found,) = migrations(world.store, ["gold"], Renames({"SPEAKER": "SOURCE"}, {}, {}), models=False)
    assert found
    assert found.after
    world.write(found.after)
    (skipped,) = world.one().skipped
    assert "with `page`" in skipped.reason
    change(world, '{ name = "SOURCE" }', '{ name = "SOURCE", page = "SPEAKER" }')
    assert world.one().clean
    assert gold(world) == found.after
    assert world.shown() == shown
    files = world.files()
    assert world.one().clean
    assert world.files() == files


def test_a_layer_that_a_project_gains_and_loses(tmp_path: Path) -> None:
    tables = '[doccano.main]\nlayers = ["quotes"]\n'
    world = World(tmp_path, projects=tables)
    push(world)
    assert world.shown() == [("SPEAKER", "Anna")]
    config = tmp_path / "corpus" / "corpus.toml"
    config.write_text(config.read_text().replace('["quotes"]', '["quotes", "events"]'))
    world.one()
    assert world.shown() == [("SPEAKER", "Anna"), ("Meet", "ontmoette"), ("realis:Other", "ontmoette")]
    config.write_text(config.read_text().replace('["quotes", "events"]', '["quotes"]'))
    held, shown = gold(world), world.shown()
    assert len(world.one().skipped) == 1
    assert (gold(world), world.shown()) == (held, shown)


def test_a_span_of_two_projects_that_goes_takes_its_relations_along(tmp_path: Path) -> None:
    world = World(
        tmp_path, projects='[doccano.quotes]\nlayers = ["quotes"]\n[doccano.events]\nlayers = ["entities", "events"]\n'
    )
    change(world, 'tails = ["SPEAKER"]', 'tails = ["SPEAKER", "@entities"]')
    doc = document()
    spans = [span("s1", "QUOTE", "dat Bob"), span("s2", "PERSON", "Anna")]
    world.write(doc, annotations(doc, spans, [relation("r1", "speaker", "s1", "s2")]))
    world.sync()
    example = world.example(name="events")
    world.bea.delete_span(world.project("events"), example.id, world.row("PERSON", "Anna", example).id)
    world.sync()
    assert ([one.id for one in gold(world).spans], gold(world).relations) == (["s1"], ())
    world.sync()
    assert world.shown(name="quotes") == [("QUOTE.direct", "dat Bob")]


def test_a_guideline_of_the_page_stays_where_the_corpus_has_none(world: World) -> None:
    push(world)
    project = world.project()
    world.admin.update_project(project, description=project.description, guideline="Spans without spaces.")
    world.admin.add_label_types(world.project(), [LabelType(id=0, name="OTHER", color="#000000")], ())
    world.one()
    assert world.project().guideline == "Spans without spaces."
    (world.root / "corpus" / "guidelines.md").write_text("Names only.\n")
    (problem,) = world.one().problems
    assert world.project().guideline == "Names only.\n"
    assert (problem.rule, problem.severity) == ("sync-guideline", "warning")
    assert (world.root / problem.message.split()[-1]).read_text() == "Spans without spaces."
    assert not world.one().problems
