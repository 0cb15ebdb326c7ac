"""Loads a built release as its readers will, in a process of its own with an empty cache, and says what came out.

`python -m standoff.release.verify FOLDER CACHE` reads `{configuration: features}` in the notation of the files' metadata
from standard input, and prints `{configuration: {split: [rows, content hash]}}`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standoff.errors import StandoffError
from standoff.release import features
from standoff.release.content import ContentHash
from standoff.release.features import Features
from standoff.release.manifest import SplitEntry

BATCH = 2000


def verify(folder: Path, wanted: Mapping[str, Features], expected: Mapping[str, Mapping[str, SplitEntry]]) -> None:
    """Raises StandoffError unless `datasets` loads exactly the expected configurations, splits, features and rows.

    The cache stands beside `folder` while this runs: as large as the release uncompressed.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.cache-") as cache:
        environment = {**os.environ, "HF_HOME": cache, "HF_DATASETS_CACHE": cache}
        environment |= dict.fromkeys(("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"), "1")
        process = subprocess.run(
            # -P: a folder called `datasets` where the user happens to be is not the library.
            [
                sys.executable,
                "-P",
                "-m",
                "standoff.release.verify",
                str(folder.absolute()),
                str(Path(cache).absolute()),
            ],
            input=json.dumps({name: features.metadata(wanted[name]) for name in expected}),
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if process.returncode:
        last = process.stderr.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
        raise StandoffError(f"the release was built, but `datasets` does not load it: {last[0]}; nothing was kept")
    loaded = json.loads(process.stdout)
    promised = {
        name: {split: [entry.rows, entry.content_sha256] for split, entry in splits.items()}
        for name, splits in expected.items()
    }
    if loaded != promised:
        raise StandoffError(
            f"the release was built, but `datasets` loads something else: {loaded} and not {promised}; nothing was kept"
        )


def load(folder: Path, cache: Path, wanted: Mapping[str, Any]) -> dict[str, dict[str, tuple[int, str]]]:
    """What `datasets` makes of a release: rows and content hash of each split of each configuration.

    Raises ValueError when configurations or features are not the wanted ones, and whatever `datasets` raises.
    """
    import datasets

    datasets.disable_progress_bars()
    names = datasets.get_dataset_config_names(str(folder))
    if sorted(names) != sorted(wanted):
        raise ValueError(f"configurations {names}, not {list(wanted)}")
    result: dict[str, dict[str, tuple[int, str]]] = {}
    for name in wanted:
        loaded = datasets.load_dataset(str(folder), name, cache_dir=str(cache))
        for split, rows in loaded.items():
            promised = datasets.Features.from_dict(wanted[name])
            if rows.features != promised:
                raise ValueError(f"{name}: features {rows.features}, not {promised}")
            content = ContentHash()
            table = rows.data.table
            for start in range(0, table.num_rows, BATCH):
                content.update(table.slice(start, BATCH))
            result.setdefault(name, {})[str(split)] = content.rows, content.hexdigest()
    return result


if __name__ == "__main__":
    print(json.dumps(load(Path(sys.argv[1]), Path(sys.argv[2]), json.load(sys.stdin))))
