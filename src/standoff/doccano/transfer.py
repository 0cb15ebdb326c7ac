"""Doccano's bulk imports and export: files up, tasks awaited, archives down, every member read with limits."""

import errno
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from standoff.corpus.files import fault
from standoff.doccano.answers import Queued, Task
from standoff.doccano.session import Session
from standoff.formats.doccano_rows import Example, ExportError, ascii_json, import_line, read_line
from standoff.sync.remote import LabelType, Rejected, RemoteError, Unreachable

MAX_ARCHIVE = 4 << 30
"""Bytes of an export's zip."""
MAX_UNPACKED = 16 << 30
"""Bytes that all of its members together may unpack to."""
MAX_LINE = 64 << 20
"""Bytes of one example."""
TASK_SECONDS = 600.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_SHARE = 0.03
"""A pause is this part of the time that the task has taken: what is lost by asking late stays within it."""
_TEXT_COLOR = "#ffffff"
_NO_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on damaged bytes."""


def upload(session: Session, project: int, examples: Sequence[Example], seconds: float = TASK_SECONDS) -> None:
    """Imports examples and waits until the task has finished. Raises Rejected with the server's reasons, Unreachable."""
    if not examples:
        return
    try:
        with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
            path = Path(folder) / "standoff.jsonl"
            with path.open("wb") as file:
                file.writelines(map(import_line, examples))
            uploaded = session.upload(path)
    except OSError as error:
        raise fault(error, Path(tempfile.gettempdir())) from error
    body = {
        "format": "JSONL",
        "task": "RelationExtraction",
        "uploadIds": [uploaded],
        "column_data": "text",
        "column_label": "entities",
        # Without it the server guesses.
        "encoding": "utf_8",
    }
    task = session.post(f"projects/{project}/upload", body, Queued).task_id
    done = _await(session, task, seconds, "import")
    reasons = session.hide(_reasons(done))
    if reasons:
        raise Rejected(f"{session.url}: the import into project {project} failed: {reasons}")


def upload_types(session: Session, project: int, kind: str, types: Sequence[LabelType]) -> None:
    """Creates the label types of one kind (`span`, `relation`) in this order, in one request: all of them or none."""
    if not types:
        return
    body = [
        {
            "text": one.name,
            "prefix_key": None,
            "suffix_key": one.key,
            "background_color": one.color,
            "text_color": _TEXT_COLOR,
        }
        for one in types
    ]
    try:
        with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
            path = Path(folder) / "types.json"
            path.write_bytes(ascii_json(body))
            session.through_client(
                f"creation of {kind} types in project {project}",
                lambda: session.client.upload_label_type(project, str(path), kind),
            )
    except OSError as error:
        raise fault(error, Path(tempfile.gettempdir())) from error


def download(
    session: Session, project: int, *, shared: bool, confirmed: bool, seconds: float = TASK_SECONDS
) -> Iterator[tuple[str | None, Example]]:
    """All examples of an export: with None in a shared project, else with each member's user name.

    The server begins at once, and is waited for when the first example is asked for.
    """
    # A second task of this kind does no harm, so this POST may be repeated.
    body = {"format": "JSONL", "exportApproved": confirmed}
    task = session.post(f"projects/{project}/download", body, Queued, repeat=True).task_id
    return _downloaded(session, project, task, shared, seconds)


def _downloaded(
    session: Session, project: int, task: str, shared: bool, seconds: float
) -> Iterator[tuple[str | None, Example]]:
    done = _await(session, task, seconds, "export")
    if done.error is not None:
        session.get(f"projects/{project}", object)  # raises NotFound if that is why
        raise Rejected(f"{session.url}: the export of project {project} failed: {session.hide(_reasons(done))}")
    try:
        with tempfile.TemporaryFile() as file:
            session.download(f"projects/{project}/download", file, MAX_ARCHIVE, taskId=task)
            file.seek(0)
            yield from read_archive(file, f"{session.url}: the export of project {project}", shared=shared)
    except OSError as error:
        raise fault(error, Path(tempfile.gettempdir())) from error


def read_archive(
    file: IO[bytes], where: str, *, shared: bool, max_unpacked: int = MAX_UNPACKED, max_line: int = MAX_LINE
) -> Iterator[tuple[str | None, Example]]:
    """Examples in the zip of an export, which messages call `where`. No path is made from a member's name.

    Raises RemoteError.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            for member in _members(archive, where, shared, max_unpacked):
                user = None if shared else member.filename.removesuffix(".jsonl")
                with archive.open(member) as lines:
                    for line in _lines(lines, where, max_line):
                        yield user, read_line(line)
    except _NO_ARCHIVE as error:
        raise Unreachable(f"{where} is no whole archive ({error}); try again") from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a seek to before the start
            raise
        raise Unreachable(f"{where} is no whole archive; try again") from None
    except ExportError as error:
        raise RemoteError(f"{where} can't be used: {error}") from None


def _members(archive: zipfile.ZipFile, where: str, shared: bool, max_unpacked: int) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    names = [member.filename for member in members]
    sound = names == ["all.jsonl"] if shared else all(name.endswith(".jsonl") for name in names)
    if not sound or len(set(names)) < len(names):
        raise RemoteError(
            f"{where} holds {', '.join(map(repr, names[:5])) or 'nothing'}, which is not what Doccano 1.8.4 writes for such a project;"
            " if its settings were just changed, try again"
        )
    if any(m.flag_bits & 1 or m.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for m in members):
        raise RemoteError(f"{where} is encrypted or packed in a way that Doccano 1.8.4 does not use; it is not read")
    # Beyond the size that it declares, nothing of a member is read.
    if (size := sum(member.file_size for member in members)) > max_unpacked:
        raise RemoteError(f"{where} would unpack to {size:,} bytes, of at most {max_unpacked:,}; it is not read")
    return members


def _lines(file: IO[bytes], where: str, longest: int) -> Iterator[bytes]:
    # Only "\n" ends a line: texts may hold U+2028 as it is.
    while line := file.readline(longest):
        # A member's readline may give more than it was asked for.
        if len(line) >= longest and not line.endswith(b"\n"):
            raise RemoteError(f"{where} has a line of more than {longest:,} bytes; it is not read")
        if line.strip():
            yield line


def _await(session: Session, task: str, seconds: float, what: str) -> Task:
    """The finished task; asked often at first, since most take less than a second. Raises Unreachable after `seconds`."""
    start = time.monotonic()
    while True:
        answer = session.get(f"tasks/status/{task}", Task)
        if answer.ready:
            return answer
        waited = time.monotonic() - start
        if waited > seconds:
            raise Unreachable(
                f"{session.url}: the {what} did not finish within {seconds:g} seconds; see that Doccano's task worker runs"
                " (`standoff doccano up` starts this machine's) and sync again: what was asked stays in its queue"
            )
        time.sleep(min(max(waited * _SHARE, _SHORTEST_PAUSE), _LONGEST_PAUSE))


def _reasons(done: Task) -> str:
    """What a task says of its failure; nothing when it has none."""
    found: Any = done.error if done.error is not None else done.result
    if isinstance(found, dict):
        found = found.get("text") or found.get("error") or ""
    if isinstance(found, list):
        texts = [
            f"line {one.get('line')}: {one.get('message')}" if isinstance(one, dict) else str(one) for one in found
        ]
        found = "; ".join(texts[:10]) + (f"; and {len(texts) - 10} more" if len(texts) > 10 else "")
    return str(found or ("no reason given" if done.error is not None else ""))[:2000]
