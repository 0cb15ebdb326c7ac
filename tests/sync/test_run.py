"""Whole syncs with a server in memory: push, pull, and nothing when nothing changed."""

import json
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from standoff.corpus.codec import encode_line
from standoff.corpus.schema import schema
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from sync.world import World, annotations, document, relation, span


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    doc = document()
    world.write(
        doc,
        annotations(
            doc,
            [
                span("s1", "PERSON", "Anna", entity="anna"),
                span("s2", "QUOTE", "dat Bob 👩‍👩‍👧", "en dat niemand", type="mixed"),
                span("s3", "SPEAKER", "Anna"),
                span("s4", "Meet", "ontmoette", realis="Other"),
                span("s5", "PERSON", "Carla"),
            ],
            [relation("r1", "speaker", "s2", "s3"), relation("r2", "Agent", "s4", "s5")],
        ),
    )
    return world


def test_a_first_push_then_nothing(world: World) -> None:
    before = world.set()
    report = world.one()
    assert report.clean, report
    assert (report.page.created, report.ours.created) == (7, 0)
    assert world.set() == before
    assert world.shown() == [
        ("PERSON", "Anna"),
        ("SPEAKER", "Anna"),
        ("QUOTE.mixed", "dat Bob 👩‍👩‍👧"),
        ("QUOTE.mixed", "en dat niemand"),
        ("Meet", "ontmoette"),
        ("realis:Other", "ontmoette"),
        ("PERSON", "Carla"),
    ]
    files, examples = world.files(), world.server.examples.copy()
    report = world.one()
    assert report.clean
    assert not report.ours
    assert not report.page
    assert world.files() == files
    assert world.server.examples == examples


def test_what_annotators_do_comes_back(world: World) -> None:
    world.one()
    world.draw("ORG", "de raad")
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    world.erase(world.row("PERSON", "Anna").id)
    report = world.one()
    assert report.clean, report
    after = world.set()
    assert after is not None
    found = {(s.label, s.text): s for s in after.spans}
    by = found["ORG", "de raad"].by
    assert by is not None
    assert by.annotator == "bea"
    assert found["ORG", "Carla"].id == "s5"
    assert ("PERSON", "Anna") not in found
    assert (report.ours.created, report.ours.updated, report.ours.deleted) == (1, 1, 1)
    files = world.files()
    assert not world.one().ours
    assert world.files() == files


def test_our_changes_go_out_in_place(world: World) -> None:
    world.one()
    row = world.row("PERSON", "Carla").id
    before = world.set()
    assert before is not None
    doc = document()
    spans = [s for s in before.spans if s.id not in {"s5", "s1"}]
    world.write(annotations(doc, [*spans, span("s5", "ORG", "Carla de raad")], before.relations))
    report = world.one()
    assert report.clean, report
    assert world.row("ORG", "Carla de raad").id == row
    assert ("PERSON", "Anna") not in world.shown()
    assert (report.page.created, report.page.moved, report.page.deleted) == (0, 1, 1)


def test_what_is_remembered_follows_its_schemas_and_rules(world: World) -> None:
    """Rows, markers, chains, relations, a conflict, a confirmation, a comment: all that a state can hold."""
    world.one()
    held = world.set()
    assert held is not None
    world.write(replace(held, spans=(span("s1", "ORG", "Anna", entity="anna"), *held.spans[1:])))
    world.relabel(world.row("PERSON", "Anna").id, "CUE")
    world.bea.confirm(world.project(), world.example().id)
    world.bea.comment(world.project(), world.example().id, "klopt dit?")
    assert world.one().conflicts
    for path, name in (("project.json", "sync-project"), ("gold/a.json", "sync-document")):
        contents = json.loads((world.root / "corpus/sync/main" / path).read_bytes())
        jsonschema.Draft202012Validator(schema(name)).validate(contents)
        if name == "sync-document":
            assert contents.keys() == schema(name)["properties"].keys() - {"dropped"}
    found = [problem for problem in report(Store(world.root), jobs=1).problems if "/sync/" in problem.path]
    assert found == []


def test_validate_names_each_fault_of_a_state_and_what_to_do(world: World) -> None:
    world.one()
    path = world.root / "corpus/sync/main/gold/a.json"
    contents = json.loads(path.read_bytes())
    contents["rows"] = [row for row in contents["rows"] if row["span"] not in {"s1", "s3"}]
    path.write_text(json.dumps(contents))
    (world.root / "corpus/sync/main/project.json").write_text('{"url": 5, "extra": 1}')
    found = [problem for problem in report(Store(world.root), jobs=1).problems if "/sync/" in problem.path]
    assert [(p.rule, p.path.partition("#")[2]) for p in found if p.rule == "sync-consistent"] == [
        ("sync-consistent", "/base_spans/0/id"),
        ("sync-consistent", "/base_spans/1/id"),
    ]
    assert all("delete this file" in p.message for p in found if p.rule == "sync-consistent")
    broken = [p.message for p in found if p.rule == "sync-readable"]
    assert len(broken) == 6  # four keys are missing, one is unknown, one is no text
    assert all("restore this file from git" in message for message in broken)


def test_a_set_in_a_shard_keeps_no_other_from_being_saved(world: World) -> None:
    other = document("b")
    world.write(other, annotations(other, [span("s1", "PERSON", "Anna")]))
    assert world.one().clean
    folder = world.root / "corpus" / "annotations" / "gold"
    shard = encode_line(world.set("a"))  # type: ignore[arg-type]
    (folder / "all.jsonl").write_bytes(shard)
    (folder / "a.json").unlink()
    for id_ in ("a", "b"):
        world.admin.create_span(world.project(), world.example(id_).id, world.at("ORG", "Bob"))
    for _ in range(2):
        (skipped,) = world.one().skipped
        assert (skipped.document, "shard" in skipped.reason) == ("a", True)
        saved = world.set("b")
        assert saved is not None
        assert [item.text for item in saved.spans if item.label == "ORG"] == ["Bob"]
        assert (folder / "all.jsonl").read_bytes() == shard
        assert not (folder / "a.json").exists()
