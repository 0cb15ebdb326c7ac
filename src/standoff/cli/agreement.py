"""`standoff agreement`: how far annotators agree."""

from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from standoff.cli.common import Json, Root, out, print_json, progress
from standoff.cli.compared import Layers, Noticed, check_annotators, check_layers, compared
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.score.agreement import LayerAgreement, kappa, mean_gamma, nested
from standoff.text.counted import counted, figure

app = typer.Typer()

_CONFUSIONS = 5


@app.command("agreement")
def agreement(
    annotators: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ANNOTATORS]...", help="Two or more; none: all but the set that is released."),
    ] = None,
    root: Root = Path(),
    layer: Layers = None,
    with_gamma: Annotated[
        bool, typer.Option("--gamma", help="Also gamma: seconds a document; needs the extra `gamma`.")
    ] = False,
    json: Json = False,
) -> None:
    """How far annotators agree: for each pair and layer F1 of spans and relations, kappa of attributes, labels confused.

    A pair is compared in the documents and layers that both annotated, without what overrides.toml excludes. Exits with 1 when there are none for any pair, or
    something could not be compared because the scheme lacks its label.

    Example: standoff agreement annotator-a annotator-b --layer events
    """
    store = Store(root)
    scheme = index(store.scheme)
    names = list(dict.fromkeys(annotators or [name for name in store.annotators() if name != store.config.release.set]))
    check_annotators(store, names)
    if len(names) < 2:
        raise UsageError(f"agreement needs two annotators, and there is {', '.join(names) or 'none'}; name two")
    layers = check_layers(layer, scheme)
    pairs = {
        pair: {name: LayerAgreement(name, scheme, with_gamma=with_gamma) for name in layers}
        for pair in combinations(names, 2)
    }
    reasons = ("no layer in common", "excluded")
    left_out = {pair: dict.fromkeys((f"only {pair[0]}", f"only {pair[1]}", *reasons), 0) for pair in pairs}
    noticed = Noticed(scheme)
    with progress() as display:
        task = display.add_task("comparing documents", total=None)
        for document in compared(store, names):
            display.advance(task)
            sets = document.sets
            for name, annotations in sets.items():
                noticed.look(name, annotations)
            for (a, b), found in pairs.items():
                if a in sets and b in sets:
                    both = [name for name in found if name in sets[a].layers and name in sets[b].layers]
                    for name in both:
                        found[name].add(sets[a], sets[b])
                    left_out[a, b]["no layer in common"] += not both
                elif a in document.by or b in document.by:
                    only = f"only {a if a in document.by else b}"
                    left_out[a, b]["excluded" if document.excluded else only] += 1
    if not any(figures.documents for found in pairs.values() for figures in found.values()):
        raise StandoffError(f"nothing to compare: no two of {', '.join(names)} annotated a layer of the same document")
    if json:
        shown = [_pair(pair, found, left_out[pair]) for pair, found in pairs.items()]
        print_json({"pairs": shown, "unknown_labels": noticed.labels})
    else:
        for pair, found in pairs.items():
            _show(pair, found, left_out[pair])
    noticed.warn()
    raise typer.Exit(1 if noticed.labels else 0)


def _pair(pair: tuple[str, str], found: dict[str, LayerAgreement], left_out: dict[str, int]) -> dict[str, Any]:
    return {
        "first": pair[0],
        "second": pair[1],
        "left_out": left_out,
        "layers": {name: nested(figures) for name, figures in found.items() if figures.documents},
    }


def _show(pair: tuple[str, str], found: dict[str, LayerAgreement], left_out: dict[str, int]) -> None:
    left = ", ".join(f"{number:,} {reason}" for reason, number in left_out.items() if number)
    out.print(f"[bold]{escape(pair[0])} and {escape(pair[1])}[/]{escape(f'; left out: {left}' if left else '')}")
    for name, figures in found.items():
        if not figures.documents:
            out.print(f"{escape(name)}: no document in which both annotated it")
            continue
        title = f"{name} ({counted(len(figures.documents), 'document')})"
        table = Table(escape(title), "F1", "both", escape(pair[0]), escape(pair[1]), box=None, header_style="bold")
        for column in table.columns[1:]:
            column.justify = "right"
        rows = [("spans", figures.spans), *_labels(figures.labels)]
        if figures.relation_labels:
            rows += [("relations", figures.relations), *_labels(figures.relation_labels)]
        for row, counts in rows:
            table.add_row(
                escape(row), figure(counts.f1), f"{counts.correct:,}", f"{counts.gold:,}", f"{counts.predicted:,}"
            )
        out.print(table)
        if figures.gammas is not None:
            out.print(f"gamma {figure(mean_gamma(figures))}, the mean of documents")
        for attribute, values in sorted(figures.attributes.items()):
            result = kappa(values)
            out.print(
                f"{escape(attribute)}: kappa {figure(result.kappa)}, equal in {figure(result.observed)}"
                f" of {counted(result.number, 'span')} with equal extent"
            )
        confused = {cell: number for cell, number in figures.confusion.items() if cell[0] != cell[1]}
        for cell, number in sorted(confused.items(), key=lambda item: (-item[1], str(item[0])))[:_CONFUSIONS]:
            first, second = (label or "nothing" for label in cell)
            out.print(f"{counted(number, 'time')} {escape(first)} and {escape(second)}")
        if len(confused) > _CONFUSIONS:
            out.print(f"and {len(confused) - _CONFUSIONS} more kinds of difference; --json has all")
        out.print()


def _labels(labels: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(f"  {label}", counts) for label, counts in sorted(labels.items(), key=lambda row: -row[1].gold)]
