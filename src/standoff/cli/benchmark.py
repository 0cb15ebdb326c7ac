"""`standoff benchmark`: models on a split of a release, in one table."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from standoff.benchmark.data import source, workspace
from standoff.benchmark.leaderboard import Leaderboard
from standoff.benchmark.measured import Data
from standoff.benchmark.report import figure_at
from standoff.benchmark.run import run
from standoff.benchmark.worker import Settings
from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.cli.compared import Layers, check_layers
from standoff.cli.models import LabelMap, Options, read_label_map, read_options
from standoff.corpus.scheme import index
from standoff.errors import UsageError
from standoff.text.counted import counted, figure

app = typer.Typer()

_WORK = "work"
_LEARNERS = ("crf", "gazetteer")


@app.command("benchmark")
def benchmark(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...", help="KIND:NAME, as in rule:quotes, gazetteer:gold or 'command:python my_model.py'."
        ),
    ],
    root: Root = Path(),
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DATA",
            help="A release's folder, a corpus repository, or org/name@version on the Hub; by default the corpus at --root.",
        ),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="train, validation or test.")] = "test",
    layer: Layers = None,
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where reports, results and predictions are kept.")
    ] = Path("reports"),
    labels: LabelMap = None,
    option: Options = None,
    seed: Annotated[int, typer.Option("--seed", help="For models that draw lots, and for resampling.")] = 0,
    json: Json = False,
) -> None:
    """Measure models on a split: leaderboard with 95% intervals and significance, mistakes by kind, speed.

    Writes leaderboard.json, leaderboard.md (for the card) and mistakes.md below --out, beside one result for each model.
    Results that are there already of the same data stand in the same table. Those of other data don't: where this run
    measures all their models anew, they go into a folder in --out; else it refuses to go on.
    Predictions are kept: killed or crashed half way and run again, it goes on. Exits with 1 when a model failed on a document
    or gold has labels that the scheme lacks, and as the model's error says when one stopped.

    Example: standoff benchmark rule:quotes --data dist/nl-news-standoff/1.0.0 --split train
    """
    settings = Settings(seed=seed, options=read_options(option), labels=read_label_map(labels))
    if len(models) > 1 and (option or labels):
        raise UsageError(
            "--option and --labels are those of one model: run one after the other, and they share the table"
        )
    where = source(data, root)
    store = workspace(where, folder / _WORK / where.name)
    layers = check_layers(layer, index(store.scheme))
    moved: list[tuple[Data, Path]] = []
    with progress() as display:
        tasks = {model: display.add_task(f"predicting with {escape(model)}", total=None) for model in models}
        board = run(
            models,
            where,
            store,
            folder,
            split=split,
            layers=layers,
            settings=settings,
            progress=lambda model, done, of: display.update(tasks[model], completed=done, total=of),
            aside=lambda data, place: moved.append((data, place)),
        )
    if json:
        print_json(board)
    else:
        _show(board)
        out.print(
            f"\nthe whole report is in {escape(str(folder / 'leaderboard.md'))}, examples in mistakes.md beside it"
        )
    for before, place in moved:
        err.print(f"[yellow]moved[/] the report on {escape(before.title)} to {escape(str(place))}")
    _warn(board)
    wrong = bool(board.data.unknown_labels) or any(
        board.models[model].failed for model in models if model in board.models
    )
    raise typer.Exit(max([int(wrong), *[one.exit_code for one in board.stopped]]))


def _show(board: Leaderboard) -> None:
    out.print(escape(board.data.title))
    for name, found in board.layers.items():
        table = Table(name, "precision", "recall", "F1", "95% interval", "p", box=None, header_style="bold")
        for column in table.columns[1:]:
            column.justify = "right"
        for row in found.models:
            main = figure_at(row, found.main)
            reach = "–".join(map(figure, main["interval"] or ()))
            p = "" if row.p_holm is None else f"{row.p_holm:.4f}"
            table.add_row(escape(row.model), *[figure(main[key]) for key in ("precision", "recall", "f1")], reach, p)
        out.print(table)
        for row in found.models:
            for part, errors in row.errors.items():
                counts = ", ".join(f"{kind} {count:,}" for kind, count in errors.counts.items())
                out.print(escape(f"{row.model}, {part}: {counts}"))


def _warn(board: Leaderboard) -> None:
    learned = [model for model in board.models if model.partition(":")[0] in _LEARNERS]
    if board.data.split == "train" and learned:
        err.print(
            f"[yellow]known before[/] {escape(', '.join(learned))}: learned from a training split, and this is one; what holds"
            " for other texts is measured on validation or test"
        )
    for label, count in board.data.unknown_labels.items():
        err.print(
            f"[yellow]not compared[/] {escape(label)}: a label of gold that the scheme lacks, in {counted(count, 'document')}"
        )
    for reason, count in board.data.left_out.items():
        err.print(f"[yellow]not scored[/] {counted(count, 'document')}: {escape(reason)}")
    for model, about in board.models.items():
        if about.failed:
            err.print(
                f"[red]failed[/] {escape(model)} on {counted(len(about.failed), 'document')}, as on {escape(about.failed[0])}"
            )
        if about.left_out:
            rules = ", ".join(f"{count:,} {rule}" for rule, count in about.left_out.items())
            err.print(
                f"[yellow]left out[/] of what {escape(model)} says: {escape(rules)}; `standoff predict` tells each"
            )
    for one in board.stopped:
        err.print(f"[red]stopped[/] {escape(one.model)}: {escape(one.reason)}")
