"""Users of the page as annotators: whatever a user is called, nothing of anybody else's is touched."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.decisions import holds_candidates
from standoff.corpus.model import DOCUMENT_ID_PATTERN
from standoff.sync.people import annotator_name
from sync.memory import MemoryRemote, MemoryServer
from sync.world import World, annotations, document, span

NASTY = (
    "../../etc",
    "..",
    ".",
    "/etc/passwd",
    "gold",
    "GOLD",
    "all",
    "con",
    "a/b",
    "a\\b",
    "a\0b",
    "é",
    "\u202egold",
    " ",
)
RESERVED = frozenset({"gold", "consensus"})


def test_nobody_is_called_like_a_set_of_candidates() -> None:
    """Such a set is nobody's, and would not be released."""
    assert not holds_candidates(annotator_name("bea-candidates", RESERVED))


@given(st.lists(st.text(min_size=1) | st.sampled_from([*NASTY, *RESERVED]), unique=True))
def test_every_user_has_a_safe_name_of_their_own(users: list[str]) -> None:
    names = [annotator_name(user, RESERVED) for user in users]
    assert len(set(names)) == len(users)
    # Nor does a name of ours pass for a user of that name.
    assert len({annotator_name(name, RESERVED) for name in names} - set(names)) == sum(
        name not in users for name in names
    )
    for name in names:
        assert re.fullmatch(DOCUMENT_ID_PATTERN, name)
        assert len(name) <= 60
        assert name not in RESERVED


def test_no_user_reaches_another_set_or_another_folder(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b" / "c"
    kinds = {"gold": "human", "elsewhere": "human", "model": "model", "consensus": "adjudicated", "bob": "human"}
    tables = '[doccano.main]\nmode = "per-member"\n[doccano.other]\nset = "elsewhere"\nlayers = ["events"]\n'
    world = World(root, MemoryServer(["admin", *NASTY, *kinds.keys() - NASTY]), tables)
    doc = document()
    world.write(doc)
    for name, kind in kinds.items():
        world.write(annotations(doc, [span("s1", "PERSON", "Anna")], annotator=name, kind=kind))
    world.one("main")
    before = {name: world.set(annotator=name) for name in kinds}
    for user in (*NASTY, *kinds.keys() - NASTY):
        remote = MemoryRemote(world.server, user)
        remote.create_span(world.project(), world.example().id, world.at("ORG", "Gent"))
    report = world.one("main")
    assert {name: world.set(annotator=name) for name in kinds} == before
    # Names that corpus.toml gives to sets are never a user's; of the others the first who had it keeps it.
    assert len(report.skipped) == 3
    for name, skipped in zip(("bob", "consensus", "model"), report.skipped, strict=True):
        assert f"corpus/annotations/{name} " in skipped.reason
    assert report.ours.created == len(NASTY) + 1
    new = set(world.store.annotators()) - kinds.keys()
    assert {world.set(annotator=name).provenance.user for name in new} == {*NASTY, "elsewhere"}  # type: ignore[union-attr]
    assert [path.name for path in (*tmp_path.iterdir(), *root.parent.iterdir())] == ["a", "c"]
    assert {path.name for path in root.iterdir()} == {"corpus", ".standoff"}
