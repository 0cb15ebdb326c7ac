"""`git:URL`: a branch and a tag on any git server, in one atomic push. By git itself, with its own credentials."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from standoff.errors import EnvironmentFault, UsageError
from standoff.publish.built import MANIFEST, Built
from standoff.publish.target import Finding, PublishError, check_branch, check_same, printable
from standoff.release.gather import some
from standoff.release.manifest import Manifest, decode_manifest
from standoff.release.origin import git_environment
from standoff.release.verify import Source
from standoff.text.counted import counted

BRANCH = "main"
_CREDENTIALS = re.compile(r"(\w+://)[^/@\s]+@")
# The files are stored byte for byte, and nothing of the user's runs, whatever their configuration says.
_CONFIG = {
    "core.autocrlf": "false",
    "core.attributesFile": os.devnull,
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "advice.detachedHead": "false",
}


class GitTarget:
    """A repository that holds the releases of one corpus: the newest on its branch, each under its tag."""

    def __init__(self, url: str) -> None:
        if re.match(r"https?://[^/]*@", url) or re.match(r"\w+://[^/@]*:[^/@]*@", url):
            raise UsageError(
                "git: the URL has credentials in it, which others may see; leave them out and use git's credential helper"
                " or ssh"
            )
        if not url or url.startswith("-"):
            raise UsageError("git: give the URL of a repository, as in git:ssh://git@example.org/corpus.git")
        self._url = url if _remote(url) else str(Path(os.path.expanduser(url)).absolute())
        self._public = _remote(url) and not url.startswith("file:")

    def look(self, built: Built) -> Finding:
        with self._scratch() as git:
            state, _, newest = self._examine(git, built)
        if state == "there":
            return Finding("there", self._public)
        push = f"push one commit with {counted(len(built.paths), 'file')} ({counted(built.size, 'byte')}) as branch {BRANCH} and tag {built.tag}"
        return Finding("absent", self._public, (f"{push} of {self._url}, both or neither",), newest)

    def put(self, built: Built) -> None:
        with self._scratch() as git:
            state, head, _ = self._examine(git, built)
            if state == "there":
                return
            commit = _commit(git, built, head)
            refs = [f"{commit}:refs/heads/{BRANCH}", f"{commit}:refs/tags/{built.tag}"]
            pushed = git.run("push", "--quiet", "--atomic", "origin", *refs)
            if pushed.returncode == 0:
                return
            # An answer may be lost after the push was done.
            now = self._refs(git, f"refs/heads/{BRANCH}", f"refs/tags/{built.tag}")
            if now == {f"refs/heads/{BRANCH}": commit, f"refs/tags/{built.tag}": commit}:
                return
            if now.get(f"refs/heads/{BRANCH}") != head or f"refs/tags/{built.tag}" in now:
                raise PublishError(
                    f"{self._url}: somebody else published at the same time, and nothing of this was; run it again"
                )
            raise EnvironmentFault(
                f"{self._url}: git push failed, and nothing was published: {_reason(pushed)}; run this again when"
                " that is mended"
            )

    @contextmanager
    def source(self, built: Built) -> Iterator[Source]:
        with self._scratch() as git:
            folder = git.folder / "clone"
            words = ["clone", "--quiet", "--depth", "1", "--branch", built.tag, "--template=", self._url, str(folder)]
            cloned = git.run(*words)
            if cloned.returncode:
                raise EnvironmentFault(
                    f"{self._url}: git clone of {built.tag} failed: {_reason(cloned)}; run this again"
                )
            yield Source(str(folder))

    def _examine(self, git: "_Git", built: Built) -> tuple[str, str | None, str | None]:
        """The state, the commit that the branch stands at, and the version that is there."""
        refs = self._refs(git, f"refs/heads/{BRANCH}", f"refs/tags/{built.tag}")
        head = refs.get(f"refs/heads/{BRANCH}")
        if f"refs/tags/{built.tag}" in refs:
            there = self._fetch(git, f"refs/tags/{built.tag}")[1]
            if there is None:
                raise PublishError(
                    f"{self._url}: tag {built.tag} is there, and is no release; publish to another place"
                )
            check_same(f"{self._url} tag {built.tag}", there, built)
            return "there", head, None
        newest = None
        if head is not None:
            files, newest = self._fetch(git, f"refs/heads/{BRANCH}")
            tagged = None
            if newest and (tag := f"refs/tags/v{newest.version}") in (tags := self._refs(git, tag)):
                tagged = files if tags[tag] == head else self._fetch(git, tag)[0]
            check_branch(f"{self._url} branch {BRANCH}", files, newest, tagged, built)
        elif others := sorted(self._refs(git, "refs/heads/*")):
            raise PublishError(
                f"{self._url}: has no branch {BRANCH}, but others ({printable(some(others))}); publish to a repository of its own, or, if"
                f" it is new, call its branch {BRANCH} there"
            )
        return "absent", head, newest.version if newest else None

    def _refs(self, git: "_Git", *names: str) -> dict[str, str]:
        listed = git.run("ls-remote", "--quiet", "origin", *names)
        if listed.returncode:
            raise EnvironmentFault(
                f"{self._url}: git can't read it: {_reason(listed)}; look whether the address is right,"
                " and whether `git ls-remote` with it works, and run this again"
            )
        refs = (line.split("\t") for line in listed.stdout.splitlines())
        return {ref: commit for commit, ref in refs if any(fnmatchcase(ref, name) for name in names)}

    def _fetch(self, git: "_Git", ref: str) -> tuple[dict[str, str], Manifest | None]:
        """The files at a ref, path to hash, and the release that they are, if they are one."""
        # Of the files themselves, servers that can do so send only those that are asked for.
        fetched = git.run("fetch", "--quiet", "--depth", "1", "--filter=blob:none", "--no-tags", "origin", ref)
        if fetched.returncode:
            raise EnvironmentFault(f"{self._url}: git fetch of {ref} failed: {_reason(fetched)}; run this again")
        listed = (line.partition("\t") for line in git.out("ls-tree", "-r", "-z", "FETCH_HEAD").split("\0") if line)
        files = {path: entry.split()[2] for entry, _, path in listed}
        if MANIFEST not in files:
            return files, None
        raw = git.out("cat-file", "blob", f"FETCH_HEAD:{MANIFEST}")
        return files, decode_manifest(raw.encode(), f"{self._url} {ref} {MANIFEST}")

    @contextmanager
    def _scratch(self) -> Iterator["_Git"]:
        with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
            git = _Git(Path(folder))
            git.out("init", "--quiet", "--bare", "--template=")
            for key, value in {**_CONFIG, **_promisor(self._url)}.items():
                git.out("config", key, value)
            yield git


class _Git:
    """A repository of our own that is gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["git", *words],
                cwd=self.folder,
                env={**git_environment(), "GIT_TERMINAL_PROMPT": "0", **environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            raise EnvironmentFault("git: it is not installed; install it to publish to a git server") from None

    def out(self, *words: str, **environment: str) -> str:
        done = self.run(*words, **environment)
        if done.returncode:
            raise EnvironmentFault(f"git {words[0]} failed: {_reason(done)}")
        return done.stdout


def _commit(git: _Git, built: Built, parent: str | None) -> str:
    """A commit of the release on top of `parent`: the same every time, and it names nobody."""
    place = {"GIT_INDEX_FILE": str(git.folder / "index"), "GIT_WORK_TREE": str(built.folder.absolute())}
    git.out("add", "--all", "--force", ".", GIT_DIR=str(git.folder), **place)
    tree = git.out("write-tree", **place).strip()
    date = built.manifest.corpus.date or ""
    who = {"NAME": f"The {built.manifest.name} authors", "EMAIL": "", "DATE": date}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    parents = ["-p", parent] if parent else []
    return git.out("commit-tree", tree, *parents, "-m", built.title, **identity).strip()


def _promisor(url: str) -> dict[str, str]:
    return {
        "remote.origin.url": url,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
    }


def _remote(url: str) -> bool:
    # As git reads it: a scheme, or host:path with no slash before the colon.
    return "://" in url or re.match(r"[^/]+:", url) is not None


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("hint:")]
    return _CREDENTIALS.sub(r"\1", printable(" ".join(lines)) or f"exit code {done.returncode}")
