"""Random edits on both sides, lost answers, kills at every step: at the end both sides agree, nothing is lost or doubled.

Each span lives in a zone of the text that is its own, so that what became of it can be told whatever ids it got.
STANDOFF_MACHINE=N runs N examples in place of a few.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from msgspec.structs import replace

from standoff.corpus.model import AnnotationSet, Fragment, Relation, Span
from standoff.corpus.state import contradictions
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.remote import Project, Remote, RemoteError
from standoff.sync.report import Options, ProjectReport
from standoff.sync.run import sync
from sync.faults import FaultyRemote, Killed, MortalStore, killed, unreachable
from sync.world import World, annotations, document

ZONE = 8
ZONES = 60
TEXT = "".join(f"{chr(97 + i % 26)}{i:05d} ." for i in range(ZONES))
LABELS = ("PERSON", "ORG", "SPEAKER", "Meet", "Life.Die")
PAGE_LABELS = {"Life.Die": "Die"}
RELATIONS = ("speaker", "Agent", "Place")
T = TypeVar("T")


def two(data: st.DataObject, items: Sequence[T]) -> tuple[T, T]:
    """Two different ones."""
    first = data.draw(st.integers(0, len(items) - 1))
    return items[first], items[(first + data.draw(st.integers(1, len(items) - 1))) % len(items)]


class Track:
    """What was done to a zone, by which side."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.label_sides: set[str] = set()
        self.end_sides: set[str] = set()
        self.deleted: set[str] = set()
        self.touched: set[str] = set()
        self.redrawn = False


class Machine(RuleBasedStateMachine):
    """One document, one project, two people."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.name = f"machine-{uuid.uuid4().hex}"
        self.world = World(self.folder, name=self.name)
        self.remote, self.page = self.connect()
        self.document = document("a", TEXT)
        self.world.write(self.document)
        self.zone = 0
        self.serial = 0
        self.tracks: dict[int, Track] = {}
        self.relations: dict[tuple[str, int, int], set[str]] = {}
        """Relation by zones to the sides that deleted it."""
        self.redrawn: set[int] = set()
        """Zones, also of spans that were joined since."""
        self.torn = False
        """Killed between saving annotations and noting it: a deletion here, of what was just pulled, may be undone."""
        self.maybe_drawn: set[tuple[str, int]] = set()

    def connect(self) -> tuple[Remote, Remote]:
        """The curator's server and the annotator's."""
        return self.world.admin, self.world.bea

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            shutil.rmtree(self.folder)

    # -- our side

    def ours(self) -> AnnotationSet:
        found = self.world.set()
        return found or annotations(self.document)

    def save(self, spans: Any, relations: Any) -> None:
        self.world.write(replace(self.ours(), spans=tuple(spans), relations=tuple(relations)))

    def new_zone(self, label: str) -> int:
        self.zone += 1
        self.tracks[self.zone] = Track(label)
        return self.zone

    @precondition(lambda self: self.zone < ZONES - 2)
    @rule(label=st.sampled_from(LABELS), both=st.booleans())
    def ours_adds(self, label: str, both: bool) -> None:
        zone = self.new_zone(label)
        pieces = [self.piece(zone, 3)]
        if both:
            second = self.new_zone(label)
            pieces.append(self.piece(second, 3))
            del self.tracks[second]
        self.serial += 1
        attributes = {"realis": "Actual", "polarity": "Positive"} if label in {"Meet", "Life.Die"} else {}
        span = Span(id=f"o{self.serial}", label=label, fragments=tuple(pieces), attributes=attributes)
        before = self.ours()
        self.save([*before.spans, span], before.relations)

    def piece(self, zone: int, length: int) -> Fragment:
        start = zone * ZONE
        return Fragment(start=start, end=start + length, text=TEXT[start : start + length])

    @precondition(lambda self: self.ours().spans)
    @rule(data=st.data(), label=st.sampled_from(LABELS))
    def ours_relabels(self, data: st.DataObject, label: str) -> None:
        before = self.ours()
        span = data.draw(st.sampled_from(before.spans))
        attributes = {"realis": "Actual", "polarity": "Positive"} if label in {"Meet", "Life.Die"} else {}
        new = replace(span, label=label, attributes=attributes if label != span.label else span.attributes)
        self.save([new if s.id == span.id else s for s in before.spans], before.relations)
        track = self.track(span.start)
        if label != span.label:
            track.label = label
            track.label_sides.add("ours")
            track.touched.add("ours")

    @precondition(lambda self: any(s.label in {"Meet", "Life.Die"} for s in self.ours().spans))
    @rule(data=st.data(), value=st.sampled_from(["Actual", "Other", "Generic"]))
    def ours_sets_realis(self, data: st.DataObject, value: str) -> None:
        before = self.ours()
        span = data.draw(st.sampled_from([s for s in before.spans if s.label in {"Meet", "Life.Die"}]))
        new = replace(span, attributes={**span.attributes, "realis": value})
        self.save([new if s.id == span.id else s for s in before.spans], before.relations)
        self.track(span.start).touched.add("ours")

    @precondition(lambda self: self.ours().spans)
    @rule(data=st.data(), length=st.integers(2, 5))
    def ours_moves(self, data: st.DataObject, length: int) -> None:
        before = self.ours()
        span = data.draw(st.sampled_from(before.spans))
        first = self.piece(self.zone_of(span.start), length)
        new = replace(span, fragments=(first, *span.fragments[1:]))
        self.save([new if s.id == span.id else s for s in before.spans], before.relations)
        self.track(span.start).touched.add("ours")

    @precondition(lambda self: self.ours().spans)
    @rule(data=st.data())
    def ours_deletes(self, data: st.DataObject) -> None:
        before = self.ours()
        span = data.draw(st.sampled_from(before.spans))
        gone = [r for r in before.relations if span.id in {r.head, r.tail}]
        self.save([s for s in before.spans if s is not span], [r for r in before.relations if r not in gone])
        self.track(span.start).deleted.add("ours")
        for r in gone:
            self.forget(before, r)

    def forget(self, before: AnnotationSet, r: Relation) -> None:
        starts = {s.id: s.start for s in before.spans}
        self.relations.pop((r.label, self.zone_of(starts[r.head]), self.zone_of(starts[r.tail])), None)

    @precondition(lambda self: len(self.ours().spans) > 1)
    @rule(data=st.data(), label=st.sampled_from(RELATIONS))
    def ours_relates(self, data: st.DataObject, label: str) -> None:
        before = self.ours()
        head, tail = two(data, before.spans)
        if any((r.label, r.head, r.tail) == (label, head.id, tail.id) for r in before.relations):
            return
        self.serial += 1
        new = Relation(id=f"q{self.serial}", label=label, head=head.id, tail=tail.id)
        self.save(before.spans, [*before.relations, new])
        key = (label, self.zone_of(head.start), self.zone_of(tail.start))
        self.relations[key] = set()
        for end in (head, tail):
            self.track(end.start).touched.add("ours")

    @precondition(lambda self: self.ours().relations)
    @rule(data=st.data())
    def ours_unrelates(self, data: st.DataObject) -> None:
        before = self.ours()
        gone = data.draw(st.sampled_from(before.relations))
        self.save(before.spans, [r for r in before.relations if r is not gone])
        self.forget(before, gone)

    def track(self, start: int) -> Track:
        """The track of a zone; of a second fragment's zone one that nobody looks at."""
        return self.tracks.get(self.zone_of(start)) or Track("")

    def zone_of(self, start: int) -> int:
        return start // ZONE

    # -- the page

    def project(self) -> Project:
        return self.remote.project(self.remote.find_projects(f"{self.name}/main")[0])

    def example(self) -> Example | None:
        """The document as the annotator sees it."""
        if not self.remote.find_projects(f"{self.name}/main"):
            return None
        project = self.project()
        found = self.remote.newest(project, 9)
        return self.remote.read(project, min(found)) if found else None

    def fragments(self, example: Example) -> list[Row]:
        return [r for r in example.rows if ":" not in r.label]

    def joined(self, example: Example) -> set[int]:
        return {e for r in example.relations if r.label == "continues" for e in (r.head, r.tail)}

    @precondition(lambda self: self.example() and self.zone < ZONES - 2)
    @rule(label=st.sampled_from(LABELS))
    def page_draws(self, label: str) -> None:
        self.page_draw(label)

    def page_draw(self, label: str) -> None:
        example = self.example()
        if example is None or self.zone >= ZONES - 2:
            return
        zone = self.new_zone(label)
        name = PAGE_LABELS.get(label, label)
        row = Row(id=0, label=name, start=zone * ZONE, end=zone * ZONE + 3)
        self.page.create_span(self.project(), example.id, row)

    @precondition(lambda self: (e := self.example()) and self.fragments(e))
    @rule(data=st.data(), label=st.sampled_from(LABELS))
    def page_relabels(self, data: st.DataObject, label: str) -> None:
        example = self.example()
        assert example
        row = data.draw(st.sampled_from(self.fragments(example)))
        name = PAGE_LABELS.get(label, label)
        if name == row.label:
            return
        self.page.update_span(self.project(), example.id, replace(row, label=name))
        if track := self.tracks.get(self.zone_of(row.start)):
            track.label = label
            track.label_sides.add("page")
            track.touched.add("page")
            if track.redrawn:
                self.unrelate(self.zone_of(row.start))
        if row.id in self.joined(example):
            self.mixed(example, row)

    def mixed(self, example: Example, row: Row) -> None:
        """A chain whose label was changed on one fragment: what it is now is nobody's last word."""
        for r in example.rows:
            if r.id in self.chain(example, row.id) and (track := self.tracks.get(self.zone_of(r.start))):
                track.label_sides |= {"ours", "page"}
                track.touched.add("page")

    def chain(self, example: Example, row: int) -> set[int]:
        found = {row}
        while True:
            more = {
                e
                for r in example.relations
                if r.label == "continues" and {r.head, r.tail} & found
                for e in (r.head, r.tail)
            } | found
            if more == found:
                return found
            found = more

    @precondition(lambda self: (e := self.example()) and self.fragments(e))
    @rule(data=st.data())
    def page_erases(self, data: st.DataObject) -> None:
        example = self.example()
        assert example
        row = data.draw(st.sampled_from(self.fragments(example)))
        self.page.delete_span(self.project(), example.id, row.id)
        for r in example.rows:
            if r.id in self.chain(example, row.id) and (track := self.tracks.get(self.zone_of(r.start))):
                track.deleted.add("page") if r.id == row.id else track.touched.add("page")

    @precondition(lambda self: (e := self.example()) and self.fragments(e))
    @rule(data=st.data(), length=st.integers(2, 5), label=st.sampled_from([None, *LABELS]))
    def page_redraws(self, data: st.DataObject, length: int, label: str | None) -> None:
        example = self.example()
        assert example
        row = data.draw(st.sampled_from(self.fragments(example)))
        if row.id in self.joined(example) or self.zone_of(row.start) not in self.tracks:
            return
        same = row.end - row.start == length
        name = PAGE_LABELS.get(label, label) if label and same else row.label
        self.page.delete_span(self.project(), example.id, row.id)
        new = Row(id=0, label=name, start=row.start, end=row.start + length)
        self.page.create_span(self.project(), example.id, new)
        track = self.track(row.start)
        track.touched.add("page")
        if name != row.label or "page" in track.label_sides:
            self.unrelate(self.zone_of(row.start))
        if track.deleted:
            # Deleted here and drawn again there: whatever comes of it is right.
            del self.tracks[self.zone_of(row.start)]
        # With another label and another extent, in the end, it is a new span: only that something is there can be told.
        track.redrawn = True
        self.redrawn.add(self.zone_of(row.start))

    @precondition(lambda self: (e := self.example()) and len(self.fragments(e)) > 1)
    @rule(data=st.data(), label=st.sampled_from([*RELATIONS, "continues"]))
    def page_relates(self, data: st.DataObject, label: str) -> None:
        example = self.example()
        assert example
        head, tail = two(data, self.fragments(example))
        row = RelationRow(id=0, label=label, head=head.id, tail=tail.id)
        self.page.create_relation(self.project(), example.id, row)
        for r in (head, tail):
            if track := self.tracks.get(self.zone_of(r.start)):
                track.touched.add("page")
        if label == "continues":
            self.joins(example, head, tail)
        else:
            self.maybe_drawn.add((label, self.zone_of(head.start)))

    def unrelate(self, zone: int) -> None:
        """A span drawn anew with another label may be another span (S7), and its relations went with the old one."""
        self.relations = {key: sides for key, sides in self.relations.items() if zone not in key[1:]}

    def joins(self, example: Example, head: Row, tail: Row) -> None:
        """Two spans become one, in the zone of the first: the zones of both say no more what has to be there."""
        for r in example.rows:
            if r.id in self.chain(example, head.id) | self.chain(example, tail.id):
                zone = self.zone_of(r.start)
                self.tracks.pop(zone, None)
                self.unrelate(zone)

    @precondition(lambda self: (e := self.example()) and e.relations)
    @rule(data=st.data())
    def page_unrelates(self, data: st.DataObject) -> None:
        example = self.example()
        assert example
        row = data.draw(st.sampled_from(example.relations))
        self.page.delete_relation(self.project(), example.id, row.id)
        rows = {r.id: r for r in example.rows}
        head, tail = rows[row.head], rows[row.tail]
        if row.label == "continues":
            self.joins(example, head, tail)
        else:
            self.relations = {
                k: v for k, v in self.relations.items() if k[0] != row.label or k[1] != self.zone_of(head.start)
            }
            self.unrelate(self.zone_of(tail.start))

    @precondition(lambda self: (e := self.example()) and any(r.label in {"Meet", "Die"} for r in e.rows))
    @rule(data=st.data(), value=st.sampled_from(["Other", "Generic"]))
    def page_marks(self, data: st.DataObject, value: str) -> None:
        example = self.example()
        assert example
        row = data.draw(st.sampled_from([r for r in example.rows if r.label in {"Meet", "Die"}]))
        new = Row(id=0, label=f"realis:{value}", start=row.start, end=row.end)
        self.page.create_span(self.project(), example.id, new)
        if track := self.tracks.get(self.zone_of(row.start)):
            track.touched.add("page")

    # -- syncs

    def sync(
        self, remote: FaultyRemote | None = None, store: MortalStore | None = None, **options: Any
    ) -> ProjectReport | None:
        remote = remote or FaultyRemote(self.remote)
        try:
            reports = list(sync(store or MortalStore(self.folder), lambda n, t: remote, Options(**options)))
        except (RemoteError, Killed) as error:
            note(f"sync ended: {error!r} after {remote.calls}")
            return None
        note(f"sync {options}: {reports[0]}")
        if state := self.world.store.document_state("main", "gold", "a"):
            assert not list(contradictions(state))
        return reports[0]

    @rule(direction=st.sampled_from(["sync", "sync", "push", "pull"]))
    def syncs(self, direction: str) -> None:
        self.sync(direction=direction)

    @rule(at=st.integers(0, 25), after=st.booleans(), what=st.sampled_from([unreachable, killed]))
    def syncs_badly(self, at: int, after: bool, what: Any) -> None:
        self.sync(FaultyRemote(self.remote, at, what, after))

    @rule(at=st.integers(0, 3), after=st.booleans())
    def dies_while_saving(self, at: int, after: bool) -> None:
        self.torn |= self.sync(store=MortalStore(self.folder, at, after)) is None and after

    @rule(at=st.integers(3, 20), after=st.booleans(), label=st.sampled_from(LABELS))
    def is_interrupted_by_an_annotator(self, at: int, after: bool, label: str) -> None:
        self.sync(FaultyRemote(self.remote, at, lambda: self.page_draw(label), after))

    # -- the end

    def finish(self) -> None:
        force = frozenset({"main", "a"})
        self.sync(force_delete=force)
        report = self.sync(force_delete=force)
        assert report
        conflicted = frozenset(c.item for c in report.conflicts)
        resolve = ("ours", "theirs")[self.serial % 2]
        if conflicted:
            self.sync(resolve=resolve, force_delete=force)
            report = self.sync(resolve=resolve, force_delete=force)
        assert report
        # Of fragments that overlap only ours says what else they could be.
        assert all(resolve == "theirs" and c.theirs == "fragments that overlap" for c in report.conflicts), report
        files = self.world.files()
        calls = FaultyRemote(self.remote)
        report = self.sync(calls, force_delete=force)
        assert report
        assert self.world.files() == files
        assert not set(calls.calls) & {"create_span", "update_span", "delete_span", "create_relation", "read"}, (
            calls.calls
        )
        if report.conflicts or report.problems:
            return
        self.agree(conflicted)

    def agree(self, conflicted: frozenset[str]) -> None:
        """`conflicted`: items that were in conflict and were settled: what one side deleted of them may be back."""
        example = self.example()
        ours = self.world.set()
        if example is None or ours is None:
            assert not (example and example.rows)
            return
        shown = sorted((PAGE_LABELS.get(s.label, s.label), p.start, p.end) for s in ours.spans for p in s.fragments)
        assert shown == sorted((r.label, r.start, r.end) for r in self.fragments(example))
        # Two spans of one zone that was drawn anew can be edited until they are equal.
        once = [r for r in shown if self.zone_of(r[1]) not in self.redrawn]
        assert len(set(once)) == len(once), "something is there twice"
        zones = {self.zone_of(s.start): s for s in ours.spans}
        for zone, track in self.tracks.items():
            everywhere = {self.zone_of(p.start) for s in ours.spans for p in s.fragments}
            if not track.deleted:
                assert zone in everywhere, f"zone {zone} is lost"
            elif not (track.redrawn or self.torn) and (len(track.deleted) == 2 or not track.touched - track.deleted):
                assert zone not in zones or zones[zone].id in conflicted, f"zone {zone} is back"
            if zone in zones and len(track.label_sides) < 2 and not track.deleted and not track.redrawn:
                assert zones[zone].label == track.label, f"a label of zone {zone} is lost"
        starts = {s.id: s.start for s in ours.spans}
        there = {(r.label, self.zone_of(starts[r.head]), self.zone_of(starts[r.tail])) for r in ours.relations}
        for label, head, tail in self.relations:
            alive = all(
                zone in zones and zone in self.tracks and not self.tracks[zone].deleted for zone in (head, tail)
            )
            if alive and (label, head) not in self.maybe_drawn and not conflicted:
                assert (label, head, tail) in there, f"relation {label} {head} {tail} is lost"


Machine.TestCase.settings = settings(
    max_examples=int(os.environ.get("STANDOFF_MACHINE", "150")),
    stateful_step_count=30,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
if "STANDOFF_MACHINE" not in os.environ:
    # The same histories in every default run; new ones are looked for with STANDOFF_MACHINE=2000.
    seed(1)(Machine)
TestMachine = pytest.mark.timeout(1200)(Machine.TestCase)  # thousands of steps, each with files written and synced
