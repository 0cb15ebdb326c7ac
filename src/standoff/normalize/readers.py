"""Sources to raw bytes, one text at a time: unpacking and cutting in lines. Limits hold before anything is in memory."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

import zstandard

from standoff.corpus.files import blocks
from standoff.normalize.records import Kind, Raw, Rejected
from standoff.normalize.sources import Source

LARGEST = 100 * 1024 * 1024
"""Bytes of one text, unpacked; a larger one is rejected."""
TOO_LARGE = f"more than {LARGEST >> 20} MB; split it into single texts"

KINDS: dict[str, Kind] = {".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".jsonl": "line"}
PACKED = (".gz", ".zst")
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError)
"""What unpacking raises."""


def read(source: Source) -> Iterator[Raw | Rejected]:
    """The raw texts of one source, and what of it is none; blank lines of a `.jsonl` are passed over."""
    name, ending = stem(source.path.name)
    kind = KINDS.get(ending)
    if kind is None:
        known = ", ".join(KINDS)
        detail = f"its name ends in none of {known}, nor in these with .gz or .zst: rename or convert it"
        yield Rejected(source=source.file, reason="unknown-kind", detail=detail)
        return
    try:
        if kind == "line":
            yield from _lines(source.file, blocks(source.path))
        elif (content := joined(blocks(source.path))) is not None:
            yield Raw(file=source.file, name=name, kind=kind, content=content)
        else:
            yield Rejected(source=source.file, reason="too-large", detail=TOO_LARGE)
    except DAMAGED as error:
        detail = f"it can't be unpacked: {error}; fetch it again"
        yield Rejected(source=source.file, reason="damaged", detail=detail)
    except OSError as error:
        yield Rejected(source=source.file, reason="unreadable", detail=error.strerror or str(error))


def stem(name: str) -> tuple[str, str]:
    """A file's name without its ending, and that ending; `.gz` and `.zst` don't count."""
    for packed in PACKED:
        name = name[: -len(packed)] if name.lower().endswith(packed) else name
    base, dot, ending = name.rpartition(".")
    return (base, (dot + ending).lower()) if base else (name, "")


def joined(pieces: Iterable[bytes]) -> bytes | None:
    """All of a file; None for one of more than LARGEST bytes."""
    kept, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > LARGEST:
            return None
        kept.append(piece)
    return b"".join(kept)


def _lines(file: str, pieces: Iterable[bytes]) -> Iterator[Raw | Rejected]:
    for number, line in enumerate(cut_lines(pieces), 1):
        if line is None:
            yield Rejected(source=file, line=number, reason="too-large", detail=f"a line of {TOO_LARGE}")
        elif line.strip():
            yield Raw(file=file, line=number, name="", kind="line", content=line)


def cut_lines(pieces: Iterable[bytes]) -> Iterator[bytes | None]:
    """Lines without their line end, unpacked; None for one of more than LARGEST bytes, which is never held."""
    kept: list[bytes] = []
    length = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        length += len(first)
        if length <= LARGEST:
            kept.append(first)
        else:
            kept.clear()
        for part in others:
            yield b"".join(kept).removesuffix(b"\r") if length <= LARGEST else None
            kept, length = [part], len(part)
    if length:
        yield b"".join(kept).removesuffix(b"\r") if length <= LARGEST else None
