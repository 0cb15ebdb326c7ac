"""What people do in the page while a sync reads it: nobody's set counts as confirmed with what nobody has confirmed."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standoff.formats.doccano_rows import Example
from standoff.sync.remote import Confirmation, Listed, Project
from sync.faults import FaultyRemote
from sync.memory import MemoryRemote, MemoryServer
from sync.world import World, annotations, document, span


class Meanwhile(MemoryRemote):
    """Somebody acts once, right before or after a kind of question is answered, and once more `then`. An export is as the page
    was when it began, or with `late` as it was when it was fetched."""

    def __init__(
        self,
        world: World,
        at: str,
        act: Callable[[], object],
        *then: tuple[str, Callable[[], object]],
        late: bool = False,
    ) -> None:
        super().__init__(world.server)
        self._acts, self._late = [(at, act), *then], late

    def _now(self, at: str) -> None:
        while self._acts and at == self._acts[0][0]:
            self._acts.pop(0)[1]()

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        self._now("before the confirmed" if confirmed else "before the export")
        found = super().export(project, confirmed=confirmed)
        if not self._late:
            found = iter(list(found))
        self._now("after the export")
        return found

    def confirmed(self, project: Project) -> Listed:
        found = super().confirmed(project)
        self._now("after the list")
        return found

    def confirmations(self, project: Project, examples: Sequence[int]) -> dict[int, tuple[Confirmation, ...]]:
        found = super().confirmations(project, examples)
        self._now("after it is asked who")
        return found

    def read(self, project: Project, example: int) -> Example:
        self._now("before a document is read again")
        found = super().read(project, example)
        self._now("after a document is read again")
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    doc = document()
    world.write(doc, annotations(doc, [span("s1", "PERSON", "Anna"), span("s2", "PERSON", "Carla")]))
    assert world.one().clean
    return world


def surfaces(world: World, annotator: str = "gold") -> tuple[set[str], bool]:
    held = world.set(annotator=annotator)
    assert held is not None
    return {span.text for span in held.spans}, bool(held.confirmed)


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize(
    ("at", "known"),
    [
        ("after the list", False),
        ("after the list", True),
        ("after it is asked who", False),
        ("before a document is read again", False),
        ("before a document is read again", True),
    ],
)
def test_a_confirmation_that_is_taken_back_for_an_edit(
    world: World, at: str, drawn: bool, known: bool, others: int
) -> None:
    """`drawn`: the edit is more than a deletion. `known`: the confirmation is here already. With `others`, which nobody
    confirmed, it is listed what is confirmed, else what is not."""
    for id_ in "bcd"[:others]:
        world.write(document(id_), annotations(document(id_)))
    world.one()
    world.bea.confirm(world.project(), world.example().id)
    if known:
        assert world.one().clean
    if at == "before a document is read again":
        world.draw("ORG", "de raad")

    def act() -> None:
        world.cas.confirm(world.project(), world.example().id)
        world.erase(world.row("PERSON", "Carla").id)
        if drawn:
            world.draw("ORG", "Gent", world.cas)

    world.one(remote=Meanwhile(world, at, act, late=True))
    found, confirmed = surfaces(world)
    assert ("Carla" in found) == confirmed
    world.one()
    found, confirmed = surfaces(world)
    assert ("Carla" in found, "Gent" in found, confirmed) == (False, drawn, False)


@pytest.mark.parametrize("others", [0, 3])
def test_what_is_drawn_and_confirmed_while_the_server_exports(world: World, others: int) -> None:
    """The export lacks what was drawn last before somebody confirmed."""
    for id_ in "bcd"[:others]:
        world.write(document(id_), annotations(document(id_)))
    world.one()

    def act() -> None:
        world.draw("ORG", "Gent")
        world.bea.confirm(world.project(), world.example().id)

    world.one(remote=Meanwhile(world, "after the export", act))
    assert surfaces(world) == ({"Anna", "Carla"}, False)
    world.one()
    assert surfaces(world) == ({"Anna", "Carla", "Gent"}, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("after the list", "after the export"),
        ("before a document is read again", "after a document is read again"),
    ],
)
def test_half_an_edit_is_not_what_was_confirmed(world: World, before: str, after: str) -> None:
    """A confirmation is taken back, and half an edit is read before all of it is confirmed."""
    world.bea.confirm(world.project(), world.example().id)
    if before == "before a document is read again":
        world.draw("ORG", "de raad")

    def half() -> None:
        world.cas.confirm(world.project(), world.example().id)
        world.erase(world.row("PERSON", "Carla").id)

    def whole() -> None:
        world.draw("ORG", "Gent", world.cas)
        world.cas.confirm(world.project(), world.example().id)

    world.one(remote=Meanwhile(world, before, half, (after, whole)))
    found, confirmed = surfaces(world)
    assert ("Carla" in found, "Gent" in found, confirmed) == (False, False, False)
    world.one()
    found, confirmed = surfaces(world)
    assert ("Carla" in found, "Gent" in found, confirmed) == (False, True, True)


def test_what_is_linked_only_now_is_not_confirmed_by_who_confirmed_more(world: World) -> None:
    """Its state was deleted, so nothing is known of who had confirmed it."""
    world.bea.confirm(world.project(), world.example().id)
    world.one()
    (world.root / "corpus/sync/main/gold/a.json").unlink()

    def more() -> None:
        world.cas.confirm(world.project(), world.example().id)
        world.draw("ORG", "Gent", world.cas)
        world.cas.confirm(world.project(), world.example().id)

    world.one(remote=Meanwhile(world, "after the export", more))
    held = world.set()
    assert held is not None
    assert "cas" not in [by.annotator for by in held.confirmed]
    world.one()
    assert surfaces(world) == ({"Anna", "Carla", "Gent"}, True)
    held = world.set()
    assert held is not None
    assert [by.annotator for by in held.confirmed] == ["cas"]


ACTS = st.one_of(
    st.tuples(st.just("confirm"), st.sampled_from(["bea", "cas"])),
    st.tuples(st.just("erase"), st.integers(0, 3)),
    st.tuples(st.just("draw"), st.sampled_from(["Anna", "Bob", "Gent", "hem"])),
    st.tuples(st.just("comment"), st.integers(0, 9)),
)
SYNCS = st.tuples(st.lists(ACTS, max_size=3), st.lists(ACTS, max_size=3), st.integers(0, 8), st.booleans())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(syncs=st.lists(SYNCS, min_size=1, max_size=5), others=st.sampled_from([0, 2]))
def test_only_what_was_confirmed_counts_as_confirmed(
    tmp_path_factory: pytest.TempPathFactory,
    syncs: Sequence[tuple[Sequence[tuple[str, Any]], Sequence[tuple[str, Any]], int, bool]],
    others: int,
) -> None:
    """Two people draw, delete, comment, confirm, and take confirmations back before an edit: before a sync, and at any moment of
    it."""
    world = World(tmp_path_factory.mktemp("world"))
    for id_ in "abc"[: 1 + others]:
        world.write(document(id_), annotations(document(id_), [span("s1", "PERSON", "Anna")]))
    world.one()
    example = world.server.examples[world.example().id]
    seen: list[set[str]] = []

    def shown() -> set[str]:
        return {text for _, text in world.shown()}

    def act(acts: Sequence[tuple[str, Any]]) -> None:
        for kind, detail in acts:
            if kind == "comment":
                world.bea.comment(world.project(), world.example().id, f"comment {detail}")
                continue
            rows = list(example.rows)
            if (kind != "confirm" or example.confirmed) and (kind != "erase" or rows):
                for name in list(example.confirmed)[:1]:
                    MemoryRemote(world.server, name).confirm(world.project(), world.example().id)
            if kind == "draw":
                world.draw("PERSON", detail)
            elif kind == "erase" and rows:
                world.erase(rows[detail % len(rows)])
            elif kind == "confirm":
                MemoryRemote(world.server, detail).confirm(world.project(), world.example().id)
                seen.append(shown())

    for before, during, at, after in syncs:
        act(before)
        world.one(remote=FaultyRemote(world.admin, at, partial(act, during), after), force_delete=["a", "main"])
        found, confirmed = surfaces(world)
        assert not confirmed or found in seen
    for _ in range(2):
        world.one(force_delete=["a", "main"])
    assert surfaces(world) == (shown(), bool(example.confirmed))
    held = world.set()
    assert held is not None
    assert [comment.text for comment in held.comments] == [comment.text for comment in example.comments.values()]


@pytest.mark.parametrize("drawn", [False, True])
def test_what_was_changed_and_confirmed_by_somebody_else_is_confirmed_by_them(world: World, drawn: bool) -> None:
    world.bea.confirm(world.project(), world.example().id)
    world.one()
    world.cas.confirm(world.project(), world.example().id)
    world.erase(world.row("PERSON", "Carla").id)
    if drawn:
        world.draw("ORG", "Gent", world.cas)
    world.cas.confirm(world.project(), world.example().id)
    world.one()
    held = world.set()
    assert held is not None
    assert [by.annotator for by in held.confirmed] == ["cas"]
    before = world.files()
    assert world.one().clean
    assert world.files() == before


def test_what_a_member_drew_and_confirmed_while_the_page_was_read(tmp_path: Path) -> None:
    world = World(tmp_path, projects='[doccano.main]\nmode = "per-member"\n')
    world.write(document())
    world.one()
    world.draw("PERSON", "Anna")
    world.one()

    def act() -> None:
        world.draw("PERSON", "Carla")
        world.bea.confirm(world.project(), world.example().id)

    world.one(remote=Meanwhile(world, "before the confirmed", act))
    assert surfaces(world, "bea") in (({"Anna"}, False), ({"Anna", "Carla"}, True))
    world.one()
    assert surfaces(world, "bea") == ({"Anna", "Carla"}, True)


def test_an_example_in_another_ones_place_is_noted_though_neither_side_has_anything(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(["admin", "bea", "cas"]))
    doc = document()
    world.write(doc, annotations(doc))
    world.one()
    old = world.example()
    world.admin.import_examples(world.project(), [old])
    world.admin.delete_example(world.project(), old.id)
    assert world.one().clean
    state = world.store.document_state("main", "gold", "a")
    assert state is not None
    assert state.example == world.example().id
