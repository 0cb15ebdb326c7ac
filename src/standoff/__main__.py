"""Where `standoff` and `python -m standoff` start."""

import gc
import sys


def main() -> None:
    """Runs the command line; one that is interrupted while it starts ends as quietly as later."""
    # Records are trees, made by the million: looking for rubbish among them takes more time than it frees memory.
    gc.set_threshold(100_000, 20, 100)
    try:
        # Processes that this one starts read this file too, and need nothing of the command line.
        from standoff.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
