"""`standoff yank`: marks a published version as withdrawn."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.card import refresh
from standoff.cli.common import Json, Root, err, out, print_json
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.release.releases import record_withdrawn

app = typer.Typer()


@app.command("yank")
def yank_command(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The published version, as in 1.0.0.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="What is wrong with it, for those who use it.")],
    root: Root = Path(),
    json: Json = False,
) -> None:
    """Mark a version as withdrawn in corpus/releases.json and DATASET_CARD.md. Its data stays, for those who depend on it.

    Example: standoff yank 1.0.0 --why "offsets of 12 quotes were wrong; use 1.0.1"
    """
    why = " ".join(why.split())
    if not why:
        raise typer.BadParameter("say why, for those who use this version", param_hint="--why")
    store = Store(root)
    entries = record_withdrawn(store, version, why)
    stale = None
    try:
        refresh(store, os.cpu_count() or 1, write=True)
    except StandoffError as error:
        stale = str(error)
    if json:
        print_json({"version": version, "withdrawn": why, "releases": entries, "card": stale is None})
    else:
        out.print(f"[bold]{escape(version)}[/] is withdrawn: {escape(why)}")
        if stale is None:
            out.print("commit corpus/releases.json and DATASET_CARD.md; the next release says so too")
    if stale is not None:
        err.print(
            f"[yellow]DATASET_CARD.md does not say so yet[/]: {escape(stale)}; mend that, and run `standoff card`"
        )
        raise typer.Exit(1)
