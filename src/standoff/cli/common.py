"""What every command shares: its options, and where text for people and JSON for programs go."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from standoff.corpus.decisions import holds_candidates
from standoff.corpus.model import DOCUMENT_ID_PATTERN

Root = Annotated[
    Path, typer.Option("--root", metavar="DIR", help="The corpus repository: the folder that holds corpus/.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object for programs, and nothing else, on standard output.")
]
SetName = Annotated[str, typer.Option("--set", metavar="NAME", help="The annotation set, by its annotator's name.")]

# What a terminal obeys (C0 but tabs and newlines, C1) and what reorders the text around it (embeddings, overrides, isolates).
_OBEYED = [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SHOWN = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _OBEYED}


class _Console(Console):
    """A console on which text never acts on the terminal: what would is shown as an escape."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(text.translate(_SHOWN), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(segment.text.translate(_SHOWN), segment.style)


out = _Console(soft_wrap=True, highlight=False, emoji=False)
"""Text for people, on standard output."""
err = _Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)
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


def check_new_set(value: str) -> str:
    """A callback for the name of a set that a command makes of somebody's annotations."""
    if holds_candidates(check_name(value)):
        raise typer.BadParameter(
            "sets whose names end so hold candidates of an adjudication, which nothing compares or releases"
        )
    return value
