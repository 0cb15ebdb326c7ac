"""Content hashes of tables: the same for the same rows, whatever the version of the libraries, chunks, or compression. Pure.

Canonical JSON of every row would say the same, and take several times as long as writing the release. The hash is over
three streams for each column of the flattened schema: which values are there (one byte each), the lengths of lists and
strings (UTF-8 bytes), and the values themselves (UTF-8; integers as 64 bits, floats as IEEE 754 doubles, little-endian).
"""

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class ContentHash:
    """Hash of the rows of one table that comes in pieces. Order matters, where the pieces end does not."""

    def __init__(self) -> None:
        self.rows = 0
        self._streams: dict[str, Any] = {}

    def update(self, table: pa.Table) -> None:
        """Adds rows. Raises TypeError for a type that no release has."""
        self.rows += table.num_rows
        for name in table.column_names:
            for chunk in table.column(name).chunks:
                self._add(name.replace("/", "//"), chunk)

    def hexdigest(self) -> str:
        """SHA-256 of the names and digests of all streams, hexadecimal."""
        whole = hashlib.sha256()
        for path, stream in sorted(self._streams.items()):
            whole.update(f"{path}\n{stream.hexdigest()}\n".encode())
        return whole.hexdigest()

    def _add(self, path: str, array: pa.Array) -> None:
        kind = array.type
        self._put(path, "valid", array.is_valid().cast(pa.uint8()).to_numpy(zero_copy_only=False))
        if pa.types.is_struct(kind):
            for field, child in zip(kind, array.flatten(), strict=True):
                self._add(f"{path}/{field.name.replace('/', '//')}", child)
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            self._put(path, "lengths", _integers(pc.list_value_length(array)))
            self._add(f"{path}/", array.flatten())
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            self._put(path, "lengths", _integers(pc.binary_length(array)))
            self._put(path, "values", _bytes(array))
        elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            self._put(path, "values", _integers(array))
        elif pa.types.is_floating(kind):
            self._put(path, "values", array.fill_null(0).to_numpy(zero_copy_only=False).astype("<f8"))
        else:
            raise TypeError(f"{path}: a release has no {kind}")

    def _put(self, path: str, stream: str, content: Any) -> None:
        # The separator can't be in a name that is followed by it: names' slashes are doubled.
        self._streams.setdefault(f"{path}/ {stream}", hashlib.sha256()).update(content)


def _integers(array: pa.Array) -> Any:
    values = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(values.astype("<i8", copy=False))


def _bytes(array: pa.Array) -> Any:
    if array.null_count:
        # What stands behind a null is anybody's guess.
        array = array.drop_null()
    if len(array) == 0:
        return b""
    wide = pa.types.is_large_string(array.type)
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    return memoryview(data)[places[0] : places[-1]] if data is not None else b""
