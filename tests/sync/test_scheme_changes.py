"""A scheme, or the layers of a project, that changed between two syncs: no value and no annotation is lost for that."""

import contextlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from standoff.corpus.migrate import Renames, migrations, renamed
from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.store import Store
from standoff.sync.remote import LabelType
from sync.faults import FaultyRemote, Killed, killed
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
    before = gold(world)
    change(world, '{ name = "SPEAKER" }', '{ name = "SPEAKER", page = "Spreker" }')
    new = world.draw("SPEAKER", "Carla")  # nobody knows what this one is called now
    files = world.files()
    (skipped,) = world.one().skipped
    assert f"row {new} has the label 'SPEAKER'" in skipped.reason
    assert "sync again, or state this name there with `page`" in skipped.reason
    assert {path for path, content in world.files().items() if content != files[path]} == {
        "corpus/sync/main/project.json"
    }
    world.relabel(new, "Spreker")
    report = world.one()
    assert report.clean
    assert report.page.updated == 1
    assert [one for one in gold(world).spans if one.id in {"s1", "s2"}] == list(before.spans)
    assert world.shown() == [
        ("Spreker", "Anna"),
        ("Meet", "ontmoette"),
        ("realis:Other", "ontmoette"),
        ("Spreker", "Carla"),
    ]
    assert not world.one().page


NEW_NAMES = Renames(
    labels={"SPEAKER": "SPREKER", "QUOTE": "CITAAT", "speaker": "spreker"},
    attributes={"type": "soort", "realis": "modus", "entity": "wie"},
    layers={"quotes": "citaten"},
)


def migrate(world: World) -> AnnotationSet:
    """Every name of the quotes' layer and the attributes is another one, in the scheme and in the set."""
    path = world.root / "corpus" / "scheme.toml"
    text = path.read_text().replace("test/1", "test/2")
    for names in NEW_NAMES:
        for old, new in names.items():
            text = text.replace(f'"{old}"', f'"{new}"')
    path.write_text(text)
    world.store = Store(world.root)
    migrated = renamed(gold(world), "test/2", NEW_NAMES)
    world.write(migrated)
    return migrated


def synced_with_quotes(world: World) -> None:
    doc = document()
    spans = [
        replace(span("s1", "QUOTE", "dat Bob", "dat niemand"), score=0.5),
        span("s2", "SPEAKER", "Anna", entity="anna"),
        replace(span("s3", "Meet", "ontmoette", realis="Other", polarity="Negative"), score=0.25),
        span("s4", "PERSON", "Carla"),
    ]
    joined = [relation("r1", "speaker", "s1", "s2"), relation("r2", "Agent", "s3", "s4")]
    world.write(doc, annotations(doc, spans, joined))
    assert world.one().clean


def test_the_page_follows_a_set_that_was_brought_to_a_new_version(world: World) -> None:
    synced_with_quotes(world)
    ids = [row.id for row in world.example().rows]
    migrated = migrate(world)
    assert world.one(dry_run=True).page.updated == 4
    report = world.one()
    assert report.clean
    assert (report.page.updated, bool(report.ours)) == (4, False)
    assert gold(world) == migrated
    assert [row.id for row in world.example().rows] == ids
    assert world.shown() == [
        ("SPREKER", "Anna"),
        ("CITAAT.direct", "dat Bob"),
        ("CITAAT.direct", "dat niemand"),
        ("Meet", "ontmoette"),
        ("modus:Other", "ontmoette"),
        ("polarity:Negative", "ontmoette"),
        ("PERSON", "Carla"),
    ]
    assert sorted(row.label for row in world.example().relations) == ["Agent", "continues", "spreker"]
    files = world.files()
    assert not world.one().page
    assert world.files() == files


def test_a_relation_alone_is_called_otherwise(world: World) -> None:
    synced_with_quotes(world)
    change(world, 'name = "speaker", heads', 'name = "speaker", page = "spreker", heads')
    report = world.one()
    assert (report.clean, report.page.updated) == (True, 1)
    assert sorted(row.label for row in world.example().relations) == ["Agent", "continues", "spreker"]
    assert not world.one().page


def test_what_annotators_did_since_the_last_sync_is_not_taken_for_the_old_names(world: World) -> None:
    """Whether a curator gave a span another label or only the scheme did, nobody can tell: then both are kept, and it is told."""
    synced_with_quotes(world)
    world.erase(world.row("realis:Other", "ontmoette").id)
    world.relabel(world.row("SPEAKER", "Anna").id, "CUE")
    world.erase(world.row("PERSON", "Carla").id)
    migrate(world)
    (conflict,) = world.one().conflicts
    assert (conflict.item, conflict.field, conflict.ours, conflict.theirs) == ("s2", "label", "SPREKER", "CUE")
    held = by_id(world)
    assert (held["s3"].attributes["modus"], held["s2"].label, "s4" in held) == ("Actual", "SPREKER", False)
    assert world.one(resolve="theirs").clean
    assert by_id(world)["s2"].label == "CUE"
    assert not world.one().page


def test_a_span_with_an_old_name_that_is_deleted_or_drawn_anew(world: World) -> None:
    synced_with_quotes(world)
    migrate(world)
    late = world.draw("SPEAKER", "Carla")
    assert len(world.one().skipped) == 1  # and now the page has the new names too
    world.erase(late)
    world.erase(world.row("SPEAKER", "Anna").id)
    world.draw("SPREKER", "Anna zei")
    report = world.one()
    assert ("s2", "item") in {(one.item, one.field) for one in report.conflicts}
    assert by_id(world)["s2"].text == "Anna"
    assert world.one(resolve="theirs").clean
    assert [one.text for one in gold(world).spans if one.label == "SPREKER"] == ["Anna zei"]
    assert not world.one().page


@pytest.mark.parametrize("ours", ["Overig", "Generic"])
def test_a_value_that_is_called_otherwise(world: World, ours: str) -> None:
    push(world)
    change(world, '"Generic", "Other"]', '"Generic", "Overig"]')
    edited = [
        replace(one, attributes={**one.attributes, "realis": ours}) if one.id == "s2" else one
        for one in gold(world).spans
    ]
    world.write(replace(gold(world), spans=tuple(edited)))
    assert world.one().clean
    assert by_id(world)["s2"].attributes["realis"] == ours
    assert (f"realis:{ours}", "ontmoette") in world.shown()
    assert not world.one().page


def test_an_edit_beside_another_name_is_sent_or_told(world: World) -> None:
    synced_with_quotes(world)
    migrated = migrate(world)
    world.write(
        replace(
            migrated,
            spans=tuple(
                replace(one, attributes={"soort": "mixed"}) if one.id == "s1" else one for one in migrated.spans
            ),
        )
    )
    assert world.one().clean
    assert ("CITAAT.mixed", "dat Bob") in world.shown()
    assert by_id(world)["s1"].attributes == {"soort": "mixed"}


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("after", [False, True])
def test_killed_while_the_page_gets_new_names(world: World, at: int, after: bool) -> None:
    synced_with_quotes(world)
    migrated = migrate(world)
    with contextlib.suppress(Killed):
        world.one(remote=FaultyRemote(world.admin, at, killed, after))
    assert world.one().clean
    assert gold(world) == migrated
    assert [label for label, _ in world.shown()].count("CITAAT.direct") == 2
    example = world.example()
    labels = {row.label for row in example.rows} | {row.label for row in example.relations}
    assert labels.isdisjoint({"SPEAKER", "QUOTE.direct", "realis:Other", "speaker"})
    files = world.files()
    assert not world.one().page
    assert world.files() == files


def test_a_label_that_we_changed_takes_no_attribute_along_that_is_called_otherwise(world: World) -> None:
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "QUOTE", "Anna"), span("s2", "Meet", "ontmoette", realis="Other")]))
    assert world.one().clean
    changed = (span("s1", "PERSON", "Anna"), span("s2", "PERSON", "ontmoette"))
    world.write(replace(gold(world), spans=changed))
    change(world, '"type"', '"kind"')
    change(world, 'name = "realis"', 'name = "certainty"')
    assert world.one().clean
    assert gold(world).spans == changed
    assert world.shown() == [("PERSON", "Anna"), ("PERSON", "ontmoette")]


def test_a_pull_leaves_old_names_alone(world: World) -> None:
    synced_with_quotes(world)
    migrated = migrate(world)
    shown = world.shown()
    (skipped,) = world.one(direction="pull").skipped
    assert "run `standoff migrate` and sync again" in skipped.reason
    assert (gold(world), world.shown()) == (migrated, shown)
    assert world.one(direction="push").clean
    assert not world.one().page


def test_a_label_that_the_scheme_calls_otherwise_keeps_its_name_in_the_page(world: World) -> None:
    push(world)
    shown = world.shown()
    change(world, "SPEAKER", "SOURCE")
    (found,) = migrations(world.store, ["gold"], Renames({"SPEAKER": "SOURCE"}, {}, {}), models=False)
    assert found
    assert found.after
    world.write(found.after)
    change(world, '{ name = "SOURCE" }', '{ name = "SOURCE", page = "SPEAKER" }')
    assert world.one().clean
    assert gold(world) == found.after
    assert world.shown() == shown
    files = world.files()
    assert world.one().clean
    assert world.files() == files


@pytest.mark.parametrize("edited", [False, True])
def test_a_span_that_is_deleted_here_while_its_attribute_gets_another_name(world: World, edited: bool) -> None:
    push(world)
    if edited:
        world.relabel(world.row("realis:Other", "ontmoette").id, "realis:Generic")
    change(world, '"realis"', '"modus"')
    world.write(replace(gold(world), spans=tuple(one for one in gold(world).spans if one.id != "s2")))
    report = world.one()
    if edited:
        change(world, 'name = "modus"', 'name = "modus"\npage_values = { Generic = "realis:Generic" }')
        assert [(one.item, one.field) for one in world.one().conflicts] == [("s2", "item")]
        report = world.one(resolve="theirs")
        assert by_id(world)["s2"].attributes["modus"] == "Generic"
        assert "realis" not in by_id(world)["s2"].attributes
    assert report.clean
    assert not world.one().page
    assert ("Meet" in {label for label, _ in world.shown()}) is edited


@pytest.mark.parametrize("at", range(4, 10))
def test_a_sync_that_was_killed_before_names_changed_goes_on(world: World, at: int) -> None:
    synced_with_quotes(world)
    before = gold(world)
    edited = [replace(one, label="ORG") if one.id == "s4" else one for one in before.spans]
    world.write(replace(before, spans=(*edited, span("s5", "ORG", "Gent"))))
    with contextlib.suppress(Killed):
        world.one(remote=FaultyRemote(world.admin, at, killed))
    migrated = migrate(world)
    assert world.one().clean
    assert gold(world) == migrated
    assert [shown for shown in world.shown() if shown[0] == "ORG"] == [("ORG", "Carla"), ("ORG", "Gent")]
    assert not world.one().page


@pytest.mark.parametrize("at", range(5, 8))
def test_what_a_killed_sync_made_under_an_old_name_is_found_when_the_page_keeps_it(world: World, at: int) -> None:
    synced_with_quotes(world)
    before = gold(world)
    world.write(replace(before, spans=(*before.spans, span("s5", "CUE", "zei"), span("s6", "ORG", "Gent"))))
    with contextlib.suppress(Killed):
        world.one(remote=FaultyRemote(world.admin, at, killed))
    change(world, "test/1", "test/2")
    change(world, '"CUE"', '"VERB"')
    world.write(renamed(gold(world), "test/2", Renames({"CUE": "VERB"}, {}, {})))
    world.one()
    change(world, 'name = "VERB"', 'name = "VERB", page = "CUE"')
    assert world.one().clean
    assert [one.label for one in gold(world).spans if one.id in ("s5", "s6")] == ["VERB", "ORG"]
    assert sorted(world.shown()).count(("CUE", "zei")) == 1
    assert sorted(world.shown()).count(("ORG", "Gent")) == 1
    assert not world.one().page


def test_a_set_of_another_version_is_not_taken_for_one_of_this(world: World) -> None:
    """What is drawn now would be renamed along with what has the same name there in another sense."""
    push(world)
    held, shown = gold(world), world.shown()
    change(world, '{ name = "SPEAKER" }', '{ name = "SOURCE", page = "SPEAKER" }, { name = "SPEAKER", page = "HOST" }')
    change(world, 'tails = ["SPEAKER"]', 'tails = ["SPEAKER", "SOURCE"]')
    change(world, '"@entities", "SPEAKER"', '"@entities", "SPEAKER", "SOURCE"')
    change(world, "test/1", "test/2")
    (skipped,) = world.one().skipped
    assert "made with the scheme 'test/1', and the corpus has 'test/2'; run `standoff migrate`" in skipped.reason
    assert (gold(world), world.shown()) == (held, shown)
    world.draw("HOST", "Bob")
    (found,) = migrations(world.store, ["gold"], Renames({"SPEAKER": "SOURCE"}, {}, {}), models=False)
    assert found
    assert found.after
    world.write(found.after)
    assert world.one().clean
    assert [span.label for span in gold(world).spans] == ["SOURCE", "SPEAKER", "Meet"]


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
