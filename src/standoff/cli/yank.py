"""`standoff yank`: marks a published version as withdrawn."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, out, print_json
from standoff.corpus.store import Store
from standoff.release.releases import record_withdrawn

app = typer.Typer()


@app.command("yank")
def yank_command(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The published version, as in 1.0.0.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="What is wrong with it, for those who use it.")],
    root: Root = Path(),
    json: Json = False,
) -> None:
    """Mark a version as withdrawn in corpus/releases.json. Its data stays where it is, for those who depend on it.

    Example: standoff yank 1.0.0 --why "offsets of 12 quotes were wrong; use 1.0.1"
    """
    why = " ".join(why.split())
    if not why:
        raise typer.BadParameter("say why, for those who use this version", param_hint="--why")
    entries = record_withdrawn(Store(root), version, why)
    if json:
        print_json({"version": version, "withdrawn": why, "releases": entries})
    else:
        out.print(f"[bold]{escape(version)}[/] is withdrawn: {escape(why)}")
        out.print("commit corpus/releases.json; the card of the next release says so")
