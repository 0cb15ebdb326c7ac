"""The store: streams in order, writes whole, one writer at a time, and survives being killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
import zstandard

from command import standoff
from standoff.corpus.codec import DecodeError, decode, encode, encode_line, sha256
from standoff.corpus.files import write_many
from standoff.corpus.folders import StoreError
from standoff.corpus.model import AnnotationSet, Document, Extent, Section, Source
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault


def document(id_: str, text: str = "Tekst.") -> Document:
    return Document(
        id=id_,
        language="nl",
        source=Source(file=f"seeds/{id_}.txt", sha256="0" * 64),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=(Extent(start=0, end=len(text)),),
    )


def annotations(id_: str, annotator: str = "gold") -> AnnotationSet:
    return AnnotationSet(
        document=id_,
        text_sha256=sha256("Tekst."),
        annotator=annotator,
        kind="human",
        scheme="news-nl/1",
        layers=(),
        spans=(),
        relations=(),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    assert standoff("init", tmp_path / "c").returncode == 0
    return Store(tmp_path / "c")


def test_files_and_shards_stream_in_the_order_of_ids(store: Store) -> None:
    folder = store.folder / "documents"
    store.write([document("b"), document("a-b"), document("a")])
    (folder / "x.jsonl").write_bytes(encode_line(document("a.1")) + encode_line(document("c")))
    (folder / "y.jsonl.zst").write_bytes(
        zstandard.compress(encode_line(document("a0"))) + zstandard.compress(encode_line(document("d")))
    )
    store.write([annotations("a"), annotations("c"), annotations("zz")])
    ids = [d.id for d in store.documents()]
    assert ids == sorted(["a", "a-b", "a.1", "a0", "b", "c", "d"])
    bundles = {bundle.id: bundle for bundle in store.bundles()}
    assert list(bundles) == sorted([*ids, "zz"])
    assert [entry.annotator for entry in bundles["c"].sets] == ["gold"]
    assert bundles["zz"].documents == ()
    assert store.document("d") == document("d")
    assert store.set("gold", "c") == annotations("c")
    assert store.set("gold", "b") is None
    assert (store.set("other", "b"), store.annotators()) == (None, ("gold",))


def test_documents_and_sets_of_several_annotators_come_together(store: Store) -> None:
    store.write([annotations("a"), annotations("c"), annotations("a", "other"), annotations("b", "third")])
    shard = store.folder / "annotations" / "other" / "x.jsonl"
    shard.write_bytes(encode_line(annotations("c", "other")))
    store.write([document("a"), document("b")])
    assert list(store.together(["other", "gold", "nobody"])) == [
        (document("a"), {"other": annotations("a", "other"), "gold": annotations("a")}),
        (document("b"), {}),
        (None, {"other": annotations("c", "other"), "gold": annotations("c")}),
    ]


def test_one_change_is_one_file_and_no_change_is_none(store: Store) -> None:
    assert store.write([document("a"), document("b")]) == 2
    path = store.folder / "documents" / "a.json"
    before = path.stat().st_mtime_ns
    assert store.write([document("a"), document("b", "Anders.")]) == 1
    assert path.stat().st_mtime_ns == before


def test_shards_are_not_edited(store: Store) -> None:
    (store.folder / "documents").mkdir()
    (store.folder / "documents" / "x.jsonl").write_bytes(encode_line(document("a")))
    with pytest.raises(StoreError, match="'a' stands in a shard"):
        store.write([document("b"), document("a")])
    assert not (store.folder / "documents" / "b.json").exists()


def test_an_id_in_two_places_is_an_error(store: Store) -> None:
    store.write([document("a")])
    (store.folder / "documents" / "x.jsonl").write_bytes(encode_line(document("a")))
    with pytest.raises(StoreError, match="keep one of them"):
        list(store.documents())


@pytest.mark.parametrize("damage", ["torn", "unsorted", "zst", "empty line"])
def test_a_damaged_shard_is_told_with_its_line(store: Store, damage: str) -> None:
    lines = [encode_line(document(id_)) for id_ in ("a", "b", "c")]
    folder = store.folder / "documents"
    folder.mkdir()
    if damage == "torn":
        (folder / "x.jsonl").write_bytes(lines[0] + lines[1][:40] + b"\n" + lines[2])
    elif damage == "unsorted":
        (folder / "x.jsonl").write_bytes(lines[0] + lines[2] + lines[1])
    elif damage == "empty line":
        (folder / "x.jsonl").write_bytes(lines[0] + b"\n" + lines[1])
    else:
        (folder / "x.jsonl.zst").write_bytes(zstandard.compress(b"".join(lines))[:-7])
    with pytest.raises(DecodeError, match=r"x\.jsonl(\.zst)?:\d"):
        list(store.documents())
    found = standoff("validate", "--root", store.root, "--json")
    assert found.returncode == 1
    (problem,) = msgspec.json.decode(found.stdout)["problems"]
    assert problem["rule"] == "readable"
    assert ":" in problem["path"]


def test_what_a_damaged_shard_may_hold_is_neither_missing_nor_written_beside_it(store: Store) -> None:
    folder = store.folder / "documents"
    folder.mkdir()
    (folder / "x.jsonl").write_bytes(b"".join(encode_line(document(id_)) for id_ in ("a", "c", "b")))
    assert store.document("a") == document("a")
    assert store.document("b") == document("b")
    with pytest.raises(DecodeError, match="'c' comes before 'b'"):
        store.document("c")
    with pytest.raises(DecodeError, match=r"x\.jsonl:2"):
        store.write([document("c")])
    assert not (folder / "c.json").exists()


def test_documents_that_have_a_set_are_known_from_files_and_shards(store: Store) -> None:
    assert store.annotated("gold") == frozenset()
    store.write([annotations("b"), annotations("c", "anna")])
    shard = store.folder / "annotations" / "gold" / "x.jsonl"
    shard.write_bytes(encode_line(annotations("a")) + encode_line(annotations("d")))
    assert store.annotated("gold") == {"a", "b", "d"}
    shard.write_bytes(encode_line(annotations("a")) + b"{\n")
    with pytest.raises(DecodeError):
        store.annotated("gold")


def test_sets_of_many_documents_are_looked_up_as_one_and_shards_read_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write([annotations("b")])
    folder = store.folder / "annotations" / "gold"
    (folder / "x.jsonl").write_bytes(encode_line(annotations("a")) + encode_line(annotations("d")))
    find = store.lookup("gold")
    assert [id_ for id_ in "abcde" if find(id_)] == ["a", "b", "d"]
    store.write([annotations("c")])
    assert find("c") == annotations("c")  # what comes meanwhile has a file of its own, and is found
    with monkeypatch.context() as patched:
        patched.setattr("standoff.corpus.entries.shards_in", None)
        assert find("b")
        assert not any(map(find, "efghi"))
    (folder / "y.jsonl").write_bytes(encode_line(annotations("f")) + b"{\n")
    find = store.lookup("gold")
    assert find("a") == annotations("a")
    assert find("f") == annotations("f")
    with pytest.raises(DecodeError):
        find("e")


def test_one_line_out_of_place_puts_no_other_in_the_wrong(store: Store) -> None:
    folder = store.folder / "documents"
    folder.mkdir()
    for order, wrong in (("azbcd", 2), ("bcade", 3), ("zabcd", 1), ("abcda", 5)):
        (folder / "x.jsonl").write_bytes(b"".join(encode_line(document(id_)) for id_ in order))
        assert [entry.line for entry in store.document_entries() if entry.fault] == [wrong]


def test_ids_that_are_no_names_of_files_are_refused(store: Store) -> None:
    for id_ in ("../../x", "a\n", "A", "", ".a", "a/b"):
        with pytest.raises(StoreError, match="no document id"):
            store.document(id_)


def test_two_commands_do_not_write_at_once(store: Store) -> None:
    (store.root / "seeds" / "a.txt").write_text("Tekst.")
    with store.lock():
        done = standoff("normalize", "--root", store.root)
    assert done.returncode == 3
    assert "another standoff command is writing" in done.stderr
    assert str(os.getpid()) in done.stderr
    assert standoff("normalize", "--root", store.root).returncode == 0


def test_killed_at_any_moment_every_file_is_old_or_new(store: Store) -> None:
    """A child writes two versions of many files in turn, and is killed at random moments; then the next one starts."""
    script = (
        "import sys; from pathlib import Path; from standoff.corpus.store import Store; from corpus.test_store import document\n"
        "store = Store(Path(sys.argv[1])); print('up', flush=True); k = 0\n"
        "while True:\n"
        "    k += 1\n"
        "    with store.lock(): store.write([document(f'd{i}', ('eerste ', 'tweede ')[k % 2] * 2000 + str(i)) for i in range(30)])\n"
    )
    chance = random.Random(7)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", script, str(store.root)], stdout=subprocess.PIPE, env=env)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.02, 0.3))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for path in (store.folder / "documents").glob("*.json"):
            found = decode(path.read_bytes(), Document, str(path))
            assert found.text.split()[0] in ("eerste", "tweede")
            assert encode(found) == path.read_bytes()
    with store.lock():
        store.write([document("d0")])
    assert list((store.folder / "documents").glob(".*.tmp")) == []


def test_a_lock_takes_away_what_a_killed_process_left_and_follows_no_link(store: Store) -> None:
    folder = store.root / ".standoff"
    folder.mkdir()
    for leftover in (folder / ".rejects.jsonl.x.tmp", store.folder / ".a.json.x.tmp"):
        leftover.write_bytes(b"half")
    (folder / "lock.pid").symlink_to(store.folder / "corpus.toml")
    before = (store.folder / "corpus.toml").read_bytes()
    with store.lock():
        assert list(store.root.rglob(".*.tmp")) == []
    assert (store.folder / "corpus.toml").read_bytes() == before


@pytest.mark.parametrize("place", ["documents", "annotations", "annotations/gold"])
def test_a_folder_behind_a_dead_link_is_not_an_empty_one(store: Store, tmp_path: Path, place: str) -> None:
    link = store.folder / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(tmp_path / "gone", target_is_directory=True)
    with pytest.raises(StoreError, match=f"corpus/{place}: a link that leads nowhere"):
        list(store.bundles())
    (tmp_path / "gone").mkdir()
    assert list(store.bundles()) == []


def test_a_write_that_fails_leaves_all_files_old(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault):
        write_many([(tmp_path / "a", b"new"), (tmp_path / "file" / "b", b"x")])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "file"]
