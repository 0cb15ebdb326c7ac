"""Loads a release as its readers will, in a process of its own with an empty cache, and says what came out.

`python -m standoff.release.verify CACHE PIPE` reads what it is to load (`_Order`) from standard input, and prints
`{configuration: {split: [rows, content hash]}}`. It ends when nobody holds the other end of the pipe with this number.
"""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from standoff.corpus.files import fault
from standoff.corpus.processes import end_with
from standoff.errors import StandoffError
from standoff.release.content import ContentHash
from standoff.release.manifest import SplitEntry

MANY = 1_000_000
"""Rows of a release that takes two processes to load."""

_FULL = {
    f"[Errno {errno.ENOSPC}]": errno.ENOSPC,
    f"[Errno {errno.EDQUOT}]": errno.EDQUOT,
    "Not enough disk space": errno.ENOSPC,
}


class Source(msgspec.Struct, frozen=True):
    """Where `datasets` finds a release.

    `path` is its folder, or with `revision` a repository on the Hub. Where it is neither, `files` has the addresses of
    the Parquet files of each split of each configuration. `environment` is added to that of the process that loads it,
    and without `online` it may not ask the Hub.
    """

    path: str = ""
    revision: str | None = None
    files: Mapping[str, Mapping[str, list[str]]] = {}
    environment: Mapping[str, str] = {}
    online: bool = False


class Unverified(StandoffError):
    """What `datasets` makes of a release is not what was written, or it does not load."""


def verify(
    source: Source, wanted: Mapping[str, Any], expected: Mapping[str, Mapping[str, SplitEntry]], scratch: Path | None
) -> None:
    """Raises Unverified unless `datasets` loads exactly the expected configurations, splits, features and rows.

    Raises EnvironmentFault when the disk is too full to tell.

    `wanted` has the features of each configuration in the notation of the files' metadata. The cache stands in `scratch`
    (None: where the system keeps temporary files) while this runs: as large as the release uncompressed.
    """
    names = list(expected)
    rows = sum(entry.rows for splits in expected.values() for entry in splits.values())
    groups = [names[0::2], names[1::2]] if rows > MANY else [names]
    loaded: dict[str, dict[str, list[Any]]] = {}
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".cache-") as cache, ThreadPoolExecutor(2) as threads:
        orders = [_Order(source, {name: wanted[name] for name in expected}, group) for group in groups]
        for found in threads.map(lambda order: _loaded(order, Path(cache).absolute()), orders):
            loaded |= found
    promised = {
        name: {split: [entry.rows, entry.content_sha256] for split, entry in splits.items()}
        for name, splits in expected.items()
    }
    if loaded != promised:
        raise Unverified(f"`datasets` loads something else: {loaded} and not {promised}")


class _Order(msgspec.Struct, frozen=True):
    """What a process is to load: configurations `names` of a release that has all of `wanted`."""

    source: Source
    wanted: dict[str, Any]
    names: list[str]


def _loaded(order: _Order, cache: Path) -> dict[str, dict[str, list[Any]]]:
    """What a process with an empty cache says of its configurations."""
    source = order.source
    own = cache / order.names[0]
    own.mkdir()
    environment = {**os.environ, "HF_HOME": str(own), "HF_DATASETS_CACHE": str(own), "HF_HUB_DISABLE_TELEMETRY": "1"}
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        environment.pop(name, None)
    if not source.online:
        environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    watched, held = os.pipe()
    try:
        process = subprocess.run(
            # -P: a folder called `datasets` where the user happens to be is not the library.
            [sys.executable, "-P", "-m", "standoff.release.verify", str(own), str(watched)],
            input=msgspec.json.encode(
                msgspec.structs.replace(order, source=msgspec.structs.replace(source, environment={}))
            ),
            env={**environment, **source.environment},
            capture_output=True,
            check=False,
            pass_fds=[watched],
        )
    finally:
        os.close(watched)
        os.close(held)
    if process.returncode:
        errors = process.stderr.decode(errors="replace").strip().splitlines()
        last = errors[-1] if errors else f"exit code {process.returncode}"
        # `datasets` looks for room before it starts, and may end with an error of its own that came of a full disk.
        told = "\n".join(errors)
        for sign, code in _FULL.items():
            if sign in told:
                raise fault(OSError(code, last), cache.parent)
        raise Unverified(f"`datasets` does not load it: {last}")
    return msgspec.json.decode(process.stdout, type=dict[str, dict[str, list[Any]]])


def load(order: _Order, cache: Path) -> dict[str, dict[str, tuple[int, str]]]:
    """What `datasets` makes of a release: rows and content hash of each split of the configurations that are ordered.

    Raises ValueError when configurations or features are not the wanted ones, and whatever `datasets` raises.
    """
    import datasets

    datasets.disable_progress_bars()
    source, wanted = order.source, order.wanted
    if source.path:
        names = datasets.get_dataset_config_names(source.path, revision=source.revision)
        if sorted(names) != sorted(wanted):
            raise ValueError(f"configurations {names}, not {list(wanted)}")
    result: dict[str, dict[str, tuple[int, str]]] = {}
    for name in order.names:
        if source.path:
            loaded = datasets.load_dataset(source.path, name, revision=source.revision, cache_dir=str(cache))
        else:
            loaded = datasets.load_dataset("parquet", data_files=source.files[name], cache_dir=str(cache))
        for split, rows in loaded.items():
            promised = datasets.Features.from_dict(wanted[name])
            if rows.features != promised:
                raise ValueError(f"{name}: features {rows.features}, not {promised}")
            content = ContentHash()
            # Read, not mapped as `rows` is: what was touched of a mapped file counts as memory of the process.
            for cached in rows.cache_files:
                with pa.OSFile(cached["filename"]) as file, pa.ipc.open_stream(file) as batches:
                    for batch in batches:
                        content.update(pa.Table.from_batches([batch]))
            result.setdefault(name, {})[str(split)] = content.rows, content.hexdigest()
    return result


if __name__ == "__main__":
    end_with(int(sys.argv[2]))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)
    sys.stdout.buffer.write(msgspec.json.encode(load(order, Path(sys.argv[1]))))
