"""`standoff normalize`: raw texts to documents."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, out, print_json, progress
from standoff.corpus.store import Store
from standoff.text.counted import counted

app = typer.Typer()


@app.command("normalize")
def normalize(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATHS]...", help="Files, folders or globs; none: everything under seeds/."),
    ] = None,
    root: Root = Path(),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; by default one for each processor.")
    ] = None,
    json: Json = False,
) -> None:
    """Turn raw texts (.txt, .md, .html, .jsonl; also .gz, .zst) into documents with sections and sentences.

    What becomes no document is listed with its reason, and written to .standoff/rejects.jsonl.
    Example: standoff normalize seeds/2025 --jobs 2
    """
    from standoff.normalize.run import run

    store = Store(root)
    with progress() as display:
        task = display.add_task("normalizing", total=None)
        report = run(store, paths or (), jobs, lambda done: display.update(task, completed=done))
    if json:
        print_json(report)
    else:
        out.print(
            f"{counted(report.sources, 'source')}: {counted(report.created, 'document')} created, {report.updated} updated,"
            f" {report.unchanged} unchanged, {counted(len(report.rejected), 'text')} rejected"
        )
        if not report.sources and not paths:
            out.print(f"put texts into {escape(str(root / 'seeds'))}, and run this again")
        if report.changes:
            out.print(
                "cleaned: " + ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in report.changes.items())
            )
        if report.left_out:
            out.print(
                "fields that no document has a place for: "
                + ", ".join(f"{escape(repr(name))} {count:,}" for name, count in report.left_out.items())
            )
        for notice in report.warnings[:50]:
            out.print(f"[yellow]note[/] {_place(notice.source, notice.line, notice.id)}: {escape(notice.message)}")
        for rejected in report.rejected[:50]:
            out.print(
                f"[red]rejected[/] {_place(rejected.source, rejected.line, rejected.id)}:"
                f" {rejected.reason}: {escape(rejected.detail)}"
            )
        if hidden := max(0, len(report.warnings) - 50) + max(0, len(report.rejected) - 50):
            out.print(f"and {hidden} more; see --json")
        if report.rejected:
            out.print(f"all of them, with reasons: {escape(str(root / '.standoff' / 'rejects.jsonl'))}")
    # What a curator decided is listed, and no problem.
    raise typer.Exit(1 if any(rejected.reason != "excluded" for rejected in report.rejected) else 0)


def _place(source: str, line: int, id_: str) -> str:
    return escape(source + (f":{line}" if line else "") + (f" ({id_})" if id_ else ""))
