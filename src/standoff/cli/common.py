"""What every command shares: its options, and where text for people and JSON for programs go."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from standoff.corpus.model import DOCUMENT_ID_PATTERN

Root = Annotated[
    Path, typer.Option("--root", metavar="DIR", help="The corpus repository: the folder that holds corpus/.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object for programs, and nothing else, on standard output.")
]
SetName = Annotated[str, typer.Option("--set", metavar="NAME", help="The annotation set, by its annotator's name.")]

out = Console(soft_wrap=True, highlight=False, emoji=False)
"""Text for people, on standard output."""
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)
"""Progress, warnings and errors."""


def print_json(value: object) -> None:
    """One JSON object and a newline on standard output."""
    try:
        text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    except UnicodeEncodeError:  # a file's name that is not UTF-8: half a surrogate pair, which only an escape can hold
        text = json.dumps(msgspec.to_builtins(value), indent=2).encode()
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.buffer.flush()


def progress() -> Progress:
    """A progress display on standard error, shown only on a terminal, and gone when done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def check_name(value: str) -> str:
    """A callback for names that become file or folder names."""
    import re

    if not re.fullmatch(DOCUMENT_ID_PATTERN, value):
        raise typer.BadParameter("use lower-case letters, digits, '.', '_', '-', a letter or digit first")
    return value
