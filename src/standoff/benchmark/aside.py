"""What is in the way of a report: one on other data goes into a folder of its own, other files are refused."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from standoff.benchmark.leaderboard import decode_leaderboard
from standoff.benchmark.measured import Data
from standoff.benchmark.predictor import safe_name
from standoff.benchmark.results import decode_result
from standoff.corpus.files import fault
from standoff.errors import StandoffError, UsageError

RESULTS = "results"
BOARD = "leaderboard.json"
PAGES = ("leaderboard.md", "mistakes.md")


def refuse_others(out: Path) -> None:
    """Raises UsageError when files below `out` that the report would replace are not those of a report.

    A report has results, which are written before it, or a leaderboard that can be read.
    """
    there = [name for name in (BOARD, *PAGES) if (out / name).exists()]
    if there and next(_there(out), None) is None:
        raise UsageError(
            f"--out {out}: {there[0]} is there, and nothing beside it says that `standoff benchmark` wrote it; name another"
            " folder, or move that file away"
        )


def put_aside(out: Path, data: Data) -> tuple[Data, Path] | None:
    """Moves the report below `out`, and its results, into a folder in it when they are not of `data`: their data, and where they are.

    None when there is nothing else there than results of `data`. Raises StandoffError for a file that is no result, and
    EnvironmentFault.
    """
    other = next((found for found in _there(out) if found.key != data.key), None)
    if other is None:
        return None
    place = _free(out, other)
    try:
        place.mkdir()
        for name in (*PAGES, RESULTS, BOARD):
            if (out / name).exists():
                os.rename(out / name, place / name)
    except OSError as error:
        raise fault(error, place) from error
    return other, place


def _there(out: Path) -> Iterator[Data]:
    for path in sorted((out / RESULTS).glob("*.json")):
        yield decode_result(path.read_bytes(), str(path)).data
    try:
        yield decode_leaderboard((out / BOARD).read_bytes(), str(out / BOARD)).data
    except (FileNotFoundError, StandoffError):
        return  # of no use to anybody


def _free(out: Path, data: Data) -> Path:
    version = data.version or (data.commit[:12] if data.commit else "in-no-commit")
    name = safe_name(f"{data.name}-{version}-{data.split}-{data.content_sha256[:12]}")
    places = (out / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(place for place in places if not place.exists())
