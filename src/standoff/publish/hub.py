"""`hub:ORG/NAME`: a dataset on the Hugging Face Hub. One commit and then a tag; the token is huggingface_hub's own."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, cast

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from standoff.corpus.files import file_sha256
from standoff.errors import EnvironmentFault, UsageError
from standoff.publish.built import MANIFEST, Built
from standoff.publish.target import ATTRIBUTES, Finding, PublishError, check_branch, check_same, printable
from standoff.release.manifest import Manifest, decode_manifest
from standoff.release.verify import Source
from standoff.text.counted import counted

BRANCH = "main"
_KIND: Literal["dataset"] = "dataset"
# The root of the errors of its HTTP library, which is another one from version to version.
_HTTP_ERROR = cast(type[Exception], HfHubHTTPError.__bases__[0])


class HubTarget:
    """A dataset repository that holds the releases of one corpus: the newest on its branch, each under its tag."""

    def __init__(self, repository: str, *, public: bool) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", repository, re.ASCII):
            raise UsageError(f"hub:{repository}: name it as hub:ORG/NAME")
        self._repository = repository
        self._public = public
        self._api = HfApi()
        disable_progress_bars()  # they would be drawn over ours

    def look(self, built: Built) -> Finding:
        with self._asked():
            public = self._visible()
            state, head, newest = self._examine(built) if public is not None else ("absent", "", None)
        if state == "there":
            return Finding("there", bool(public))
        if get_token() is None:
            raise EnvironmentFault(
                f"{self._where}: there is no token to publish with; set HF_TOKEN, or run `hf auth login` once"
            )
        if state == "partial":
            return Finding("partial", bool(public), (f"tag commit {head} as {built.tag}",))
        steps = [
            f"one commit with {counted(len(built.paths), 'file')} ({counted(built.size, 'byte')}) on {BRANCH}",
            f"tag it {built.tag}",
        ]
        if public is None:
            public = self._public
            steps.insert(0, f"make {self._where}, {'public' if public else 'private'}")
        return Finding("absent", public, tuple(steps), newest)

    def put(self, built: Built) -> None:
        with self._asked():
            if self._visible() is None:
                self._api.create_repo(self._repository, repo_type=_KIND, private=not self._public, exist_ok=True)
            state, head, _ = self._examine(built)
            if state == "there":
                return
            commit = head if state == "partial" else self._commit(built, head)
            if not self._holds(commit, built):
                raise PublishError(
                    f"{self._where}: at {commit} are not the files that were sent (perhaps a .gitignore there leaves some"
                    " out), so it was not tagged; remove what is in the way, and run this again"
                )
            self._tag(built, commit)

    @contextmanager
    def source(self, built: Built) -> Iterator[Source]:
        token = get_token()
        environment = {"HF_DATASETS_OFFLINE": "0", **({"HF_TOKEN": token} if token else {})}
        yield Source(self._repository, revision=built.tag, environment=environment, online=True)

    @property
    def _where(self) -> str:
        return f"{self._api.endpoint}/datasets/{self._repository}"

    def _visible(self) -> bool | None:
        """Whether everybody can read the repository; None when there is none, or none that we may see."""
        try:
            return not self._api.repo_info(self._repository, repo_type=_KIND).private
        except RepositoryNotFoundError:
            return None

    def _examine(self, built: Built) -> tuple[Literal["absent", "partial", "there"], str, str | None]:
        """The state, the commit to be tagged or built on (where the branch stands), and the version there."""
        refs = self._api.list_repo_refs(self._repository, repo_type=_KIND)
        if built.tag in {tag.name for tag in refs.tags}:
            there = self._manifest(built.tag, self._tree(built.tag))
            if there is None:
                raise PublishError(
                    f"{self._where}: tag {built.tag} is there, and is no release; publish to another place"
                )
            check_same(f"{self._where} tag {built.tag}", there, built)
            return "there", "", None
        heads = [branch.target_commit for branch in refs.branches if branch.name == BRANCH]
        if not heads:
            raise PublishError(f"{self._where}: has no branch {BRANCH}; publish to a repository of its own")
        tree = self._tree(heads[0])
        newest = self._manifest(heads[0], tree)
        where = f"{self._where} branch {BRANCH}"
        if newest:
            # Committed and never tagged, by us, killed in between; other commits may have come on top of it.
            for commit in self._api.list_repo_commits(self._repository, repo_type=_KIND, revision=BRANCH):
                if commit.title == built.title and self._holds(commit.commit_id, built):
                    return "partial", commit.commit_id, newest.version
        if newest and (newest.name, newest.version) == (built.manifest.name, built.manifest.version):
            check_same(where, newest, built)  # by somebody who is at it now, perhaps
        else:
            tags = [tag for tag in refs.tags if newest and tag.name == f"v{newest.version}"]
            tagged = _hashes(self._tree(tags[0].name)) if tags else None
            check_branch(where, _hashes(tree), newest, tagged, built)
        return "absent", heads[0], newest.version if newest else None

    def _tree(self, revision: str) -> Mapping[str, RepoFile]:
        listed = self._api.list_repo_tree(self._repository, repo_type=_KIND, revision=revision, recursive=True)
        return {entry.path: entry for entry in listed if isinstance(entry, RepoFile)}

    def _manifest(self, revision: str, tree: Mapping[str, RepoFile]) -> Manifest | None:
        """The release at a revision, if it is one."""
        if MANIFEST not in tree:
            return None
        with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
            path = self._api.hf_hub_download(
                self._repository, MANIFEST, repo_type=_KIND, revision=revision, local_dir=folder
            )
            return decode_manifest(Path(path).read_bytes(), f"{self._where} {revision} {MANIFEST}")

    def _holds(self, commit: str, built: Built) -> bool:
        """Whether all files at a commit are those of the release, by their hashes."""
        tree = self._tree(commit)
        if set(tree) - {ATTRIBUTES} != set(built.paths):
            return False
        return all(_is(tree[path], built.folder / path) for path in built.paths)

    def _commit(self, built: Built, head: str) -> str:
        added = [CommitOperationAdd(path, built.folder / path) for path in built.paths]
        gone = sorted(set(self._tree(head)) - set(built.paths) - {ATTRIBUTES})
        try:
            made = self._api.create_commit(
                self._repository,
                [*added, *(CommitOperationDelete(path) for path in gone)],
                commit_message=built.title,
                repo_type=_KIND,
                revision=BRANCH,
                parent_commit=head,
            )
        except HfHubHTTPError as error:
            if error.response.status_code == 412:
                raise PublishError(
                    f"{self._where}: somebody else published at the same time, and nothing of this was; run it again"
                ) from None
            raise
        except ValueError as error:
            raise PublishError(f"{self._where}: the Hub does not take the card: {_line(error)}") from None
        return made.oid

    def _tag(self, built: Built, commit: str) -> None:
        try:
            self._api.create_tag(self._repository, tag=built.tag, revision=commit, repo_type=_KIND)
        except HfHubHTTPError as error:
            if error.response.status_code != 409:
                raise
            # Somebody else was quicker: with the same release that is no harm.
            self._examine(built)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What the Hub refuses, in words that say what to do. No token is in them."""
        try:
            yield
        except OfflineModeIsEnabled:
            raise EnvironmentFault(f"{self._where}: HF_HUB_OFFLINE is set; unset it to publish") from None
        except HfHubHTTPError as error:
            status = error.response.status_code
            if status in (401, 403):
                raise EnvironmentFault(
                    f"{self._where}: the token may not do this ({status}); use one with write access to it, with HF_TOKEN"
                    " or `hf auth login`"
                ) from None
            raise EnvironmentFault(f"{self._where}: {_line(error)}; run this again when that is mended") from None
        except (_HTTP_ERROR, ConnectionError) as error:  # the second is its uploader's
            raise EnvironmentFault(f"{self._where}: can't be reached: {_line(error)}; run this again") from None


def _hashes(tree: Mapping[str, RepoFile]) -> dict[str, str]:
    return {path: entry.blob_id for path, entry in tree.items()}


def _is(entry: RepoFile, path: Path) -> bool:
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == file_sha256(path))
    content = path.read_bytes()
    # As git names a file by its content.
    return bool(entry.blob_id == hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest())


def _line(error: BaseException) -> str:
    return printable(str(error)) or type(error).__name__
