"""`standoff migrate`: sets follow the scheme to a new version, or stay as they are."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from command import standoff
from standoff.adjudicate.follow import follow
from standoff.corpus.codec import encode, encode_line
from standoff.corpus.migrate import Renames, renamed
from standoff.corpus.model import AnnotationSet
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault

BASE = Path(__file__).parents[1] / "fixtures" / "rules" / "base"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tiny corpus, with a model's set beside gold, and a scheme of another version that calls PERSON HUMAN."""
    root = shutil.copytree(BASE, tmp_path / "c")
    gold = of(root)
    with Store(root).lock():
        Store(root).write([replace(gold, annotator="robot", kind="model")])
    rewrite(root / "corpus/scheme.toml", "tiny/1", "tiny/2", '"PERSON"', '"HUMAN"')
    return root


def of(root: Path, annotator: str = "gold") -> AnnotationSet:
    found = Store(root).set(annotator, "a")
    assert found
    return found


def rewrite(path: Path, *pairs: str) -> None:
    text = path.read_text()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_a_set_gets_the_new_names_and_nothing_else_changes(root: Path) -> None:
    lines = (root / "corpus/annotations/gold/a.json").read_text()
    with Store(root).lock():
        dry = standoff("migrate", "--root", root, "--label", "PERSON=HUMAN", "--dry-run", "--json")
    assert (root / "corpus/annotations/gold/a.json").read_text() == lines
    done = standoff("migrate", "--root", root, "--label", "PERSON=HUMAN", "--json")
    assert done.stdout == dry.stdout
    assert json.loads(done.stdout) == {
        "scheme": "tiny/2",
        "migrated": [{"document": "a", "annotator": "gold"}],
        "refused": [],
        "models": [{"document": "a", "annotator": "robot"}],
    }
    after = (root / "corpus/annotations/gold/a.json").read_text()
    assert after == lines.replace("tiny/1", "tiny/2").replace('"PERSON"', '"HUMAN"')
    assert standoff("migrate", "--root", root, *2 * ["--set", "robot"], "--label", "PERSON=HUMAN").returncode == 0
    assert of(root, "robot").scheme == "tiny/2"
    assert standoff("validate", "--root", root).returncode == 0
    assert "nothing changed" in standoff("migrate", "--root", root, "--label", "PERSON=HUMAN").stdout


def test_a_set_of_which_a_rule_no_longer_holds_stays_and_is_told(root: Path) -> None:
    before = (root / "corpus/annotations/gold/a.json").read_bytes()
    done = standoff("migrate", "--root", root)
    assert done.returncode == 1
    assert "corpus/annotations/gold/a.json" in done.stderr
    assert "/spans/0/label: unknown label 'PERSON'" in done.stderr
    assert "--label OLD=NEW" in done.stderr
    assert (root / "corpus/annotations/gold/a.json").read_bytes() == before


def of_shard(root: Path) -> None:
    line = encode_line(of(root))
    (root / "corpus/annotations/gold/a.json").unlink()
    (root / "corpus/annotations/gold/all.jsonl").write_bytes(line)


def of_another_text(root: Path) -> None:
    rewrite(root / "corpus/annotations/gold/a.json", of(root).text_sha256, "0" * 64)


def without_document(root: Path) -> None:
    (root / "corpus/documents/a.json").unlink()


def with_a_key_twice(root: Path) -> None:
    rewrite(root / "corpus/annotations/gold/a.json", '"kind": "human",', '"kind": "human",\n "kind": "human",')


def in_two_places(root: Path) -> None:
    (root / "corpus/annotations/gold/all.jsonl").write_bytes(encode_line(of(root)))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (of_shard, "it stands in a shard"),
        (of_another_text, "/text_sha256: it was made on another text"),
        (without_document, "its document can't be read"),
        (with_a_key_twice, "the key 'kind' stands twice"),
        (in_two_places, "keep one of them"),
    ],
)
def test_what_can_not_be_brought_along_safely_stays(root: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(root)
    files = {path: path.read_bytes() for path in sorted((root / "corpus").rglob("*.json*"))}
    done = standoff("migrate", "--root", root, "--label", "PERSON=HUMAN")
    assert done.returncode == 1
    assert reason in " ".join(done.stderr.split())
    assert {path: path.read_bytes() for path in sorted((root / "corpus").rglob("*.json*"))} == files


def test_names_are_exchanged_at_once_and_never_fall_together(root: Path) -> None:
    gold = of(root)
    there = Renames({"speaker": "cue", "cue": "speaker"}, {"entity": "kb_id", "kb_id": "entity"}, {"quotes": "events"})
    changed = renamed(gold, "tiny/2", there)
    assert [relation.label for relation in changed.relations] == ["cue", "speaker", "Agent"]
    assert changed.spans[0].attributes == {"kb_id": "Anna Bos", "entity": "Q1"}
    assert changed.layers == ("entities", "events", "events")
    back = renamed(changed, "tiny/1", there._replace(layers={}))
    assert encode(replace(back, layers=gold.layers)) == encode(gold)
    rewrite(root / "corpus/scheme.toml", "kb_id", "identity")
    done = standoff(
        "migrate", "--root", root, *("--label", "PERSON=HUMAN", "--attribute", "entity=identity"), "--attribute", "kb_id=identity"
    )  # fmt: skip
    assert done.returncode == 1
    assert "s1 would have two attributes 'identity'" in done.stderr
    assert of(root) == gold


def test_what_was_exchanged_is_not_exchanged_back_when_it_runs_again(root: Path) -> None:
    words = [f"--label={pair}" for pair in ("PERSON=HUMAN", "DATE=CARDINAL", "CARDINAL=DATE")]
    assert standoff("migrate", "--root", root, *words).returncode == 0
    after = of(root)
    assert after.spans[2].label == "CARDINAL"
    assert "nothing changed" in standoff("migrate", "--root", root, "--set", "gold", *words).stdout
    assert of(root) == after


def on_a_full_disk(*_: object) -> None:
    raise EnvironmentFault("the disk is full")


def test_what_was_decided_is_not_asked_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the sets and the decisions, too: run again, they follow."""
    ann = replace(of(root), annotator="ann", scheme="tiny/2")
    spans = [replace(span, label={"PERSON": "HUMAN"}.get(span.label, span.label)) for span in ann.spans]
    ann = replace(ann, spans=tuple(spans))
    ben = replace(ann, annotator="ben", spans=(*spans[:1], replace(spans[1], label="DATE", attributes={}), *spans[2:]))
    (root / "corpus/annotations/gold/a.json").unlink()
    with Store(root).lock():
        Store(root).write([ann, ben])
    words = ("adjudicate", "ann", "ben", "--root", root)
    assert standoff(*words, "--take", "ann", "--by", "cor", "--why", "it is a name").returncode == 0
    decided = (root / "corpus/decisions/gold/a.json").read_text()
    assert "HUMAN" in decided
    rewrite(root / "corpus/scheme.toml", "tiny/2", "tiny/3", '"HUMAN"', '"SOMEBODY"')
    assert standoff("migrate", "--root", root, "--label", "HUMAN=SOMEBODY").returncode == 0
    followed = (root / "corpus/decisions/gold/a.json").read_text()
    assert "SOMEBODY" in followed
    (root / "corpus/decisions/gold/a.json").write_text(decided)
    with monkeypatch.context() as full:
        full.setattr(Store, "write_decisions", on_a_full_disk)
        with Store(root).lock(), pytest.raises(EnvironmentFault, match="full"):
            follow(Store(root), Renames({"HUMAN": "SOMEBODY"}, {}, {}))
    assert standoff("migrate", "--root", root, "--label", "HUMAN=SOMEBODY").returncode == 0
    assert (root / "corpus/decisions/gold/a.json").read_text() == followed
    done = standoff(*words)
    assert done.stdout == "1 document: 0 decided now, 0 open, 0 sets of gold written\n", done.stderr
    assert (root / "corpus/decisions/gold/a.json").read_text() == followed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--label", "PERSON"], "'PERSON' is not OLD=NEW"),
        (["--label", "PERSON=HUMANS"], "first change corpus/scheme.toml, or did you mean 'HUMAN'?"),
        (["--label", "PERSON=HUMAN", "--label", "PERSON=DATE"], "can't become both"),
        (["--set", "nobody"], "there are no sets of 'nobody'"),
    ],
)
def test_wrong_usage_is_told(root: Path, words: list[str], message: str) -> None:
    done = standoff("migrate", "--root", root, *words)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
