"""`python -m standoff`."""

if __name__ == "__main__":
    # Processes that this one starts read this file too, and need nothing of the command line.
    from standoff.cli import main

    main()
