"""`standoff import`: a corpus in a foreign format to documents and annotation sets."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, check_new_set, err, out, print_json, progress
from standoff.cli.losses import Columns, Delimiter, Strict, Tags, layout_options, print_losses
from standoff.errors import UsageError
from standoff.text.counted import counted

app = typer.Typer()


@app.command("import")
def import_command(
    format_: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="brat, cas, conll, conllu, doccano, hf, labelstudio, prodigy or spacy."),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder of files.")],
    scheme: Annotated[
        str, typer.Option("--scheme", metavar="infer|FILE", help="Of a new corpus; an old one keeps its own.")
    ] = "infer",
    set_name: Annotated[
        str | None, typer.Option("--set", metavar="NAME", help="By default the source's annotators, else gold.")
    ] = None,
    root: Root = Path(),
    license_: Annotated[
        str | None,
        typer.Option("--license", help="Of the texts: an SPDX id, a name, or unknown; by default corpus.toml's."),
    ] = None,
    strict: Strict = False,
    columns: Columns = None,
    delimiter: Delimiter = None,
    tags: Tags = None,
    json: Json = False,
) -> None:
    """Bring an annotated corpus in, and say what did not fit. A corpus that is not there yet is made.

    Example: standoff import conll testa.conll --root new-corpus
    """
    from standoff.exchange.importing import import_
    from standoff.exchange.sources import READERS
    from standoff.normalize.language import LEAST_CONFIDENCE

    if format_ not in READERS:
        raise UsageError(f"{format_}: no such format; known are {', '.join(READERS)}")
    if set_name is not None:
        check_new_set(set_name)
    options = layout_options(format_, columns, delimiter, tags)
    with progress() as display:
        task = display.add_task("importing", total=None)
        report = import_(
            format_,
            path,
            root,
            scheme=None if scheme == "infer" else Path(scheme),
            set_name=set_name,
            license_=license_,
            strict=strict,
            options=options,
            progress=lambda done: display.update(task, completed=done),
        )
    if json:
        print_json(report)
        raise typer.Exit(1 if report.refused else 0)
    if report.made:
        out.print(f"made a corpus in {escape(report.root)}, scheme {escape(report.scheme)}, language {report.language}")
    if report.confidence is not None and report.confidence < LEAST_CONFIDENCE:
        err.print(
            f"[yellow]language[/] {report.language} is a weak guess ({report.confidence:.2f}): look whether it holds, else state it in"
            " corpus.toml and in the documents"
        )
    if report.weak:
        some = ", ".join(report.weak[:5]) + (" ..." if len(report.weak) > 5 else "")
        err.print(
            f"[yellow]language[/] is a weak guess of {counted(len(report.weak), 'document')} ({some}): look whether it holds, else"
            " state it there"
        )
    out.print(
        f"{counted(report.texts, 'text')}: {counted(report.created, 'document')} created, {report.unchanged} there already;"
        f" {counted(report.sets, 'set')} with {counted(report.spans, 'span')} and {counted(report.relations, 'relation')}"
    )
    if report.labels:
        shown = [f"{escape(name)} {count:,}" for name, count in report.labels.items()]
        out.print(", ".join(shown[:40]) + (f" and {counted(len(shown) - 40, 'more label')}" if len(shown) > 40 else ""))
    if report.changes:
        cleaned = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in report.changes.items())
        out.print(f"cleaned: {cleaned}; {counted(report.moved, 'span')} moved along")
    for name, ours in report.renamed.items():
        out.print(f"the attribute {escape(name)} is called {ours} here")
    print_losses(report.losses, report.left_out, "no document or set has a place for")
    raise typer.Exit(1 if report.refused else 0)
