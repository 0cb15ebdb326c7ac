"""Two clones of one corpus with one server; git's merges, old commits, badly merged states; `standoff merge-file`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from command import standoff
from standoff.corpus.codec import encode
from standoff.corpus.ids import mint, span_content
from standoff.corpus.model import AnnotationSet, Span
from sync.world import World, annotations, document, relation, span

ATTRIBUTES = "corpus/sync/** -merge\ncorpus/annotations/**/*.json merge=standoff\n"


def git(folder: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One git command."""
    names = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "pull.rebase=false"]
    driver = f'"{sys.executable}" -m standoff merge-file %O %A %B'
    return subprocess.run(
        ["git", *names, "-c", f"merge.standoff.driver={driver}", *words],
        cwd=folder,
        check=check,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def clones(tmp_path: Path) -> tuple[World, World]:
    """A corpus that was pushed, and a clone of it."""
    first = World(tmp_path / "one")
    doc = document()
    spans = [span("s1", "PERSON", "Anna"), span("s2", "PERSON", "Carla"), span("s3", "Meet", "ontmoette")]
    first.write(doc, annotations(doc, spans, [relation("r1", "Agent", "s3", "s2")]))
    (first.root / ".gitattributes").write_text(ATTRIBUTES)
    (first.root / ".gitignore").write_text(".standoff/\n")
    git(first.root, "init", "-q", "-b", "main")
    first.one()
    git(first.root, "add", "-A")
    git(first.root, "commit", "-qm", "first")
    git(tmp_path, "clone", "-q", "one", "two")
    return first, World(tmp_path / "two", first.server)


def commit(world: World) -> None:
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "more", check=False)


def texts(world: World) -> set[str]:
    held = world.set()
    assert held is not None
    return {s.text for s in held.spans}


def add(world: World, item: Span) -> None:
    """A new span, with the id that it has in every clone."""
    held = world.set()
    assert held is not None
    (id_,) = mint("s", [span_content("a", item.label, [(p.start, p.end) for p in item.fragments])])
    item = replace(item, id=id_)
    world.write(replace(held, spans=(*held.spans, item)))


def test_what_one_clone_pushed_the_other_pulls(clones: tuple[World, World]) -> None:
    one, two = clones
    add(one, span("n1", "ORG", "de raad"))
    one.one()
    report = two.one()
    assert (report.ours.created, report.page.deleted) == (1, 0)
    commit(one)
    commit(two)
    done = git(two.root, "pull", "-q", "../one", "main", check=False)
    if done.returncode:
        # Both clones know the same row by two ids, or the state is in conflict: deleting a state is always safe.
        git(two.root, "checkout", "--theirs", ".", check=False)
        (two.root / "corpus/sync/main/gold/a.json").unlink(missing_ok=True)
    two.one()
    held = two.set()
    assert held is not None
    assert [s.text for s in held.spans].count("de raad") == 1
    assert two.shown().count(("ORG", "de raad")) == 1
    files = two.files()
    two.one()
    assert two.files() == files


def test_an_older_commit_deletes_nothing_in_the_page(clones: tuple[World, World]) -> None:
    one, _ = clones
    one.draw("ORG", "Gent")
    one.one()
    commit(one)
    shown = one.shown()
    git(one.root, "checkout", "-q", "HEAD~1")
    report = one.one()
    assert report.page.deleted == 0
    assert one.shown() == shown
    assert "Gent" in texts(one)


def test_two_curators_and_an_annotator(clones: tuple[World, World]) -> None:
    one, two = clones
    add(one, span("n1", "ORG", "de raad"))
    add(two, span("n2", "ORG", "Gent"))
    one.draw("PERSON", "Bob")
    one.one()
    two.one()
    commit(one)
    commit(two)
    if git(two.root, "pull", "-q", "../one", "main", check=False).returncode:
        shutil.rmtree(two.root / "corpus/sync/main/gold")
        git(two.root, "checkout", "--ours", "corpus/annotations", check=False)
    two.one()
    commit(two)
    git(one.root, "fetch", "-q", "../two", "main")
    git(one.root, "reset", "-q", "--hard", "FETCH_HEAD")
    one.one()
    assert texts(one) == texts(two) == {"Anna", "Carla", "ontmoette", "de raad", "Gent", "Bob"}
    shown = one.shown()
    assert len(shown) == len(set(shown)) == 6
    assert not one.one().page


def test_a_badly_merged_state_skips_the_document_until_it_is_deleted(clones: tuple[World, World]) -> None:
    one, _ = clones
    path = one.root / "corpus/sync/main/gold/a.json"
    path.write_text("<<<<<<< HEAD\n" + path.read_text())
    shown, held = one.shown(), one.set()
    (skipped,) = one.one().skipped
    assert "a.json" in skipped.reason
    assert (one.shown(), one.set()) == (shown, held)
    path.unlink()
    assert one.one().clean
    assert (one.shown(), one.set()) == (shown, held)


def versions(tmp_path: Path, *sets: AnnotationSet) -> list[Path]:
    paths = [tmp_path / name for name in ("base.json", "ours.json", "theirs.json")]
    for path, held in zip(paths, sets, strict=True):
        path.write_bytes(encode(held))
    return paths


def test_merge_file_merges_different_edits(tmp_path: Path) -> None:
    doc = document()
    base = annotations(doc, [span("s1", "PERSON", "Anna"), span("s2", "PERSON", "Carla")])
    ours = replace(base, spans=(span("s1", "ORG", "Anna"), base.spans[1], span("s3", "ORG", "Gent")))
    theirs = replace(base, spans=(base.spans[0], span("s2", "PERSON", "Carla", entity="carla")))
    paths = versions(tmp_path, base, ours, theirs)
    done = standoff("merge-file", *paths)
    assert done.returncode == 0, done.stderr
    merged = replace(base, spans=(ours.spans[0], theirs.spans[1], ours.spans[2]))
    assert paths[1].read_bytes() == encode(merged)


def test_merge_file_leaves_a_conflict_as_ours_and_names_it(tmp_path: Path) -> None:
    doc = document()
    base = annotations(doc, [span("s1", "PERSON", "Anna")])
    paths = versions(
        tmp_path,
        base,
        replace(base, spans=(span("s1", "ORG", "Anna"),)),
        replace(base, spans=(span("s1", "CUE", "Anna"),)),
    )
    before = paths[1].read_bytes()
    done = standoff("merge-file", *paths)
    assert done.returncode == 1
    assert "gold/a.json s1 label" in done.stderr
    assert paths[1].read_bytes() == before


def test_git_merges_what_two_curators_did_and_leaves_a_conflict_as_ours(tmp_path: Path) -> None:
    """A corpus as `standoff init` makes it, the driver switched on as it says."""
    root = tmp_path / "corpus"
    done = standoff("init", root)
    assert 'git config merge.standoff.driver "standoff merge-file %O %A %B"' in done.stdout
    git(root, "init", "-q", "-b", "main")
    doc = document()
    base = annotations(doc, [span("s1", "PERSON", "Anna"), span("s2", "PERSON", "Carla")])
    path = root / "corpus/annotations/gold/a.json"
    path.parent.mkdir(parents=True)

    def commits(branch: str, held: AnnotationSet) -> bytes:
        path.write_bytes(encode(held))
        git(root, "checkout", "-q", "-B", branch)
        git(root, "add", "-A")
        git(root, "commit", "-qm", branch)
        return path.read_bytes()

    commits("main", base)
    # Neighbors: a merge by lines would be a conflict.
    commits("hers", replace(base, spans=(span("s1", "ORG", "Anna"), base.spans[1])))
    git(root, "checkout", "-q", "main")
    commits("his", replace(base, spans=(base.spans[0], span("s2", "ORG", "Carla"), span("s3", "ORG", "Gent"))))
    git(root, "merge", "-q", "hers")
    merged = (span("s1", "ORG", "Anna"), span("s2", "ORG", "Carla"), span("s3", "ORG", "Gent"))
    assert path.read_bytes() == encode(replace(base, spans=merged))

    git(root, "checkout", "-q", "main")
    ours = commits("mine", replace(base, spans=(span("s1", "CUE", "Anna"), base.spans[1])))
    failed = git(root, "merge", "hers", check=False)
    assert failed.returncode == 1
    told = failed.stdout + failed.stderr
    assert "gold/a.json s1 label" in told
    assert "gold/a.json stays as it is" in told
    assert ".merge_file" not in told  # git's own temporary files
    assert path.read_bytes() == ours
    assert git(root, "diff", "--name-only", "--diff-filter=U").stdout.split() == ["corpus/annotations/gold/a.json"]
