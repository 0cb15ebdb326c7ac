"""Loads a release as its readers will, in a process of its own with an empty cache, and says what came out.

`python -m standoff.release.verify PIPE` reads what it is to load (`_Order`) from standard input, and prints
`{configuration: {split: [rows, content hash]}}`. It ends when nobody holds the other end of the pipe with this number.
"""

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from standoff.corpus.processes import end_with
from standoff.errors import StandoffError
from standoff.release.content import ContentHash
from standoff.release.manifest import SplitEntry

BATCH = 2000
"""Rows that are looked at together."""


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

    `wanted` has the features of each configuration in the notation of the files' metadata. The cache stands in `scratch`
    (None: where the system keeps temporary files) while this runs, and stays small: rows are streamed.
    """
    order = _Order(source, {name: wanted[name] for name in expected})
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".cache-") as cache:
        loaded = _loaded(order, Path(cache).absolute())
    promised = {
        name: {split: [entry.rows, entry.content_sha256] for split, entry in splits.items()}
        for name, splits in expected.items()
    }
    if loaded != promised:
        raise Unverified(f"`datasets` loads something else: {loaded} and not {promised}")


class _Order(msgspec.Struct, frozen=True):
    """What a process is to load: all configurations of a release, and the features that it should find."""

    source: Source
    wanted: dict[str, Any]


def _loaded(order: _Order, cache: Path) -> dict[str, dict[str, list[Any]]]:
    """What a process with an empty cache says of a release."""
    source = order.source
    environment = {
        **os.environ,
        "HF_HOME": str(cache),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        # Arrow's own pool keeps a third more memory, and takes more time to get it.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
    for name in ("HF_DATASETS_CACHE", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        environment.pop(name, None)
    if not source.online:
        environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    watched, held = os.pipe()
    try:
        process = subprocess.run(
            # -P: a folder called `datasets` where the user happens to be is not the library.
            [sys.executable, "-P", "-m", "standoff.release.verify", str(watched)],
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
        raise Unverified(f"`datasets` does not load it: {last}")
    return msgspec.json.decode(process.stdout, type=dict[str, dict[str, list[Any]]])


def load(order: _Order) -> dict[str, dict[str, tuple[int, str]]]:
    """What `datasets` makes of a release: rows and content hash of each split of each configuration.

    Raises ValueError when configurations or features are not the wanted ones, and whatever `datasets` raises.
    """
    import datasets
    import pyarrow.dataset as pa_dataset

    datasets.disable_progress_bars()
    source, wanted = order.source, order.wanted
    if source.path:
        names = datasets.get_dataset_config_names(source.path, revision=source.revision)
        if sorted(names) != sorted(wanted):
            raise ValueError(f"configurations {names}, not {list(wanted)}")
    more: dict[str, Any] = {}
    if source.path and not source.online and [*map(int, datasets.__version__.split(".")[:2])] >= [4, 2]:
        # What is read ahead of a file is kept until its end, which is no use on a disk.
        more["fragment_scan_options"] = pa_dataset.ParquetFragmentScanOptions(pre_buffer=False)
    found: dict[tuple[str, str], Any] = {}
    for name, features in wanted.items():
        # Streamed: a prepared copy would cost twice as much as reading all of it, and the room for all rows uncompressed.
        if source.path:
            loaded = datasets.load_dataset(source.path, name, revision=source.revision, streaming=True, **more)
        else:
            loaded = datasets.load_dataset("parquet", data_files=source.files[name], streaming=True)
        promised = datasets.Features.from_dict(features)
        for split, rows in loaded.items():
            if rows.features != promised:
                raise ValueError(f"{name}: features {rows.features}, not {promised}")
            found[name, str(split)] = rows
    result: dict[str, dict[str, tuple[int, str]]] = {}
    # Reading, decompressing and hashing all run beside one another in threads.
    with ThreadPoolExecutor(2) as threads:
        for (name, split), content in zip(found, threads.map(_content, found.values()), strict=True):
            result.setdefault(name, {})[split] = content.rows, content.hexdigest()
    return result


def _content(rows: Any) -> ContentHash:
    content = ContentHash()
    for table in rows.with_format("arrow").iter(BATCH):
        content.update(table)
    return content


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    code = 1
    try:
        asked = msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)
        sys.stdout.buffer.write(msgspec.json.encode(load(asked)))
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads that read ahead in a large file may keep a process from ever ending.
        os._exit(code)
