"""Files as an import reads them: those under a folder, unpacked and decoded; what breaks one off is a loss, and the rest goes on."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from standoff.corpus.files import blocks
from standoff.formats.foreign import Foreign, FormatError, Loss
from standoff.normalize.encoding import NotText, decode
from standoff.normalize.readers import LARGEST, PACKED

_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError)

Read = Iterator[Foreign | Loss]


def files_in(path: Path, endings: tuple[str, ...] = ()) -> Iterator[tuple[Path, str]]:
    """Files with one of these endings, packed or not (any, when none is named), with their names from `path` on, `/` between."""
    if not path.is_dir():
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if not file.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        if not endings or stem(file.name)[1] in endings:
            yield file, (path.resolve().name / inside).as_posix()


def stem(name: str) -> tuple[str, str]:
    """A file's name without its ending, and that ending; `.gz` and `.zst` don't count."""
    for packed in PACKED:
        name = name[: -len(packed)] if name.lower().endswith(packed) else name
    base, dot, ending = name.rpartition(".")
    return (base, (dot + ending).lower()) if base else (name, "")


def guarded(shown: str, texts: Callable[[], Read]) -> Read:
    """The texts of one file; what breaks it off is one loss."""
    try:
        yield from texts()
    except FormatError as error:
        yield refused(shown, "format", str(error).removeprefix(f"{shown}: "))
    except _DAMAGED as error:
        yield refused(shown, "damaged", f"it can't be unpacked: {error}; fetch it again")
    except OSError as error:
        yield refused(shown, "unreadable", error.strerror or str(error))


def refused(place: str, reason: str, message: str) -> Loss:
    """What was not imported, and why."""
    return Loss(kind="refused", reason=reason, place=place, message=message)


def whole(path: Path) -> bytes:
    """All of a file, unpacked. Raises FormatError for one that is too large for a single text."""
    pieces, length = [], 0
    for piece in blocks(path):
        length += len(piece)
        if length > LARGEST:
            raise FormatError(f"more than {LARGEST >> 20} MB; split it into single texts")
        pieces.append(piece)
    return b"".join(pieces)


def text_of(raw: bytes) -> tuple[str, str]:
    """The text in these bytes and its encoding; FormatError when they are none."""
    decoded = decode(raw)
    if isinstance(decoded, NotText):
        raise FormatError(decoded.detail)
    return decoded.text, decoded.encoding
