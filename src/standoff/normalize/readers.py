"""Sources on disk to raw texts: finding, unpacking, decoding. Limits hold before anything is in memory."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from glob import has_magic
from pathlib import Path

import msgspec
import zstandard
from charset_normalizer import from_bytes

from standoff.corpus.config import Field
from standoff.corpus.files import blocks, fault
from standoff.errors import UsageError
from standoff.normalize.article import Raw, Rejected, digest
from standoff.normalize.header import split_header
from standoff.normalize.markup import from_html, from_markdown

LARGEST = 100 * 1024 * 1024
"""Bytes of one text, unpacked; a larger one is rejected."""

KINDS = {".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".jsonl": "lines"}
PACKED = (".gz", ".zst")
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


class Source(msgspec.Struct, frozen=True):
    """One file to read, `file` its path relative to the repository, with `/`."""

    path: Path
    file: str


def find(root: Path, paths: Iterable[str]) -> Iterator[Source | Rejected]:
    """Sources under `paths`, each a file, a folder or a glob; none: `seeds/`. In order, each once.

    A source outside the repository, by its name or through a symbolic link, is rejected. Raises UsageError for a path
    that names nothing.
    """
    base = root.resolve()
    seen: set[Path] = set()
    for name in paths or (str(root / "seeds"),):
        for path in _expand(Path(name), root):
            if path in seen:
                continue
            seen.add(path)
            resolved = path.resolve()
            absolute = Path(os.path.normpath(Path.cwd() / path))
            if not absolute.is_relative_to(base) or not resolved.is_relative_to(base):
                why = (
                    "a symbolic link leads out of the repository"
                    if absolute.is_relative_to(base)
                    else "outside of the repository"
                )
                yield Rejected(
                    source=str(path), reason="outside", detail=f"{why}; copy the text under {root / 'seeds'}"
                )
            else:
                yield Source(path, absolute.relative_to(base).as_posix())


def _expand(path: Path, root: Path) -> list[Path]:
    if path.is_dir():
        return sorted(
            Path(folder) / name for folder, _, names in os.walk(path) for name in names if not name.startswith(".")
        )
    if path.is_file() or path.is_symlink():
        return [path]
    if has_magic(str(path)):
        start = Path(path.anchor) if path.is_absolute() else Path()
        found = sorted(start.glob(str(path.relative_to(path.anchor) if path.is_absolute() else path)))
        return [below for match in found for below in _expand(match, root)]
    if path == root / "seeds":
        raise UsageError(
            f"{path}: there is no such folder; put raw texts into it, or name others: standoff normalize PATHS"
        )
    raise UsageError(f"{path}: there is no such file or folder")


def read(source: Source, fields: Mapping[Field, str]) -> Iterator[Raw | Rejected]:
    """The raw texts of one source; `fields` maps our field names to those of `.jsonl` lines. Raises EnvironmentFault."""
    suffixes = [suffix.lower() for suffix in source.path.suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in PACKED else ""
    kind = KINDS.get(suffixes[-1] if suffixes else "")
    if kind is None:
        known = ", ".join(KINDS)
        yield Rejected(
            source=source.file, reason="unknown-kind", detail=f"not one of {known}, or these with .gz or .zst"
        )
        return
    name = source.path.name[: -len(packed)] if packed else source.path.name
    name = name[: name.rindex(".")]
    try:
        if kind == "lines":
            yield from _read_lines(source.file, blocks(source.path), fields)
            return
        raw = _read_whole(blocks(source.path))
    except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError) as error:
        yield Rejected(source=source.file, reason="damaged", detail=f"it can't be unpacked: {error}")
        return
    except OSError as error:
        raise fault(error, source.path) from error
    if raw is None:
        yield Rejected(
            source=source.file, reason="too-large", detail=f"more than {LARGEST >> 20} MB; split it into single texts"
        )
        return
    decoded = decode(raw)
    if decoded is None:
        yield Rejected(
            source=source.file,
            reason="undecodable",
            detail="neither UTF-8 nor another encoding for certain; save it as UTF-8",
        )
        return
    text, encoding = decoded
    stated: dict[str, str] = {}
    if kind == "markdown":
        header, body = split_header(text)
        text, title = from_markdown(body)
        stated = {**({"title": title} if title else {}), **header}
    elif kind == "html":
        text, stated = from_html(text)
        if not text.strip():
            yield Rejected(source=source.file, reason="no-main-text", detail="no article was found in this page")
            return
    yield Raw(file=source.file, line=0, sha256=digest(raw), name=name, text=text, fields=stated, encoding=encoding)


def decode(raw: bytes) -> tuple[str, str] | None:
    """Text and the name of its encoding, or None when it is binary or no encoding is certain."""
    for mark, encoding in _BOMS.items():
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError:
                return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return None if "\0" in text[:4096] and _wide(raw) is None else (_wide(raw) or (text, "utf-8"))
    if wide := _wide(raw):
        return wide
    if b"\0" in raw:
        return None
    best = from_bytes(raw).best()
    if best is None or best.chaos > 0.1:
        return None
    return str(best), best.encoding


def _wide(raw: bytes) -> tuple[str, str] | None:
    """UTF-16 without a mark: nearly every second byte of a European text is zero."""
    sample = raw[:4096]
    if len(raw) % 2 or len(sample) < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.8 * half and others < 0.05 * half:
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError:
                return None
    return None


def _read_whole(pieces: Iterable[bytes]) -> bytes | None:
    kept, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > LARGEST:
            return None
        kept.append(piece)
    return b"".join(kept)


def _read_lines(name: str, pieces: Iterable[bytes], fields: Mapping[Field, str]) -> Iterator[Raw | Rejected]:
    for number, line in enumerate(_lines(pieces), 1):

        def rejected(reason: str, detail: str, number: int = number) -> Rejected:
            return Rejected(source=name, line=number, reason=reason, detail=detail)

        if line is None:
            yield rejected("too-large", f"a line of more than {LARGEST >> 20} MB")
            continue
        if not line.strip():
            continue
        try:
            article = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield rejected("bad-json", str(error))
            continue
        if not isinstance(article, dict):
            yield rejected("bad-json", "not a JSON object")
            continue
        theirs = {
            ours: fields.get(ours, ours)
            for ours in ("id", "text", "title", "date", "publisher", "url", "license", "group")
        }
        stated = {ours: article.get(their) for ours, their in theirs.items()}
        wrong = [theirs[ours] for ours, value in stated.items() if value is not None and not isinstance(value, str)]
        if wrong:
            yield rejected("bad-field", f"{', '.join(wrong)}: not a string")
            continue
        text = stated.pop("text")
        if text is None:
            yield rejected(
                "no-text",
                f'there is no field {theirs["text"]!r}; name yours in corpus.toml: [normalize] fields = {{ text = "..." }}',
            )
            continue
        kept = {ours: value for ours, value in stated.items() if value is not None}
        yield Raw(file=name, line=number, sha256=digest(line), name="", text=text, fields=kept)


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Lines without their newline; None for one that is longer than LARGEST, which is skipped without being held."""
    pieces: list[bytes] = []
    length = 0
    for block in blocks:
        first, *others = block.split(b"\n")
        length += len(first)
        if length <= LARGEST:
            pieces.append(first)
        else:
            pieces = []
        for piece in others:
            yield b"".join(pieces).removesuffix(b"\r") if length <= LARGEST else None
            pieces, length = [piece], len(piece)
    if length:
        yield b"".join(pieces) if length <= LARGEST else None
