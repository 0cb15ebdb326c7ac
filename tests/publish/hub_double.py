"""A test double of the Hub's API, over bare git repositories: what publishing and `datasets` ask of it, and no more.

It honours what atomic publishing rests on: a commit whose parent is not the branch's head is refused (412), a tag that is
there is refused (409), a wrong token (401) and a private repository without one (401) too. Files that end in `.parquet`
are uploaded by LFS. It is a double: how the real Hub answers was read in its client, not tried.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_" + "x" * 34
_REPOSITORY = r"(?P<repository>[\w.-]+/[\w.-]+)"


class Refusal(Exception):
    """An answer that is an error. `code` is what the Hub calls it."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Hub:
    """`folder` holds the repositories as `org/name.git`; `private` those that only the token may read.

    `ignored` are files that its `.gitignore` leaves out without a word.
    `before` is called with the method and path of each request, and may raise Refusal, or do what somebody else would.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.private: set[str] = set()
        self.ignored: set[str] = set()
        self.uploaded: dict[str, bytes] = {}
        self.before: Callable[[str, str], None] = lambda method, path: None
        self.lock = threading.Lock()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    raw = b"".join(iter(self._chunk, b""))
                try:
                    status, headers, body = hub.answer(self.command, self.path, self.headers, raw)
                except Refusal as refusal:
                    status, body = refusal.status, json.dumps({"error": str(refusal)}).encode()
                    headers = {"X-Error-Code": refusal.code, "X-Error-Message": str(refusal)}
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def _chunk(self) -> bytes:
                size = int(self.rfile.readline(), 16)
                data = self.rfile.read(size)
                self.rfile.readline()
                return data

            do_GET = do_HEAD = do_POST = do_PUT = _answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def git(self, repository: str, *words: str, raw: bytes = b"", environment: Mapping[str, str] = {}) -> bytes:
        """What git says in a repository. Raises Refusal when it fails."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder / f"{repository}.git",
            input=raw,
            capture_output=True,
            env={**os.environ, **environment},
            check=False,
        )
        if done.returncode:
            raise Refusal(404, done.stderr.decode(), "RevisionNotFound")
        return done.stdout

    def commit(self, repository: str, files: dict[str, bytes | None], message: str, parent: str | None) -> str:
        """A commit on main, unless its head is no longer `parent`; None as content removes a file."""
        with self.lock:
            head = self.git(repository, "for-each-ref", "--format=%(objectname)", "refs/heads/main").decode().strip()
            if parent is not None and parent != head:
                raise Refusal(412, "A commit has happened since. Please refresh and try again.")
            index = {"GIT_INDEX_FILE": str(self.folder / f"index-{threading.get_ident()}")}
            self.git(repository, "read-tree", head or "--empty", environment=index)
            lines = []
            for path, content in files.items():
                blob = "0" * 40
                if content is not None:
                    blob = self.git(repository, "hash-object", "-w", "--stdin", raw=content).decode().strip()
                lines.append(f"{'100644' if content is not None else '0'} {blob}\t{path}\n")
            self.git(repository, "update-index", "--index-info", raw="".join(lines).encode(), environment=index)
            tree = self.git(repository, "write-tree", environment=index).decode().strip()
            who = {f"GIT_{role}_{key}": "hub" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
            parents = ["-p", head] if head else []
            commit = (
                self.git(repository, "commit-tree", tree, *parents, "-m", message, environment=who).decode().strip()
            )
            self.git(repository, "update-ref", "refs/heads/main", commit)
            return commit

    def create(self, repository: str, *, private: bool) -> None:
        """An empty repository with the Hub's first commit. Raises Refusal when it is there."""
        folder = self.folder / f"{repository}.git"
        if folder.exists():
            raise Refusal(409, "You already created this dataset repo")
        folder.mkdir(parents=True)
        self.git(repository, "init", "--quiet", "--bare", "--initial-branch=main")
        self.commit(repository, {".gitattributes": b"*.parquet filter=lfs\n"}, "initial commit", None)
        if private:
            self.private.add(repository)

    def answer(self, method: str, url: str, headers: Any, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        address = urlsplit(url)
        path = unquote(address.path)
        self.before(method, path)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in {"", TOKEN}:
            raise Refusal(401, "Invalid credentials in Authorization header")
        for pattern, handler, methods, open_ in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method in methods:
                parts = found.groupdict()
                repository = parts.get("repository")
                if repository and not (self.folder / f"{repository}.git").exists():
                    raise Refusal(404 if token else 401, "Repository not found", "RepoNotFound")
                if not token and (not open_ or repository in self.private):
                    raise Refusal(401, "Repository not found", "RepoNotFound" if repository else "")
                answer = handler(parts, raw, parse_qs(address.query))
                if isinstance(answer, tuple):
                    return answer
                return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        raise Refusal(404, f"no {method} {path} in this double")

    def _routes(self) -> list[tuple[str, Callable[[dict[str, str], bytes, Any], Any], tuple[str, ...], bool]]:
        api = f"/api/datasets/{_REPOSITORY}"
        revision = "(?P<revision>[^/]+)"
        return [
            ("/api/repos/create", self._create, ("POST",), False),
            ("/api/validate-yaml", lambda *_: {"errors": [], "warnings": []}, ("POST",), True),
            (f"{api}(/revision/{revision})?", self._info, ("GET",), True),
            (f"{api}/refs", self._refs, ("GET",), True),
            (f"{api}/commits/{revision}", self._commits, ("GET",), True),
            (f"{api}/tree/{revision}(/(?P<path>.*))?", self._tree, ("GET",), True),
            (f"{api}/paths-info/{revision}", self._paths, ("POST",), True),
            (f"{api}/preupload/{revision}", self._preupload, ("POST",), False),
            (f"{api}/commit/{revision}", self._commit, ("POST",), False),
            (f"{api}/tag/{revision}", self._tag, ("POST",), False),
            (f"/datasets/{_REPOSITORY}.git/info/lfs/objects/batch", self._batch, ("POST",), False),
            ("/lfs/(?P<oid>[0-9a-f]{64})", self._upload, ("PUT",), True),
            (f"/datasets/{_REPOSITORY}/resolve/{revision}/(?P<path>.+)", self._resolve, ("GET", "HEAD"), True),
        ]

    def _create(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        asked = json.loads(raw)
        repository = f"{asked['organization']}/{asked['name']}"
        self.create(repository, private=asked.get("visibility") == "private" or bool(asked.get("private")))
        return {"url": f"{self.url}/datasets/{repository}"}

    def _sha(self, parts: dict[str, str]) -> str:
        return (
            self.git(parts["repository"], "rev-parse", f"{parts.get('revision') or 'main'}^{{commit}}").decode().strip()
        )

    def _info(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        sha = self._sha(parts)
        names = self.git(parts["repository"], "ls-tree", "-r", "--name-only", sha).decode().split("\n")[:-1]
        keys = {"id": parts["repository"], "sha": sha, "private": parts["repository"] in self.private}
        return {**keys, "siblings": [{"rfilename": name} for name in names], "tags": [], "downloads": 0, "likes": 0}

    def _refs(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        listed = self.git(parts["repository"], "for-each-ref", "--format=%(refname) %(objectname)").decode()
        refs = [line.split() for line in listed.splitlines()]
        return {
            kind: [
                {"name": ref.removeprefix(start), "ref": ref, "targetCommit": oid}
                for ref, oid in refs
                if ref.startswith(start)
            ]
            for kind, start in (("branches", "refs/heads/"), ("tags", "refs/tags/"), ("converts", "refs/convert/"))
        }

    def _commits(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        log = self.git(parts["repository"], "log", "--format=%H %s", self._sha(parts)).decode().splitlines()
        found = [line.partition(" ") for line in log]
        more = {"authors": [], "date": "2025-06-11T10:00:00.000Z", "message": ""}
        return [{"id": oid, "title": title, **more} for oid, _, title in found]

    def _entries(self, parts: dict[str, str]) -> list[dict[str, Any]]:
        entries = []
        listed = self.git(parts["repository"], "ls-tree", "-r", "-t", "-l", self._sha(parts)).decode()
        for line in listed.splitlines():
            left, path = line.split("\t")
            _, kind, oid, size = left.split()
            entry: dict[str, Any] = {"path": path, "oid": oid, "size": 0, "type": "directory"}
            if kind == "blob":
                entry |= {"type": "file", "size": int(size)}
                if path.endswith(".parquet"):
                    digest = hashlib.sha256(self.git(parts["repository"], "cat-file", "blob", oid)).hexdigest()
                    entry["lfs"] = {"oid": digest, "size": int(size), "pointerSize": 130}
            entries.append(entry)
        return entries

    def _tree(self, parts: dict[str, str], raw: bytes, query: Any) -> Any:
        start = f"{parts['path']}/" if parts.get("path") else ""
        deep = query.get("recursive", [""])[0].lower() in {"true", "1"}
        found = [entry for entry in self._entries(parts) if entry["path"].startswith(start)]
        if start and not found:
            raise Refusal(404, "no such folder", "EntryNotFound")
        return [entry for entry in found if deep or "/" not in entry["path"][len(start) :]]

    def _paths(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        asked = parse_qs(raw.decode())["paths"]
        return [entry for entry in self._entries(parts) if entry["path"] in asked]

    def _preupload(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        paths = [file["path"] for file in json.loads(raw)["files"]]
        modes = {path: "lfs" if path.endswith(".parquet") else "regular" for path in paths}
        files = [{"path": path, "uploadMode": modes[path], "shouldIgnore": path in self.ignored} for path in paths]
        return {"files": files}

    def _batch(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        return {
            "transfer": "basic",
            "objects": [
                entry
                if entry["oid"] in self.uploaded
                else {**entry, "actions": {"upload": {"href": f"{self.url}/lfs/{entry['oid']}"}}}
                for entry in json.loads(raw)["objects"]
            ],
        }

    def _upload(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        if hashlib.sha256(raw).hexdigest() != parts["oid"]:
            raise Refusal(400, "damaged on the way")
        self.uploaded[parts["oid"]] = raw
        return {}

    def _commit(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        files: dict[str, bytes | None] = {}
        header: dict[str, str] = {}
        for line in raw.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            match operation["key"]:
                case "header":
                    header = value
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.uploaded[value["oid"]]
                case "deletedFile":
                    files[value["path"]] = None
        oid = self.commit(parts["repository"], files, header["summary"], header.get("parentCommit"))
        return {
            "commitOid": oid,
            "commitUrl": f"{self.url}/datasets/{parts['repository']}/commit/{oid}",
            "success": True,
        }

    def _tag(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        tag = json.loads(raw)["tag"]
        with self.lock:
            if tag in self.git(parts["repository"], "tag").decode().split():
                raise Refusal(409, "Tag reference exists already")
            self.git(parts["repository"], "tag", tag, self._sha(parts))
        return {}

    def _resolve(self, parts: dict[str, str], raw: bytes, _: Any) -> Any:
        sha = self._sha(parts)
        try:
            content = self.git(parts["repository"], "cat-file", "blob", f"{sha}:{parts['path']}")
        except Refusal:
            raise Refusal(404, "no such file", "EntryNotFound") from None
        return 200, {"X-Repo-Commit": sha, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}, content
