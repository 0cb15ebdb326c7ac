"""Models measured: on a corpus and on a release, again and again, and whatever goes wrong with them, with what was found before kept."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from command import standoff
from publish.hub_double import Hub
from release.corpora import Draft, commit, write_corpus
from standoff.benchmark.aside import RESULTS
from standoff.benchmark.data import source, workspace
from standoff.benchmark.leaderboard import Leaderboard
from standoff.benchmark.predictor import Request, load
from standoff.benchmark.results import MixedError
from standoff.benchmark.run import annotator_name, run
from standoff.benchmark.worker import Settings
from standoff.corpus.codec import encode, sha256
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault, StandoffError, UsageError
from standoff.release import build
from standoff.release.splits import read_splits

FINDER = """
import json, sys
for line in sys.stdin:
    document = json.loads(line)
    spans = []
    for name, label in ((%s)):
        if (start := document["text"].find(name)) >= 0:
            spans.append({"label": label, "start": start, "end": start + len(name)})
    print(json.dumps({"id": document["id"], "spans": spans}), flush=True)
"""
TESTED = 140
PLUGIN = """
import os
from standoff.benchmark.predictor import Prediction

class Plugin:
    version, layers, labels = "1", ("entities",), None
    def __init__(self, how): self.how = how
    def predict(self, documents):
        for number, document in enumerate(documents):
            if number == 100 and self.how == "killed": os.kill(os.getpid(), 9)
            if number == 100 and self.how == "raises": raise ValueError("no such tensor")
            if number == 100 and self.how == "exits": raise SystemExit("this model gives up")
            print("a model that prints")
            yield Prediction(document=document.id)

def load(request): return Plugin(request.argument)

def load_freely(request):
    for name, value in request.options.items(): setattr(plugin := Plugin(request.argument), name, value)
    return plugin
"""


def small(root: Path) -> Store:
    """Three documents to learn from, and many to be tested on: Anna and Zwolle in each."""
    records: list[Any] = []
    splits = {}
    for number in range(TESTED + 3):
        other = " ".join(sha256(f"{number} {word}")[:6] for word in range(20))  # no near duplicates
        draft = Draft(f"d{number:03}", f"😀 Hier is Anna Bos in Zwolle, nummer {number} {other}.")
        draft.span("PERSON", "Anna Bos")
        draft.span("GPE", "Zwolle")
        records += [draft.document, draft.set(layers=("entities",))]
        splits[draft.document.id] = "train" if number < 3 else "test"
    store = write_corpus(root, records)
    (store.folder / "splits.json").write_text(json.dumps({"documents": splits}))
    commit(root)
    return store


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("small") / "c").root


@pytest.fixture(scope="module")
def released(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "verify", lambda *_: None)  # builds load what they built; that is tested elsewhere
        return build.release(Store(root), "1.0.0", tmp_path_factory.mktemp("dist")).folder


def program(folder: Path, name: str, pairs: str) -> str:
    (folder / name).write_text(FINDER % pairs)
    return f"command:{sys.executable} {folder / name}"


def measured(models: list[str], data: Path, out: Path, split: str = "test") -> Leaderboard:
    where = source(str(data), Path())
    return run(models, where, workspace(where, out / "work" / where.name), out, split=split, layers=["entities"])


def main(board: Leaderboard) -> dict[str, float]:
    return {row.model: row.figures["strict"]["f1"] for row in board.layers["entities"].models}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another package that brings a predictor."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "a_plugin.py").write_text(PLUGIN)
    information = folder / "a_plugin-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: a-plugin\nVersion: 1\n")
    (information / "entry_points.txt").write_text(
        "[standoff.predictors]\nplugin = a_plugin:load\nfree = a_plugin:load_freely\n"
    )
    return folder


def test_three_models_by_the_script(root: Path, tmp_path: Path, repository: Path) -> None:
    good = program(tmp_path, "good.py", '("Anna Bos", "PERSON"), ("Zwolle", "GPE")')
    worse = program(tmp_path, "worse.py", '("Anna", "PERSON"), ("Zwolle", "ORG"), ("nummer", "LAW")')
    words: list[str | Path] = [
        worse,
        "gazetteer:gold",
        good,
        "--root",
        root,
        "--out",
        tmp_path / "r",
        "--layer",
        "entities",
        "--json",
    ]

    def script() -> dict[str, Any]:
        command = [sys.executable, repository / "scripts" / "benchmark.py", *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr
        board: dict[str, Any] = json.loads(done.stdout)
        return board

    board = script()
    assert (board["data"]["kind"], board["data"]["documents"], board["data"]["dirty"]) == ("corpus", TESTED, False)
    table = board["layers"]["entities"]
    # The gazetteer, which learned two names by heart, is as good as the best: the order is then that of names.
    assert [(row["model"], row["figures"]["strict"]["f1"]) for row in table["models"]] == [
        (good, 1.0),
        ("gazetteer:gold", 1.0),
        (worse, 0.0),
    ]
    assert [(row["p"], row["p_holm"]) for row in table["models"]] == [(None, None), (1.0, 1.0), (1 / 10001, 2 / 10001)]
    assert table["models"][0]["figures"]["strict"]["interval"] == [1.0, 1.0]
    errors = table["models"][2]["errors"]["spans"]
    n = TESTED
    assert errors["counts"] == {"right": 0, "boundary": n, "label": n, "both": 0, "missed": 0, "spurious": n}
    assert errors["examples"]["label"][0] | {"document": "", "after": "", "before": "", "start": 0, "end": 0} == {
        "document": "",
        "start": 0,
        "end": 0,
        "gold": "GPE: Zwolle",
        "predicted": "ORG: Zwolle",
        "before": "",
        "text": "Zwolle",
        "after": "",
    }
    assert all(speed["documents"] == TESTED and speed["peak_bytes"] > 1e6 for speed in board["speed"].values())
    pages = {path.name: path.read_text() for path in (tmp_path / "r").iterdir() if path.is_file()}
    assert set(pages) == {"leaderboard.json", "leaderboard.md", "mistakes.md"}
    assert "| gazetteer:gold | 1.000 | 1.000 | 1.000 | 1.000–1.000 | 1.0000 |" in pages["leaderboard.md"]
    assert r"gold PERSON: Anna Bos; model PERSON: Anna. … 😀 Hier is **\[Anna Bos\]** in Zwolle" in pages["mistakes.md"]
    # Nothing is written where the data is; nothing is predicted twice, and nothing differs, not even the speed.
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=root, capture_output=True, check=True).stdout == b""
    assert script() == board
    assert {path.name: path.read_text() for path in (tmp_path / "r").iterdir() if path.is_file()} == pages


def test_a_release_and_what_is_not_mixed_with_it(root: Path, released: Path, tmp_path: Path) -> None:
    good = program(tmp_path, "good.py", '("Anna Bos", "PERSON"),')
    board = measured([good], released, tmp_path / "r")
    manifest = json.loads((released / "manifest.json").read_bytes())
    entry = manifest["configurations"]["documents"]["test"]
    assert (board.data.kind, board.data.version, board.data.commit) == (
        "release",
        "1.0.0",
        manifest["corpus"]["commit"],
    )
    assert (board.data.documents, board.data.content_sha256) == (entry["rows"], entry["content_sha256"])
    assert main(board) == {good: 2 / 3}
    # Another model comes into the same table; the same on other data does not.
    both = measured(["gazetteer:gold"], released, tmp_path / "r")
    assert main(both) == {"gazetteer:gold": 1.0, good: 2 / 3}
    before = (tmp_path / "r" / "leaderboard.json").read_bytes()
    with pytest.raises(
        MixedError, match=r"don't compare.*gazetteer:gold.*tiny 1\.0\.0, test.*measured now: tiny at commit"
    ):
        measured(["rule:quotes"], root, tmp_path / "r")
    with pytest.raises(MixedError, match="train"):
        measured(["rule:quotes"], released, tmp_path / "r", split="train")
    assert (tmp_path / "r" / "leaderboard.json").read_bytes() == before
    # Measured anew, all of them, there is nothing to mix, and the report that was there is kept.
    assert measured([good, "gazetteer:gold"], root, tmp_path / "r").data.kind == "corpus"
    words = ("--data", released, "--out", tmp_path / "r", "--layer", "entities")
    done = standoff("benchmark", good, "gazetteer:gold", *words, "--split", "train")
    assert "known before gazetteer:gold: learned from a training split" in done.stderr
    names = {path.parent.name: path for path in (tmp_path / "r").glob("tiny-*/leaderboard.json")}
    digest = entry["content_sha256"][:12]
    assert names[f"tiny-1.0.0-test-{digest}"].read_bytes() == before
    assert len(names) == 2
    assert all(len(list((path.parent / RESULTS).iterdir())) == 2 for path in names.values())
    told = standoff("benchmark", good, "gazetteer:gold", *words)
    assert "moved the report on tiny 1.0.0, train" in told.stderr
    assert "known before" not in told.stderr
    measured([good, "gazetteer:gold"], root, tmp_path / "r")
    assert (tmp_path / "r" / f"tiny-1.0.0-test-{digest}-2" / "leaderboard.json").exists()
    # What could not be read is no reason to stop.
    (tmp_path / "r" / "leaderboard.json").write_text("{")
    measured([good], root, tmp_path / "r")


@pytest.mark.parametrize("name", ["leaderboard.json", "leaderboard.md", "mistakes.md"])
def test_a_file_of_somebody_else_is_not_replaced(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / name).write_text("# Ours")
    with pytest.raises(UsageError, match=f"{name} is there.*move that file away"):
        measured(["gazetteer:gold"], root, tmp_path / "r")
    assert (tmp_path / "r" / name).read_text() == "# Ours"
    assert not (tmp_path / "r" / RESULTS).exists()


def test_a_release_that_was_changed_is_refused(released: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "1.0.0"
    shutil.copytree(released, copy)
    (copy / "scheme.toml").write_text("title = 'another'\n")
    with pytest.raises(StandoffError, match=r"scheme\.toml: not what was built"):
        source(str(copy), Path())
    (copy / "scheme.toml").unlink()
    with pytest.raises(StandoffError, match="is missing"):
        source(str(copy), Path())


@pytest.mark.parametrize(
    ("how", "said"),
    [("killed", "SIGKILL"), ("raises", "ValueError: no such tensor"), ("exits", "this model gives up")],
)
def test_a_model_that_crashes(
    root: Path, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, said: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{plugin}:{Path(build.__file__).parents[2]}")
    with pytest.raises(EnvironmentFault, match=f"(?s)plugin:{how} stopped: .*{said}"):
        measured([f"plugin:{how}"], root, tmp_path / "r")
    kept = list(Store(tmp_path / "r" / "work" / "tiny").sets(f"plugin-{how}"))
    assert 64 <= len(kept) <= 100
    assert not (tmp_path / "r" / "leaderboard.json").exists()


def test_a_model_may_take_whatever_options_there_are(root: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(plugin)
    request = Request(argument="x", store=Store(root), options={"depth": "3"})
    assert vars(load("free:x", request)) == {"how": "x", "depth": "3"}
    with pytest.raises(UsageError, match="depth: plugin:x takes no such option; it takes none"):
        load("plugin:x", request)


def test_one_of_two_crashes_and_goes_on_the_next_time(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, "model.py", '("Anna Bos", "PERSON"),')
    whole = (tmp_path / "model.py").read_text()
    crash = whole.replace(
        "    spans = []", "    spans = []\n    if document['id'] == 'd135': sys.exit('out of memory')"
    )
    (tmp_path / "model.py").write_text(crash)
    done = standoff("benchmark", model, "gazetteer:gold", "--root", root, "--out", tmp_path / "r")
    assert done.returncode == 3
    assert "out of memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(r"gazetteer:gold +1\.000 +1\.000 +1\.000", done.stdout)
    assert (
        f"Not in the tables: command:{sys.executable}".replace("_", r"\_")
        in (tmp_path / "r" / "leaderboard.md").read_text()
    )
    kept = {path.name: path.stat().st_mtime_ns for path in sets_of(tmp_path / "r", model)}
    assert len(kept) == 132
    (tmp_path / "model.py").write_text(whole)
    board = measured([model], root, tmp_path / "r")
    assert main(board) == {"gazetteer:gold": 1.0, model: 2 / 3}
    after = {path.name: path.stat().st_mtime_ns for path in sets_of(tmp_path / "r", model)}
    assert len(after) == TESTED
    assert kept.items() <= after.items()
    speed = board.speed[model]
    assert speed is not None
    assert speed.documents == TESTED - 132


def sets_of(out: Path, model: str) -> list[Path]:
    return list((out / "work" / "tiny" / "corpus" / "annotations" / annotator_name(model)).glob("*.json"))


def test_garbage_and_answers_that_do_not_fit(root: Path, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.py"
    garbage.write_text("import sys; sys.stdin.readline(); print('Loading...', flush=True)")
    with pytest.raises(EnvironmentFault, match="a line that can't be read"):
        measured([f"command:{sys.executable} {garbage}"], root, tmp_path / "r")
    odd = program(tmp_path, "odd.py", '("Anna Bos", "PERSON"), ("Hier", "DWARF")')
    path = tmp_path / "odd.py"
    path.write_text(
        path.read_text().replace(
            "    print(",
            "    spans.append({'label': 'ORG', 'start': 5, 'end': 9999})\n"
            "    if document['id'] == 'd007':\n"
            "        print(json.dumps({'id': 'd007', 'error': 'too long'}), flush=True)\n"
            "        continue\n"
            "    print(",
        )
    )
    first, second = (measured([odd], root, tmp_path / "r") for _ in range(2))
    about = first.models[odd]
    assert (about.failed, about.left_out) == (("d007",), {"model-label": TESTED - 1, "model-offsets": TESTED - 1})
    # What it failed on counts as nothing found. What was left out is remembered with the predictions.
    counts = first.layers["entities"].models[0].errors["spans"].counts
    assert (counts["right"], counts["missed"]) == (TESTED - 1, TESTED + 1)
    assert msgspec.structs.replace(first, speed={}) == msgspec.structs.replace(second, speed={})
    done = standoff("benchmark", odd, "--root", root, "--out", tmp_path / "r", "--layer", "entities")
    assert done.returncode == 1
    assert "on 1 document, as on d007" in done.stderr


def test_a_document_that_fails_has_nothing_of_an_earlier_version(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, "model.py", '("Anna Bos", "PERSON"),')
    measured([model], root, tmp_path / "r")
    path = tmp_path / "model.py"
    path.write_text(
        path.read_text().replace(
            "    print(",
            "    if document['id'] == 'd007':\n"
            "        print(json.dumps({'id': 'd007', 'error': 'too long'}), flush=True)\n"
            "        continue\n"
            "    print(",
        )
    )
    where = source(str(root), root)
    store = workspace(where, tmp_path / "r" / "work" / "tiny")
    settings = Settings(options={"version": "2"})
    board = run([model], where, store, tmp_path / "r", split="test", layers=["entities"], settings=settings)
    assert board.models[model].failed == ("d007",)
    assert board.layers["entities"].models[0].errors["spans"].counts["right"] == TESTED - 1
    assert store.set(annotator_name(model), "d007") is not None


def test_what_models_see(tmp_path: Path) -> None:
    """Of the training split what people annotated, of the split that is measured the gold alone."""
    drafts = {split: Draft(f"d-{split}", f"Anna Bos, {split}.") for split in ("train", "validation", "test")}
    records: list[Any] = []
    for draft in drafts.values():
        draft.span("PERSON", "Anna Bos")
        records += [draft.document, draft.set(), draft.set("anna", kind="human"), draft.set("bert", kind="model")]
    store = write_corpus(tmp_path / "c", records)
    splits = {draft.document.id: split for split, draft in drafts.items()}
    (store.folder / "splits.json").write_text(json.dumps({"documents": splits}))
    measured(["gazetteer:anna"], store.root, tmp_path / "r")
    seen = Store(tmp_path / "r" / "work" / "tiny")
    assert [document.id for document in seen.documents()] == ["d-test", "d-train"]
    assert {name: [found.document for found in seen.sets(name)] for name in seen.annotators()} == {
        "anna": ["d-train"],
        "gazetteer-anna": ["d-test"],
        "gold": ["d-test", "d-train"],
    }
    assert read_splits(seen.folder / "splits.json") == {"d-test": "test", "d-train": "train"}


def test_wrong_use(root: Path, tmp_path: Path, seed: Store) -> None:
    def refused(kind: type[StandoffError], said: str, *, model: str = "rule:quotes", **more: Any) -> None:
        with pytest.raises(kind, match=said):
            measured([model], more.pop("data", root), tmp_path / "r", **more)

    refused(
        UsageError,
        r"--split validation: no document of it has gold in tiny \(there are: test 140, train 3\)",
        split="validation",
    )
    refused(UsageError, "--split dev: there are train", split="dev")
    refused(UsageError, "there is no predictor 'oracle'", model="oracle:x")
    refused(UsageError, "gazetteer:nobody", model="gazetteer:nobody")
    refused(StandoffError, "it annotates quotes, and there is nothing to compare with that: gold is asked for entities")
    refused(UsageError, "no release folder", data=tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"MAJOR\.MINOR\.PATCH"):
        source("org/name@latest", root)
    with pytest.raises(EnvironmentFault, match=r"org/name@1.0.0: can't be fetched"):
        source("org/name@1.0.0", root)
    with pytest.raises(StandoffError, match=r"corpus.toml"):
        source(None, tmp_path)
    (tmp_path / "r" / RESULTS).mkdir()
    (tmp_path / "r" / RESULTS / "x.json").write_text("{}")
    refused(StandoffError, r"x\.json: no result can be read from it")


def test_settings_are_those_of_one_model(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, "model.py", '("Anna Bos", "PER"), ("Zwolle", "LOC")')
    (tmp_path / "map.json").write_text('{"PER": "PERSON", "LOC": "GPE"}')
    words: list[str | Path] = [
        "--root",
        root,
        "--out",
        tmp_path / "r",
        "--labels",
        tmp_path / "map.json",
        "--option",
        "layers=entities",
    ]
    done = standoff("benchmark", model, *words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["layers"]["entities"]["models"][0]["figures"]["strict"]["f1"] == 1.0
    assert json.loads(told["models"][model]["parameters"])["labels"] == {"PER": "PERSON", "LOC": "GPE"}
    done = standoff("benchmark", model, "rule:quotes", *words)
    assert done.returncode == 2
    assert "of one model" in done.stderr


def test_a_release_on_the_hub(released: Path, tmp_path: Path) -> None:
    """Against a double of the Hub."""
    hub = Hub(tmp_path / "hub")
    try:
        hub.create("org/tiny", private=False)
        files = {
            path.relative_to(released).as_posix(): path.read_bytes() for path in released.rglob("*") if path.is_file()
        }
        hub.commit("org/tiny", dict(files), "tiny 1.0.0", None)
        hub.git("org/tiny", "tag", "v1.0.0")
        environment = {
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
        }
        words = ["benchmark", "gazetteer:gold", "--out", str(tmp_path / "r"), "--data"]
        done = standoff(*words, "org/tiny@1.0.0", env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("tiny 1.0.0, test (140 documents")
        done = standoff(*words, "org/tiny@2.0.0", env=environment)
        assert done.returncode == 3
        assert "org/tiny@2.0.0: can't be fetched" in done.stderr
    finally:
        hub.server.shutdown()
        hub.server.server_close()


def test_gold_that_does_not_fit(tmp_path: Path) -> None:
    store = small(tmp_path / "c")
    gold = store.set("gold", "d009")
    assert gold is not None
    path = store.folder / "annotations" / "gold" / "d009.json"
    path.write_bytes(encode(gold).replace(b'"label":"PERSON"', b'"label":"DWARF"'))
    board = measured(["gazetteer:gold"], store.root, tmp_path / "r")
    assert board.data.unknown_labels == {"DWARF": 1}
    assert (
        "DWARF, a label of gold that the scheme lacks, in 1 document."
        in (tmp_path / "r" / "leaderboard.md").read_text()
    )
    path.write_bytes(encode(msgspec.structs.replace(gold, text_sha256="0" * 64)))
    with pytest.raises(StandoffError, match="gold/d009: made on another text"):
        measured(["gazetteer:gold"], store.root, tmp_path / "r")
    path.unlink()
    other = measured(["gazetteer:gold"], store.root, tmp_path / "r")
    assert (other.data.left_out, other.data.documents) == ({"no gold": 1}, TESTED - 1)
    assert other.data.content_sha256 != board.data.content_sha256


def test_the_seed_corpus(seed: Store, tmp_path: Path) -> None:
    where = source(None, seed.root)
    store = workspace(where, tmp_path / "work")
    layers = tuple(index(store.scheme).layers)
    board = run(["rule:quotes", "gazetteer:gold"], where, store, tmp_path / "r", split="train", layers=layers)
    assert {name: [row.model for row in table.models] for name, table in board.layers.items()} == {
        "entities": ["gazetteer:gold"],
        "quotes": ["rule:quotes"],
    }
    (row,) = board.layers["quotes"].models
    assert 0.4 < row.figures["content"]["strict"]["f1"] < 0.7
    assert row.figures["content"]["strict"]["interval"] is None  # of a single document
    assert sum(row.errors["content"].counts[kind] for kind in ("right", "boundary", "label", "both", "missed")) == 8


def test_what_a_curator_excludes_is_neither_measured_nor_learned_from(tmp_path: Path) -> None:
    store = small(tmp_path / "c")
    words = "".join(
        f'["{id_}"]\nexclude = true\nreason = "Its publisher wants it removed."\n' for id_ in ("d000", "d003")
    )
    (store.folder / "overrides.toml").write_text(words)
    board = measured(["gazetteer:gold"], store.root, tmp_path / "r")
    assert (board.data.documents, board.data.left_out) == (TESTED - 1, {"excluded": 1})
    work = next((tmp_path / "r" / "work").iterdir())
    assert {"d000", "d003"}.isdisjoint(document.id for document in Store(work).documents())


def test_a_set_that_nobody_asks_for_may_be_stale(tmp_path: Path) -> None:
    store = small(tmp_path / "c")
    taught = [store.set("gold", f"d{number:03}") for number in range(3)]
    stale = [msgspec.structs.replace(one, annotator="ben", text_sha256="0" * 64) for one in taught if one]
    with store.lock():
        store.write(stale)
    assert main(measured(["gazetteer:gold"], store.root, tmp_path / "r")) == {"gazetteer:gold": 1.0}
    with pytest.raises(StandoffError, match="ben/d000: made on another text"):
        measured(["gazetteer:ben"], store.root, tmp_path / "r")


def test_speed_is_that_of_the_split_or_not_told(tmp_path: Path) -> None:
    """All predictions are kept in the second and third run, on other gold, and on another split."""
    store, model = small(tmp_path / "c"), "gazetteer:gold"
    first = measured([model], store.root, tmp_path / "r").speed[model]
    assert first
    last = store.set("gold", f"d{TESTED + 2:03}")
    assert last
    with store.lock():
        store.write([msgspec.structs.replace(last, spans=last.spans[:1])])
    assert measured([model], store.root, tmp_path / "r").speed[model] == first
    path = store.folder / "splits.json"
    path.write_text(path.read_text().replace('"test"', '"validation"'))
    assert measured([model], store.root, tmp_path / "r", split="validation").speed[model] is None


def test_a_table_is_named_after_what_was_measured_last(tmp_path: Path) -> None:
    """The commit is another one, the documents and their gold are the same."""
    store = small(tmp_path / "c")
    model = program(tmp_path, "m.py", '("Zwolle", "GPE"),')
    first = measured([model], store.root, tmp_path / "r").data.commit
    (store.folder / "guidelines.md").write_text("More.\n")
    commit(store.root)
    board = measured(["gazetteer:gold"], store.root, tmp_path / "r")
    assert set(board.models) == {"gazetteer:gold", model}
    assert board.data.commit != first


def test_what_is_said_of_an_empty_split_leads_to_one(tmp_path: Path) -> None:
    drafts = [Draft(f"d{place}", f"Anna Bos, {sha256(str(place))}.") for place in range(3)]
    for draft in drafts:
        draft.span("PERSON", "Anna Bos")
    store = write_corpus(tmp_path / "c", [record for draft in drafts for record in (draft.document, draft.set())])
    toml, splits = store.folder / "corpus.toml", store.folder / "splits.json"
    plain = toml.read_text()
    few = "with fewer than 20 groups of documents `standoff split` deals all to train"

    def told(split: str = "test", **configured: object) -> str:
        lines = "".join(f"{name} = {value}\n" for name, value in configured.items())
        toml.write_text(f"{plain}\n[splits]\n{lines}")
        with pytest.raises(UsageError) as refused:
            measured(["rule:quotes"], store.root, tmp_path / "r", split)
        return str(refused.value)

    splits.unlink(missing_ok=True)
    assert f"{few[0].upper()}{few[1:]} (splits.min_groups): lower that in corpus.toml" in told()
    assert "or deal documents with `standoff split`" in told(min_groups=3)
    assert "deals no document to validation" in told("validation", fractions="{ train = 0.5, test = 0.5 }")
    assert "so all go to train, and stay there." in standoff("split", "--root", store.root).stdout.replace("\n", " ")
    assert f"stay in the split that they are in, and {few}" in told()
    # It is done as it says.
    toml.write_text(f"{plain}\n[splits]\nmin_groups = 0\nfractions = {{ test = 1.0 }}\n")
    splits.unlink()
    assert standoff("split", "--root", store.root).returncode == 0
    model = program(tmp_path, "model.py", '("Anna Bos", "PERSON"),')
    assert measured([model], store.root, tmp_path / "r").data.documents == 3
    for draft in drafts:
        store.remove_set("gold", draft.document.id)
    assert "annotate those in it as gold" in told()
