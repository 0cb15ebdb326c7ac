"""Corpus and Doccano in step, as `standoff sync` does: python scripts/sync.py [PROJECT] [--root DIR] [--dry-run] [--json]."""

import sys

from standoff.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["sync"]
    main()
