"""The rules of sync, one by one, seen from outside: what annotators and curators do, and what comes of it."""

import json
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path

import pytest
from msgspec.structs import replace

from standoff.corpus.codec import decode
from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.state import DocumentState, contradictions
from standoff.errors import UsageError
from standoff.formats.doccano_rows import Row
from standoff.sync.remote import Confirmation, Project, Settings, Unreachable
from standoff.sync.spool import KEPT
from sync.faults import FaultyRemote, Killed, MortalStore, killed, unreachable
from sync.memory import MemoryRemote, MemoryServer
from sync.world import TEXT, World, annotations, document, relation, span


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A document that is pushed: a quote of two fragments with its speaker, an event with an argument."""
    world = World(tmp_path)
    doc = document()
    spans = [
        span("s1", "QUOTE", "dat Bob", "de stad"),
        span("s2", "SPEAKER", "Anna", entity="anna"),
        span("s3", "Meet", "ontmoette", realis="Other"),
        span("s4", "PERSON", "Carla", entity="carla"),
    ]
    world.write(
        doc, annotations(doc, spans, [relation("r1", "speaker", "s1", "s2"), relation("r2", "Agent", "s3", "s4")])
    )
    assert world.one().clean
    return world


def by_id(world: World) -> dict[str, Span]:
    held = world.set()
    assert held is not None
    return {s.id: s for s in held.spans}


def gold(world: World) -> AnnotationSet:
    held = world.set()
    assert held is not None
    return held


def state(world: World) -> DocumentState:
    held = world.store.document_state("main", "gold", "a")
    assert held is not None
    return held


def edit(world: World, **spans: Span | None) -> None:
    """Replaces spans by id; None deletes, with the relations."""
    held = gold(world)
    new = [spans.get(s.id, s) for s in held.spans]
    kept = [s for s in new if s is not None]
    ids = {s.id for s in kept}
    added = [s for id_, s in spans.items() if s is not None and id_ not in {t.id for t in held.spans}]
    relations = [r for r in held.relations if {r.head, r.tail} <= ids]
    world.write(replace(held, spans=(*kept, *added), relations=tuple(relations)))


def quiet(world: World) -> None:
    """Another sync changes nothing anywhere."""
    files = world.files()
    report = world.one()
    assert not report.ours, report
    assert not report.page, report
    assert world.files() == files


# -- reading the page


def test_s1_equal_rows_are_linked_and_a_second_annotators_duplicate_goes(world: World) -> None:
    first = world.row("PERSON", "Carla").id
    second = world.draw("PERSON", "Carla", world.cas)
    world.relate("Agent", world.row("Meet", "ontmoette").id, second)
    report = world.one()
    assert world.shown().count(("PERSON", "Carla")) == 1
    assert world.row("PERSON", "Carla").id == first
    assert "drawn twice" in report.problems[0].message
    assert [r.id for r in gold(world).relations] == ["r1", "r2"]
    quiet(world)


def test_s1_without_a_state_rows_are_linked_by_label_and_offsets(world: World) -> None:
    before = gold(world)
    # Drawn again as it was, so that the order of ids is not the order in which we sent them.
    world.erase(world.row("QUOTE.direct", "dat Bob").id)
    world.relate("continues", world.draw("QUOTE.direct", "dat Bob"), world.row("QUOTE.direct", "de stad").id)
    world.relate("speaker", world.row("QUOTE.direct", "dat Bob").id, world.row("SPEAKER", "Anna").id)
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    report = world.one()
    assert (report.page.created, report.page.deleted) == (0, 0)
    assert report.ours.linked == 4
    assert gold(world) == before
    quiet(world)


def test_s2_identical_twins_pair_in_the_order_sent(tmp_path: Path) -> None:
    world = World(tmp_path)
    doc = document()
    # Two quotes that begin alike: label and offsets of their first rows are equal.
    spans = [span("s9", "QUOTE", "dat Bob", "en dat"), span("s1", "QUOTE", "dat Bob", "Later")]
    world.write(doc, annotations(doc, spans))
    world.one()
    owners = [row.span for row in state(world).rows]
    assert owners == ["s9", "s9", "s1", "s1"]
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    world.one()
    assert [row.span for row in state(world).rows] == owners
    quiet(world)


def test_s3_a_chain_in_any_shape_is_one_span(world: World) -> None:
    rows = [world.draw("PERSON", place) for place in ("Bob", "niemand", "Gent")]
    world.relate("continues", rows[2], rows[0])
    world.relate("continues", rows[0], rows[1])
    relations = len(world.example().relations)
    world.one()
    (new,) = [s for s in gold(world).spans if s.id not in {"s1", "s2", "s3", "s4"}]
    assert [piece.text for piece in new.fragments] == ["Bob", "niemand", "Gent"]
    assert len(world.example().relations) == relations
    quiet(world)


def test_s4_a_deleted_continues_is_a_split(world: World) -> None:
    example = world.example()
    (join,) = [r for r in example.relations if r.label == "continues"]
    world.bea.delete_relation(world.project(), example.id, join.id)
    world.one()
    held = {s.text: s for s in gold(world).spans if s.label == "QUOTE"}
    assert held["dat Bob"].id == "s1"
    assert set(held) == {"dat Bob", "de stad"}
    assert [r.head for r in gold(world).relations if r.label == "speaker"] == ["s1"]
    quiet(world)


def test_s4_a_deleted_fragment_does_not_split_the_others(tmp_path: Path) -> None:
    world = World(tmp_path)
    doc = document()
    world.write(
        doc, annotations(doc, [span("s1", "QUOTE", "dat Bob", "de stad", "Later", "Gent"), span("s2", "CUE", "zei")])
    )
    world.one()
    world.erase(world.row("QUOTE.direct", "de stad").id)
    world.one()
    (quote,) = [s for s in gold(world).spans if s.label == "QUOTE"]
    assert (quote.id, [p.text for p in quote.fragments]) == ("s1", ["dat Bob", "Later", "Gent"])
    assert sum(r.label == "continues" for r in world.example().relations) == 2
    quiet(world)


def test_s4_a_cascade_and_a_split_in_one_span_are_told_apart(tmp_path: Path) -> None:
    world = World(tmp_path)
    doc = document()
    world.write(
        doc, annotations(doc, [span("s1", "QUOTE", "dat Bob", "de stad", "Later", "Gent"), span("s2", "CUE", "zei")])
    )
    world.one()
    example = world.example()
    last = world.row("QUOTE.direct", "Gent").id
    (join,) = [r for r in example.relations if last in {r.head, r.tail}]
    world.bea.delete_relation(world.project(), example.id, join.id)
    world.erase(world.row("QUOTE.direct", "de stad").id)
    world.one()
    held = {s.text: s.id for s in gold(world).spans if s.label == "QUOTE"}
    assert held["dat Bob Later"] == "s1"
    assert set(held) == {"dat Bob Later", "Gent"}
    quiet(world)


def test_s5_joined_spans_take_the_earliest_id(world: World) -> None:
    other = world.draw("PERSON", "Gent")
    world.one()
    world.relate("continues", other, world.row("PERSON", "Carla").id)
    world.one()
    (person,) = [s for s in gold(world).spans if s.label == "PERSON"]
    assert (person.id, person.text) == ("s4", "Carla Gent")
    quiet(world)


def test_s5_one_new_label_on_a_fragment_holds_for_all(world: World) -> None:
    world.relabel(world.row("QUOTE.direct", "de stad").id, "QUOTE.mixed")
    world.one()
    assert by_id(world)["s1"].attributes == {"type": "mixed"}
    assert [row for row in world.shown() if row[0].startswith("QUOTE")] == [
        ("QUOTE.mixed", "dat Bob"),
        ("QUOTE.mixed", "de stad"),
    ]
    quiet(world)


@pytest.mark.parametrize(("resolve", "label"), [("ours", "direct"), ("theirs", "indirect")])
def test_s5_two_new_labels_are_a_conflict(world: World, resolve: str, label: str) -> None:
    """Of two new labels `theirs` means the last one."""
    world.relabel(world.row("QUOTE.direct", "dat Bob").id, "QUOTE.mixed")
    world.relabel(world.row("QUOTE.direct", "de stad").id, "QUOTE.indirect")
    before = gold(world)
    for _ in range(2):
        (conflict,) = world.one().conflicts
        assert (conflict.item, conflict.field, conflict.theirs) == ("s1", "label", "QUOTE.indirect | QUOTE.mixed")
        assert gold(world) == before
    assert world.one(resolve=resolve).clean
    assert {name for name, _ in world.shown() if name.startswith("QUOTE")} == {f"QUOTE.{label}"}
    (quote,) = [s for s in gold(world).spans if s.label == "QUOTE"]
    assert (quote.id, quote.attributes["type"]) == ("s1", label)
    quiet(world)


def test_s5_two_new_labels_in_a_joined_span(world: World) -> None:
    world.relabel(world.row("QUOTE.direct", "dat Bob").id, "QUOTE.mixed")
    world.relabel(world.row("QUOTE.direct", "de stad").id, "QUOTE.indirect")
    world.relate("continues", world.row("SPEAKER", "Anna").id, world.row("QUOTE.mixed", "dat Bob").id)
    shown = world.shown()
    assert [c.field for c in world.one().conflicts] == ["label"]
    assert world.shown() == shown
    assert world.one(resolve="theirs").clean
    assert {text: label for label, text in world.shown() if text in {"Anna", "dat Bob", "de stad"}} == dict.fromkeys(
        ("Anna", "dat Bob", "de stad"), "QUOTE.indirect"
    )
    quiet(world)


def test_s5_a_new_span_of_mixed_labels_is_left_alone(world: World) -> None:
    rows = world.draw("PERSON", "Bob"), world.draw("ORG", "Gent")
    world.relate("continues", *rows)
    before, shown = gold(world), world.shown()
    report = world.one()
    assert "different labels" in report.problems[0].message
    assert (gold(world), world.shown()) == (before, shown)


def test_s5_a_relation_at_what_is_left_alone_is_left_alone_too(world: World) -> None:
    world.relate("continues", world.draw("PERSON", "Bob"), world.draw("ORG", "Gent"))
    world.relate("Place", world.row("Meet", "ontmoette").id, world.row("ORG", "Gent").id)
    world.relate("Agent", world.row("ORG", "Gent").id, world.row("PERSON", "Carla").id)
    before, example = gold(world), world.example()
    messages = [problem.message for problem in world.one().problems]
    assert sum("is a new span with fragments of different labels" in message for message in messages) == 1
    assert sum("ends on a row that was left alone, and so is it" in message for message in messages) == 2
    assert (gold(world), world.example()) == (before, example)


def test_s5_a_push_leaves_joined_spans_as_they_are(world: World) -> None:
    """Ours does not know of it yet: only a pull or a sync makes one span of them, here and there."""
    world.relate("continues", world.row("Meet", "ontmoette").id, world.row("PERSON", "Carla").id)
    shown = world.shown()
    report = world.one(direction="push")
    assert report.clean
    assert not report.page
    assert world.shown() == shown
    assert not list(contradictions(state(world)))
    assert world.one().clean
    assert [s.text for s in gold(world).spans if s.id in {"s3", "s4"}] == ["ontmoette Carla"]
    quiet(world)


def test_s6_a_marker_follows_its_span_and_goes_with_it(world: World) -> None:
    edit(world, s3=span("s3", "Meet", "Later ontmoette", realis="Other"))
    marker = world.row("realis:Other", "ontmoette").id
    world.one()
    assert world.row("realis:Other", "Later ontmoette").id == marker
    world.erase(world.row("Meet", "Later ontmoette").id)
    world.one()
    assert not any(label.startswith("realis") for label, _ in world.shown())
    quiet(world)


def test_s6_a_new_marker_beats_an_old_one(world: World) -> None:
    world.draw("realis:Generic", "ontmoette")
    world.one()
    assert by_id(world)["s3"].attributes["realis"] == "Generic"
    assert [label for label, _ in world.shown() if label.startswith("realis")] == ["realis:Generic"]
    quiet(world)


def test_s6_a_deleted_marker_is_the_default(world: World) -> None:
    world.erase(world.row("realis:Other", "ontmoette").id)
    world.one()
    assert by_id(world)["s3"].attributes["realis"] == "Actual"
    quiet(world)


def test_s6_two_new_markers_are_a_conflict(world: World) -> None:
    world.draw("polarity:Negative", "ontmoette")
    world.draw("realis:Generic", "ontmoette")
    world.one()
    world.erase(world.row("realis:Generic", "ontmoette").id)
    world.one()
    world.draw("realis:Generic", "ontmoette")
    world.draw("realis:Other", "ontmoette")
    assert [c.field for c in world.one().conflicts] == ["attributes.realis"]


@pytest.mark.parametrize(("resolve", "value"), [("theirs", "Generic"), ("ours", "Actual")])
def test_s6_two_markers_on_a_new_span_are_a_conflict_too(world: World, resolve: str, value: str) -> None:
    """None of the two is thrown away before somebody chose: then the last one, or neither."""
    world.draw("Meet", "zag")
    for marker in ("Other", "Generic"):
        world.draw(f"realis:{marker}", "zag")
    shown = world.shown()
    for _ in range(2):
        (conflict,) = world.one().conflicts
        assert (conflict.field, conflict.ours, conflict.theirs) == ("attributes.realis", None, "Generic | Other")
        assert world.shown() == shown
    assert world.one(resolve=resolve).clean
    assert {s.attributes["realis"] for s in gold(world).spans if s.text == "zag"} == {value}
    assert [label for label, text in world.shown() if text == "zag"] == ["Meet"] + ["realis:Generic"] * (
        value == "Generic"
    )
    quiet(world)


def test_s6_a_marker_beside_the_words_belongs_to_the_only_span_that_it_overlaps(world: World) -> None:
    world.erase(world.row("realis:Other", "ontmoette").id)
    world.draw("realis:Generic", "ontmoette Carla")
    assert world.one().clean
    assert by_id(world)["s3"].attributes["realis"] == "Generic"
    assert ("realis:Generic", "ontmoette") in world.shown()
    quiet(world)
    # On the words of one event and over another one it is the first one's; over two, nobody's.
    edit(world, s5=span("s5", "Life.Die", "ontmoette Carla"), s6=span("s6", "Life.Die", "Carla de raad"))
    world.one()
    world.draw("polarity:Negative", "ontmoette Carla")
    world.one()
    assert by_id(world)["s5"].attributes["polarity"] == "Negative"
    world.draw("realis:Other", "Later ontmoette Carla")
    (problem,) = world.one().problems
    assert "belongs to no one span" in problem.message


def test_s6_a_marker_of_no_span_is_a_problem(world: World) -> None:
    world.draw("realis:Generic", "Anna")
    before, shown = gold(world), world.shown()
    report = world.one()
    assert "belongs to no one span" in report.problems[0].message
    assert (gold(world), world.shown()) == (before, shown)


def test_s7_a_span_drawn_again_keeps_id_attributes_and_markers(world: World) -> None:
    world.erase(world.row("PERSON", "Carla").id)
    world.draw("PERSON", "Carla de raad")
    world.erase(world.row("Meet", "ontmoette").id)
    world.draw("Life.Die".removeprefix("Life."), "ontmoette")
    report = world.one()
    held = by_id(world)
    assert (held["s4"].text, held["s4"].attributes) == ("Carla de raad", {"entity": "carla"})
    assert (held["s3"].label, held["s3"].attributes["realis"]) == ("Life.Die", "Other")
    assert (report.ours.moved, report.ours.created, report.ours.deleted) == (1, 0, 0)
    quiet(world)


def test_s7_between_equal_rivals_nothing_is_guessed(world: World) -> None:
    world.erase(world.row("PERSON", "Carla").id)
    world.draw("PERSON", "Car")
    world.draw("PERSON", (TEXT.index("Carla") + 2, TEXT.index("Carla") + 5))
    report = world.one()
    assert "s4" not in by_id(world)
    assert any("one of several" in problem.message for problem in report.problems)
    assert (report.ours.created, report.ours.deleted) == (2, 2)


def test_s8_a_relation_lost_with_a_redrawn_end_is_restored(world: World) -> None:
    world.erase(world.row("PERSON", "Carla").id)
    world.draw("PERSON", "Carla de")
    report = world.one()
    assert (report.ours.moved, report.page.created) == (1, 1)
    assert [(r.id, r.head, r.tail) for r in gold(world).relations] == [("r1", "s1", "s2"), ("r2", "s3", "s4")]
    assert any(r.label == "Agent" for r in world.example().relations)
    quiet(world)


def test_s8_unless_it_was_deleted_here_too(world: World) -> None:
    """Found by two clones at random: each sync told of its deletion again."""
    speaker = world.row("SPEAKER", "Anna")
    world.erase(speaker.id)
    world.draw("SPEAKER", "Anna")
    world.write(replace(gold(world), relations=gold(world).relations[1:]))
    report = world.one()
    assert (report.page.deleted, report.ours.deleted) == (0, 0)
    assert [r.id for r in state(world).base_relations] == ["r2"]
    quiet(world)


def test_s8_unless_the_annotator_drew_one(world: World) -> None:
    world.erase(world.row("Meet", "ontmoette").id)
    head = world.draw("Meet", "ontmoette Carla")
    world.relate("Agent", head, world.row("SPEAKER", "Anna").id)
    world.one()
    assert [(r.label, r.head, r.tail) for r in gold(world).relations if r.label == "Agent"] == [("Agent", "s3", "s2")]
    quiet(world)


def test_s8_the_same_ends_with_another_label_is_an_edit(world: World) -> None:
    example = world.example()
    (old,) = [r for r in example.relations if r.label == "Agent"]
    world.bea.delete_relation(world.project(), example.id, old.id)
    world.relate("Place", old.head, old.tail)
    world.one()
    assert [(r.id, r.label) for r in gold(world).relations] == [("r1", "speaker"), ("r2", "Place")]
    quiet(world)


def test_s9_an_end_on_any_row_of_a_span_means_the_span_and_equal_ones_collapse(world: World) -> None:
    marker, second = world.row("realis:Other", "ontmoette").id, world.row("QUOTE.direct", "de stad").id
    world.relate("Agent", marker, world.row("PERSON", "Carla").id)
    world.relate("cue", second, world.row("SPEAKER", "Anna").id)
    world.one()
    assert [(r.label, r.head, r.tail) for r in gold(world).relations] == [
        ("speaker", "s1", "s2"),
        ("cue", "s1", "s2"),
        ("Agent", "s3", "s4"),
    ]
    assert sum(r.label == "Agent" for r in world.example().relations) == 1
    quiet(world)


def test_s9_a_relation_that_becomes_equal_to_another_is_that_one(world: World) -> None:
    held = gold(world)
    world.write(replace(held, relations=(*held.relations, relation("r3", "Place", "s3", "s4"))))
    world.one()
    place = next(row for row in world.example().relations if row.label == "Place")
    world.bea.update_relation(world.project(), world.example().id, replace(place, label="Agent"))
    assert world.one().clean
    assert {(r.id, r.label) for r in gold(world).relations} == {("r1", "speaker"), ("r2", "Agent")}
    assert sum(row.label in {"Agent", "Place"} for row in world.example().relations) == 1
    quiet(world)


def test_s10_a_position_inside_a_character_and_a_foreign_label_skip_the_document(world: World) -> None:
    example, before = world.example(), gold(world)
    at = TEXT.index("🎉")
    id_ = world.bea.create_span(world.project(), example.id, Row(id=0, label="PERSON", start=at, end=at + 1))
    (skipped,) = world.one().skipped
    assert f"row {id_}" in skipped.reason
    assert gold(world) == before
    assert len(world.example().rows) == len(example.rows) + 1


@pytest.mark.parametrize("new", [False, True])
def test_s10_a_set_that_does_not_stand_on_the_text_is_not_sent(world: World, tmp_path: Path, new: bool) -> None:
    if new:
        world = World(tmp_path / "new")
        world.write(document())
    before = world.shown() if not new else []
    anna = span("s9", "PERSON", "Anna")
    for wrong in (
        replace(annotations(document(), [anna]), text_sha256="0" * 64),
        annotations(document(), [replace(anna, fragments=(replace(anna.fragments[0], start=1, end=5),))]),
    ):
        world.write(wrong)
        for dry_run in (True, False):
            (skipped,) = world.one(dry_run=dry_run).skipped
            assert skipped.reason.startswith("corpus/annotations/gold/a.json: ")
            assert "standoff validate" in skipped.reason
        assert gold(world) == wrong
    assert new or world.shown() == before


def test_s10_a_set_with_an_unknown_label_half_a_relation_or_two_of_one_id_is_not_merged(world: World) -> None:
    """Out of this project's scope, its span would pass for deleted, and its relation with it; so would one of the two."""
    held, shown = gold(world), world.shown()
    meet = next(s for s in held.spans if s.id == "s3")
    for wrong, why in (
        (replace(held, spans=tuple(replace(s, label="Meeting") if s is meet else s for s in held.spans)), "'Meeting'"),
        (replace(held, spans=tuple(s for s in held.spans if s is not meet)), "relation r2 has an end"),
        (replace(held, relations=tuple(replace(r, label="Actor") for r in held.relations)), "'Actor'"),
        (
            replace(held, spans=tuple(replace(s, id="s4") if s.id == "s2" else s for s in held.spans), relations=()),
            "id s4",
        ),
        (replace(held, relations=tuple(replace(r, id="r1") for r in held.relations)), "id r1"),
    ):
        world.write(wrong)
        world.draw("ORG", "Gent")
        for resolve in ("report", "ours", "theirs"):
            (skipped,) = world.one(resolve=resolve).skipped
            assert why in skipped.reason
        assert gold(world) == wrong
        world.erase(world.row("ORG", "Gent").id)
        assert world.shown() == shown


def test_s10_a_span_that_grapheme_mode_can_not_hold_skips_its_document_alone(tmp_path: Path) -> None:
    world = World(tmp_path, projects="[doccano.main]\ngrapheme_mode = true\n")
    family = TEXT.index("\U0001f469")
    anna, half = span("s1", "PERSON", "Anna"), span("s2", "PERSON", (family + 1, family + 3))
    for id_ in "ab":
        world.write(document(id_), annotations(document(id_), [anna]))
    world.one()
    world.write(document("c"))
    for id_, spans in (("a", [anna, half]), ("b", [anna, span("s2", "ORG", "de raad")]), ("c", [half])):
        world.write(annotations(document(id_), spans))
    for dry_run in (True, False):
        report = world.one(dry_run=dry_run)
        assert [line.document for line in report.skipped] == ["a", "c"]
        assert all("in grapheme mode" in line.reason for line in report.skipped)
        assert report.page.created == 1
    assert len(world.example("a").rows) == 1
    assert len(world.example("b").rows) == 2


def test_s10_a_renamed_label_type_stops_the_run(world: World) -> None:
    project = world.project()
    types = [replace(kind, name="HUMAN") if kind.name == "PERSON" else kind for kind in project.span_types]
    world.server.projects[project.id] = replace(project, span_types=tuple(types))
    (problem,) = world.one().problems
    assert "'PERSON' is called 'HUMAN'" in problem.message


# -- merging


def test_s11_fields_merge_and_different_changes_are_a_conflict(world: World) -> None:
    edit(world, s4=span("s4", "PERSON", "Carla de", entity="c2"), s2=span("s2", "CUE", "Anna"))
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    world.relabel(world.row("SPEAKER", "Anna").id, "PERSON")
    report = world.one()
    assert [(c.item, c.field, c.base, c.ours, c.theirs) for c in report.conflicts] == [
        ("s2", "label", "SPEAKER", "CUE", "PERSON")
    ]
    assert (by_id(world)["s4"].label, by_id(world)["s4"].text) == ("ORG", "Carla de")
    assert world.row("ORG", "Carla de")
    assert world.row("PERSON", "Anna")
    assert [c.item for c in world.one().conflicts] == ["s2"]
    assert world.one(resolve="theirs", documents=["a"]).clean
    assert by_id(world)["s2"].label == "PERSON"
    quiet(world)


def test_s11_a_deletion_against_an_edit_is_a_conflict(world: World) -> None:
    edit(world, s4=span("s4", "PERSON", "Carla", entity="somebody else"))
    world.erase(world.row("PERSON", "Carla").id)
    (conflict,) = world.one().conflicts
    assert (conflict.item, conflict.field, conflict.theirs) == ("s4", "item", None)
    assert "s4" in by_id(world)
    assert ("PERSON", "Carla") not in world.shown()


def test_s12_a_join_waits_for_a_span_that_has_to_stay(world: World) -> None:
    """Two spans are joined in the page, and the one that goes with that is an end of a relation in conflict: taken half, its
    words would be there twice."""
    edit(world, s5=span("s5", "PERSON", "Bob"))
    assert world.one().clean
    bob, carla = world.row("PERSON", "Bob").id, world.row("PERSON", "Carla").id
    world.relate("continues", bob, carla)
    world.erase(world.row("Meet", "ontmoette").id)
    edit(world, s3=span("s3", "Meet", "ontmoette", realis="Generic"))
    before = by_id(world)
    for _ in range(2):
        report = world.one()
        assert [line.item for line in report.conflicts] == ["s3"]
        assert report.skipped == []
        assert by_id(world) == before
    assert world.one(resolve="theirs").clean
    assert [piece.text for piece in by_id(world)["s5"].fragments] == ["Bob", "Carla"]
    assert by_id(world).keys() == before.keys() - {"s3", "s4"}
    quiet(world)


@pytest.mark.parametrize("resolve", ["ours", "theirs"])
def test_s12_a_join_of_a_span_that_changed_here_is_settled_as_a_whole(world: World, resolve: str) -> None:
    edit(world, s5=span("s5", "PERSON", "Bob"))
    world.one()
    world.relate("continues", world.row("PERSON", "Bob").id, world.row("PERSON", "Carla").id)
    edit(world, s4=span("s4", "PERSON", "Carla de"))
    for _ in range(2):
        assert [line.item for line in world.one().conflicts] == ["s4"]
    assert world.one(resolve=resolve).clean
    found = {id_: [piece.text for piece in one.fragments] for id_, one in by_id(world).items() if one.label == "PERSON"}
    assert found == ({"s4": ["Carla de"], "s5": ["Bob"]} if resolve == "ours" else {"s5": ["Bob", "Carla"]})
    people = [text for label, text in world.shown() if label == "PERSON"]
    assert people == [text for texts in sorted(found.values()) for text in texts]
    quiet(world)


def test_s12_a_conflicted_span_freezes_its_relations_and_a_new_relation_edits_its_ends(world: World) -> None:
    edit(world, s4=None)
    world.relate("Place", world.row("Meet", "ontmoette").id, world.row("PERSON", "Carla").id)
    before = state(world)
    (conflict,) = world.one().conflicts
    assert (conflict.item, conflict.field) == ("s4", "item")
    assert "s4" not in by_id(world)
    assert [r.id for r in gold(world).relations] == ["r1"]
    assert sum(r.label in {"Agent", "Place"} for r in world.example().relations) == 2
    after = state(world)
    kept = [row for row in before.rows if row.span == "s4"]
    assert [row for row in after.rows if row.span == "s4"] == kept
    assert "s4" in {s.id for s in after.base_spans}


def test_s13_no_base_is_a_union_and_deletes_nothing(world: World) -> None:
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    edit(world, s2=None, s5=span("s5", "ORG", "de raad"))
    world.draw("ORG", "Gent")
    report = world.one()
    assert (report.ours.deleted, report.page.deleted) == (0, 0)
    assert {s.text for s in gold(world).spans} >= {"Anna", "de raad", "Gent"}
    assert {("SPEAKER", "Anna"), ("ORG", "de raad"), ("ORG", "Gent")} <= set(world.shown())
    quiet(world)


def test_s13_a_conflict_without_a_base_is_still_one_span(world: World) -> None:
    """Another marker there and no state, then relabelled here: not another span beside it."""
    world.relabel(world.row("realis:Other", "ontmoette").id, "realis:Generic")
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    assert [c.field for c in world.one().conflicts] == ["attributes.realis"]
    edit(world, s3=replace(by_id(world)["s3"], label="Life.Die"))
    assert {c.item for c in world.one().conflicts} == {"s3"}
    assert [s.label for s in gold(world).spans if s.text == "ontmoette"] == ["Life.Die"]
    assert world.one(resolve="ours").clean
    assert [label for label, text in world.shown() if text == "ontmoette"] == ["Die", "realis:Other"]


@pytest.mark.parametrize("resolve", ["ours", "theirs"])
def test_s13_another_label_on_the_same_words_is_no_second_span(world: World, resolve: str) -> None:
    """Relabelled on either side, or on both, when the state is gone."""
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    for place in ("dat Bob", "de stad"):
        world.relabel(world.row("QUOTE.direct", place).id, "QUOTE.mixed")
    edit(world, s3=span("s3", "Life.Die", "ontmoette", realis="Other"))
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    report = world.one()
    fields = {(c.item, c.field) for c in report.conflicts}
    assert {("s4", "label"), ("s1", "attributes.type"), ("s3", "label")} == fields
    assert (report.ours.created, report.page.created) == (0, 0)
    quiet(world)
    # One more span on the same words, of another layer, is one.
    world.draw("SPEAKER", "Carla")
    assert world.one(resolve=resolve).clean
    labels = {s.id: s.label for s in gold(world).spans}
    kept = ("PERSON", "Life.Die", "direct") if resolve == "ours" else ("ORG", "Meet", "mixed")
    assert (labels["s4"], labels["s3"], by_id(world)["s1"].attributes["type"]) == kept
    assert len(labels) == 5
    assert by_id(world)["s4"].attributes == {"entity": "carla"}
    # Who relabelled is not known, and who drew it is not who did.
    assert not (by := by_id(world)["s4"].by) or by.annotator is None
    assert [r.id for r in gold(world).relations] == ["r1", "r2"]
    quiet(world)


def test_s13_two_of_ours_for_one_row_are_reported(world: World) -> None:
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    edit(world, s9=span("s9", "PERSON", "Carla"))
    shown = world.shown()
    for _ in range(2):
        report = world.one()
        assert "s4 and s9 are one and the same" in report.problems[0].message
        assert world.shown() == shown
        assert {"s4", "s9"} <= by_id(world).keys()
    edit(world, s9=None)
    assert world.one().clean
    quiet(world)


@pytest.mark.parametrize("spoil", ["markers", "rows"])
def test_s13_a_state_that_was_merged_badly_is_told_and_not_believed(world: World, spoil: str) -> None:
    """Half of another version: a base without its rows would read a relabelled span as deleted, its local attributes lost."""
    path = world.root / "corpus/sync/main/gold/a.json"
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    contents = json.loads(path.read_text())
    if spoil == "markers":
        path.write_text("<<<<<<< HEAD\n" + path.read_text())
    else:
        contents["rows"] = [row for row in contents["rows"] if row["span"] != "s4"]
        path.write_text(json.dumps(contents))
    shown, held = world.shown(), world.set()
    (skipped,) = world.one().skipped
    assert "delete corpus/sync/main/gold/a.json" in skipped.reason
    assert (world.shown(), world.set()) == (shown, held)
    path.unlink()
    assert world.one().page.deleted == 0
    (carla,) = [s for s in gold(world).spans if s.text == "Carla" and s.label == "PERSON"]
    assert carla.attributes == {"entity": "carla"}


def test_s14_local_attributes_never_come_from_the_page(world: World) -> None:
    edit(world, s4=span("s4", "PERSON", "Carla", entity="changed here"))
    report = world.one()
    assert not report.page
    assert by_id(world)["s4"].attributes == {"entity": "changed here"}
    assert {s.id: s for s in state(world).base_spans}["s4"].attributes == {"entity": "changed here"}
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    world.one()
    assert by_id(world)["s4"].attributes == {"entity": "changed here"}


# -- writing


def test_s15_rows_are_changed_in_place(world: World) -> None:
    ids = {row.id for row in world.example().rows}
    edit(world, s1=span("s1", "QUOTE", "Bob", "stad", type="mixed"), s4=span("s4", "ORG", "Carla de raad"))
    world.one()
    assert {row.id for row in world.example().rows} == ids


def test_s15_a_document_that_changed_since_the_export_is_merged_again(world: World) -> None:
    edit(world, s4=span("s4", "ORG", "Carla"))
    # After the export and before the document is read again, an annotator is at work.
    report = world.one(remote=FaultyRemote(world.admin, 3, lambda: world.draw("PERSON", "Bob")))
    assert report.clean
    assert "Bob" in {s.text for s in gold(world).spans}
    quiet(world)


@pytest.mark.parametrize("at", range(3, 9))
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fault", [unreachable, killed])
def test_s16_no_request_is_repeated_blindly(world: World, at: int, after: bool, fault: Callable[[], None]) -> None:
    edit(world, s5=span("s5", "QUOTE", "Later", "Gent"), s6=span("s6", "Meet", "zag", realis="Generic"))
    try:
        world.one(remote=FaultyRemote(world.admin, at, fault, after))
    except (Killed, Unreachable):
        world.one()
    assert world.one().clean
    shown = world.shown()
    assert len(shown) == len(set(shown)) == 10
    quiet(world)


def test_s16_what_we_wrote_before_a_kill_is_ours_though_we_changed_our_mind(world: World) -> None:
    edit(world, s4=span("s4", "ORG", "Carla"), s5=span("s5", "PERSON", "Bob"))
    with pytest.raises(Killed):
        world.one(remote=FaultyRemote(world.admin, 6, killed))
    edit(world, s4=span("s4", "SPEAKER", "Carla"), s5=None)
    report = world.one()
    assert report.clean, report.conflicts
    assert ("SPEAKER", "Carla") in world.shown()
    assert "Bob" not in {text for _, text in world.shown()}
    quiet(world)


@pytest.mark.parametrize(("at", "after", "conflicts"), [(5, False, ["n1"]), (4, True, [])])
def test_s16_half_a_span_that_an_annotator_deleted(world: World, at: int, after: bool, conflicts: list[str]) -> None:
    """Killed between two fragments: what the page had confirmed was there to be deleted, so a curator decides (S11). A
    fragment whose request got no answer may never have been there: that is no deletion, and the span is sent again."""
    edit(world, n1=span("n1", "ORG", "Bob", "Gent"))
    calls = FaultyRemote(world.admin, at, killed, after)
    with pytest.raises(Killed):
        world.one(remote=calls)
    assert calls.calls.count("create_span") == at - 3
    world.erase(world.row("ORG", "Bob").id)
    assert [c.item for c in world.one().conflicts] == conflicts
    assert (("ORG", "Bob") in world.shown()) is not bool(conflicts)
    assert world.one(resolve="ours").clean
    assert {("ORG", "Bob"), ("ORG", "Gent")} <= set(world.shown())
    quiet(world)


def test_s17_annotations_are_saved_before_the_state(world: World) -> None:
    world.draw("ORG", "de raad")
    from standoff.sync.report import Options
    from standoff.sync.run import sync

    with pytest.raises(Killed):
        list(sync(MortalStore(world.root, 1), lambda name, table: world.admin, Options()))
    assert "de raad" in {s.text for s in gold(world).spans}
    assert "de raad" not in {s.text for s in (piece for piece in state(world).base_spans)}
    world.one()
    assert [s.text for s in gold(world).spans].count("de raad") == 1
    quiet(world)


def test_a_push_fetches_nothing(world: World) -> None:
    world.draw("ORG", "Gent")
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    world.erase(world.row("SPEAKER", "Anna").id)
    world.bea.confirm(world.project(), world.example().id)
    world.bea.comment(world.project(), world.example().id, "Ja.")
    edit(world, s5=span("s5", "PERSON", "Bob"))
    before, shown = gold(world), world.shown()
    report = world.one(direction="push")
    assert (bool(report.ours), report.page.created, report.confirmations, report.comments) == (False, 1, 0, 0)
    assert gold(world) == before
    assert sorted(world.shown()) == sorted([*shown, ("PERSON", "Bob")])
    assert world.one(direction="pull").clean
    found = {(s.label, s.text) for s in gold(world).spans}
    assert {("ORG", "Gent"), ("ORG", "Carla"), ("PERSON", "Bob")} <= found
    assert "s2" not in by_id(world)
    assert (len(gold(world).confirmed), len(gold(world).comments)) == (1, 1)
    quiet(world)


def test_s17_the_base_keeps_what_the_sides_do_not_agree_on(world: World) -> None:
    edit(world, s4=span("s4", "ORG", "Carla"))
    world.one(direction="pull")
    assert {s.id: s for s in state(world).base_spans}["s4"].label == "PERSON"
    world.one(direction="push")
    assert {s.id: s for s in state(world).base_spans}["s4"].label == "ORG"


def test_s18_new_documents_count_as_pushed_when_they_are_read_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "PERSON", "Anna")]))

    def cut() -> None:
        for example in world.server.examples.values():
            example.text = example.text[:-1]

    report = world.one(remote=FaultyRemote(world.admin, 3, cut, after=True))
    assert "the text has changed" in report.skipped[0].reason
    assert world.store.document_state("main", "gold", "a") is None


def test_s18_a_few_new_documents_in_a_large_project_are_read_back_one_by_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(12):
        world.write(document(f"d{number}"))
    world.one()
    new = document("new")
    world.write(new, annotations(new, [span("s1", "PERSON", "Anna")]))
    calls = FaultyRemote(world.admin)
    report = world.one(remote=calls)
    assert (report.clean, report.page.created) == (True, 1)
    assert calls.calls.count("export") == 1
    quiet(world)


def test_s18_new_documents_are_found_among_many_that_others_add(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(12):
        world.write(document(f"d{number}"))
    world.one()
    new = document("new")
    world.write(new, annotations(new, [span("s1", "PERSON", "Anna")]))

    def add_others() -> None:
        other = replace(world.example("d0"), id=0, meta={}, rows=(), relations=())
        world.cas.import_examples(world.project(), [other] * 5)

    calls = FaultyRemote(world.admin, 3, add_others, after=True)
    report = world.one(remote=calls)
    assert calls.calls[3] == "import_examples"
    assert (report.clean, report.page.created) == (True, 1)
    quiet(world)


def test_s18_new_documents_do_not_disturb_what_was_decided_for_others(world: World) -> None:
    """The page changes while new documents are imported: the export that is read then is another one."""
    world.draw("ORG", "Gent")
    new = document("new")
    world.write(new, annotations(new, [span("s1", "PERSON", "Anna")]))
    calls = FaultyRemote(world.admin, 4, lambda: world.draw("PERSON", "Bob"))
    assert world.one(remote=calls).clean
    assert calls.calls[4] == "import_examples"
    assert {"Gent"} <= {s.text for s in gold(world).spans}
    assert world.one().clean
    assert {"Gent", "Bob"} <= {s.text for s in gold(world).spans}
    quiet(world)


def test_s18_of_several_copies_the_linked_one_stays(world: World) -> None:
    example = world.example()
    world.admin.import_examples(world.project(), [replace(example, id=0)])
    report = world.one()
    assert any("was a copy" in problem.message for problem in report.problems)
    assert world.example().id == example.id
    quiet(world)


@pytest.mark.parametrize("holds", ["comment", "confirmation", "row"])
def test_s18_of_copies_that_nobody_knows_the_one_with_more_stays(world: World, holds: str) -> None:
    first = world.example()
    world.admin.import_examples(world.project(), [replace(first, id=0)])
    second = max(world.server.examples)
    if holds == "comment":
        world.bea.comment(world.project(), second, "Wie is Bob?")
    elif holds == "confirmation":
        world.bea.confirm(world.project(), second)
    else:
        world.bea.create_span(world.project(), second, world.at("ORG", "Gent", first.text))
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    report = world.one()
    assert report.clean, report
    assert list(world.server.examples) == [second]
    assert state(world).example == second
    quiet(world)


def test_s18_a_copy_that_alone_is_confirmed_is_not_deleted(world: World) -> None:
    example = world.example()
    world.admin.import_examples(world.project(), [replace(example, id=0)])
    world.bea.confirm(world.project(), max(world.server.examples))
    (skipped,) = world.one().skipped
    assert "holds 1 thing" in skipped.reason
    assert len(world.server.examples) == 2


def test_s18_a_copy_with_something_of_its_own_is_not_deleted(world: World) -> None:
    example = world.example()
    extra = Row(id=9999, label="ORG", start=0, end=4)
    world.admin.import_examples(world.project(), [replace(example, id=0, rows=(*example.rows, extra))])
    (skipped,) = world.one().skipped
    assert "holds 1 thing" in skipped.reason
    assert len(world.server.examples) == 2


# -- guards


def test_s19_a_name_that_is_none_is_told(world: World) -> None:
    (skipped,) = world.one(force_delete=["main", "typo"]).skipped
    assert (skipped.document, "no document" in skipped.reason) == ("typo", True)


def test_s19_the_bin_of_the_page_empties_nothing_here(world: World) -> None:
    before = gold(world)
    world.bea.clear(world.project(), world.example().id)
    (skipped,) = world.one().skipped
    assert "all 6 annotations are gone in the page" in skipped.reason
    assert gold(world) == before
    states = world.root / "corpus/sync/main/gold/a.json"
    kept = states.read_bytes()
    states.unlink()
    assert world.one().page.created == 6
    world.bea.clear(world.project(), world.example().id)
    states.write_bytes(kept)
    assert world.one(force_delete=["a"]).clean
    assert gold(world).spans == ()


def test_s19_who_begins_again_after_the_bin_empties_nothing_here(tmp_path: Path) -> None:
    world = World(tmp_path)
    spans = [span(f"s{i}", "PERSON", (i * 3, i * 3 + 2)) for i in range(11)]
    world.write(document(), annotations(document(), spans))
    world.one()
    world.bea.clear(world.project(), world.example().id)
    world.draw("ORG", "Gent")
    (skipped,) = world.one().skipped
    assert "all 11 annotations are gone in the page" in skipped.reason
    assert gold(world).spans == tuple(spans)
    # All with other ids: nothing that the page has would be known any more.
    world.write(replace(gold(world), spans=tuple(replace(s, id=f"new{s.id}") for s in spans)))
    world.bea.clear(world.project(), world.example().id)
    assert "gone here" in world.one().skipped[0].reason
    world.write(replace(gold(world), spans=tuple(spans)))
    world.draw("ORG", "Gent")
    world.one(force_delete=["a", "main"])
    assert [s.text for s in gold(world).spans] == ["Gent"]


def test_s19_a_file_that_is_gone_empties_nothing_there(world: World) -> None:
    (world.root / "corpus/annotations/gold/a.json").unlink()
    shown = world.shown()
    (skipped,) = world.one().skipped
    assert "a.json is gone" in skipped.reason
    assert world.shown() == shown
    world.one(force_delete=["a"])
    assert world.shown() == []


def test_s19_another_token_or_a_missing_project_is_never_lifted(world: World) -> None:
    project = world.project()
    world.server.projects[project.id] = replace(project, description="standoff:" + "0" * 32)
    (problem,) = world.one(force_delete=["main", "a"]).problems
    assert "another token" in problem.message
    world.server.projects[project.id] = replace(project, description="About names.")
    (problem,) = world.one(force_delete=["main", "a"]).problems
    assert f"add `{project.description.split()[-1]}` to it" in problem.message
    del world.server.projects[project.id]
    (problem,) = world.one(force_delete=["main", "a"]).problems
    assert "is not on http://memory any more" in problem.message


def test_s19_a_page_with_fewer_than_half_of_the_documents_stops_the_run(world: World) -> None:
    before = gold(world)
    world.server.examples.clear()
    (problem,) = world.one().problems
    assert "of 1 pushed document, the page has 0" in problem.message
    assert gold(world) == before


def test_s19_many_deletions_stop_the_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    doc = document()
    spans = [span(f"s{i}", "PERSON", (i * 3, i * 3 + 2)) for i in range(20)]
    world.write(doc, annotations(doc, spans))
    world.one()
    world.write(annotations(doc, spans[:8]))
    (problem,) = world.one().problems
    assert "would delete 12 annotations of 20, of a (12)" in problem.message
    assert len(world.shown()) == 20
    assert world.one(force_delete=["main"]).clean
    assert len(world.shown()) == 8


def test_s19_an_older_copy_of_the_server_and_the_states_of_its_time(world: World) -> None:
    """What has come here since goes there again, once."""
    folder = world.root / "corpus/sync/main/gold"
    copy, states = deepcopy(world.server.examples), (folder / "a.json").read_bytes()
    world.draw("ORG", "Gent")
    world.relabel(world.row("PERSON", "Carla").id, "ORG")
    world.erase(world.row("SPEAKER", "Anna").id)
    edit(world, s3=span("s3", "Life.Die", "ontmoette", realis="Other"))
    assert world.one().clean
    before, shown = gold(world), sorted(world.shown())
    world.server.examples = copy
    (folder / "a.json").write_bytes(states)
    assert world.one().clean
    assert (gold(world), sorted(world.shown())) == (before, shown)
    quiet(world)


def test_s20_what_goes_with_a_user_is_not_deleted(world: World) -> None:
    world.draw("ORG", "Gent", world.cas)
    world.draw("ORG", "hem", world.cas)
    world.draw("ORG", "niemand", world.bea)
    world.one()
    before = gold(world)
    assert sorted(s.by.annotator or "" for s in before.spans if s.by) == ["bea", "cas", "cas"]
    held = world.server.examples[world.example().id].rows
    gone = [id_ for id_, row in held.items() if row.user == "cas"]
    world.erase(gone.pop())
    world.server.members.remove("cas")
    # Who has been renamed has not taken anything along.
    assert world.one().clean
    assert len(gold(world).spans) == len(before.spans) - 1
    world.erase(gone.pop())
    (problem,) = world.one().problems
    assert "would delete 1 annotation here that cas made, who is no user" in problem.message
    assert "remove corpus/sync/main/*/*.json" in problem.message
    before = gold(world)
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    assert world.one().clean
    assert gold(world).spans == before.spans
    assert ("ORG", "Gent") in world.shown() or ("ORG", "hem") in world.shown()
    quiet(world)


def test_s20_what_is_gone_on_one_side_is_reported_and_deleted_nowhere(world: World) -> None:
    other = document("b", "Bob ging naar Gent.")
    world.write(other, annotations(other, [span("s1", "PERSON", "Bob", text=other.text)]))
    world.one()
    (world.root / "corpus/documents/b.json").unlink()
    (skipped,) = world.one().skipped
    assert (skipped.document, "left alone" in skipped.reason) == ("b", True)
    assert len(world.server.examples) == 2
    world.write(other)
    world.admin.delete_example(world.project(), world.example("b").id)
    (skipped,) = world.one().skipped
    assert "deleted in the page" in skipped.reason
    held = world.set("b")
    assert held is not None
    assert len(held.spans) == 1


def test_s21_text_that_changed_here_skips_the_document(world: World) -> None:
    world.write(document("a", TEXT + " En."))
    (skipped,) = world.one().skipped
    assert "the text has changed here" in skipped.reason
    assert "--drop" in skipped.reason


def test_s22_ten_exports_read_before_a_write_are_kept(world: World) -> None:
    for number in range(KEPT + 3):
        edit(world, s4=span("s4", "ORG" if number % 2 else "SPEAKER", "Carla"))
        world.one()
    quiet(world)
    assert len(list((world.root / ".standoff/sync/main/backups").iterdir())) == KEPT


# -- projects, people, confirmations


def test_a_document_that_was_dropped_is_left_alone_until_it_is_named(world: World) -> None:
    assert world.one(drop=["a"]).dropped == ["a"]
    raw = (world.root / "corpus/sync/main/gold/a.json").read_bytes()
    assert decode(raw, DocumentState) == DocumentState(dropped=True)
    world.draw("ORG", "Gent")
    quiet(world)
    world.one(documents=["a"])
    assert "Gent" in {s.text for s in gold(world).spans}
    quiet(world)


def test_a_document_that_is_nowhere_is_not_dropped(world: World) -> None:
    report = world.one(drop=["typo"])
    assert (report.dropped, [line.document for line in report.skipped]) == ([], ["typo"])
    assert not (world.root / "corpus/sync/main/gold/typo.json").exists()


@pytest.mark.parametrize("option", ["drop", "documents"])
def test_a_name_that_leads_out_of_the_states_is_no_document(world: World, option: str) -> None:
    before = (world.root / "corpus/annotations/gold/a.json").read_bytes()
    with pytest.raises(UsageError, match="no document id"):
        world.one(**{option: ["../../../annotations/gold/a"]})
    assert (world.root / "corpus/annotations/gold/a.json").read_bytes() == before


def test_confirmations_and_comments_are_pulled(world: World) -> None:
    example = world.example()
    world.bea.confirm(world.project(), example.id)
    world.cas.comment(world.project(), example.id, "Wie is Bob?")
    for dry_run in (True, False):
        report = world.one(dry_run=dry_run)
        assert (report.confirmations, report.comments) == (1, 1)
    held = gold(world)
    assert [by.annotator for by in held.confirmed] == ["bea"]
    assert [(c.by, c.text) for c in held.comments] == [("cas", "Wie is Bob?")]
    quiet(world)
    world.cas.confirm(world.project(), example.id)
    report = world.one()
    assert (report.confirmations, report.comments) == (1, 0)
    assert gold(world).confirmed == ()
    quiet(world)
    report = world.one()
    assert (report.confirmations, report.comments) == (0, 0)


def test_a_comment_that_is_written_anew_takes_the_place_of_what_it_was(world: World) -> None:
    for text in ("Wie is Bob?", "En Carla?"):
        number = world.cas.comment(world.project(), world.example().id, text)
    world.one()
    held = world.server.examples[world.example().id].comments
    held[number] = replace(held[number], text="En Carla? Zij is van de raad.")
    assert world.one().comments == 1
    assert [c.text for c in gold(world).comments] == ["Wie is Bob?", "En Carla? Zij is van de raad."]
    quiet(world)
    # One that a curator took out here stays out.
    world.write(replace(gold(world), comments=()))
    quiet(world)
    # States of before hold ids alone.
    path = world.root / "corpus/sync/main/gold/a.json"
    text = path.read_text()
    path.write_text(
        re.sub(r'"comments": *\[.*?\]', f'"comments": [{", ".join(map(str, sorted(held)))}]', text, flags=re.S)
    )
    assert text != path.read_text()
    quiet(world)


def test_s13_comments_are_not_stored_again_when_the_state_is_gone(world: World) -> None:
    world.bea.comment(world.project(), world.example().id, "is dit zo?")
    world.one()
    before = world.files()
    (world.root / "corpus/sync/main/gold/a.json").unlink()
    world.one()
    assert world.files() == before


def test_who_confirmed_is_asked_once_and_only_of_what_is_new(world: World) -> None:
    """Together, of all documents of this run that were not confirmed."""
    for id_ in "bcd":
        world.write(document(id_), annotations(document(id_)))
    assert world.one().clean
    ids = {id_: world.example(id_).id for id_ in "abcd"}
    world.bea.confirm(world.project(), ids["a"])
    assert world.one().clean
    for id_ in "bd":
        world.bea.confirm(world.project(), ids[id_])
    asked: list[list[int]] = []

    class Asked(MemoryRemote):
        def confirmations(self, project: Project, examples: Sequence[int]) -> dict[int, tuple[Confirmation, ...]]:
            asked.append(list(examples))
            return super().confirmations(project, examples)

    remote = Asked(world.server)
    world.one(remote=remote, dry_run=True)
    world.one(remote=remote, direction="push")
    world.one(remote=remote, documents=["d"])
    assert asked == [[ids["d"]]]
    for id_, confirmed in zip("abcd", (True, False, False, True), strict=True):
        held = world.set(id_)
        assert held is not None
        assert bool(held.confirmed) == confirmed
    world.bea.confirm(world.project(), ids["c"])
    assert world.one(remote=remote).clean
    assert asked[1:] == [[ids["b"], ids["c"]]]
    quiet(world)


def test_a_set_is_confirmed_when_every_project_that_holds_its_layers_has_it(tmp_path: Path) -> None:
    tables = '[doccano.quotes]\nlayers = ["quotes"]\n[doccano.events]\nlayers = ["entities", "events"]\n'
    world = World(tmp_path, projects=tables)
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "PERSON", "Anna"), span("s2", "QUOTE", "Bob")]))
    world.sync()
    assert world.shown(name="quotes") == [("QUOTE.direct", "Bob")]
    assert world.shown(name="events") == [("PERSON", "Anna")]
    world.bea.confirm(world.project("quotes"), world.example(name="quotes").id)
    world.sync()
    assert gold(world).confirmed == ()
    world.cas.confirm(world.project("events"), world.example(name="events").id)
    world.sync()
    assert {by.annotator for by in gold(world).confirmed} == {"bea", "cas"}
    files = world.files()
    world.sync()
    assert world.files() == files


def test_a_project_that_dropped_a_document_is_not_waited_for(tmp_path: Path) -> None:
    tables = '[doccano.quotes]\nlayers = ["quotes"]\n[doccano.events]\nlayers = ["entities", "events"]\n'
    world = World(tmp_path, projects=tables)
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "PERSON", "Anna"), span("s2", "QUOTE", "Bob")]))
    world.sync()
    world.sync("events", drop=["a"])
    world.bea.confirm(world.project("quotes"), world.example(name="quotes").id)
    world.sync()
    assert [by.annotator for by in gold(world).confirmed] == ["bea"]


def test_a_comment_waits_for_a_set_that_keeps_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(document())
    world.one()
    world.bea.comment(world.project(), world.example().id, "Wat moet hier?")
    for _ in range(2):
        calls = FaultyRemote(world.admin)
        assert world.one(remote=calls).comments == 0
        assert calls.calls == ["project", "confirmed", "export"]
    assert world.set() is None
    world.draw("PERSON", "Anna")
    assert world.one().comments == 1
    assert [comment.text for comment in gold(world).comments] == ["Wat moet hier?"]
    quiet(world)


def test_a_set_is_not_confirmed_any_more_once_it_has_a_layer_that_nobody_confirmed(tmp_path: Path) -> None:
    tables = '[doccano.quotes]\nlayers = ["quotes"]\n[doccano.events]\nlayers = ["entities", "events"]\n'
    world = World(tmp_path, projects=tables)
    world.write(document())
    world.sync()
    quotes, events = (world.example(name=name).id for name in ("quotes", "events"))
    world.bea.create_span(world.project("quotes"), quotes, world.at("SPEAKER", "Anna"))
    world.bea.confirm(world.project("quotes"), quotes)
    world.sync()
    assert (gold(world).layers, len(gold(world).confirmed)) == (("quotes",), 1)
    world.cas.create_span(world.project("events"), events, world.at("PERSON", "Carla"))
    world.sync()
    assert (gold(world).layers, gold(world).confirmed) == (("entities", "quotes"), ())
    world.cas.confirm(world.project("events"), events)
    world.sync()
    assert [by.annotator for by in gold(world).confirmed] == ["bea", "cas"]
    quiet_files = world.files()
    world.sync()
    assert world.files() == quiet_files


def test_per_member_sets_are_pulled_and_never_sent(tmp_path: Path) -> None:
    world = World(
        tmp_path, MemoryServer(["admin", "bea", "../../etc", "gold"]), '[doccano.main]\nmode = "per-member"\n'
    )
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "PERSON", "Anna")]))
    world.one()
    assert world.example().rows == ()
    for user in ("bea", "../../etc", "gold"):
        remote = MemoryRemote(world.server, user)
        remote.create_span(world.project(), world.example().id, world.at("ORG", "Gent"))
    world.bea.confirm(world.project(), world.example().id)
    report = world.one()
    assert report.clean, report
    assert report.ours.created == 3
    names = set(world.store.annotators())
    assert {"gold", "bea"} < names
    assert len(names) == 4
    assert [s.id for s in gold(world).spans] == ["s1"]
    bea = world.set(annotator="bea")
    assert bea is not None
    assert bea.provenance is not None
    assert (bea.confirmed[0].annotator, bea.layers, bea.provenance.user) == (
        "bea",
        ("entities", "quotes", "events"),
        "bea",
    )
    quiet(world)
    world.write(replace(bea, spans=()))
    report = world.one()
    assert "never sent" in str(report)


def test_a_members_set_of_two_projects_is_confirmed_when_both_have_it(tmp_path: Path) -> None:
    mode = 'mode = "per-member"\n'
    tables = f'[doccano.quotes]\n{mode}layers = ["quotes"]\n[doccano.events]\n{mode}layers = ["entities", "events"]\n'
    world = World(tmp_path, projects=tables)
    world.write(document())
    world.sync()
    quotes, events = (world.example(name=name).id for name in ("quotes", "events"))

    def confirmed() -> bool:
        world.sync()
        held = world.set(annotator="bea")
        assert held is not None
        return bool(held.confirmed)

    world.bea.create_span(world.project("quotes"), quotes, world.at("SPEAKER", "Anna"))
    world.bea.create_span(world.project("events"), events, world.at("PERSON", "Carla"))
    assert not confirmed()
    world.bea.confirm(world.project("quotes"), quotes)
    assert not confirmed()
    world.bea.confirm(world.project("events"), events)
    assert confirmed()
    world.bea.confirm(world.project("quotes"), quotes)
    assert not confirmed()
    world.bea.confirm(world.project("quotes"), quotes)
    assert confirmed()


def test_an_unsafe_project_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(document())
    world.admin.create_project("test/main", "", "", Settings(allow_overlapping=False))
    (problem,) = world.one().problems
    assert "allow_overlapping must be True" in problem.message


def test_a_project_file_that_was_merged_badly_stops_its_project_until_it_is_deleted(world: World) -> None:
    path = world.root / "corpus/sync/main/project.json"
    before = path.read_text()
    path.write_text("<<<<<<< HEAD\n" + before)
    (problem,) = world.one().problems
    assert "project.json" in problem.message
    assert "delete that file" in problem.message
    path.unlink()
    quiet_files = {**world.files(), "corpus/sync/main/project.json": before.encode()}
    assert world.one().clean
    assert world.files() == quiet_files


def test_a_second_clone_adopts_the_project(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "clone", world.server)
    doc = document()
    other.write(doc, gold(world))
    report = other.one()
    assert report.clean
    assert (report.page.created, report.ours.created) == (0, 0)
    assert other.store.project_state("main") == world.store.project_state("main")


def test_a_model_pre_annotates(tmp_path: Path) -> None:
    world = World(tmp_path, projects='[doccano.main]\npush = { from = "model" }\n')
    doc = document()
    world.write(doc, annotations(doc, [span("m1", "PERSON", "Anna")], annotator="model", kind="model"))
    world.one()
    held = gold(world)
    assert ([s.id for s in held.spans], held.kind, held.layers, held.confirmed) == (["m1"], "human", ("entities",), ())
    quiet(world)


def test_a_dry_run_changes_nothing(world: World) -> None:
    edit(world, s5=span("s5", "ORG", "de raad"))
    world.draw("ORG", "Gent")
    files, calls = world.files(), FaultyRemote(world.admin)
    report = world.one(dry_run=True, remote=calls)
    assert (report.ours.created, report.page.created) == (1, 1)
    assert world.files() == files
    assert set(calls.calls) == {"project", "export", "confirmed"}


def test_a_document_without_annotations_is_announced_and_counted(world: World) -> None:
    world.write(document("b"))
    assert [world.one(dry_run=dry_run).documents for dry_run in (True, False, False)] == [1, 1, 0]


def test_a_sync_without_changes_reads_three_times(world: World) -> None:
    calls = FaultyRemote(world.admin)
    world.one(remote=calls)
    assert calls.calls == ["project", "confirmed", "export"]


def test_what_is_only_gone_or_confirmed_is_pulled_without_reading_the_document(world: World) -> None:
    """The export has it all; of new and changed annotations it lacks author and time."""
    world.erase(world.row("SPEAKER", "Anna").id)
    world.bea.confirm(world.project(), world.example().id)
    calls = FaultyRemote(world.admin)
    report = world.one(remote=calls)
    assert report.ours.deleted == 2
    assert "read" not in calls.calls
    world.draw("ORG", "Gent")
    calls = FaultyRemote(world.admin)
    world.one(remote=calls)
    assert calls.calls.count("read") == 1
    quiet(world)


def test_another_way_to_the_same_server_changes_no_file(world: World) -> None:
    """A tunnel, or DOCCANO_URL: only the address that corpus.toml names is everybody's."""
    files = world.files()
    tunnel = MemoryRemote(world.server, url="http://127.0.0.1:9999")
    assert world.one(remote=tunnel).clean
    assert world.files() == files
    path = world.root / "corpus/corpus.toml"
    path.write_text(path.read_text() + '[doccano.main]\nurl = "http://127.0.0.1:9999"\n')
    assert world.one(remote=tunnel).clean
    held = world.store.project_state("main")
    assert held is not None
    assert held.url == "http://127.0.0.1:9999"


def test_what_a_curator_excludes_does_not_come_into_the_page(world: World) -> None:
    (world.root / "corpus/overrides.toml").write_text(
        "".join(f'[{id_}]\nexclude = true\nreason = "r"\n' for id_ in "ab")
    )
    world.write(document("b"))
    assert world.one().clean
    assert {example.document for _, example in world.admin.export(world.project())} == {"a"}
    world.draw("ORG", "Gent")
    assert world.one().ours.created == 1
    quiet(world)


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("", "mode", 'mode = "per-member"'),
        ("", "set", 'set = "silver"'),
        ("", "grapheme_mode", "grapheme_mode = true"),
        ('mode = "per-member"', "mode", ""),
    ],
)
def test_a_project_stays_as_it_was_made(tmp_path: Path, before: str, key: str, after: str) -> None:
    """The page's settings were changed along: its annotations would be other people's, or stand on other words."""
    world = World(tmp_path, projects=f"[doccano.main]\n{before}\n")
    world.write(document(), annotations(document(), [span("s1", "PERSON", "👩‍👩‍👧 de"), span("s2", "ORG", "de raad")]))
    world.one()
    again = World(tmp_path, world.server, projects=f"[doccano.main]\n{after}\n")
    table = again.store.config.doccano["main"]
    project = world.project()
    settings = replace(project.settings, collaborative=table.mode == "shared", grapheme_mode=table.grapheme_mode)
    world.server.projects[project.id] = replace(project, settings=settings)
    files = again.files()
    (problem,) = again.one().problems
    assert problem.rule == "sync-stopped"
    assert f"made with {key} = " in problem.message
    assert again.files() == files


def test_a_project_under_another_name_is_not_left_to_itself(tmp_path: Path) -> None:
    world = World(tmp_path, projects="[doccano.quotes]\n")
    world.write(document(), annotations(document(), [span("s1", "PERSON", "Anna")]))
    world.one()
    project = world.store.project_state("quotes")
    renamed = World(tmp_path, world.server, projects="[doccano.citaten]\n")
    (problem,) = renamed.one().problems
    assert "git mv corpus/sync/quotes corpus/sync/citaten" in problem.message
    assert len(world.server.projects) == 1
    (tmp_path / "corpus/sync/quotes").rename(tmp_path / "corpus/sync/citaten")
    assert renamed.one().clean
    assert renamed.store.project_state("citaten") == project

    # One more beside it is no new name of it.
    both = World(tmp_path, world.server, projects="[doccano.citaten]\n[doccano.more]\n")
    assert [report.clean for report in both.sync()] == [True, True]
    alone = World(tmp_path, world.server, projects="[doccano.more]\n")
    (problem,) = alone.one().problems
    assert (problem.rule, problem.severity, problem.path) == ("sync-forgotten", "warning", "corpus/sync/citaten")
    alone.store.write_document_states("citaten", [("gold", "a", DocumentState(dropped=True))])
    assert not alone.one().problems
