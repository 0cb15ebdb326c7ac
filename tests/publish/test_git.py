"""Publishing to git servers: real bare repositories, real pushes."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from command import standoff
from patience import PATIENCE
from publish.conftest import Releases
from standoff.errors import EnvironmentFault, UsageError
from standoff.publish import git as git_module
from standoff.publish.built import Built
from standoff.publish.git import GitTarget
from standoff.publish.target import PublishError
from standoff.release.releases import record_published


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """An empty bare repository that answers as big hosts do."""
    folder = tmp_path / "corpus.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    git(folder, "config", "uploadpack.allowFilter", "true")
    return folder


def put_file(server: Path, tmp_path: Path, name: str, content: str, tag: str | None = None) -> None:
    """Somebody else's commit on main."""
    clone = tmp_path / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    git(tmp_path, "clone", "--quiet", str(server), "clone")
    (clone / name).write_text(content)
    git(clone, "add", "-A")
    git(clone, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "by hand")
    refs = ["HEAD:refs/heads/main"] if tag is None else [f"HEAD:refs/tags/{tag}"]
    git(clone, "push", "--quiet", "origin", *refs)


def test_two_versions_on_one_branch(releases: Releases, server: Path) -> None:
    store = releases.store()
    GitTarget(str(server)).put(releases.built("1.0.0"))
    words = ("publish", f"git:file://{server}", "--root", releases.root, "--out", releases.out, "--json")
    done = standoff(*words, "--dry-run")
    assert done.returncode == 1
    assert "1.0.0 was published here, and corpus/releases.json does not know it" in done.stderr
    record_published(store, releases.built("1.0.0").manifest, "there")
    done = standoff(*words, env={"GIT_DIR": "/nowhere", "GIT_AUTHOR_NAME": "Somebody"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["public"] is False
    for version in ("1.0.0", "1.1.0"):
        built = releases.built(version)
        listed = git(server, "ls-tree", "-r", "-z", "--name-only", f"v{version}").split("\0")
        assert sorted(listed[:-1]) == sorted(built.paths)
        for path in built.paths:
            assert git(server, "rev-parse", f"v{version}:{path}") == git(
                server, "hash-object", str(built.folder / path)
            )
    log = git(server, "log", "--format=%an <%ae> %cn <%ce> %cI %s%d", "main").splitlines()
    who = "The tiny authors <> The tiny authors <> 2025-06-12T04:30:00+00:00"
    assert log == [f"{who} tiny 1.1.0 (HEAD -> main, tag: v1.1.0)", f"{who} tiny 1.0.0 (tag: v1.0.0)"]
    recorded = json.loads((releases.root / "corpus" / "releases.json").read_bytes())["releases"]
    assert [entry["version"] for entry in recorded] == ["1.0.0", "1.1.0"]


def test_what_is_there_is_left_as_it_is(releases: Releases, server: Path) -> None:
    target = GitTarget(str(server))
    target.put(releases.built())
    refs = git(server, "show-ref")
    assert target.look(releases.built()).state == "there"
    target.put(releases.built())
    for act in (target.look, target.put):
        with pytest.raises(PublishError, match=r"tag v1.0.0: tiny 1.0.0 is there already, with other content"):
            act(releases.usurper)
    assert git(server, "show-ref") == refs


def test_an_older_version_does_not_become_the_newest(releases: Releases, server: Path) -> None:
    GitTarget(str(server)).put(releases.built("1.1.0"))
    with pytest.raises(PublishError, match=r"branch main: 1.1.0 was published here, which is newer than 1.0.0"):
        GitTarget(str(server)).put(releases.built())


def test_a_repository_of_something_else_is_not_overwritten(releases: Releases, server: Path, tmp_path: Path) -> None:
    put_file(server, tmp_path, "README.md", "a new repository")
    assert GitTarget(str(server)).look(releases.built()).state == "absent"
    put_file(server, tmp_path, "main.c", "int main;")
    with pytest.raises(PublishError, match=r"holds something that is no release \(main.c\); .*of its own"):
        GitTarget(str(server)).put(releases.built())
    manifest = (releases.built().folder / "manifest.json").read_text()
    put_file(server, tmp_path, "manifest.json", manifest.replace('"name": "tiny"', '"name": "large"'))
    with pytest.raises(PublishError, match=r"holds large, another corpus"):
        GitTarget(str(server)).put(releases.built())
    assert git(server, "tag") == ""


def test_the_repository_of_the_corpus_is_not_published_to(releases: Releases, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(releases.root), "corpus.git")
    server = tmp_path / "corpus.git"
    (branch,) = git(server, "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()
    if branch != "develop":
        git(server, "branch", "-m", branch, "develop")
    with pytest.raises(PublishError, match=r"no branch main, but others \(refs/heads/develop\).*of its own"):
        GitTarget(str(server)).put(releases.built())
    assert git(server, "tag") == ""


def test_what_was_changed_by_hand_is_not_overwritten(releases: Releases, server: Path, tmp_path: Path) -> None:
    GitTarget(str(server)).put(releases.built())
    put_file(server, tmp_path, "README.md", "better words")
    put_file(server, tmp_path, "logo.png", "?")
    before = git(server, "show-ref")
    for act in (GitTarget(str(server)).look, GitTarget(str(server)).put):
        with pytest.raises(PublishError, match=r"changed 1.0.0 by hand \(README.md, logo.png\).*put back.* tag v1.0.0"):
            act(releases.built("1.1.0"))
    git(server, "update-ref", "-d", "refs/tags/v1.0.0")
    with pytest.raises(PublishError, match=r"changed 1.0.0 by hand \(logo.png\)"):
        GitTarget(str(server)).put(releases.built("1.1.0"))
    git(server, "update-ref", *before.split()[::-1][:2])
    git(tmp_path / "clone", "fetch", "-q", "--tags")
    git(tmp_path / "clone", "rm", "-q", "logo.png")
    git(tmp_path / "clone", "checkout", "-q", "v1.0.0", "--", ".")
    git(tmp_path / "clone", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "as it was")
    git(tmp_path / "clone", "push", "-q", "origin", "HEAD:main")
    GitTarget(str(server)).put(releases.built("1.1.0"))
    assert git(server, "rev-parse", "v1.1.0") == git(server, "rev-parse", "main")


def test_a_tag_that_is_no_release(releases: Releases, server: Path, tmp_path: Path) -> None:
    put_file(server, tmp_path, "README.md", "mine", tag="v1.0.0")
    with pytest.raises(PublishError, match=r"tag v1.0.0 is there, and is no release"):
        GitTarget(str(server)).put(releases.built())


def test_two_at_once_one_wins(releases: Releases, server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either pushes, as in the worst of races."""
    both = threading.Barrier(2)
    real = git_module._commit

    def together(git: git_module._Git, built: Built, parent: str | None) -> str:
        commit = real(git, built, parent)
        both.wait(PATIENCE)
        return commit

    monkeypatch.setattr(git_module, "_commit", together)
    winner, words = releases.race(lambda built: GitTarget(str(server)).put(built))
    assert "somebody else published at the same time, and nothing of this was" in words
    raw = git(server, "cat-file", "blob", "main:manifest.json")
    assert raw == (winner.folder / "manifest.json").read_text()
    assert git(server, "rev-parse", "main") == git(server, "rev-parse", "v1.0.0")
    assert git(server, "rev-list", "--count", "main") == "1\n"


def test_a_server_that_refuses_one_of_both_gets_neither(releases: Releases, server: Path) -> None:
    hook = server / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in refs/tags/*) echo "no tags from you" >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    with pytest.raises(EnvironmentFault, match=r"nothing was published: .*no tags from you"):
        GitTarget(str(server)).put(releases.built())
    assert git(server, "for-each-ref") == ""


def test_killed_while_pushing_and_run_again(releases: Releases, server: Path) -> None:
    hook = server / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PUBLISHER\nexit 1\n")
    hook.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path; os.environ['PUBLISHER'] = str(os.getpid())\n"
        "from standoff.publish.git import GitTarget; from standoff.publish.built import read_built\n"
        "GitTarget(sys.argv[1]).put(read_built(Path(sys.argv[2])))\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, server, releases.built().folder], check=False)
    assert killed.returncode == -9
    assert git(server, "for-each-ref") == ""
    hook.unlink()
    GitTarget(str(server)).put(releases.built())
    assert git(server, "tag") == "v1.0.0\n"


def test_an_answer_that_is_lost_after_the_push(
    releases: Releases, server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = git_module._Git.run

    def lossy(self: git_module._Git, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        done = real(self, *words, **environment)
        if words[0] == "push":
            return subprocess.CompletedProcess(done.args, 128, "", "fatal: the remote end hung up unexpectedly")
        return done

    monkeypatch.setattr(git_module._Git, "run", lossy)
    GitTarget(str(server)).put(releases.built())
    assert git(server, "rev-parse", "main") == git(server, "rev-parse", "v1.0.0")


def test_servers_that_do_not_answer_and_credentials(releases: Releases, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="git can't read it"):
        GitTarget(str(tmp_path / "none.git")).look(releases.built())
    for url in ("https://secret@example.org/x.git", "https://a:secret@example.org/x", "ssh://git:secret@example.org/x"):
        with pytest.raises(UsageError) as told:
            GitTarget(url)
        assert "secret" not in str(told.value)
    failed = subprocess.CompletedProcess([], 1, "", "fatal: https://secret@example.org/x: \x1b[2Jno\nhint: do this")
    assert git_module._reason(failed) == "fatal: https://example.org/x: [2Jno"


@pytest.mark.parametrize("url", ["https://example.org/x.git", "ssh://git@example.org/x.git", "git@example.org:x.git"])
def test_servers_count_as_public(url: str) -> None:
    target = GitTarget(url)
    assert (target._public, target._url) == (True, url)


@pytest.mark.parametrize("url", ["file:///srv/x.git", "../x.git", "/srv/a:b/x.git"])
def test_this_machine_does_not(url: str) -> None:
    target = GitTarget(url)
    assert target._public is False
    assert target._url == (url if ":///" in url else str(Path(url).absolute()))
