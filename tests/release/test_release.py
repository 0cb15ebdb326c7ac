"""Building a release: what is in it, what it promises, and what is not released."""

import hashlib
import json
import os
import re
import shutil
import signal
import threading
import time
from concurrent.futures.process import _ExecutorManagerThread
from multiprocessing.popen_spawn_posix import Popen
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pyarrow.parquet as pq
import pytest

from command import standoff
from release.corpora import commit, git, mayor, minister, write_corpus
from standoff.cli.release import release as command
from standoff.corpus.codec import sha256
from standoff.corpus.files import aside_of
from standoff.corpus.model import AnnotationSet, By, Document, Provenance
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault, StandoffError, UsageError
from standoff.release import build, workers
from standoff.release.build import release
from standoff.release.card import readme
from standoff.release.gather import ReleaseError
from standoff.release.manifest import canary, decode_manifest, manifest_schema


def test_the_manifest_says_what_is_there(corpus: Path, built: Path) -> None:
    raw = (built / "manifest.json").read_bytes()
    jsonschema.Draft202012Validator(manifest_schema()).validate(json.loads(raw))
    manifest = decode_manifest(raw, "manifest.json")
    files = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
    assert {entry.path for entry in manifest.files} | {"manifest.json"} == set(files)
    for entry in manifest.files:
        assert entry.bytes == files[entry.path].stat().st_size
        assert entry.sha256 == hashlib.sha256(files[entry.path].read_bytes()).hexdigest()
    assert not manifest.corpus.dirty
    assert manifest.corpus.date == "2025-06-12T04:30:00Z"
    assert (manifest.corpus.documents, manifest.corpus.left_out) == (4, {"no gold annotations": 1})
    assert manifest.licenses.texts == {"CC-BY-4.0": 2, "unknown": 1}


def test_the_canary_is_in_metadata_and_in_no_text(built: Path) -> None:
    manifest = decode_manifest((built / "manifest.json").read_bytes(), "manifest.json")
    assert manifest.canary == canary("tiny")
    for file in built.glob("data/*/*.parquet"):
        table = pq.read_table(file)
        assert table.schema.metadata[b"canary"].decode() == manifest.canary
        assert manifest.canary not in str(table.to_pylist())
    assert manifest.canary in (built / "README.md").read_text(encoding="utf-8")


def test_the_card_says_the_same_as_the_files(built: Path) -> None:
    import datasets
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(built / "README.md")
    configs = MetadataConfigs.from_dataset_card_data(card.data)
    infos = DatasetInfosDict.from_dataset_card_data(card.data)
    assert configs.get_default_config_name() == "documents"
    for name, config in configs.items():
        for files in config["data_files"]:
            (file,) = built.glob(files["path"])
            schema = pq.read_schema(file)
            assert infos[name].features == datasets.Features.from_arrow_schema(schema)
            assert infos[name].splits is None
    assert card.data["license_name"] == "annotations-cc-by-4.0-text-unknown"
    assert "license" not in (built / "CITATION.cff").read_text()
    assert "unknown: 1 text" in (built / "LICENSE.md").read_text()


def test_nobody_is_named(built: Path) -> None:
    for path in [path for path in built.rglob("*") if path.is_file()]:
        content = path.read_bytes() if path.suffix != ".parquet" else str(_table(path)).encode()
        assert b"'jan'" not in content
        assert b"Lastig" not in content


def _table(path: Path) -> Any:
    return pq.read_table(path).to_pylist()


def test_built_again_elsewhere_it_is_the_same_bytes(corpus: Path, built: Path, tmp_path: Path) -> None:
    clone = tmp_path / "else where"
    shutil.copytree(corpus, clone)
    (clone / "unrelated.txt").write_text("another commit")
    commit(clone)
    env = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7", "GIT_DIR": "/nowhere"}
    done = standoff("release", "--version", "1.0.0", cwd=clone, env=env)
    assert done.returncode == 0, done.stderr
    again = clone / "dist" / "tiny" / "1.0.0"
    assert {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file()} == {
        path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()
    }
    assert f'datasets.load_dataset("{Path("dist/tiny/1.0.0")}", "documents")' in done.stdout


def test_a_version_never_changes(corpus: Path, built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(built, out / "tiny" / "1.0.0")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert not release(Store(corpus), "1.0.0", out).new
    clone = tmp_path / "clone"
    shutil.copytree(corpus, clone)
    document = clone / "corpus" / "documents" / "empty.json"
    document.write_text(document.read_text().replace('"nl"', '"nl","title":"Nieuw"'))
    commit(clone)
    with pytest.raises(ReleaseError, match=r"other content \(.*documents/test.*not in corpus/releases.json: remove it"):
        release(Store(clone), "1.0.0", out)
    assert {
        path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file() and path.name != ".lock"
    } == before
    assert sorted(path.name for path in (out / "tiny").iterdir()) == [".lock", "1.0.0"]
    (out / "tiny" / "1.0.0" / "README.md").write_text("by hand")
    (out / "tiny" / "1.0.0" / "notes.txt").write_text("?")
    with pytest.raises(ReleaseError, match=r"not what was built: README.md, notes.txt; move it away"):
        release(Store(corpus), "1.0.0", out)


def test_what_is_not_committed_is_released_only_when_asked_for(corpus: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(corpus, clone)
    path = clone / "corpus" / "documents" / "new one.txt"
    path.write_text("?")
    done = standoff("release", "--root", clone, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "not committed: corpus/documents/new one.txt" in done.stderr
    assert "--allow-dirty" in done.stderr
    done = standoff("release", "--root", clone, "--out", tmp_path / "out", "--allow-dirty", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["manifest"]["corpus"]["dirty"] is True
    assert done.stderr.count("no section is about known ambiguities") == 1
    shutil.rmtree(clone / ".git")
    with pytest.raises(ReleaseError, match="no git repository"):
        release(Store(clone), "1.0.0", tmp_path / "out")


def test_what_git_does_not_look_at_is_told(corpus: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(corpus, clone)
    git(clone, "update-index", "--skip-worktree", "corpus/corpus.toml")
    git(clone, "update-index", "--assume-unchanged", "corpus/splits.json")
    told = r"not committed: corpus/corpus.toml \(git does not look at it\), corpus/splits.json \(git does"
    with pytest.raises(ReleaseError, match=told):
        release(Store(clone), "1.0.0", tmp_path / "out")


def test_a_clone_without_history_does_not_know_the_commit(corpus: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{corpus}", str(clone))
    with pytest.raises(ReleaseError, match=r"no history before commit .*git fetch --unshallow"):
        release(Store(clone), "1.0.0", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    git(clone, "fetch", "-q", "--unshallow")
    assert release(Store(clone), "1.0.0", tmp_path / "out").manifest.corpus.commit


def test_what_git_ignores_is_in_no_commit(corpus: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(corpus, clone)
    for name in ("minister.json~", ".minister.json.x.tmp"):
        (clone / "corpus" / "documents" / name).write_text("{}")
    (clone / ".gitignore").write_text(".standoff/\ndist/\n*~\n.*.tmp\n")
    commit(clone)
    assert release(Store(clone), "1.0.0", tmp_path / "out").manifest.corpus.dirty is False
    with (clone / ".gitignore").open("a") as file:
        file.write("corpus/annotations/gold/\n")
    git(clone, "rm", "-rq", "--cached", "corpus/annotations/gold")
    commit(clone)
    with pytest.raises(ReleaseError, match=r"not committed: corpus/annotations/gold/.*\(git ignores it\)"):
        release(Store(clone), "1.0.0", tmp_path / "other")


def test_everything_that_is_in_the_way_is_told_at_once(tmp_path: Path) -> None:
    draft = minister(license=None, group="storm")
    other = mayor("other", group="storm")
    third = minister("third")
    person = third.set("jan", kind="human")
    checked = msgspec.structs.replace(third.set(), confirmed=(By(annotator="piet"),))
    fourth = minister("fourth")
    wrong = msgspec.structs.replace(fourth.set(), text_sha256=sha256("another"))
    records: list[Document | AnnotationSet] = [
        *(draft.document, draft.set(), other.document, other.set()),
        *(third.document, person, checked, fourth.document, wrong),
    ]
    store = write_corpus(tmp_path / "corpus", records)
    splits = {"minister": "train", "other": "test", "fourth": "test"}
    (store.folder / "splits.json").write_text(json.dumps({"documents": splits}))
    commit(store.root)
    with pytest.raises(ReleaseError) as told:
        release(store, "1.0.0", tmp_path / "out")
    problems = str(told.value).splitlines()
    assert [problem.split(":")[0] for problem in problems] == [
        "corpus/annotations/gold/fourth.json#/text_sha256",
        "no licence",
        "in no split",
        "people without a pseudonym",
        "corpus/splits.json",
    ]
    assert "jan, piet" in problems[3]
    assert "standoff split" in problems[2]
    assert "story 'storm'" in problems[4]
    assert list((tmp_path / "out" / "tiny").iterdir()) == [tmp_path / "out" / "tiny" / ".lock"]


@pytest.mark.parametrize("license_", ["unknown", "CC-BY-4.0"])
def test_whoever_builds_a_release_hears_that_annotations_have_no_licence(
    tmp_path: Path, license_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "verify", lambda *_: None)
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    config = store.folder / "corpus.toml"
    config.write_text(config.read_text().replace("CC-BY-4.0", license_))
    (store.folder / "splits.json").write_text('{"documents": {"minister": "train"}}')
    command(store.root, folder=tmp_path / "out", allow_dirty=True, jobs=1)
    assert ("no licence is stated for the annotations" in capsys.readouterr().err) == (license_ == "unknown")


def test_near_duplicates_in_two_splits_are_not_released(tmp_path: Path) -> None:
    first, second = minister(), minister("same")
    records: list[Document | AnnotationSet] = [first.document, first.set(), second.document, second.set()]
    store = write_corpus(tmp_path / "corpus", records)
    (store.folder / "splits.json").write_text('{"documents": {"minister": "train", "same": "test"}}')
    commit(store.root)
    with pytest.raises(
        ReleaseError, match=r"near duplicates are in different splits: minister \(train\), same \(test\)"
    ):
        release(store, "1.0.0", tmp_path / "out")


def test_a_corpus_without_gold_is_not_released(tmp_path: Path) -> None:
    store = write_corpus(tmp_path / "corpus", [minister().document])
    with pytest.raises(ReleaseError, match=r"no document can be released \(no gold annotations: 1\)"):
        release(store, "1.0.0", tmp_path / "out")


def test_only_confirmed_sets_when_the_corpus_says_so(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()], "[release]\nconfirmed = true\n")
    with pytest.raises(ReleaseError, match="annotations not confirmed: 1"):
        release(store, "1.0.0", tmp_path / "out")


def _split(store: Store) -> None:
    ids = [document.id for document in store.documents()]
    (store.folder / "splits.json").write_text(json.dumps({"documents": dict.fromkeys(ids, "train")}))
    commit(store.root)


def test_adjudicators_and_models_name_nobody_in_provenance(tmp_path: Path) -> None:
    draft = minister()
    made = [
        Provenance(tool="standoff adjudicate", parameters='{"sets":["jan","piet"]}', user="j.jansen"),
        Provenance(tool="standoff adjudicate", parameters='{"sets":{"jan":"abc","piet":"def"}}'),
        Provenance(model="gazetteer:jan", parameters='{"seed": 1}'),
    ]
    records: list[Document | AnnotationSet] = [
        draft.document,
        draft.set(provenance=made[0]),
        draft.set("by-hand", provenance=made[1]),
        draft.set("names", kind="model", provenance=made[2]),
        draft.set("jan", kind="human"),
    ]
    store = write_corpus(tmp_path / "corpus", records, 'pseudonyms = { jan = "a1", by-hand = "by-hand" }\n')
    _split(store)
    with pytest.raises(ReleaseError, match="people without a pseudonym: piet;"):
        release(store, "1.0.0", tmp_path / "out")
    config = store.folder / "corpus.toml"
    config.write_text(config.read_text().replace('jan = "a1"', 'jan = "a1", piet = "a2"'))
    commit(store.root)
    folder = release(Store(store.root), "1.0.0", tmp_path / "out").folder
    rows = {row["annotator"]: row["provenance"] for row in _table(next(folder.glob("data/annotators/*")))}
    assert rows["gold"]["parameters"] == '{"sets":["a1","a2"]}'
    assert rows["by-hand"]["parameters"] == '{"sets":{"a1":"abc","a2":"def"}}'
    assert (rows["names"]["model"], rows["names"]["parameters"]) == ("gazetteer:a1", '{"seed": 1}')
    assert "are the same" in standoff("diff", folder, "working", "--root", store.root).stdout


def test_a_gazetteer_names_nobody_whose_names_it_learned(tmp_path: Path) -> None:
    draft = minister()
    model = draft.set("gazetteer-jan", kind="model", provenance=Provenance(model="gazetteer:jan"))
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set(), model], "pseudonyms = { x = 'y' }\n")
    _split(store)
    config = store.folder / "corpus.toml"
    for missing, pseudonyms in (("jan", "jan = 'a1'"), ("gazetteer-jan", "jan = 'a1', gazetteer-jan = 'gazetteer-a1'")):
        with pytest.raises(ReleaseError, match=f"people without a pseudonym: {missing};"):
            release(Store(store.root), "1.0.0", tmp_path / "out")
        config.write_text(re.sub(r"pseudonyms = {.*}", f"pseudonyms = {{ {pseudonyms} }}", config.read_text()))
        commit(store.root)
    folder = release(Store(store.root), "1.0.0", tmp_path / "out").folder
    (made,) = [row for row in _table(next(folder.glob("data/annotators/*"))) if row["annotator"] != "gold"]
    assert (made["annotator"], made["provenance"]["model"]) == ("gazetteer-a1", "gazetteer:a1")


def test_nobody_is_named_by_the_folders_of_a_machine(tmp_path: Path) -> None:
    draft = minister()
    made = Provenance(model="command:python /home/Jan.J/model.py", parameters='{"at":"C:\\\\Users\\\\piet\\\\x","n":1}')
    name = "command-python-home-jan.j-model.py"
    store = write_corpus(
        tmp_path / "corpus", [draft.document, draft.set(), draft.set(name, kind="model", provenance=made)]
    )
    _split(store)
    with pytest.raises(ReleaseError, match=f"people without a pseudonym: {name};"):
        release(store, "1.0.0", tmp_path / "out")
    config = store.folder / "corpus.toml"
    config.write_text(config.read_text() + f'pseudonyms = {{ "{name}" = "a-model" }}\n')
    commit(store.root)
    folder = release(Store(store.root), "1.0.0", tmp_path / "out").folder
    rows = {row["annotator"]: row["provenance"] for row in _table(next(folder.glob("data/annotators/*")))}
    assert rows["a-model"]["model"] == "command:python ~/model.py"
    assert rows["a-model"]["parameters"] == '{"at":"~\\\\x","n":1}'


def test_null_where_a_key_may_be_left_out(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    for path in (store.folder / "documents" / "minister.json", store.folder / "annotations" / "gold" / "minister.json"):
        content = json.loads(path.read_text())
        if "source" in content:
            content |= {"title": None, "group": None, "source": {**content["source"], "url": None, "publisher": None}}
        else:
            content |= {"provenance": {"tool": None, "user": None}, "confirmed": [{"annotator": None, "at": None}]}
            for item, by in zip(
                [*content["spans"], *content["relations"]], [None, {"annotator": None}] * 9, strict=False
            ):
                item |= {"by": by, "score": None, "note": None}
        path.write_text(json.dumps(content))
    _split(store)
    folder = release(store, "1.0.0", tmp_path / "out").folder
    (row,) = _table(next(folder.glob("data/annotators/*")))
    assert row["confirmed"] == [{"annotator": None, "at": None}]
    assert [span["by"] for span in row["spans"][:2]] == [None, {"annotator": None, "at": None}]
    assert "are the same" in standoff("diff", folder, "working", "--root", store.root).stdout


def test_a_person_whose_set_is_released_is_not_named_either(tmp_path: Path) -> None:
    draft = minister()
    records: list[Document | AnnotationSet] = [draft.document, draft.set("jan", kind="human"), mayor().document]
    store = write_corpus(tmp_path / "corpus", records, '[release]\nset = "jan"\n')
    _split(store)
    with pytest.raises(ReleaseError, match="people without a pseudonym: jan;"):
        release(store, "1.0.0", tmp_path / "out")
    config = store.folder / "corpus.toml"
    config.write_text(config.read_text().replace("[release]", 'pseudonyms = { jan = "a1" }\n[release]'))
    commit(store.root)
    built = release(Store(store.root), "1.0.0", tmp_path / "out")
    assert (built.manifest.corpus.set, built.manifest.corpus.left_out) == ("a1", {"no a1 annotations": 1})
    for path in [path for path in built.folder.rglob("*") if path.is_file()]:
        content = path.read_bytes() if path.suffix != ".parquet" else str(_table(path)).encode()
        assert not re.search(rb"\bjan\b", content)
    assert "are the same" in standoff("diff", built.folder, "working", "--root", store.root).stdout


def test_what_a_curator_excludes_is_not_released_though_it_is_still_there(tmp_path: Path) -> None:
    first, second, twin = minister(), mayor(), minister("twin")
    records: list[Document | AnnotationSet] = [
        *(first.document, first.set(), second.document, second.set(), twin.document, twin.set())
    ]
    store = write_corpus(tmp_path / "corpus", records)
    (store.folder / "splits.json").write_text('{"documents": {"mayor": "train", "minister": "train", "twin": "test"}}')
    (store.folder / "overrides.toml").write_text(
        '[twin]\nexclude = true\nreason = "its owner asked"\n[minister]\nlicense = "CC-BY-4.0"\nreason = "r"\n'
    )
    commit(store.root)
    done = standoff("release", "--root", store.root, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "left out: 1 document (excluded in corpus/overrides.toml)" in done.stdout
    assert done.stdout.count("left out") == 1
    folder = tmp_path / "out" / "tiny" / "1.0.0"
    for file in folder.glob("data/*/*"):
        assert "twin" not in str(_table(file))
    assert "are the same" in standoff("diff", folder, "working", "--root", store.root).stdout
    (store.folder / "splits.json").unlink()
    assert json.loads(standoff("split", "--root", store.root, "--json").stdout)["documents"] == 2


def test_what_a_curator_decided_is_applied_before_a_release(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    (store.folder / "overrides.toml").write_text(
        '[minister]\nlicense = "unknown"\ntitle = "Een  kop"\ndate = "2025-06"\nurl = " "\nreason = "r"\n'
    )
    _split(store)
    with pytest.raises(
        ReleaseError, match=r"overrides.toml is not applied: minister \(title, license\); run `standoff"
    ):
        release(store, "1.0.0", tmp_path / "out")
    path = store.folder / "documents" / "minister.json"
    path.write_text(path.read_text().replace('"CC-BY-4.0"', '"unknown"').replace('"nl",', '"nl", "title": "Een kop",'))
    commit(store.root)
    assert release(store, "1.0.0", tmp_path / "out").manifest.licenses.texts == {"unknown": 1}


def test_two_annotators_can_not_be_called_the_same(tmp_path: Path) -> None:
    draft = minister()
    records: list[Document | AnnotationSet] = [
        draft.document,
        draft.set(),
        draft.set("a1", kind="model"),
        draft.set("jan", kind="human"),
    ]
    store = write_corpus(tmp_path / "corpus", records, 'pseudonyms = { jan = "a1" }\n')
    with pytest.raises(StandoffError, match="'a1' and 'jan' would both be called 'a1'"):
        release(store, "1.0.0", tmp_path / "out")


def test_two_builds_at_once_and_leftovers_of_a_killed_one(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "tiny" / "1.0.0"
    leftover = place.parent / ".building-x" / "1.0.0"
    leftover.mkdir(parents=True)
    with aside_of(place, "built") as aside:
        assert aside.parent.parent == place.parent
        assert not leftover.exists()
        with pytest.raises(EnvironmentFault, match="another release is being built"):
            release(Store(corpus), "1.0.0", tmp_path)
    assert [path.name for path in place.parent.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("right", "wrong", "cause"),
    [
        ("struct:", "strict:", "does not load it"),
        ("config_name: events", "config_name: evts", "configurations"),
        ("'0': direct", "'0': straight", "quotes: features"),
        ("path: data/documents/test-", "path: data/documents/train-", "loads something else"),
    ],
)
def test_a_release_that_does_not_load_as_promised_is_not_kept(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, cause: str
) -> None:
    real = readme
    monkeypatch.setattr(build, "readme", lambda *words: real(*words).replace(right, wrong))
    with pytest.raises(StandoffError, match=cause):
        release(Store(corpus), "1.0.0", tmp_path)
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == [".lock"]


def test_a_corpus_that_changes_meanwhile_is_not_released(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    (store.folder / "splits.json").write_text('{"documents": {"minister": "train"}}')
    commit(store.root)
    with pytest.raises(ReleaseError, match="changed while it was released"):
        release(store, "1.0.0", tmp_path, on_step=lambda *_: (store.folder / "new").touch())


def test_a_release_is_not_built_within_the_corpus(corpus: Path) -> None:
    with pytest.raises(UsageError, match="within the corpus"):
        release(Store(corpus), "1.0.0", corpus / "corpus" / "x")
    assert not (corpus / "corpus" / "x").exists()


def test_versions(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path / "corpus", [draft.document, draft.set()])
    for version in ("1.0", "v1.0.0", "1.0.0\n", "01.0.0", "../1.0.0"):
        with pytest.raises(UsageError, match="three numbers"):
            release(store, version, tmp_path / "out")


def test_split_records_new_documents_only(tmp_path: Path) -> None:
    draft = minister()
    store = write_corpus(tmp_path, [draft.document])
    done = standoff("split", "--root", tmp_path, "--json")
    assert json.loads(done.stdout) == {
        "documents": 1,
        "new": 1,
        "splits": {"train": 1, "validation": 0, "test": 0},
    }
    raw = (store.folder / "splits.json").read_bytes()
    assert raw == b'{\n "documents": {\n  "minister": "train"\n }\n}\n'
    done = standoff("split", "--root", tmp_path)
    assert "0 of 1 document newly dealt; 1 in train" in done.stdout
    assert (store.folder / "splits.json").read_bytes() == raw


def test_the_number_of_processes_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = [[minister, mayor][number % 2](f"d{number}") for number in range(6)]
    store = write_corpus(tmp_path / "corpus", [record for draft in drafts for record in (draft.document, draft.set())])
    (store.folder / "splits.json").write_text(
        json.dumps({"documents": {f"d{number}": ["train", "test"][number % 2] for number in range(6)}})
    )
    commit(store.root)
    monkeypatch.setattr(workers, "CHUNK", 1)
    first = release(store, "1.0.0", tmp_path / "one", jobs=1)
    second = release(store, "1.0.0", tmp_path / "two", jobs=2)
    assert first.manifest == second.manifest
    assert first.manifest.configurations["documents"]["train"].rows == 3


def test_a_process_that_is_killed_while_another_one_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool forgets to end the one that starts, and would wait for it for ever."""
    drafts = [minister(f"d{number}") for number in range(6)]
    store = write_corpus(tmp_path / "corpus", [record for draft in drafts for record in (draft.document, draft.set())])
    commit(store.root)
    monkeypatch.setattr(workers, "CHUNK", 1)
    started: list[int] = []
    launch = Popen._launch  # type: ignore[attr-defined]

    def launched(popen: Any, process: object) -> None:
        launch(popen, process)
        started.append(popen.pid)
        if len(started) == 2:
            os.kill(started[0], signal.SIGKILL)
            ended.wait()

    # The pool has ended those that it knows of when it begins to wait for them.
    ended = threading.Event()
    join = _ExecutorManagerThread.join_executor_internals

    def joined(manager: Any) -> None:
        ended.set()
        while len(manager.processes) < 2:
            time.sleep(0.001)
        join(manager)

    monkeypatch.setattr(_ExecutorManagerThread, "join_executor_internals", joined)
    monkeypatch.setattr(Popen, "_launch", launched)
    with pytest.raises(EnvironmentFault, match="--jobs"):
        release(store, "1.0.0", tmp_path / "out", jobs=2)
    assert len(started) == 2
    assert sorted(path.name for path in (tmp_path / "out" / "tiny").iterdir()) == [".lock"]
