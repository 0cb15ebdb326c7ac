"""Raw texts to documents, as `standoff normalize` does: python scripts/normalize.py [PATHS] [--root DIR] [--json]."""

import sys

from standoff.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["normalize"]
    main()
