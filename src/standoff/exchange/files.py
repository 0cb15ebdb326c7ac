"""Files as an import reads them: those under a folder, unpacked and decoded; what breaks one off is a loss."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from standoff.corpus.files import blocks
from standoff.exchange.items import is_text
from standoff.formats.foreign import Foreign, FormatError, Loss
from standoff.normalize.encoding import NotText, decode
from standoff.normalize.readers import DAMAGED, TOO_LARGE, joined, stem
from standoff.normalize.sources import below

Read = Iterator[Foreign | Loss]


def files_in(path: Path, endings: tuple[str, ...] = ()) -> Iterator[tuple[Path, str] | Loss]:
    """Files with one of these endings, packed or not (any, when none is named), with their names from `path` on, `/` between.

    What is under a folder and can't be read, or is a link out of it, is a loss: nothing else of the machine comes in with it.
    """
    if not path.is_dir():
        yield _found(path, path.name, None)
        return
    base = path.resolve()
    for file in below(path):
        shown = (base.name / file.relative_to(path)).as_posix()
        if file.is_dir() or not endings or stem(file.name)[1] in endings:
            yield _found(file, shown, base)


def files_beside(path: Path, endings: tuple[str, ...]) -> Iterator[tuple[Path, str] | Loss]:
    """A file and those beside it that have its name but for these endings, as `files_in` gives them."""
    for file in sorted(path.parent.iterdir()):
        base, ending = stem(file.name)
        if base == stem(path.name)[0] and ending in endings:
            yield _found(file, file.name, None if file == path else path.parent.resolve())


def _found(file: Path, shown: str, base: Path | None) -> tuple[Path, str] | Loss:
    """`base` is the folder that a link must not lead out of; None for what somebody named himself."""
    if not is_text(shown):
        return refused(shown, "name", "its name is not UTF-8; rename it")
    if base is None:
        return file, shown
    if file.is_dir():
        why = "a link to a folder; name that folder itself" if file.is_symlink() else "this folder can't be listed"
        return refused(shown, "folder", why)
    if not file.is_file():
        return refused(shown, "no-file", "a link that leads nowhere, a device, a pipe or a socket")
    if file.is_symlink() and not file.resolve().is_relative_to(base):
        return refused(shown, "outside", "a link that leads out of this folder; put a copy in its place")
    return file, shown


def each(path: Path, endings: tuple[str, ...], texts: Callable[[Path, str], Read]) -> Read:
    """The texts of all these files, one file after another."""
    for found in files_in(path, endings):
        if isinstance(found, Loss):
            yield found
        else:
            yield from guarded(found[1], partial(texts, *found))


def guarded(shown: str, texts: Callable[[], Read]) -> Read:
    """The texts of one file; what breaks it off is one loss."""
    try:
        yield from texts()
    except FormatError as error:
        yield refused(shown, "format", str(error).removeprefix(f"{shown}: "))
    except DAMAGED as error:
        yield refused(shown, "damaged", f"it can't be unpacked: {error}; fetch it again")
    except OSError as error:
        yield refused(shown, "unreadable", error.strerror or str(error))


def refused(place: str, reason: str, message: str) -> Loss:
    """What was not imported, and why."""
    return Loss(kind="refused", reason=reason, place=place, message=message)


def whole(path: Path) -> bytes:
    """All of a file, unpacked. Raises FormatError for one that is too large for a single text."""
    raw = joined(blocks(path))
    if raw is None:
        raise FormatError(TOO_LARGE)
    return raw


def text_of(raw: bytes) -> tuple[str, str]:
    """The text in these bytes and its encoding; FormatError when they are none."""
    decoded = decode(raw)
    if isinstance(decoded, NotText):
        raise FormatError(decoded.detail)
    return decoded.text, decoded.encoding
