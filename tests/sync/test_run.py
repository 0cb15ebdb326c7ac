"""Whole syncs with a server in memory: push, pull, and nothing when nothing changed."""

from pathlib import Path

import pytest

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
    assert found["ORG", "de raad"].by.annotator == "bea"
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
