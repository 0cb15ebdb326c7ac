"""Files written whole or not at all, and one lock for a corpus. The only place that knows how to write safely."""

import contextlib
import errno
import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import zstandard

from standoff.errors import EnvironmentFault

_BLOCK = 1 << 18
_SYNCS = 16

_REASONS = {
    errno.ENOSPC: "the disk is full; make room and run the command again",
    errno.EDQUOT: "your quota on this disk is used up; make room and run the command again",
    errno.EROFS: "the file system is read-only; work in a copy that you may write to",
    errno.EACCES: "you may not read or write here; check its permissions, and the folder's",
    errno.EPERM: "you may not read or write here; check its permissions, and the folder's",
    errno.EFBIG: "the file is larger than this disk takes; work on another one",
    errno.EIO: "the disk fails (input/output error); copy what is there to another disk, and work on that",
    errno.EEXIST: "a file is where a folder has to be, or a link that leads nowhere; name another place, or move that away",
    errno.ENOTDIR: "on the way there is a file where a folder has to be; name another place, or move the file away",
    errno.EISDIR: "a folder is where a file has to be; move it away",
    errno.ENOENT: "it is not there; look whether the path is right",
    errno.ENAMETOOLONG: "the name is too long for this disk; name another place",
    errno.ELOOP: "links lead in a circle here; name another place, or remove one of them",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n), and run the command again",
    errno.EBUSY: "another program is using it; end that, and run the command again",
    **dict.fromkeys(
        (errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.ENXIO, errno.ENODEV),
        "the disk does not answer; look whether it is connected, and run the command again",
    ),
}


def fault(error: OSError, path: Path) -> EnvironmentFault:
    """What the operating system refused, in words that say what to do."""
    reason = _REASONS.get(error.errno or 0) or f"{error.strerror or error}; mend that, and run the command again"
    return EnvironmentFault(f"{path}: {reason}")


def write_atomically(path: Path, content: bytes) -> bool:
    """Makes the file hold exactly `content`; False when it already did, and then nothing is touched.

    Killed at any moment, the file is either the old or the new one. Raises EnvironmentFault, with the old file in place.
    """
    return write_many([(path, content)]) == 1


def write_many(files: Iterable[tuple[Path, bytes]]) -> int:
    """`write_atomically` for several files, each whole or old; the number of files that changed.

    All are written aside and synced before the first is renamed, which costs the disk one round in place of many.
    """
    aside: list[tuple[str, Path]] = []
    try:
        for path, content in files:
            try:
                if _holds(path, content):
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".tmp")
                aside.append((temporary, path))
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else _mode())
            except OSError as error:
                raise fault(error, path) from error
        if len(aside) < _SYNCS:
            for name in aside:
                _sync_aside(name)
        else:
            # Together they share the disk's rounds: tens of times quicker than one after another.
            with ThreadPoolExecutor(_SYNCS) as threads:
                for _ in threads.map(_sync_aside, aside):
                    pass
        changed = len(aside)
        folders = {path.parent for _, path in aside}
        while aside:
            temporary, path = aside[-1]
            try:
                os.replace(temporary, path)
            except OSError as error:
                raise fault(error, path) from error
            aside.pop()
        for folder in folders:
            sync(folder)
        return changed
    finally:
        for temporary, _ in aside:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Removes a file, if it is there. Raises EnvironmentFault."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise fault(error, path) from error


def blocks(path: Path) -> Iterator[bytes]:
    """The content of a file piece by piece, unpacked when its name ends in `.gz` or `.zst`.

    Raises zstandard.ZstdError, gzip.BadGzipFile, zlib.error or EOFError for one that is damaged or cut off.
    """
    with path.open("rb") as file:
        if path.suffix.lower() == ".gz":
            with gzip.open(file) as unpacked:
                while block := unpacked.read(_BLOCK):
                    yield block
        elif path.suffix.lower() == ".zst":
            yield from _zstd_blocks(file)
        else:
            while block := file.read(_BLOCK):
                yield block


def _zstd_blocks(file: IO[bytes]) -> Iterator[bytes]:
    # Not stream_reader: it takes a file that was cut off in the middle of a frame for a whole one.
    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()
    started = False
    while block := file.read(1 << 10):  # small: 4 bytes may unpack to 128 KB, and all of it comes at once
        while block:
            yield frame.decompress(block)
            started = not frame.eof
            block = frame.unused_data
            if frame.eof:
                frame = decompressor.decompressobj()
    if started:
        raise zstandard.ZstdError("it ends in the middle of a frame")


@contextlib.contextmanager
def aside_of(place: Path, verb: str) -> Iterator[Path]:
    """A new folder to rename to `place` when it is whole; gone afterwards unless it was renamed.

    One at a time beside `place`: raises EnvironmentFault while another process is at it, saying that a release is being
    `verb`, and when the disk refuses. What a killed process left is removed.
    """
    from filelock import FileLock, Timeout  # what only reads starts sooner without

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.parent / ".lock", timeout=0):
            for leftover in place.parent.glob(".building-*"):
                shutil.rmtree(leftover)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".building-") as temporary:
                aside = Path(temporary) / place.name
                aside.mkdir()
                yield aside
    except Timeout:
        raise EnvironmentFault(f"{place.parent}: another release is being {verb} here; wait for it") from None
    except OSError as error:
        raise fault(error, place.parent) from error


@contextlib.contextmanager
def corpus_lock(root: Path) -> Iterator[None]:
    """Holds the one lock of the corpus repository at `root`; everything that writes to it does so inside.

    Raises EnvironmentFault when another command holds it, naming that process, or when `root` can't be written to. The
    operating system frees the lock of a killed process. Temporary files that such a process left are removed.
    """
    from filelock import FileLock, Timeout

    folder = root / ".standoff"
    path = folder / "lock"
    lock = FileLock(path)
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        holder = path.with_name("lock.pid")
        who = holder.read_text(encoding="utf-8", errors="replace").strip() if holder.exists() else ""
        raise EnvironmentFault(
            f"{root}: another standoff command is writing to this corpus{f' (process {who})' if who else ''};"
            " wait until it has finished, then run this one again"
        ) from None
    except OSError as error:
        raise fault(error, folder) from error
    try:
        try:
            path.with_name("lock.pid").unlink(missing_ok=True)  # it may be a link
            path.with_name("lock.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
        except OSError as error:
            raise fault(error, folder) from error
        for leftover in (*(root / "corpus").rglob(".*.tmp"), *folder.glob(".*.tmp")):
            with contextlib.suppress(OSError):
                leftover.unlink()
        yield
    finally:
        lock.release()


def _holds(path: Path, content: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size == len(content) and file.read() == content
    except FileNotFoundError:
        return False


def _sync_aside(name: tuple[str, Path]) -> None:
    temporary, path = name
    try:
        sync(temporary)
    except OSError as error:
        raise fault(error, path) from error


def sync(path: str | Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
