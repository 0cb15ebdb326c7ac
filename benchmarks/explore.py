"""`standoff explore` on a synthetic corpus at two sizes: time, size, and whether memory grows."""

import tempfile
from pathlib import Path

from benchmarks import measure, synthetic

NUMBER = 10_000


def main(number: int = NUMBER) -> None:
    """Prints seconds, megabytes of pages, and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        for size in (number // 4, number):
            root = Path(folder) / str(size)
            synthetic.corpus(root, size)
            run = measure.command("-m", "standoff", "explore", "--root", str(root), "--out", str(root / "site"))
            written = sum(path.stat().st_size for path in (root / "site").rglob("*.js"))
            print(
                f"{size:7,} documents: {run.seconds:6.1f} s, {size / run.seconds:5,.0f} a second,"
                f" {written / 1e6:5,.0f} MB of pages, peak memory {run.megabytes:4.0f} MB"
            )


if __name__ == "__main__":
    main()
