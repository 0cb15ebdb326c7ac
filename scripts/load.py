"""Loads every configuration and split of a release with `datasets.load_dataset`, and prints one row of each.

python scripts/load.py dist/nl-news-standoff/1.0.0
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_PROGRESS_BARS="1")

from datasets import disable_progress_bars, get_dataset_config_names, load_dataset
from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True, emoji=False)


def main(folder: str) -> None:
    """Prints configuration, split, number of rows, and the first row, cut to what fits a screen."""
    disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        for name in get_dataset_config_names(folder):
            for split, rows in load_dataset(folder, name, cache_dir=cache).items():
                console.print(f'\n[bold]load_dataset("…", "{name}", split="{split}")[/]  {len(rows)} rows; the first:')
                for column, value in rows[0].items():
                    console.print(f"  [cyan]{column:<16}[/]{escape(cut(value))}")


def cut(value: object) -> str:
    """A value on one line: of a list its length and first item, of a long text its beginning."""
    if isinstance(value, list) and value:
        return f"{len(value)} × {cut(value[0])}"
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manifest.json").is_file():
        sys.exit("python scripts/load.py FOLDER: a release, as in dist/nl-news-standoff/1.0.0")
    main(sys.argv[1])
