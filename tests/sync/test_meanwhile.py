"""What people do in the page while a sync reads it: nobody's set counts as confirmed with what nobody has confirmed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from standoff.formats.doccano_rows import Example
from standoff.sync.memory import MemoryRemote, MemoryServer
from standoff.sync.remote import Confirmation, Listed, Project
from sync.world import World, annotations, document, span


class Meanwhile(MemoryRemote):
    """Somebody acts once, right before or after a kind of question is answered. An export is as the page was when it began,
    or with `late` as it was when it was fetched."""

    def __init__(self, world: World, at: str, act: Callable[[], object], *, late: bool = False) -> None:
        super().__init__(world.server)
        self._at, self._act, self._late = at, act, late

    def _now(self, at: str) -> None:
        if at == self._at:
            self._at = ""
            self._act()

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        self._now("before the confirmed" if confirmed else "before the export")
        found = super().export(project, confirmed=confirmed)
        return found if self._late else iter(list(found))

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
        return super().read(project, example)


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
    """`drawn`: the edit is more than a deletion. `known`: the confirmation is here already. With `others`, of which nothing is
    confirmed, it is asked who did after the page is read, else while the server exports."""
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
