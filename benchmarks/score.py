"""Scores of flat entities against nervaluate and seqeval on the same spans, and resampling: seconds, ratios, memory.

Ours starts from annotation sets and ends with strict, exact, partial, type, of all spans and of each label. nervaluate does the
same from its dictionaries. seqeval (strict, IOB2) starts from tags and makes strict figures alone. Peers get their input
ready-made, in memory; they see fewer documents, because their time grows in line with that number, and times are given for all.
"""

import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from standoff.corpus.model import AnnotationSet, Fragment, Span
from standoff.corpus.scheme import SchemeIndex, index, read_scheme
from standoff.score.comparison import Comparison
from standoff.score.significance import RESAMPLES, intervals, randomization

DOCUMENTS = 10_000
SPANS = 20
TOKENS = 400
"""Tokens of a document, of two code points each: the seed article has about as many."""
ROUNDS = 3

Flat = list[tuple[int, int, str]]
"""First token, token after the last, label: flat, sorted, not adjacent."""


def main(documents: int = DOCUMENTS) -> None:
    """Prints one table."""
    scheme = index(read_scheme(Path(__file__).resolve().parents[1] / "corpus" / "scheme.toml"))
    labels = [label.name for label in scheme.layers["entities"].labels]
    pairs = list(_pairs(documents, labels))
    sets = [(_set(i, gold), _set(i, predicted)) for i, (gold, predicted) in enumerate(pairs)]

    def ours() -> Comparison:
        comparison = Comparison(scheme, ["entities"])
        for gold, predicted in sets:
            comparison.add(gold, predicted)
        comparison.totals  # noqa: B018
        return comparison

    seconds = _best(ours)
    comparison = ours()
    print(f"{documents:,} documents of {SPANS} spans")
    print(f"{'standoff, all four and by label':<40}{seconds:8.2f} s")
    some = pairs[: max(1, documents // 20)]
    _peer("nervaluate, all four and by label", lambda: _nervaluate(some, labels), len(some) / documents, seconds)
    some = pairs[: max(1, documents // 50)]
    _peer("seqeval, strict, IOB2", lambda: _seqeval(some), len(some) / documents, seconds)
    strict = comparison.terms(("entities", "strict"))
    other = strict[np.random.default_rng(1).permutation(len(strict))]
    print(f"{RESAMPLES:,} resamples over {documents:,} documents")
    print(f"{'bootstrap interval':<40}{_best(lambda: intervals({'f1': strict})):8.2f} s")
    every = {path: comparison.terms(path) for path in comparison.figures()}
    print(f"{f'{len(every)} intervals at once':<40}{_best(lambda: intervals(every)):8.2f} s")
    print(f"{'paired approximate randomization':<40}{_best(lambda: randomization(strict, other)):8.2f} s")
    for number in (documents // 4, documents):
        print(f"{f'memory for {number:,} documents':<40}{_megabytes(scheme, number, labels):8.1f} MB")


def _pairs(documents: int, labels: list[str]) -> Iterator[tuple[Flat, Flat]]:
    """Gold and what a middling model makes of it: a tenth is missed, a fifth cut short, a fifth has another label."""
    chance = random.Random(1)
    for _ in range(documents):
        gold: Flat = []
        predicted: Flat = []
        for slot in range(SPANS):
            start = slot * (TOKENS // SPANS) + chance.randrange(8)
            end = start + chance.randint(1, 6)
            label = chance.choice(labels)
            gold.append((start, end, label))
            kind = chance.random()
            if kind > 0.1:
                cut = max(start + 1, end - chance.randint(1, 2)) if kind < 0.3 else end
                predicted.append((start, cut, chance.choice(labels) if kind > 0.8 else label))
        yield gold, predicted


def _set(number: int, spans: Flat) -> AnnotationSet:
    return AnnotationSet(
        document=f"d{number:07}",
        text_sha256="0" * 64,
        annotator="a",
        kind="model",
        scheme="news-nl/1",
        layers=("entities",),
        spans=tuple(
            Span(id=f"s{i}", label=label, fragments=(Fragment(start=2 * start, end=2 * end, text="x"),))
            for i, (start, end, label) in enumerate(spans)
        ),
        relations=(),
    )


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def _peer(name: str, prepare: Callable[[], Callable[[], object]], share: float, ours: float) -> None:
    seconds = _best(prepare()) / share
    print(f"{name:<40}{seconds:8.2f} s   {seconds / ours:6.1f} times ours")


def _nervaluate(pairs: list[tuple[Flat, Flat]], labels: list[str]) -> Callable[[], object]:
    from nervaluate import Evaluator

    sides = [
        [
            [{"label": label, "start": 2 * start, "end": 2 * end - 1} for start, end, label in pair[side]]
            for pair in pairs
        ]
        for side in (0, 1)
    ]
    return lambda: Evaluator(*sides, tags=labels, loader="dict").evaluate()


def _seqeval(pairs: list[tuple[Flat, Flat]]) -> Callable[[], object]:
    from seqeval.metrics.v1 import precision_recall_fscore_support
    from seqeval.scheme import IOB2

    def tags(spans: Flat) -> list[str]:
        made = ["O"] * TOKENS
        for start, end, label in spans:
            made[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
        return made

    sides = [[tags(pair[side]) for pair in pairs] for side in (0, 1)]
    return lambda: precision_recall_fscore_support(*sides, average=None, scheme=IOB2)


def _megabytes(scheme: SchemeIndex, documents: int, labels: list[str]) -> float:
    """The most that scoring holds at once when sets come one after another."""
    tracemalloc.start()
    comparison = Comparison(scheme, ["entities"])
    for i, (gold, predicted) in enumerate(_pairs(documents, labels)):
        comparison.add(_set(i, gold), _set(i, predicted))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    main()
