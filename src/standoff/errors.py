"""The one root exception and its few kinds. Only `cli/` turns them into text and an exit code.

Problems in data are values (`problems.Problem`), not exceptions; an exception means that a command can't go on.
"""


class StandoffError(Exception):
    """Root of all errors that a user can cause and mend. The message says where, what, and what to do."""

    exit_code = 1


class UsageError(StandoffError):
    """Wrong arguments or a wrong `corpus.toml`, `scheme.toml`, `overrides.toml`."""

    exit_code = 2


def how_to_install(extra: str) -> str:
    """What a message says of a missing package: how the extra of ours that holds it is installed."""
    return (
        f"install standoff with its extra `{extra}`: pip install '.[{extra}]' in the checkout that standoff comes from"
    )


class EnvironmentFault(StandoffError):
    """The machine or a remote service stands in the way: locked, read-only, disk full, unreachable, part missing."""

    exit_code = 3
