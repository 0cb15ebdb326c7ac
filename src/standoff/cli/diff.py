"""`standoff diff`: what changed between two versions of the data."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, out, print_json
from standoff.corpus.store import Store
from standoff.release.sources import WORKING, compare, resolve
from standoff.release.summary import Summary

app = typer.Typer()


@app.command("diff")
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The older state.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The newer state.")] = WORKING,
    root: Root = Path(),
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where releases were built.")] = Path("dist"),
    json: Json = False,
) -> None:
    """What differs between two states of the data: documents, splits, annotations, columns, licences.

    A state is a release folder, a published version (1.0.0), a git revision (HEAD~1), the repository of another corpus, or
    `working`, the corpus as it stands. Beside a release, a corpus is seen as a release of it would be: only documents that
    would be released, under public names.

    Example: standoff diff 1.0.0 working
    """
    store = Store(root)
    with ExitStack() as stack:
        old, new = [stack.enter_context(side) for side in resolve((a, b), store, folder)]
        changes = compare(old, new)
        if json:
            kept = list(changes)
            summary = Summary(kept)
            print_json(
                {
                    "a": old.name,
                    "b": new.name,
                    "level": summary.level.name.lower() if kept else None,
                    "counts": [
                        {"what": what, "change": change, "field": field, "number": number}
                        for (what, change, field), number in summary.counts.items()
                    ],
                    "changes": kept,
                }
            )
            return
        summary = Summary(changes)
    if not summary.counts:
        out.print(f"{escape(old.name)} and {escape(new.name)} are the same")
        return
    out.print(f"[bold]{escape(old.name)} → {escape(new.name)}[/]")
    for line in summary.lines():
        out.print(escape(line))
    out.print(f"as versions of a release: {summary.level.name} ({escape(summary.reasons())})")
