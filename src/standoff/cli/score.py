"""`standoff score`: a system's annotations against gold."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.cli.compared import Layers, Noticed, check_annotators, check_layers, compared, documents_of
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.score.comparison import Comparison
from standoff.score.counts import Counts
from standoff.score.frames import Path as Figure
from standoff.score.significance import LEVEL, RESAMPLES, intervals
from standoff.score.tally import LABELLED, macro_means, nested
from standoff.text.counted import counted, figure

app = typer.Typer()

_SEED = 0


@app.command("score")
def score(
    system: Annotated[
        str, typer.Argument(metavar="SYSTEM", help="Whose annotations are scored: a model's name, or any annotator's.")
    ],
    root: Root = Path(),
    against: Annotated[
        str, typer.Option("--against", metavar="NAME", help="The annotations that count as right.")
    ] = "gold",
    layer: Layers = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Only documents of this split: train, validation, test.")
    ] = None,
    json: Json = False,
) -> None:
    """Score one annotator's sets against another's: precision, recall and F1 of each layer, with 95% intervals.

    Documents that only one of the two annotated, or that overrides.toml excludes, are left out and counted; so are layers that
    only one of them lists.
    Exits with 1 when no document could be compared, or something could not be because the scheme lacks its label.

    Example: standoff score my-model --split test --layer entities --json
    """
    store = Store(root)
    scheme = index(store.scheme)
    check_annotators(store, (system, against))
    comparison = Comparison(scheme, check_layers(layer, scheme))
    wanted = documents_of(store, split)
    noticed = Noticed(scheme)
    left_out = {f"only {against}": 0, f"only {system}": 0, "no layer in common": 0, "excluded": 0}
    layers: Counter[str] = Counter()
    with progress() as display:
        task = display.add_task("comparing documents", total=None)
        for document in compared(store, (against, system), wanted):
            sets = document.sets
            if not sets:
                only = f"only {against if against in document.by else system}"
                left_out["excluded" if document.excluded else only] += 1
                continue
            for name, annotations in sets.items():
                noticed.look(name, annotations)
            common = comparison.add(sets[against], sets[system])
            layers.update(common)
            left_out["no layer in common"] += not common
            display.advance(task)
    if not comparison.documents:
        raise StandoffError(_nothing(system, against, split, left_out))
    found = intervals({path: comparison.terms(path) for path in comparison.figures()}, seed=_SEED)
    if json:
        # No layer's name begins with "_".
        about = {
            "system": system,
            "against": against,
            "split": split,
            "documents": len(comparison.documents),
            "layers": {view.name: layers[view.name] for view in comparison.layers},
            "left_out": left_out,
            "unknown_labels": noticed.labels,
            "intervals": {"level": LEVEL, "resamples": RESAMPLES, "seed": _SEED, "unit": "document"},
        }
        print_json({"_about": about, **nested(comparison.totals, found)})
    else:
        _show(comparison, layers, found)
        out.print(
            f"\n{escape(system)} against {escape(against)}: {counted(len(comparison.documents), 'document')}", end=""
        )
        left = ", ".join(f"{number:,} {reason}" for reason, number in left_out.items() if number)
        out.print(escape(f"; left out: {left}" if left else ""))
    noticed.warn()
    raise typer.Exit(1 if noticed.labels else 0)


def _nothing(system: str, against: str, split: str | None, left_out: dict[str, int]) -> str:
    where = f" in split {split}" if split else ""
    why = ", ".join(f"{reason}: {number:,}" for reason, number in left_out.items() if number)
    return f"nothing to compare: no document{where} with a layer that both {against} and {system} annotated ({why or 'none has either'})"


def _show(comparison: Comparison, layers: Counter[str], found: dict[Figure, Any]) -> None:
    means = macro_means(comparison.totals)
    for view in comparison.layers:
        if not layers[view.name]:
            err.print(f"[yellow]not scored[/] {escape(view.name)}: no document in which both annotated it")
            continue
        table = Table(
            view.name, "precision", "recall", "F1", "95% interval", "gold", "system", box=None, header_style="bold"
        )
        for column in table.columns[1:]:
            column.justify, column.no_wrap = "right", True
        labelled: list[tuple[str, Counts]] = []
        for path, counts in comparison.totals.items():
            if path[0] != view.name:
                continue
            if path[1] not in LABELLED:
                _add_row(table, " ".join(path[1:]), counts, found.get(path))
            elif path[-1] == "strict" or path[1] == "by_role":
                labelled.append((path[2], counts))
        if mean := means.get(view.name, {}).get("strict"):
            table.add_row("macro strict", figure(mean.precision), figure(mean.recall), figure(mean.f1))
        for name, counts in labelled:
            _add_row(table, f"  {name}", counts, None)
        out.print(table)


def _add_row(table: Table, name: str, counts: Counts, interval: tuple[float, float] | None) -> None:
    reach = f"{interval[0]:.3f}–{interval[1]:.3f}" if interval else ""
    figures = (figure(counts.precision), figure(counts.recall), figure(counts.f1))
    table.add_row(escape(name), *figures, reach, f"{counts.gold:,}", f"{counts.predicted:,}")
