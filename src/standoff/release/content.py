"""Content hashes of tables: the same for the same rows, whatever the version of the libraries, chunks, or compression. Pure.

Canonical JSON of every row would say the same, and take many times as long. The hash is over three streams for each column
of the flattened schema: the numbers (from 0, 64 bits) of the values at which nulls begin and end, and of what is not null
the lengths of lists and strings (32 bits; of strings in UTF-8 bytes), and the values (strings in UTF-8; integers and
IEEE 754 floats as wide as their type says; booleans as a byte). Numbers are little-endian.
"""

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa


class ContentHash:
    """Hash of the rows of one table that comes in pieces. Order matters, where the pieces end does not."""

    def __init__(self) -> None:
        self.rows = 0
        self._columns: dict[str, _Column] = {}

    def update(self, table: pa.Table) -> None:
        """Adds rows. Raises TypeError for a type that no release has."""
        self.rows += table.num_rows
        for name in table.column_names:
            for chunk in table.column(name).chunks:
                self._add(name.replace("/", "//"), chunk)

    def hexdigest(self) -> str:
        """SHA-256 of names, numbers of values, and digests of all columns, hexadecimal."""
        whole = hashlib.sha256()
        for path, column in sorted(self._columns.items()):
            whole.update(f"{path}\n{column.digest()}\n".encode())
        return whole.hexdigest()

    def _add(self, path: str, array: pa.Array) -> None:
        kind = array.type
        column = self._columns.get(path) or self._columns.setdefault(path, _Column())
        column.count(array)
        if pa.types.is_struct(kind):
            # Slashes of names are doubled, so that no two paths are the same.
            for field, child in zip(kind, array.flatten(), strict=True):
                self._add(f"{path}/ {field.name.replace('/', '//')}", child)
            return
        if array.null_count:
            # What stands behind a null is anybody's guess.
            array = array.drop_null()
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            column.lengths.update(_lengths(array))
            self._add(f"{path}/*", array.flatten())
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column.lengths.update(_lengths(array))
            column.values.update(_bytes(array))
        elif pa.types.is_boolean(kind):
            column.values.update(_bits(array, array.buffers()[1]) if len(array) else b"")
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
            column.values.update(_fixed(array))
        else:
            raise TypeError(f"{path}: a release has no {kind}")


class _Column:
    """The three streams of one column."""

    def __init__(self) -> None:
        self.nulls, self.lengths, self.values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
        self._size = 0
        self._null = False

    def count(self, array: pa.Array) -> None:
        """Adds where nulls begin and end."""
        some = array.null_count
        if some in (0, len(array)):
            turns: Any = np.zeros(int(len(array) > 0 and self._null != bool(some)), np.int64)
        else:
            null = _bits(array, array.buffers()[0]) == 0
            turns = np.flatnonzero(np.diff(null, prepend=self._null))
            some = null[-1]
        self.nulls.update((turns + self._size).astype("<i8"))
        if len(array):
            self._null = bool(some)
        self._size += len(array)

    def digest(self) -> str:
        return f"{self._size} {self.nulls.hexdigest()} {self.lengths.hexdigest()} {self.values.hexdigest()}"


# Buffers are looked at as they are: pyarrow's own ways to numpy would import pandas, which takes longer than most releases.


def _bits(array: pa.Array, bits: pa.Buffer) -> Any:
    """A byte, 0 or 1, for each bit of a buffer of this array."""
    last = array.offset + len(array)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=last, bitorder="little")[array.offset :]


def _fixed(array: pa.Array) -> Any:
    """Numbers, none of them null."""
    kind = "f" if pa.types.is_floating(array.type) else "u" if pa.types.is_unsigned_integer(array.type) else "i"
    width = array.type.bit_width // 8
    data = array.buffers()[1]
    if not len(array) or data is None:
        return b""
    values = np.frombuffer(data, f"{kind}{width}", count=array.offset + len(array))[array.offset :]
    return values.astype(f"<{kind}{width}", copy=False)


def _lengths(array: pa.Array) -> Any:
    """Lengths of lists or strings, none of them null."""
    lengths: Any = np.diff(_offsets(array)).astype("<i4")
    return lengths


def _bytes(array: pa.Array) -> Any:
    """The bytes of strings, none of them null."""
    data = array.buffers()[2]
    offsets = _offsets(array)
    return memoryview(data)[offsets[0] : offsets[-1]] if data is not None else b""


def _offsets(array: pa.Array) -> Any:
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_list(array.type)
    places = array.buffers()[1]
    if len(array) == 0 or places is None:
        return np.zeros(1, np.int64)
    return np.frombuffer(places, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
