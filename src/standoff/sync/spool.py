"""The last export of a project, on disk: read once from the server, then document by document from there."""

import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from msgspec import Struct

from standoff.corpus.files import fault
from standoff.formats.doccano_rows import Example, read_line, write_line

KEPT = 10
"""So many exports are kept as backups (S22)."""


class Spot(Struct, frozen=True, kw_only=True):
    """Where one example stands in the spool, and what decides between several of one document (S18)."""

    id: int
    member: str | None
    offset: int
    size: int
    rows: int
    comments: int


class Spool:
    """A file of examples, one a line, with an index by our documents' ids in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spots: dict[str, list[Spot]] = defaultdict(list)
        """Document to its examples; in a per-member project one for each member and example."""
        self.foreign: set[int] = set()
        """Examples that are none of ours."""

    def fill(self, examples: Iterable[tuple[str | None, Example]]) -> None:
        """Replaces all that it holds. Raises EnvironmentFault, and what reading the export raises."""
        self.spots.clear()
        self.foreign.clear()
        self._write("wb", examples)

    def add(self, member: str | None, example: Example) -> None:
        """Adds one example that was read by itself. Raises EnvironmentFault."""
        self._write("ab", [(member, example)])

    def _write(self, mode: str, examples: Iterable[tuple[str | None, Example]]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open(mode) as file:
                for member, example in examples:
                    line = write_line(example)
                    if example.document is None:
                        self.foreign.add(example.id)
                    else:
                        spot = Spot(
                            id=example.id,
                            member=member,
                            offset=file.tell(),
                            size=len(line),
                            rows=len(example.rows) + len(example.relations),
                            comments=len(example.comments),
                        )
                        self.spots[example.document].append(spot)
                    file.write(line)
        except OSError as error:
            raise fault(error, self.path) from error

    def read(self, spot: Spot) -> Example:
        """One example, as the export had it."""
        with self.path.open("rb") as file:
            file.seek(spot.offset)
            return read_line(file.read(spot.size))

    def keep(self, folder: Path) -> None:
        """Keeps a compressed copy, and the last ten copies only. Raises EnvironmentFault."""
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        temporary = folder / f".{name}.tmp"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.path.open("rb") as source, temporary.open("wb") as target:
                zstandard.ZstdCompressor().copy_stream(source, target)
                target.flush()
                os.fsync(target.fileno())
            temporary.replace(folder / f"{name}.jsonl.zst")
            for old in (*sorted(folder.glob("*.jsonl.zst"))[:-KEPT], *folder.glob(".*.tmp")):
                old.unlink()
        except OSError as error:
            raise fault(error, folder) from error
