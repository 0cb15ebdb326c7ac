"""Shards, files with one record a line: the lines of one in order, each with the document it belongs to. Only reads."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Literal

import msgspec
import zstandard
from msgspec import Struct

from standoff.corpus.files import blocks

ENDINGS = (".jsonl", ".jsonl.zst")

MAX_LINE = 256 * 1024 * 1024
"""A longer line is refused: bytes."""


class _Key(Struct):
    """The part of a record that says which document it belongs to."""

    id: str = ""
    document: str = ""


_keys = msgspec.json.Decoder(_Key)
# Where standoff wrote the line its key comes first, and the rest need not be parsed to find it.
_FIRST = {key: re.compile(rb'\{"%b":"([a-z0-9][a-z0-9._-]*)"' % key.encode()) for key in ("id", "document")}


def lines(shard: Path, key: Literal["id", "document"]) -> Iterator[tuple[str, bytes, str]]:
    """Each line's document id, found under `key`; its bytes; and why it can't be attributed, if so.

    Then its id is that of the line before, so that ids never decrease. Of two lines in the wrong order it is the one that
    keeps the others in order which is believed.
    """
    keyed = ((*_id_of(raw, key, torn), raw) for raw, torn in _read(shard))
    end: tuple[str | None, str, bytes] = (None, "", b"")
    before = ""
    for (id_, reason, raw), (after, _, _) in pairwise(chain(keyed, [end])):
        out_of_place = ""
        if id_ is not None and id_ < before:
            out_of_place = f"after {before!r}"
        elif id_ is not None and after is not None and before <= after < id_:
            # Else one line with a wrong id would put all that follow in the wrong.
            out_of_place = f"before {after!r}"
        elif id_ is not None:
            before = id_
        yield (
            before,
            raw,
            f"{id_!r} comes {out_of_place}; sort the lines of this shard by document id" if out_of_place else reason,
        )


def _id_of(raw: bytes, key: str, torn: str) -> tuple[str | None, str]:
    """The id of the document that a line belongs to; or None, and why that can't be told."""
    if torn:
        return None, torn
    if first := _FIRST[key].match(raw):
        return first[1].decode(), ""
    try:
        found = _keys.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, str(error)
    return found.id if key == "id" else found.document, ""


def _read(shard: Path) -> Iterator[tuple[bytes, str]]:
    """Each line with an empty reason, or with why the file can't be read on. Lines end in "\\n" and nothing else."""
    pieces: list[bytes] = []
    length = 0
    try:
        for block in blocks(shard):
            start = 0
            while (end := block.find(b"\n", start)) >= 0:
                line = block[start:end] if not pieces else b"".join([*pieces, block[start:end]])
                yield line, "" if line else "an empty line"
                start = end + 1
                pieces, length = [], 0
            if rest := block[start:]:
                pieces.append(rest)
                length += len(rest)
            if length > MAX_LINE:
                yield b"", f"a line of more than {MAX_LINE >> 20} MB"
                return
    except zstandard.ZstdError as error:
        yield b"".join(pieces), f"the compressed file is damaged here ({error}); restore it from git or a copy"
        return
    except OSError as error:
        yield b"".join(pieces), f"it can't be read from here on: {error.strerror}"
        return
    if length:
        yield b"".join(pieces), ""
