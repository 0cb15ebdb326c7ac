"""A leaderboard as Markdown: a page for the card, and a page of mistakes in context. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from standoff.benchmark.errors import KINDS, Example
from standoff.benchmark.leaderboard import Leaderboard, Row, Table
from standoff.score.tally import LABELLED
from standoff.text.counted import counted, figure

_COUNTED = ("f1", "gold", "predicted")
_APART = ("other", "without_other", "macro", *LABELLED)
"""Figures that stand in the JSON alone: those that exist once more for some labels."""


def leaderboard_page(board: Leaderboard) -> str:
    """Figures only: no words of a text are in it."""
    data = board.data
    lines = [f"Measured on {escaped(data.title)}, against `{data.set}` (label scheme {escaped(data.scheme)})."]
    lines += [
        f"Not scored: {counted(number, 'document')}, {escaped(reason)}." for reason, number in data.left_out.items()
    ]
    lines += [
        f"Not compared: {escaped(label)}, a label of gold that the scheme lacks, in {counted(number, 'document')}."
        for label, number in data.unknown_labels.items()
    ]
    for layer, table in board.layers.items():
        lines += ["", f"### {layer}", "", *_ranking(table, board), "", *_others(table), "", *_mistakes(table)]
    lines += ["", "### Models", "", *_models(board)]
    for one in board.stopped:
        lines += ["", f"Not in the tables: {escaped(one.model)}, which stopped: {escaped(one.reason)}"]
    return "\n".join(lines) + "\n"


def mistakes_page(board: Leaderboard) -> str:
    """Some mistakes of each kind, by layer and model, in the words around them."""
    lines = ["# Mistakes", "", f"On {escaped(board.data.title)}. In brackets, what gold or the model marks there."]
    for layer, table in board.layers.items():
        for row in table.models:
            for part, errors in row.errors.items():
                lines += ["", f"## {layer}, {part}: {escaped(row.model)}"]
                for kind, examples in errors.examples.items():
                    lines += ["", f"### {kind} ({errors.counts[kind]:,})", ""]
                    lines += [_example(one) for one in examples]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text of any origin as Markdown that shows it, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#~&])", r"\\\1", " ".join(text.split()))


def figure_at(row: Row, path: str) -> dict[str, Any]:
    """The figure of a dotted name."""
    found: dict[str, Any] = row.figures
    for step in path.split("."):
        found = found[step]
    return found


def f1_at(row: Row, path: str) -> float | None:
    """F1 of a dotted name; None where a model doesn't have the figure, or there was nothing to measure."""
    try:
        value: float | None = figure_at(row, path)["f1"]
    except KeyError:
        return None
    return value


def figure_names(table: Table) -> list[str]:
    """Dotted names of all figures that a model of the table has, but for those of single labels."""
    names: dict[str, None] = {}
    for row in table.models:
        names |= dict.fromkeys(_names(row.figures, ""))
    return list(names)


def _ranking(table: Table, board: Leaderboard) -> Iterator[str]:
    yield from _rows("model", "precision", "recall", "F1", "95% interval", "p")
    for row in table.models:
        main = figure_at(row, table.main)
        reach = "–".join(map(figure, main["interval"])) if main["interval"] else "–"
        values = (figure(main["precision"]), figure(main["recall"]), figure(main["f1"]), reach)
        yield _line(escaped(row.model), *values, "" if row.p_holm is None else f"{row.p_holm:.4f}")
    yield ""
    said = f"F1 of `{table.main}` over {counted(table.documents, 'document')}"
    if len(table.models) > 1:
        said += (
            f"; p against the best: paired approximate randomization over documents, {board.resampling.resamples:,} resamples,"
            " Holm's correction for the number of models"
        )
    yield said + "."


def _others(table: Table) -> Iterator[str]:
    """F1 of all figures, a column for each model."""
    yield from _rows("F1", *[escaped(row.model) for row in table.models])
    for name in figure_names(table):
        yield _line(f"`{name}`", *[figure(f1_at(row, name)) for row in table.models])


def _names(figures: dict[str, Any], before: str) -> Iterator[str]:
    for name, value in figures.items():
        if isinstance(value, dict) and not (before == "" and name in _APART):
            if set(_COUNTED) <= value.keys():
                yield f"{before}{name}"
            yield from _names(value, f"{before}{name}.")


def _mistakes(table: Table) -> Iterator[str]:
    yield from _rows("model", "of", *KINDS)
    for row in table.models:
        for part, errors in row.errors.items():
            yield _line(escaped(row.model), part, *[f"{errors.counts[kind]:,}" for kind in KINDS])


def _models(board: Leaderboard) -> Iterator[str]:
    yield from _rows("model", "version", "failed documents", "answers left out", "documents a second", "peak memory")
    for model, about in board.models.items():
        speed = board.speed[model]
        pace = f"{speed.documents / speed.seconds:,.1f}" if speed and speed.seconds else "–"
        memory = f"{speed.peak_bytes / 2**20:,.0f} MB" if speed else "–"
        left_out = ", ".join(f"{count:,} {rule}" for rule, count in about.left_out.items()) or "0"
        yield _line(escaped(model), escaped(about.version), f"{len(about.failed):,}", left_out, pace, memory)


def _example(one: Example) -> str:
    sides = [f"gold {escaped(one.gold)}" if one.gold else "gold nothing"]
    sides.append(f"model {escaped(one.predicted)}" if one.predicted else "model nothing")
    place = f"{escaped(one.document)} {one.start}:{one.end}"
    words = f"{escaped(one.before)} **\\[{escaped(one.text)}\\]** {escaped(one.after)}"
    return f"- {place}: {'; '.join(sides)}. … {words} …"


def _rows(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield _line(*(["---"] + ["---:"] * (len(names) - 1)))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
