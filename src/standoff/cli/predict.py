"""`standoff predict`: a model's predictions as an annotation set."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.benchmark.predict import Outcome, predict
from standoff.benchmark.predictor import PredictorError, Request, load, safe_name
from standoff.cli.common import Json, Root, check_new_set, err, out, print_json, progress
from standoff.cli.compared import documents_of
from standoff.cli.models import LabelMap, Options, read_label_map, read_options
from standoff.corpus.decisions import holds_candidates
from standoff.corpus.store import Store
from standoff.errors import UsageError
from standoff.text.counted import counted

app = typer.Typer()

_SHOWN = 20


@app.command("predict")
def predict_command(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="KIND:NAME, as in rule:quotes, gazetteer:gold or 'command:python my_model.py'."
        ),
    ],
    root: Root = Path(),
    split: Annotated[
        str | None, typer.Option("--split", help="Only documents of this split: train, validation, test.")
    ] = None,
    set_: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="NAME",
            help="The annotation set to write; by default the model's name.",
            callback=lambda v: v and check_new_set(v),
        ),
    ] = None,
    labels: LabelMap = None,
    option: Options = None,
    seed: Annotated[int, typer.Option("--seed", help="For models that draw lots.")] = 0,
    json: Json = False,
) -> None:
    """Let a model annotate documents, as a set of its own: to be scored, shown, or pushed to Doccano for correction.

    What it predicted already, in this version and with these settings, is not asked again; killed half way and run again,
    it goes on. Whatever of its answers fits neither text nor scheme is left out and told. Exits with 1 when it failed on a
    document.

    Example: standoff predict rule:quotes --split test
    """
    store = Store(root)
    annotator = set_ or safe_name(model)
    if annotator in {"gold", store.config.release.set}:
        what = "which people make" if annotator == "gold" else "the set that is released ([release] set in corpus.toml)"
        raise UsageError(f"a model never writes {annotator}, {what}; give another --set")
    if holds_candidates(annotator):
        raise UsageError(f"{annotator}: sets whose names end so hold candidates of an adjudication; give another --set")
    options = read_options(option)
    wanted = documents_of(store, split)
    mapped = read_label_map(labels)
    predictor = load(model, Request(argument=model.partition(":")[2], store=store, seed=seed, options=options))
    with store.lock(), progress() as display:
        task = display.add_task(f"predicting with {escape(model)}", total=len(wanted) if wanted is not None else None)
        outcome = Outcome()
        try:
            predict(
                store,
                model,
                predictor,
                annotator,
                wanted=wanted,
                parameters={"seed": seed, **options, **({"labels": mapped} if mapped else {})},
                labels=mapped,
                progress=lambda done: display.update(task, completed=done),
                outcome=outcome,
            )
        except PredictorError:
            _tell(outcome)
            err.print(
                f"[yellow]kept[/] {counted(outcome.predicted, 'document')} predicted now, {outcome.kept:,} before; run it again, and it"
                " goes on from there"
            )
            raise
    if json:
        print_json({"model": model, "version": predictor.version, "set": annotator, **asdict(outcome)})
    else:
        _tell(outcome)
        out.print(
            f"{escape(model)}: {counted(outcome.predicted, 'document')} predicted, {outcome.kept:,} were there, {outcome.failed:,} failed;"
            f" the set is {escape(annotator)}"
        )
        if outcome.excluded:
            out.print(f"left out {counted(outcome.excluded, 'document')} that corpus/overrides.toml excludes")
    raise typer.Exit(1 if outcome.failed else 0)


def _tell(outcome: Outcome) -> None:
    for problem in outcome.problems[:_SHOWN]:
        colour = "red" if problem.severity == "error" else "yellow"
        err.print(
            f"[{colour}]{problem.severity}[/] {escape(f'{problem.document} {problem.path} {problem.rule}: {problem.message}')}"
        )
    if len(outcome.problems) > _SHOWN:
        err.print(f"and {len(outcome.problems) - _SHOWN:,} more (--json lists all)")
