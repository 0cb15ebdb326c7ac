"""Sources to raw texts: lines are cut where they end, and none is lost."""

from pathlib import Path

import pytest

from standoff.normalize.readers import read
from standoff.normalize.records import Raw
from standoff.normalize.sources import Source


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n \n"])
def test_the_last_line_is_read_with_and_without_its_end(end: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text":"een"}\r\n\n{"text":"twee"}' + end)
    found = [raw for raw in read(Source(tmp_path / "a.jsonl", "a.jsonl")) if isinstance(raw, Raw)]
    assert [(raw.line, raw.content) for raw in found] == [(1, b'{"text":"een"}'), (3, b'{"text":"twee"}')]


def test_a_line_over_several_blocks_is_one(tmp_path: Path) -> None:
    lines = [b"x" * 700_000, b"y", b"z" * 300_000]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    found = [raw.content for raw in read(Source(tmp_path / "a.jsonl", "a.jsonl")) if isinstance(raw, Raw)]
    assert found == lines
