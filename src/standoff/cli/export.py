"""`standoff export`: the sets of one annotator in a foreign format."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, SetName, out, print_json, progress
from standoff.cli.losses import Columns, Delimiter, Strict, Tags, layout_options, print_losses
from standoff.errors import UsageError
from standoff.text.counted import counted

app = typer.Typer()


@app.command("export")
def export_command(
    format_: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT", help="brat, cas, conll, conllu, doccano, hf, labelstudio, prodigy, spacy or xmi."
        ),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new file or folder.")],
    set_name: SetName = "gold",
    root: Root = Path(),
    strict: Strict = False,
    columns: Columns = None,
    delimiter: Delimiter = None,
    tags: Tags = None,
    json: Json = False,
) -> None:
    """Write the documents that have an annotation set in another format, and say what did not fit.

    Example: standoff export conll gold.conll --set gold
    """
    from standoff.exchange.exporting import WRITERS, export

    if format_ not in WRITERS:
        raise UsageError(f"{format_}: no such format; known are {', '.join(WRITERS)}")
    options = layout_options(format_, columns, delimiter, tags)
    with progress() as display:
        task = display.add_task("exporting", total=None)
        report = export(
            format_,
            path,
            root,
            set_name=set_name,
            strict=strict,
            options=options,
            progress=lambda done: display.update(task, completed=done),
        )
    refused = any(loss.kind == "refused" for loss in report.losses)
    if json:
        print_json(report)
        raise typer.Exit(1 if refused else 0)
    out.print(
        f"{counted(report.documents, 'document')}, {counted(report.spans, 'span')}, {counted(report.relations, 'relation')}"
        f" of the set {escape(set_name)} to {escape(report.path)}"
    )
    if report.excluded:
        out.print(f"left out {counted(report.excluded, 'document')} that corpus/overrides.toml excludes")
    print_losses(report.losses, report.left_out, "the format has no place for")
    raise typer.Exit(1 if refused else 0)
