"""Publishing to buckets: a real S3 server."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import standoff
from patience import PATIENCE
from publish.conftest import Releases
from publish.servers import seaweedfs
from standoff.errors import EnvironmentFault
from standoff.publish.built import Built
from standoff.publish.s3 import CLAIM, S3Target
from standoff.publish.target import PublishError


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with seaweedfs() as variables:
        yield variables


@pytest.fixture
def bucket(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A folder of the bucket for this test alone; this process has the credentials."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return f"corpora/{request.node.name.replace('[', '-').replace(']', '')}"


def files(place: str) -> dict[str, bytes]:
    import s3fs

    there = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    return {path[len(place) + 1 :]: there.cat_file(path) for path in there.find(place)}


def local(built: Built) -> dict[str, bytes]:
    return {path: (built.folder / path).read_bytes() for path in built.paths}


def test_published_loaded_back_and_recorded(releases: Releases, bucket: str) -> None:
    store = releases.store()
    words = ("publish", f"s3://{bucket}", "--root", releases.root, "--out", releases.out)
    refused = standoff(*words)
    assert refused.returncode == 1
    assert "1 text is of unknown licence" in refused.stderr
    planned = standoff(*words, "--public", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert f"files to s3://{bucket}/1.1.0, each once, manifest.json last" in planned.stdout
    assert "warning" in planned.stderr
    assert files(bucket) == {}
    done = standoff(*words, "--public", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "absent"
    assert files(f"{bucket}/1.1.0") == local(releases.built("1.1.0"))
    (entry,) = json.loads((store.folder / "releases.json").read_bytes())["releases"]
    assert entry["targets"] == [f"s3://{bucket}"]


def test_written_once(releases: Releases, bucket: str) -> None:
    target = S3Target(bucket)
    target.put(releases.built())
    assert target.look(releases.built()).state == "there"
    target.put(releases.built())
    for act in (target.look, target.put):
        with pytest.raises(PublishError, match=r"tiny 1.0.0 is there already, with other content"):
            act(releases.usurper)
    assert files(bucket) == local(releases.built())


def test_what_somebody_removed_is_put_back(releases: Releases, bucket: str) -> None:
    import s3fs

    target = S3Target(bucket)
    target.put(releases.built())
    there = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    there.rm_file(f"{bucket}/LICENSE.md")
    there.rm_file(f"{bucket}/{releases.built().parquet('quotes', 'train')[0]}")
    there.pipe_file(f"{bucket}/index.html", b"?")
    assert target.look(releases.built()).steps == (f"write 2 files to s3://{bucket}, each once, manifest.json last",)
    target.put(releases.built())
    assert files(bucket) == {**local(releases.built()), "index.html": b"?"}


@pytest.mark.parametrize("after", [4, "last"])
def test_killed_half_way_and_run_again(releases: Releases, bucket: str, after: int | str) -> None:
    built = releases.built()
    code = (
        "import os, sys; from pathlib import Path; from standoff.publish import s3\n"
        "from standoff.publish.built import read_built\n"
        "real, written, after = s3.S3Target._write, [], int(sys.argv[3])\n"
        "def write(self, built, path):\n"
        "    len(written) < after or os._exit(9); written.append(path); real(self, built, path)\n"
        "s3.S3Target._write = write; s3.S3Target._unclaim = lambda self: os._exit(9)\n"
        "s3.S3Target(sys.argv[1]).put(read_built(Path(sys.argv[2])))\n"
    )
    count = str(len(built.paths) if after == "last" else after)
    killed = subprocess.run([sys.executable, "-c", code, bucket, built.folder, count], check=False)
    assert killed.returncode == 9
    there = files(bucket)
    assert (("manifest.json" in there), len(there)) == ((after == "last"), int(count) + 1)
    target = S3Target(bucket)
    if after != "last":
        with pytest.raises(PublishError, match=r"somebody else is publishing another tiny 1.0.0, or was interrupted"):
            target.put(releases.usurper)
        assert files(bucket) == there
    assert target.look(built).state == "partial"
    target.put(built)
    assert files(bucket) == local(built)
    assert target.look(built).state == "there"


def test_two_at_once_one_wins(releases: Releases, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either writes, as in the worst of races."""
    both = threading.Barrier(2)
    real = S3Target._asked
    seen = threading.local()

    def together(self: S3Target) -> Any:
        # Once for `look`, once for `put`: there both wait for each other.
        seen.count = getattr(seen, "count", 0) + 1
        if seen.count == 2:
            both.wait(PATIENCE)
        return real(self)

    monkeypatch.setattr(S3Target, "_asked", together)
    winner, words = releases.race(lambda built: S3Target(bucket).put(built))
    assert "somebody else is publishing" in words or "is there already" in words
    assert files(bucket) == local(winner)


def test_who_was_late_takes_his_mark_away(releases: Releases, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another publication begins and ends between our look and our mark."""
    late = S3Target(bucket)
    real = S3Target._asked
    calls: list[int] = []

    def slow(self: S3Target) -> Any:
        if self is late:
            calls.append(0)
            if len(calls) == 2:
                S3Target(bucket).put(releases.built())
        return real(self)

    monkeypatch.setattr(S3Target, "_asked", slow)
    with pytest.raises(PublishError, match="is there already, with other content"):
        late.put(releases.usurper)
    assert files(bucket) == local(releases.built())


def test_what_is_there_is_not_overwritten(releases: Releases, bucket: str) -> None:
    import s3fs

    there = s3fs.S3FileSystem(skip_instance_cache=True)
    there.pipe_file(f"{bucket}/thesis.txt", b"years")
    with pytest.raises(PublishError, match=r"holds something that is no release \(thesis.txt\)"):
        S3Target(bucket).put(releases.built())
    there.rm_file(f"{bucket}/thesis.txt")
    there.pipe_file(f"{bucket}/README.md", b"mine")
    with pytest.raises(PublishError, match=r"README.md: somebody else wrote another file here"):
        S3Target(bucket).put(releases.built())
    left = files(bucket)
    assert left["README.md"] == b"mine"
    assert "manifest.json" not in left


def test_the_server_itself_refuses_a_second_write(releases: Releases, bucket: str) -> None:
    """What one-wins rests on."""
    target = S3Target(bucket)
    target._files.pipe_file(f"{bucket}/{CLAIM}", b"1", mode="create")
    with pytest.raises(OSError, match="pre-conditions"):
        target._files.pipe_file(f"{bucket}/{CLAIM}", b"2", mode="create")
    assert target._read(CLAIM) == b"1"


def test_credentials_and_servers(
    releases: Releases, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    for act in (S3Target(bucket).look, S3Target(bucket).put):
        with pytest.raises(EnvironmentFault, match="credentials are missing, or may not do this"):
            act(releases.built())
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="Unable to locate credentials"):
        S3Target(bucket).look(releases.built())


def test_full_disk(releases: Releases, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = S3Target(bucket)
    real = target._files.put_file

    def full(here: str, there: str, mode: str) -> None:
        if there.endswith("CITATION.cff"):
            raise OSError(5, "We have no room left")
        real(here, there, mode=mode)

    monkeypatch.setattr(target._files, "put_file", full)
    with pytest.raises(EnvironmentFault, match="no room left; run this again"):
        target.put(releases.built())
    assert "manifest.json" not in files(bucket)
    S3Target(bucket).put(releases.built())
    assert files(bucket) == local(releases.built())
