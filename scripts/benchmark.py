"""Models measured on a split, as `standoff benchmark` does: python scripts/benchmark.py MODEL... [--data RELEASE] [--split test]."""

import sys

from standoff.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["benchmark"]
    main()
