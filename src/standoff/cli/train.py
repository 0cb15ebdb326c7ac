"""`standoff train`: a baseline made from a release."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict
from rich.markup import escape

from standoff.cli.common import Json, err, out, print_json, progress
from standoff.errors import UsageError
from standoff.text.counted import counted

app = typer.Typer()


@app.command("train")
def train_command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="crf, a conditional random field.")],
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="The folder of a release, with its ner configuration.")
    ],
    path: Annotated[Path, typer.Option("--out", metavar="FILE", help="The model to write.")],
    split: Annotated[str, typer.Option("--split", help="The split that it learns from.")] = "train",
    json: Json = False,
) -> None:
    """Train a model on the tokens and tags of a release, to be used as crf:FILE. The same data make the same file.

    Example: standoff train crf --data dist/nl-news-standoff/1.0.0 --out models/news.crf
    """
    from standoff.benchmark.crf_training import train

    if kind != "crf":
        raise UsageError(f"{kind}: there is nothing to train but crf")
    with progress() as display:
        task = display.add_task("training", total=None)
        header = train(data, path, split, lambda done: display.update(task, completed=done))
    if split != "train":
        err.print(
            f"[yellow]known from now on[/] {escape(split)}: what this model reaches there says nothing of other texts"
        )
    if json:
        print_json({"model": f"crf:{path}", **asdict(header)})
    else:
        learned = header.data
        out.print(
            f"crf:{escape(str(path))} learned {', '.join(map(escape, header.labels)) or 'no label'} from {counted(learned.sentences, 'sentence')} of"
            f" {escape(learned.release)} {learned.version}, {escape(learned.split)}"
        )
