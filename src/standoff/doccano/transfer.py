"""Doccano's bulk import and export: files up, tasks awaited, archives down, every member read with limits."""

import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from standoff.doccano.session import Session
from standoff.formats.doccano_rows import Example, import_line, read_line
from standoff.sync.remote import Rejected, RemoteError, Unreachable

MAX_MEMBER = 4 << 30
"""Bytes that one member of an export may unpack to."""
MAX_LINE = 256 << 20
TASK_SECONDS = 600.0


def upload(session: Session, project: int, examples: Sequence[Example], seconds: float = TASK_SECONDS) -> None:
    """Imports examples and waits until the task has finished. Raises Rejected with the server's reasons."""
    if not examples:
        return
    content = b"".join(import_line(example) for example in examples)
    answer = session.request("POST", "fp/process/", files={"filepond": ("standoff.jsonl", content, "application/json")})
    body = {
        "format": "JSONL",
        "task": "RelationExtraction",
        "uploadIds": [answer.text.strip().strip('"')],
        "column_data": "text",
        "column_label": "entities",
        "encoding": "utf_8",
    }
    task = session.post(f"projects/{project}/upload", body)["task_id"]
    result = _await(lambda: session.get(f"tasks/status/{task}"), seconds, "import", session.url)
    errors = result.get("error")
    if errors:
        raise Rejected(f"{session.url}: the import failed: {str(errors)[:1000]}")


def download(
    session: Session, project: int, *, confirmed: bool, seconds: float = TASK_SECONDS
) -> Iterator[tuple[str | None, Example]]:
    """All examples of an export: with None in a shared project, else with each member's user name."""
    task = session.post(f"projects/{project}/download", {"format": "JSONL", "exportApproved": confirmed})["task_id"]
    _await(lambda: session.get(f"tasks/status/{task}"), seconds, "export", session.url)
    with tempfile.TemporaryFile() as file:
        answer = session.request("GET", f"projects/{project}/download", params={"taskId": task}, stream=True)
        for block in answer.iter_content(1 << 20):
            file.write(block)
        file.seek(0)
        yield from read_archive(file)


def read_archive(file: IO[bytes]) -> Iterator[tuple[str | None, Example]]:
    """Examples in the zip of an export. No path is made from a member's name. Raises RemoteError."""
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                name = member.filename
                if member.is_dir() or not name.endswith(".jsonl"):
                    continue
                if member.file_size > MAX_MEMBER:
                    raise RemoteError(
                        f"the export's {name!r} would unpack to {member.file_size >> 30} GB; it is not read"
                    )
                user = None if name == "all.jsonl" else name.removesuffix(".jsonl")
                with archive.open(member) as lines:
                    for line in _lines(lines, name):
                        yield user, read_line(line)
    except zipfile.BadZipFile as error:
        raise Unreachable(f"the export is no whole archive ({error}); try again") from None


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    # Only "\n" ends a line: texts may hold U+2028 as it is.
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            raise RemoteError(f"the export's {name!r} has a line of more than {MAX_LINE >> 20} MB")
        if line.strip():
            yield line


def _await(status: Callable[[], Any], seconds: float, what: str, url: str) -> dict[str, Any]:
    """The result of a task; asked often at first, since most take less than a second."""
    end = time.monotonic() + seconds
    pause = 0.05
    while True:
        answer: dict[str, Any] = status()
        if answer.get("ready"):
            result = answer.get("result")
            # A task that raised has its failure in `error`, one that finished has a list of problems in `result`.
            if isinstance(answer.get("error"), dict):
                return {"error": answer["error"]}
            return result if isinstance(result, dict) else {}
        if time.monotonic() > end:
            raise Unreachable(
                f"{url}: the {what} did not finish within {seconds:.0f} seconds; is Doccano's task worker running?"
            )
        time.sleep(pause)
        pause = min(pause * 1.3, 1.0)
