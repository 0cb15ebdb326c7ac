"""Where `standoff` and `python -m standoff` start."""

import sys


def main() -> None:
    """Runs the command line; one that is interrupted while it starts ends as quietly as later."""
    try:
        # Processes that this one starts read this file too, and need nothing of the command line.
        from standoff.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
