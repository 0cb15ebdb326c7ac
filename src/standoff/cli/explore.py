"""`standoff explore`: pages to read the corpus, opened from disk or put on any web server."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.cli.compared import check_annotators
from standoff.corpus.store import Store
from standoff.explore.build import build
from standoff.explore.leaderboards import has_reports, read_reports
from standoff.text.counted import counted

app = typer.Typer()

_REPORTS = Path("reports")


@app.command("explore")
def explore(
    root: Root = Path(),
    to: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the pages go.")] = Path("site"),
    set_name: Annotated[
        str | None,
        typer.Option("--set", metavar="NAME", help="The annotation set that is shown first; the one that is released."),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", metavar="NAME", help="A set to compare it with; repeatable. None: all there are."),
    ] = None,
    reports: Annotated[
        Path | None,
        typer.Option(
            "--reports",
            metavar="DIR",
            help="Reports of `standoff benchmark`: this folder and those in it. By default reports/, if there are any.",
        ),
    ] = None,
    with_gamma: Annotated[
        bool, typer.Option("--gamma", help="Agreement as gamma too: seconds a document; needs the extra `gamma`.")
    ] = False,
    json: Json = False,
) -> None:
    """Build pages to read the corpus in a browser, opened from disk: no server, nothing fetched from elsewhere.

    Articles with their annotations, annotators side by side, statistics, agreement, the leaderboard of models, search. Leaves out
    what overrides.toml excludes. Replaces what an earlier run wrote under --out, and nothing else. Exits with 1 when sets were left out, because they don't stand on their document's text.

    Example: standoff explore --out site --set gold --against annotator-a
    """
    store = Store(root)
    there = store.annotators()
    first = set_name or (store.config.release.set if store.config.release.set in there else None)
    check_annotators(store, [*([set_name] if set_name else []), *(against or ())])
    names = list(dict.fromkeys([*([first] if first else []), *(there if against is None else against)]))
    boards = read_reports(reports or _REPORTS, store.config.corpus.name) if reports or has_reports(_REPORTS) else {}
    with progress() as display:
        task = display.add_task("writing pages", total=None)
        site = build(store, names, to, lambda: display.advance(task), boards=boards, with_gamma=with_gamma)
    if json:
        print_json(site)
    else:
        out.print(
            f"{escape(str(to / 'index.html'))}: {counted(site.documents, 'document')} with sets of {escape(', '.join(names) or 'nobody')},"
            f" {counted(site.files, 'file')}, {site.bytes / 1e6:,.1f} MB"
        )
        for title in boards:
            out.print(f"leaderboard: {escape(title)}")
    if site.excluded:
        err.print(f"left out {counted(site.excluded, 'document')} that corpus/overrides.toml excludes")
    for reason, number in site.skipped.items():
        err.print(f"[yellow]left out[/] {counted(number, 'set')}: {reason}; run `standoff validate`")
    raise typer.Exit(1 if site.skipped else 0)
