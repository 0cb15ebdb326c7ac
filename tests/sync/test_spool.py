"""The last export on disk: its copies are made piece by piece."""

import tracemalloc
from pathlib import Path

import pytest
import zstandard

from standoff.errors import EnvironmentFault
from standoff.formats.doccano_rows import Example
from standoff.sync.spool import KEPT, Spool


def test_a_copy_of_a_large_export_takes_little_memory(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "export.jsonl")
    spool.fill((None, Example(id=number, text="tekst " * 20_000)) for number in range(200))
    size = spool.path.stat().st_size
    tracemalloc.start()
    spool.keep(tmp_path / "backups")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 10
    (copy,) = (tmp_path / "backups").iterdir()
    with zstandard.open(copy, "rb") as file:
        assert file.read() == spool.path.read_bytes()


def test_the_last_copies_stay_and_nothing_half_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "export.jsonl")
    spool.fill([(None, Example(id=1, text="tekst"))])
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / ".20260101T000000.0Z.tmp").write_bytes(b"killed half way")
    for _ in range(KEPT + 2):
        spool.keep(tmp_path / "backups")
    names = [path.name for path in (tmp_path / "backups").iterdir()]
    assert len(names) == KEPT
    assert all(name.endswith(".jsonl.zst") for name in names)


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "export.jsonl")
    spool.fill([])
    (tmp_path / "backups").write_text("a file")
    with pytest.raises(EnvironmentFault, match="backups"):
        spool.keep(tmp_path / "backups")
