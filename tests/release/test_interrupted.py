"""Builds that don't reach their end: killed, or without room on the disk. Nothing half made is ever there."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import standoff
from standoff.corpus.store import Store
from standoff.release.build import release


def started(corpus: Path, out: Path) -> subprocess.Popen[bytes]:
    words = [
        sys.executable,
        "-m",
        "standoff",
        "release",
        "--root",
        str(corpus),
        "--out",
        str(out),
        "--version",
        "1.0.0",
    ]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def aside(folder: Path) -> bool:
    return any(folder.glob(".building-*"))


def tables(folder: Path) -> bool:
    return any(folder.glob(".building-*/*/data/*/*.parquet"))


def verification(folder: Path) -> bool:
    return any(folder.glob(".building-*/.cache-*"))


def test_killed_at_several_moments_and_built_again(corpus: Path, built: Path, tmp_path: Path) -> None:
    for moment in (aside, tables, verification):
        process = started(corpus, tmp_path)
        try:
            while not moment(tmp_path / "tiny"):
                assert process.poll() is None
                time.sleep(0.001)
        finally:
            process.kill()
            process.wait()
        assert not (tmp_path / "tiny" / "1.0.0").exists()
    assert release(Store(corpus), "1.0.0", tmp_path).new
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == [".lock", "1.0.0"]
    assert contents(tmp_path / "tiny" / "1.0.0") == contents(built)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; skips where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "standoff-test", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small file system: {done.stderr}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(corpus: Path, built: Path, small_disk: Path) -> None:
    """Loading a release for verification takes no room: one that is written is built."""
    size = sum(-(-path.stat().st_size // 4096) * 4096 for path in built.rglob("*"))
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    words = ("release", "--root", corpus, "--out", small_disk, "--version", "1.0.0")
    (small_disk / "filler").write_bytes(b"x" * (free - size // 3))
    done = standoff(*words)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "the disk is full" in done.stderr
    assert sorted(path.name for path in (small_disk / "tiny").iterdir()) == [".lock"]
    (small_disk / "filler").write_bytes(b"x" * (free - size - 64_000))
    assert standoff(*words).returncode == 0
