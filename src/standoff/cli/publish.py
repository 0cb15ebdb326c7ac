"""`standoff publish`: a release to where others load it from."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.corpus.store import Store

app = typer.Typer()


@app.command("publish")
def publish_command(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="folder:PATH, git:URL, hub:ORG/NAME or s3://BUCKET/PREFIX.")
    ],
    version: Annotated[
        str | None, typer.Option(metavar="X.Y.Z", help="The version; by default the newest that is built.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing anywhere.")
    ] = False,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="Publish texts of unknown licence where others can read them; make a new repository on the Hub public.",
        ),
    ] = False,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where releases were built.")] = Path("dist"),
    root: Root = Path(),
    json: Json = False,
) -> None:
    """Publish a release that `standoff release` built, load it back, and record it in corpus/releases.json.

    A published version never changes. The Hub's token and the credentials of git and S3 are those of their own tools.
    Git servers and buckets count as public, since nobody can tell.

    Example: standoff publish hub:org/name --dry-run
    """
    from standoff.publish.run import find_built, publish

    store = Store(root)
    with progress() as display:
        task = display.add_task("checking", total=None)
        built = find_built(store, folder, version)
        done = publish(
            store,
            built,
            target,
            public=public,
            dry_run=dry_run,
            on_step=lambda step: display.update(task, description=f"{step} {built.title}"),
            warn=lambda message: err.print(f"[yellow]warning[/] {escape(message)}"),
        )
    if json:
        print_json(done)
        return
    where = escape(f"{done.name} {done.version}")
    if dry_run:
        out.print(f"[bold]{where}[/] to {escape(target)} (nothing was changed)")
        for step in done.steps:
            out.print(f"  {escape(step)}")
        return
    if done.state == "there":
        out.print(f"[bold]{where}[/] was at {escape(target)} already; it loads, and was left as it is")
    else:
        out.print(f"[bold]{where}[/] published at {escape(target)}, and loaded back from there")
    out.print(f"content {done.content_sha256}; run `standoff card`, and commit the card and corpus/releases.json")
