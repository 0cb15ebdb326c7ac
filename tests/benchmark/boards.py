"""Results as a benchmark has them, and their table."""

from collections.abc import Sequence

from standoff.benchmark.errors import KINDS, Errors, Example
from standoff.benchmark.leaderboard import Leaderboard, leaderboard
from standoff.benchmark.measured import Data
from standoff.benchmark.results import Figure, Result, Scored, Stopped
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.score.counts import Counts

DATA = Data(
    kind="release",
    name="tiny",
    version="1.0.0",
    commit=None,
    dirty=False,
    scheme="news-nl/1",
    set="gold",
    split="test",
    documents=40,
    content_sha256="a" * 64,
    left_out={},
    unknown_labels={},
)


def result(model: str, right: Sequence[int], data: Data = DATA, text: str = "x") -> Result:
    """A model that finds so many of two entities in each document, and nothing wrong."""
    found = sum(right)
    example = Example(
        document="d", start=0, end=1, gold=f"ORG: {text}", predicted=None, before=text, text=text, after=""
    )
    return Result(
        data=data,
        model=model,
        version="1",
        parameters="{}",
        tool="standoff",
        failed=(),
        left_out={},
        layers={
            "entities": Scored(
                documents=len(right),
                figures=(
                    Figure(
                        path=("strict",),
                        counts=Counts(correct=found, missed=2 * len(right) - found),
                        terms=tuple((2 * number, 2 + number) for number in right),
                    ),
                ),
                errors={"spans": Errors(counts=dict.fromkeys(KINDS, 1), examples={"missed": [example]})},
            )
        },
        speed=None,
    )


def board(seed: Store, *results: Result, stopped: Sequence[Stopped] = ()) -> Leaderboard:
    return leaderboard(results, index(seed.scheme), stopped=stopped)
