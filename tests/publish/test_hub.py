"""Publishing to the Hub, against a double of its API (nothing here was tried on the public Hub)."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from command import standoff
from patience import PATIENCE
from publish.conftest import Releases
from publish.hub_double import TOKEN, Hub, Refusal
from standoff.errors import EnvironmentFault
from standoff.publish.hub import HubTarget
from standoff.publish.target import PublishError
from standoff.release.releases import record_published

NAME = "org/tiny"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty double; this process talks to it with the right token."""
    double = Hub(tmp_path / "hub")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
    monkeypatch.setattr("standoff.publish.hub.HfApi", lambda: huggingface_hub.HfApi(endpoint=double.url))
    for name, value in {
        "HF_ENDPOINT": double.url,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
        "HF_DATASETS_OFFLINE": "0",
    }.items():
        monkeypatch.setenv(name, value)
    yield double
    double.server.shutdown()
    double.server.server_close()


def target(*, public: bool = False) -> HubTarget:
    return HubTarget(NAME, public=public)


def shown(hub: Hub, *words: str) -> str:
    return hub.git(NAME, *words).decode()


def test_two_versions_by_the_command(releases: Releases, hub: Hub) -> None:
    store = releases.store()
    words = ("publish", f"hub:{NAME}", "--root", releases.root, "--out", releases.out)
    done = standoff(*words, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"make {hub.url}/datasets/{NAME}, private" in done.stdout
    assert not hub.folder.exists()

    target().put(releases.built("1.0.0"))
    done = standoff(*words, "--json")
    assert done.returncode == 1
    assert "1.0.0 was published here, and corpus/releases.json does not know it" in done.stderr
    record_published(store, releases.built("1.0.0").manifest, "there")
    done = standoff(*words, "--json", env={"HF_DATASETS_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["public"], told["unknown_texts"], told["version"]) == (False, 1, "1.1.0")
    assert TOKEN not in done.stdout + done.stderr
    assert hub.private == {NAME}
    for version in ("1.0.0", "1.1.0"):
        built = releases.built(version)
        listed = shown(hub, "ls-tree", "-r", "--name-only", f"v{version}").splitlines()
        assert sorted(listed) == sorted([".gitattributes", *built.paths])
        for path in built.paths:
            content = (built.folder / path).read_bytes()
            assert hub.git(NAME, "cat-file", "blob", f"v{version}:{path}") == content
    assert shown(hub, "log", "--format=%s", "main").splitlines() == ["tiny 1.1.0", "tiny 1.0.0", "initial commit"]


def test_what_is_there_is_left_as_it_is(releases: Releases, hub: Hub) -> None:
    target().put(releases.built())
    refs = shown(hub, "show-ref")
    assert target().look(releases.built()).state == "there"
    target().put(releases.built())
    for act in (target().look, target().put):
        with pytest.raises(PublishError, match=r"tag v1.0.0: tiny 1.0.0 is there already, with other content"):
            act(releases.usurper)
    assert shown(hub, "show-ref") == refs


def test_public_only_when_told_or_when_it_is(releases: Releases, hub: Hub) -> None:
    assert target().look(releases.built()).public is False
    assert target(public=True).look(releases.built()).public is True
    hub.create(NAME, private=False)
    assert target().look(releases.built()).public is True


def test_killed_between_commit_and_tag_and_run_again(releases: Releases, hub: Hub) -> None:
    code = (
        "import os, sys; from pathlib import Path; from standoff.publish import hub\n"
        "from standoff.publish.built import read_built\n"
        "hub.HubTarget._tag = lambda *words: os._exit(9)\n"
        "hub.HubTarget('org/tiny', public=False).put(read_built(Path(sys.argv[1])))\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, releases.built().folder], check=False)
    assert killed.returncode == 9
    head = shown(hub, "rev-parse", "main")
    assert shown(hub, "tag") == ""
    with pytest.raises(PublishError, match=r"branch main: tiny 1.0.0 is there already, with other content"):
        target().put(releases.usurper)
    assert target().look(releases.built()).steps == (f"tag commit {head.strip()} as v1.0.0",)
    target().put(releases.built())
    assert shown(hub, "rev-parse", "v1.0.0") == shown(hub, "rev-parse", "main") == head


def test_killed_before_the_tag_and_another_version_came_on_top(
    releases: Releases, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(HubTarget, "_tag", lambda *_: None)
        target().put(releases.built())
    target().put(releases.built("1.1.0"))
    assert target().look(releases.built()).state == "partial"
    target().put(releases.built())
    assert shown(hub, "rev-parse", "v1.0.0", "v1.1.0") == shown(hub, "rev-parse", "main~1", "main")


def test_killed_and_then_edited_by_hand(releases: Releases, hub: Hub) -> None:
    """The tag never holds a file that was not built."""
    hub.create(NAME, private=True)
    built = releases.built()
    files: dict[str, bytes | None] = {path: (built.folder / path).read_bytes() for path in built.paths}
    hub.commit(NAME, {**files, "README.md": b"---\n[not yaml\n---\n", "more.txt": b"?"}, "tiny 1.0.0", None)
    target().put(built)
    assert shown(hub, "ls-tree", "-r", "--name-only", "v1.0.0").splitlines() == sorted([".gitattributes", *built.paths])
    assert hub.git(NAME, "cat-file", "blob", "v1.0.0:README.md") == files["README.md"]


def test_what_was_changed_by_hand_is_not_overwritten(releases: Releases, hub: Hub) -> None:
    target().put(releases.built())
    hub.commit(NAME, {".gitattributes": b"*.bin filter=lfs\n"}, "by the Hub", None)
    assert target().look(releases.built("1.1.0")).state == "absent"
    hub.commit(NAME, {"README.md": b"better words", "logo.png": b"?"}, "by hand", None)
    for act in (target().look, target().put):
        with pytest.raises(PublishError, match=r"changed 1.0.0 by hand \(README.md, logo.png\).*put back.* tag v1.0.0"):
            act(releases.built("1.1.0"))
    assert shown(hub, "show", "main:README.md") == "better words"


def test_two_at_once_one_wins(releases: Releases, hub: Hub) -> None:
    """Both have looked before either commits, as in the worst of races."""
    hub.create(NAME, private=True)
    both = threading.Barrier(2)

    def before(method: str, path: str) -> None:
        if "/commit/" in path:
            both.wait(PATIENCE)

    hub.before = before
    winner, words = releases.race(lambda built: target().put(built))
    assert "somebody else published at the same time, and nothing of this was" in words
    assert shown(hub, "cat-file", "blob", "v1.0.0:manifest.json") == (winner.folder / "manifest.json").read_text()
    assert shown(hub, "rev-parse", "main") == shown(hub, "rev-parse", "v1.0.0")
    assert shown(hub, "rev-list", "--count", "main") == "2\n"


@pytest.mark.parametrize("same", [True, False])
def test_a_tag_that_somebody_sets_first(releases: Releases, hub: Hub, same: bool) -> None:
    hub.create(NAME, private=True)
    initial = shown(hub, "rev-parse", "main").strip()

    def before(method: str, path: str) -> None:
        if "/tag/" in path:
            hub.git(NAME, "tag", "v1.0.0", "main" if same else initial)

    hub.before = before
    if same:
        target().put(releases.built())
    else:
        with pytest.raises(PublishError, match=r"tag v1.0.0 is there, and is no release"):
            target().put(releases.built())


def test_files_that_did_not_arrive(releases: Releases, hub: Hub) -> None:
    hub.ignored = {"CITATION.cff"}
    with pytest.raises(PublishError, match=r"not the files that were sent \(perhaps a .gitignore"):
        target().put(releases.built())
    assert shown(hub, "tag") == ""
    hub.ignored = set()
    target().put(releases.built())
    assert shown(hub, "show", "v1.0.0:CITATION.cff")


def test_tokens(releases: Releases, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "hf_" + "w" * 34
    monkeypatch.setenv("HF_TOKEN", wrong)
    for act in (target().look, target().put):
        with pytest.raises(EnvironmentFault, match=r"the token may not do this \(401\)") as told:
            act(releases.built())
        assert wrong not in str(told.value)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(EnvironmentFault, match="there is no token"):
        target().look(releases.built())
    with pytest.raises(EnvironmentFault, match="the token may not do this"):
        target().put(releases.built())
    assert not hub.folder.exists()


def test_what_the_hub_refuses(releases: Releases, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.create(NAME, private=True)

    def before(method: str, path: str) -> None:
        if path.endswith("/preupload/main"):
            raise Refusal(403, "no write access")

    hub.before = before
    with pytest.raises(EnvironmentFault, match=r"the token may not do this \(403\)"):
        target().put(releases.built())
    hub.before = lambda *_: None
    hub.commit(NAME, {"model.bin": b"?"}, "mine", None)
    with pytest.raises(PublishError, match=r"holds something that is no release \(model.bin\)"):
        target().put(releases.built())
    assert shown(hub, "tag") == ""
    nobody = huggingface_hub.HfApi(endpoint="http://127.0.0.1:9")
    monkeypatch.setattr("standoff.publish.hub.HfApi", lambda: nobody)
    with pytest.raises(EnvironmentFault, match="can't be reached"):
        target().look(releases.built())
