"""What `standoff import` and `standoff export` share: their options, and how losses are shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from msgspec import ValidationError, convert
from rich.markup import escape

from standoff.cli.common import out
from standoff.errors import UsageError
from standoff.exchange.sources import Options
from standoff.formats.foreign import Loss

Strict = Annotated[
    bool, typer.Option("--strict", help="Write nothing when anything would be lost, repaired or refused.")
]
Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="NAMES", help="conll: token, tag, index, other, in order, with commas between."),
]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="conll: tab, space, or blanks (any run of both).")]
Tags = Annotated[str | None, typer.Option("--tags", help="conll: IOB1, IOB2, BILOU or BIOES.")]

_SHOWN = 50
_ALIKE = 5
"""So many with one reason in the same words are shown; of what is lost whatever item it was of."""
_DELIMITERS = {"tab": "\t", "space": " ", "blanks": ""}
_COLORS = {"lost": "yellow", "repaired": "yellow", "refused": "red"}


def layout_options(format_: str, columns: str | None, delimiter: str | None, tags: str | None) -> Options:
    """The layout that the user states. Raises UsageError."""
    stated: dict[str, object] = {}
    if columns is not None:
        stated["columns"] = tuple(columns.split(","))
        if not all(columns.split(",").count(name) == 1 for name in ("token", "tag")):
            raise UsageError("--columns: name one column token and one tag, as in --columns index,token,other,tag")
    if delimiter is not None:
        if delimiter not in _DELIMITERS:
            raise UsageError(f"--delimiter {delimiter}: use {', '.join(_DELIMITERS)}")
        stated["delimiter"] = _DELIMITERS[delimiter]
    if tags is not None:
        stated["tagging"] = tags.upper()
    if stated and format_ != "conll":
        raise UsageError(f"--columns, --delimiter and --tags are for conll; {format_} has no columns")
    try:
        return convert(stated, Options)
    except ValidationError as error:
        raise UsageError(f"--columns, --tags: {error}") from None


def print_losses(losses: Sequence[Loss], left_out: Mapping[str, int], no_place: str) -> None:
    """Counts of all, and the first of them with place and reason."""
    if left_out:
        shown = ", ".join(f"{escape(name)} {count:,}" for name, count in left_out.items())
        out.print(f"{no_place}: {shown}")
    for (kind, reason), count in sorted(Counter((loss.kind, loss.reason) for loss in losses).items()):
        out.print(f"[{_COLORS[kind]}]{kind}[/] {reason}: {count:,}")
    alike: Counter[tuple[str, str]] = Counter()
    chosen: list[Loss] = []
    for loss in losses:
        words = loss.kind, loss.message.rpartition(": ")[2] if loss.kind == "lost" else loss.message
        alike[words] += 1
        if alike[words] <= _ALIKE and len(chosen) < _SHOWN:
            chosen.append(loss)
    for loss in chosen:
        document = f" ({escape(loss.document)})" if loss.document and loss.document != loss.place else ""
        out.print(f"[{_COLORS[loss.kind]}]{loss.kind}[/] {escape(loss.place)}{document}: {escape(loss.message)}")
    if hidden := len(losses) - len(chosen):
        out.print(f"and {hidden:,} more; see --json")
