"""Two clones of one corpus with one Doccano: git's merges, states merged badly, old commits; nothing lost, nothing deleted."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standoff.doccano import server
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.sync.report import ProjectReport
from sync.faults import FaultyRemote
from sync.test_clones import ATTRIBUTES, add, commit, git
from sync.world import World, annotations, document, relation, span

pytestmark = pytest.mark.doccano
TEXT = "😀 " + " ".join(f"woord{number:02}" for number in range(60))
STATE = "corpus/sync/main/gold/a.json"


class Clone(World):
    """A clone, and a log of what its syncs asked of the server."""

    def __init__(self, root: Path, name: str, remote: DoccanoRemote) -> None:
        super().__init__(root, name=name)
        self.admin = self.bea = remote  # type: ignore[assignment]
        self.log: list[str] = []

    def one(self, *names: str, **options: Any) -> ProjectReport:
        """One sync."""
        calls = FaultyRemote(self.admin)
        try:
            return super().one(*names, remote=calls, **options)
        finally:
            self.log += calls.calls

    def texts(self) -> list[str]:
        """The surfaces of our spans."""
        held = self.set()
        assert held is not None
        return sorted(s.text for s in held.spans)


@pytest.fixture
def clones(doccano_server: server.Server, tmp_path: Path) -> tuple[Clone, Clone]:
    """A corpus that was pushed, and a clone of it."""
    user = Credentials(doccano_server.username, server.read_password(doccano_server.home))
    remote = DoccanoRemote(Session(doccano_server.url, user))
    name = f"clones-{uuid.uuid4().hex[:8]}"
    one = Clone(tmp_path / "one", name, remote)
    doc = document("a", TEXT)
    spans = [
        span("s1", "PERSON", "woord00", text=TEXT, entity="nul"),
        span("s2", "QUOTE", "woord01", "woord03", text=TEXT),
        span("s3", "SPEAKER", "woord02", text=TEXT),
    ]
    one.write(doc, annotations(doc, spans, [relation("r1", "speaker", "s2", "s3")]))
    (one.root / ".gitattributes").write_text(ATTRIBUTES)
    (one.root / ".gitignore").write_text(".standoff/\n")
    git(one.root, "init", "-q", "-b", "main")
    assert one.one().clean
    commit(one)
    git(tmp_path, "clone", "-q", "one", "two")
    return one, Clone(tmp_path / "two", name, remote)


def conflict_markers(ours: str, theirs: str) -> str:
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> FETCH_HEAD\n"


def half_of_theirs(*keys: str) -> Callable[[str, str], str]:
    def spoil(ours: str, theirs: str) -> str:
        mine, other = json.loads(ours), json.loads(theirs)
        return json.dumps({**mine, **{key: other[key] for key in keys if key in other}})

    return spoil


SPOILED: tuple[Callable[[str, str], str], ...] = (
    conflict_markers,
    half_of_theirs("rows", "relations"),
    half_of_theirs("base_spans", "base_relations"),
    lambda ours, theirs: theirs,
)


def test_pulls_badly_merged_states_and_old_commits(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    wanted = ["woord00", "woord01 woord03", "woord02"]
    number = 10
    for spoil in SPOILED:
        mine, other, drawn = (f"woord{number + step}" for step in range(3))
        number += 10
        add(one, span("new", "ORG", mine, text=TEXT))
        add(two, span("new", "ORG", other, text=TEXT))
        one.draw("PERSON", drawn)
        wanted += [mine, other, drawn]
        for clone in (two, one):
            assert clone.one().clean
            commit(clone)
        # The state of `two` lacks what `one` pushed. Annotations merge, a state never does: git leaves it in conflict.
        pulled = git(two.root, "pull", "-q", "../one", "main", check=False)
        assert STATE in git(two.root, "diff", "--name-only", "--diff-filter=U").stdout, pulled.stdout
        ours, theirs = (git(two.root, "show", f"{side}:{STATE}").stdout for side in ("HEAD", "FETCH_HEAD"))
        (two.root / STATE).write_text(spoil(ours, theirs))
        report = two.one()
        if report.skipped:
            # What the message says.
            assert f"delete {STATE}" in report.skipped[0].reason
            (two.root / STATE).unlink()
            report = two.one()
        assert report.clean, report
        commit(two)
        git(one.root, "pull", "-q", "../two", "main")
        assert one.one().clean
        for clone in clones:
            assert clone.texts() == sorted(wanted)
        assert len(one.shown()) == len(set(one.shown())) == len(wanted) + 1

    shown = one.shown()
    before = git(one.root, "rev-parse", "HEAD").stdout.strip()
    for older in ("HEAD~2", "HEAD~6"):
        git(two.root, "checkout", "-q", older)
        assert two.one().clean
        assert two.texts() == sorted(wanted)
        assert one.shown() == shown
        git(two.root, "checkout", "-q", "-f", "main")
    git(one.root, "checkout", "-q", "HEAD~1")
    one.draw("ORG", "woord59")
    assert one.one().clean
    git(one.root, "stash", "-q")
    git(one.root, "checkout", "-q", before)
    for clone in clones:
        assert clone.one().clean
        assert clone.texts() == sorted([*wanted, "woord59"])
        held = clone.set()
        assert held is not None
        assert [r.id for r in held.relations] == ["r1"]
        assert next(s for s in held.spans if s.id == "s1").attributes == {"entity": "nul"}
    assert one.shown() == sorted([*shown, ("ORG", "woord59")], key=lambda item: item[1])
    assert not {name for clone in clones for name in clone.log if "delete" in name}
