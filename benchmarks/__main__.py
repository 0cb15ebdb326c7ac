"""All benchmarks, one after another: `make bench`, or `python -m benchmarks validate` for one."""

import importlib
import sys

ALL = ("normalize", "validate", "release", "segmentation", "score", "sync", "formats", "conversions", "explore")

if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
