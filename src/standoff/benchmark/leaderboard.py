"""Results of several models on the same data in one table: intervals, significance, mistakes, speed. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from standoff.benchmark.errors import Errors
from standoff.benchmark.measured import Data
from standoff.benchmark.results import Result, Scored, Stopped, check_same, decode_written
from standoff.benchmark.worker import Speed
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import LayerView, layer_views
from standoff.errors import StandoffError
from standoff.score.counts import Counts
from standoff.score.frames import Path
from standoff.score.significance import LEVEL, RESAMPLES, holm, intervals, randomization
from standoff.score.tally import nested


class Row(Struct, frozen=True, kw_only=True):
    """A model in the table of a layer. `p` compares it with the best, `p_holm` corrects for the number of models."""

    model: str
    figures: dict[str, Any]
    p: float | None
    p_holm: float | None
    errors: dict[str, Errors]


class Table(Struct, frozen=True, kw_only=True):
    """A layer: models, the best first, by F1 of the figure `main`."""

    main: str
    documents: int
    models: tuple[Row, ...]


class About(Struct, frozen=True, kw_only=True):
    """A model as it was measured; see `Result`."""

    version: str
    parameters: str
    tool: str
    failed: tuple[str, ...]
    left_out: dict[str, int]


class Resampling(Struct, frozen=True, kw_only=True):
    """How intervals and p values were made."""

    unit: str = "document"
    resamples: int = RESAMPLES
    level: float = LEVEL
    seed: int = 0


class Leaderboard(Struct, frozen=True, kw_only=True):
    """Everything but `speed` is the same in every run on the same data with the same models."""

    format: int = 1
    data: Data
    resampling: Resampling
    layers: dict[str, Table]
    models: dict[str, About]
    stopped: tuple[Stopped, ...]
    speed: dict[str, Speed | None]


def leaderboard(
    results: Sequence[Result], index: SchemeIndex, *, stopped: Sequence[Stopped] = (), seed: int = 0
) -> Leaderboard:
    """The table of all layers, named after the data of the last result: the same content may be that of several versions.

    Raises MixedError for results of different data, StandoffError for damaged ones.
    """
    check_same(results)
    data = results[-1].data
    results = sorted(results, key=lambda result: result.model)
    views = [view for view in layer_views(index) if any(view.name in result.layers for result in results)]
    return Leaderboard(
        data=data,
        resampling=Resampling(seed=seed),
        layers={view.name: _table(view, results, seed) for view in views},
        models={one.model: msgspec.convert(one, About, from_attributes=True) for one in results},
        stopped=tuple(stopped),
        speed={one.model: one.speed for one in results},
    )


def encode_leaderboard(board: Leaderboard) -> bytes:
    """A leaderboard as it stands in a file."""
    return msgspec.json.format(msgspec.json.encode(board), indent=1) + b"\n"


def decode_leaderboard(raw: bytes, where: str) -> Leaderboard:
    """The leaderboard in a file. Raises StandoffError."""
    board = decode_written(raw, Leaderboard, f"{where}: no report can be read from it", "measure again")
    for name, table in board.layers.items():
        for row in table.models:
            found: Any = row.figures
            for step in table.main.split("."):
                found = found.get(step) if isinstance(found, dict) else None
            if not isinstance(found, dict) or not {"precision", "recall", "f1", "interval"} <= found.keys():
                raise StandoffError(f"{where}: {row.model} has no figure {name}.{table.main}; measure again")
    return board


def main_figure(view: LayerView) -> Path:
    """The figure that ranks models in a layer, without the layer's name: the literature's main one for what it is like."""
    return {"spans": ("strict",), "slots": (view.column, "strict"), "frames": (view.column, "classification")}[
        view.kind
    ]


def _table(view: LayerView, results: Sequence[Result], seed: int) -> Table:
    scored = {one.model: one.layers[view.name] for one in results if view.name in one.layers}
    terms = {
        (model, figure.path): figure.columns
        for model, layer in scored.items()
        for figure in layer.figures
        if figure.terms is not None
    }
    documents = max(layer.documents for layer in scored.values())
    if wrong := [model for (model, _), columns in terms.items() if len(columns) != documents]:
        raise StandoffError(f"{wrong[0]}: its result is of other documents than the others'; measure it again")
    main = main_figure(view)
    ranked = sorted(scored, key=lambda model: (-(_counts(scored[model])[main].f1 or 0.0), model))
    best, *others = ranked
    found = [randomization(terms[best, main], terms[model, main], seed=seed) for model in others]
    p_values = dict(zip(others, zip(found, holm(found), strict=True), strict=True))
    reach = intervals(terms, seed=seed)
    return Table(
        main=".".join(main),
        documents=documents,
        models=tuple(
            Row(
                model=model,
                figures=_figures(view.name, model, scored[model], reach),
                p=p_values[model][0] if model in p_values else None,
                p_holm=p_values[model][1] if model in p_values else None,
                errors=scored[model].errors,
            )
            for model in ranked
        ),
    )


def _counts(layer: Scored) -> dict[Path, Counts]:
    return {figure.path: figure.counts for figure in layer.figures}


def _figures(
    name: str, model: str, layer: Scored, reach: Mapping[tuple[str, Path], tuple[float, float] | None]
) -> dict[str, Any]:
    totals = {(name, *path): counts for path, counts in _counts(layer).items()}
    own = {(name, *path): interval for (other, path), interval in reach.items() if other == model}
    found: dict[str, Any] = nested(totals, own)[name]
    return found
