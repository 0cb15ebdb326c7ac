"""What one model did on one split: counts of each figure, by document for resampling, mistakes, speed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec
import numpy as np
from msgspec import Struct

from standoff.benchmark.errors import ErrorCount, Errors
from standoff.benchmark.measured import Data
from standoff.benchmark.worker import Speed
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex
from standoff.errors import StandoffError
from standoff.score.comparison import Comparison
from standoff.score.counts import Counts
from standoff.score.frames import Path
from standoff.score.tally import Terms


class _Versioned(Protocol):
    @property
    def format(self) -> int: ...


W = TypeVar("W", bound=_Versioned)


class Figure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure of a layer, its path without the layer. `terms`: numerator and denominator of F1 in each document."""

    path: Path
    counts: Counts
    terms: tuple[tuple[int, int], ...] | None = None

    @property
    def columns(self) -> Terms:
        """The terms, a row a document."""
        return np.array(self.terms or (), dtype=np.int64).reshape(-1, 2)


class Scored(Struct, frozen=True, kw_only=True):
    """A layer: the documents whose gold has it, its figures, and mistakes by the layer's parts."""

    documents: int
    figures: tuple[Figure, ...]
    errors: dict[str, Errors]


class Result(Struct, frozen=True, kw_only=True):
    """A model on a split. `failed` are documents of which it said nothing, which counts as finding nothing in them.

    `left_out` counts parts of its answers that fit neither text nor scheme, by the rule that says so.
    """

    format: int = 1
    data: Data
    model: str
    version: str
    parameters: str
    tool: str
    failed: tuple[str, ...]
    left_out: dict[str, int]
    layers: dict[str, Scored]
    speed: Speed | None


class Stopped(Struct, frozen=True, kw_only=True):
    """A model without a result, and why. What it had predicted is kept for the next time."""

    model: str
    reason: str
    exit_code: int


class MixedError(StandoffError):
    """Results of different data, which can't stand in one table."""


def encode_result(result: Result) -> bytes:
    """A result as it stands in a file."""
    return msgspec.json.encode(result) + b"\n"


def decode_result(raw: bytes, where: str) -> Result:
    """The result in a file. Raises StandoffError."""
    return decode_written(raw, Result, f"{where}: no result can be read from it", "remove it")


def decode_written(raw: bytes, kind: type[W], fault: str, remedy: str) -> W:
    """What a benchmark wrote, of this version. Raises StandoffError that says `fault`, where and what, and `remedy`."""
    try:
        written = msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StandoffError(f"{fault} ({error}); {remedy}") from None
    if written.format != 1:
        raise StandoffError(f"{fault} (format {written.format}, of another version of standoff); {remedy}")
    return written


def check_same(results: Sequence[Result | Data]) -> None:
    """Raises MixedError unless all were measured on the same documents, gold and scheme."""
    groups: dict[tuple[str, ...], tuple[Data, list[str]]] = {}
    for result in results:
        data = result if isinstance(result, Data) else result.data
        name = "what is to be measured now" if isinstance(result, Data) else result.model
        groups.setdefault(data.key, (data, []))[1].append(name)
    if len(groups) > 1:
        told = "; ".join(f"{', '.join(models)}: {data.title}" for data, models in groups.values())
        raise MixedError(
            f"results of different data don't compare, and stand in no table together: {told}. Give another --out, or name all"
            " of these models: then they are measured on the same data, and the old results are kept in a folder of their own"
        )


def score(
    triples: Iterable[tuple[Document, AnnotationSet, AnnotationSet | None]],
    index: SchemeIndex,
    layers: Iterable[str],
    found_in: tuple[str, ...],
) -> dict[str, Scored]:
    """Scores of a model that annotates the layers `found_in`, in `layers`: documents with their gold and its predictions.

    Where it predicted nothing at all it found nothing. Raises NotComparableError for a prediction of another document or text.
    """
    wanted = [name for name in layers if name in found_in]
    comparisons = {name: Comparison(index, [name]) for name in wanted}
    errors = {name: ErrorCount(comparison.layers[0], index) for name, comparison in comparisons.items()}
    for document, gold, predicted in triples:
        other = predicted or _nothing(document, gold, found_in)
        for name, comparison in comparisons.items():
            if comparison.add(gold, other):
                errors[name].add(document, gold, other)
    return {
        name: Scored(
            documents=len(comparison.documents), figures=tuple(_figures(comparison)), errors=errors[name].parts
        )
        for name, comparison in comparisons.items()
        if comparison.documents
    }


def _nothing(document: Document, gold: AnnotationSet, layers: tuple[str, ...]) -> AnnotationSet:
    return AnnotationSet(
        document=document.id,
        text_sha256=sha256(document.text),
        annotator="nobody",
        kind="model",
        scheme=gold.scheme,
        layers=layers,
        spans=(),
        relations=(),
    )


def _figures(comparison: Comparison) -> Iterator[Figure]:
    measured = set(comparison.figures())
    for path, counts in comparison.totals.items():
        terms = tuple(map(tuple, comparison.terms(path).tolist())) if path in measured else None
        yield Figure(path=path[1:], counts=counts, terms=terms)
