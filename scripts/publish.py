"""Publish a release, as `standoff publish` does: python scripts/publish.py TARGET [--version X.Y.Z] [--dry-run] [--public]."""

import sys

from standoff.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["publish"]
    main()
