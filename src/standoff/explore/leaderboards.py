"""Reports of `standoff benchmark` for the page: one table for what was measured on one content."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from standoff.benchmark.errors import AROUND, KINDS, Example
from standoff.benchmark.leaderboard import Leaderboard, Row, Table, decode_leaderboard
from standoff.benchmark.report import f1_at, figure_at, figure_names
from standoff.corpus.files import fault
from standoff.corpus.model import Document
from standoff.errors import UsageError

FILE = "leaderboard.json"
"""What `standoff benchmark` writes below its --out."""
ALPHA = 0.05
"""A smaller p value, corrected for the number of models, tells a model from the best one."""


def has_reports(folder: Path) -> bool:
    """Whether `read_reports` finds any there."""
    return any(path.is_file() for path in _places(folder))


def read_reports(folder: Path, corpus: str) -> dict[str, Leaderboard]:
    """The report in this folder, and those in the folders in it, by what they were measured on, those of `corpus` first.

    They are called after that, and after their folders too where it would not tell them apart. Raises UsageError when there is none, StandoffError for a file that is no report, and EnvironmentFault.
    """
    try:
        found = [(decode_leaderboard(path.read_bytes(), str(path)), path) for path in _places(folder) if path.is_file()]
    except OSError as error:
        raise fault(error, folder) from error
    if not found:
        raise UsageError(
            f"--reports {folder}: no {FILE} there; `standoff benchmark MODEL... --out {folder}` writes one"
        )
    found.sort(key=lambda one: (one[0].data.name != corpus, one[0].data.title, one[0].data.key))
    alike = Counter(_short(board.data.title) for board, _ in found)
    named = {}
    for board, path in found:
        short = _short(title := board.data.title)
        place = path.parent.relative_to(folder.parent).as_posix()
        named[title if alike[short] == 1 else f"{short}, in {place}{title.removeprefix(short)}"] = board
    return named


def _short(title: str) -> str:
    """What the page calls a report."""
    return title.split(" (", maxsplit=1)[0]


def _places(folder: Path) -> list[Path]:
    return [folder / FILE, *sorted(folder.glob(f"*/{FILE}"))]


class Reports:
    """Reports as the page has them. Add the documents of the corpus: mistakes in others are counted, and never shown.

    So no text comes into the pages but those of the corpus that they are of.
    """

    def __init__(self, boards: Mapping[str, Leaderboard]) -> None:
        self._boards = boards
        self._wanted: dict[str, list[Example]] = {}
        self._known: set[Example] = set()
        for board in boards.values():
            for table in board.layers.values():
                for row in table.models:
                    for one in _examples(row):
                        self._wanted.setdefault(one.document, []).append(one)

    def add(self, document: Document) -> None:
        """One more document of the corpus."""
        for one in self._wanted.get(document.id, ()):
            around = document.text[one.start - len(one.before) : one.end + len(one.after)]
            if around == one.before + one.text + one.after:
                self._known.add(one)

    def titles(self) -> list[str]:
        """What each report is called."""
        return list(self._boards)

    def records(self) -> Iterator[dict[str, Any]]:
        """Report after report, for the page, when all documents were added."""
        for board in self._boards.values():
            yield _record(board, self._known)


def _examples(row: Row) -> Iterator[Example]:
    for errors in row.errors.values():
        for found in errors.examples.values():
            yield from found


def _record(board: Leaderboard, known: Set[Example]) -> dict[str, Any]:
    data = board.data
    return {
        "title": data.title,
        "name": data.name,
        "version": data.version or (f"at commit {data.commit[:12]}" if data.commit else "in no commit"),
        "dirty": data.kind == "corpus" and bool(data.commit) and data.dirty,
        "split": data.split,
        "documents": data.documents,
        "content": data.content_sha256,
        "scheme": data.scheme,
        "set": data.set,
        "leftOut": data.left_out,
        "unknown": data.unknown_labels,
        "resamples": board.resampling.resamples,
        "level": board.resampling.level,
        "alpha": ALPHA,
        "kinds": KINDS,
        "layers": [_layer(name, table, known) for name, table in board.layers.items()],
        "models": [
            {
                "model": model,
                "version": about.version,
                "tool": about.tool,
                "parameters": about.parameters,
                "failed": len(about.failed),
                "leftOut": about.left_out,
                "seconds": speed.seconds / speed.documents if speed and speed.documents else None,
                "memory": speed.peak_bytes if speed else None,
            }
            for model, about in board.models.items()
            for speed in (board.speed.get(model),)
        ],
        "stopped": [{"model": one.model, "reason": one.reason} for one in board.stopped],
    }


def _layer(name: str, table: Table, known: Set[Example]) -> dict[str, Any]:
    labels = {label: None for row in table.models for label in row.figures.get("labels", {})}
    return {
        "name": name,
        "main": table.main,
        "documents": table.documents,
        "models": [_model(row, table, known) for row in table.models],
        "figures": [(figure, [f1_at(row, figure) for row in table.models]) for figure in figure_names(table)],
        "labels": [
            (label, max(of[0] for of in found), [f1 for _, f1 in found])
            for label in labels
            for found in ([_of_label(row, label) for row in table.models],)
        ],
    }


def _model(row: Row, table: Table, known: Set[Example]) -> dict[str, Any]:
    main = figure_at(row, table.main)
    return {
        "model": row.model,
        **{key: main[key] for key in ("precision", "recall", "f1", "interval")},
        "p": row.p_holm,
        "mistakes": [
            {
                "part": part,
                "counts": [errors.counts.get(kind, 0) for kind in KINDS],
                "examples": {
                    kind: shown
                    for kind, found in errors.examples.items()
                    if (shown := [_shown(one) for one in found if one in known])
                },
            }
            for part, errors in row.errors.items()
        ],
    }


def _shown(one: Example) -> dict[str, Any]:
    return {
        "document": one.document,
        "start": one.start,
        "gold": one.gold,
        "predicted": one.predicted,
        "words": [_spaced(words) for words in (_from_a_word(one.before), one.text, _to_a_word(one.after))],
    }


def _from_a_word(before: str) -> str:
    return re.sub(r"^\S*\s+", "", before) if len(before) == AROUND else before


def _to_a_word(after: str) -> str:
    return re.sub(r"\s+\S*$", "", after) if len(after) == AROUND else after


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _of_label(row: Row, label: str) -> tuple[int, float | None]:
    """How many gold has, and the strict F1 on them."""
    found: Mapping[str, Any] = row.figures.get("labels", {}).get(label, {}).get("strict", {})
    return found.get("gold", 0), found.get("f1")
