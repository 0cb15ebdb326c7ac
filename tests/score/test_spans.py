"""SemEval's four measures: by hand, by law, and against nervaluate and seqeval where those can say it."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from score import reference
from score.drafts import Labelled, measures
from standoff.score.counts import Counts, Means, macro
from standoff.score.spans import MODES

LABELS = ("PER", "ORG", "LOC")

fragments = st.lists(st.integers(0, 20), min_size=2, max_size=4, unique=True).map(
    lambda places: tuple(zip(sorted(places)[: len(places) // 2 * 2 : 2], sorted(places)[1::2], strict=True))
)
items = st.tuples(fragments, st.sampled_from(LABELS))
"""Spans that may be nested, crossing, discontinuous, equal."""
sides = st.lists(items, max_size=7)


@st.composite
def flat(draw: st.DrawFn, apart: int = 1) -> list[Labelled]:
    """Sorted spans, at least so many code points apart."""
    places = sorted(draw(st.lists(st.integers(0, 30), max_size=10, unique=True)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    kept = [pair for k, pair in enumerate(pairs) if not k or pair[0] - pairs[k - 1][1] >= apart]
    return [((pair,), draw(st.sampled_from(LABELS))) for pair in kept]


def semeval(gold: list[Labelled], predicted: list[Labelled]) -> dict[str, Counts]:
    return measures([(gold, predicted)])[0][0]


def by_label(gold: list[Labelled], predicted: list[Labelled]) -> dict[str, dict[str, Counts]]:
    return measures([(gold, predicted)])[1]


def text(*spans: tuple[str, int, int]) -> list[Labelled]:
    return [(((start, end),), label) for label, start, end in spans]


def test_the_four_measures_by_hand() -> None:
    """Five gold spans; the system has one as it is, one with another label, one cut short, one cut short under
    another label, none of the fifth, and one that is nowhere in gold."""
    gold = text(("PER", 0, 5), ("ORG", 10, 15), ("LOC", 20, 30), ("PER", 40, 50), ("PER", 60, 65))
    predicted = text(("PER", 0, 5), ("LOC", 10, 15), ("LOC", 20, 25), ("ORG", 40, 45), ("ORG", 80, 85))
    assert semeval(gold, predicted) == {
        "strict": Counts(correct=1, incorrect=3, missed=1, spurious=1),
        "exact": Counts(correct=2, incorrect=2, missed=1, spurious=1),
        "partial": Counts(correct=2, partial=2, missed=1, spurious=1),
        "type": Counts(correct=2, incorrect=2, missed=1, spurious=1),
    }
    partial = semeval(gold, predicted)["partial"]
    assert (partial.precision, partial.recall, partial.f1) == (3 / 5, 3 / 5, 3 / 5)


def test_labels_apart_and_their_mean_by_hand() -> None:
    """PER: one of two found, nothing else said. ORG: one said, none there."""
    found = by_label(text(("PER", 0, 5), ("PER", 6, 9)), text(("PER", 0, 5), ("ORG", 6, 9)))
    assert found["PER"]["strict"] == Counts(correct=1, missed=1)
    assert found["ORG"]["strict"] == Counts(spurious=1)
    means = macro(counts["strict"] for counts in found.values())
    assert (means.precision, means.recall, means.f1) == (1 / 2, 1 / 4, 1 / 3)


def test_a_duplicate_is_right_once() -> None:
    once, twice = text(("PER", 0, 5)), text(("PER", 0, 5), ("PER", 0, 5))
    assert semeval(once, twice)["strict"] == Counts(correct=1, spurious=1)
    assert semeval(twice, twice)["strict"] == Counts(correct=2)


def test_nested_spans_are_told_apart() -> None:
    gold = text(("LAW", 0, 19), ("GPE", 12, 19))
    assert semeval(gold, text(("GPE", 12, 19)))["partial"] == Counts(correct=1, missed=1)
    assert semeval(gold, text(("GPE", 0, 19), ("LAW", 12, 19)))["type"] == Counts(correct=2)


def test_a_discontinuous_span_is_not_its_hull() -> None:
    gold: list[Labelled] = [(((0, 5), (20, 25)), "CUE")]
    assert semeval(gold, text(("CUE", 0, 25)))["partial"] == Counts(partial=1)
    assert semeval(gold, text(("CUE", 10, 12)))["partial"] == Counts(missed=1, spurious=1)


def test_the_order_that_misleads_greed_does_not_mislead_us() -> None:
    """The first prediction overlaps both gold spans, the second only the one that greed would have taken."""
    gold = text(("PER", 0, 10), ("PER", 12, 20))
    predicted = text(("PER", 8, 14), ("PER", 15, 21))
    for order in (predicted, predicted[::-1]):
        assert semeval(gold, order)["type"] == Counts(correct=2)


def test_nothing_to_measure_is_none_and_silence_is_0() -> None:
    nothing = semeval([], [])["strict"]
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    silent = semeval(text(("PER", 0, 5)), [])["strict"]
    assert (silent.precision, silent.recall, silent.f1) == (0.0, 0.0, 0.0)
    babble = semeval([], text(("PER", 0, 5)))["strict"]
    assert (babble.precision, babble.recall, babble.f1) == (0.0, 0.0, 0.0)
    assert macro([nothing]).f1 is None


def test_offsets_may_be_as_large_as_they_can_be() -> None:
    far = text(("PER", 2**31 - 9, 2**31 - 1), ("ORG", 0, 2**31 - 1))
    texts = [([], []), (far, far[:1]), (far, text(("ORG", 2**31 - 2, 2**31 - 1)))] * 3
    found, _ = measures(texts)
    assert [scores["strict"] for scores in found[:3]] == [
        Counts(),
        Counts(correct=1, missed=1),
        Counts(incorrect=1, missed=1),
    ]
    assert found[2]["type"] == Counts(correct=1, missed=1)
    # In 64 bits the numbers of these two documents would be one.
    edge = text(("ORG", 2**31 - 2, 2**31 - 1))
    first, second = text(("ORG", 10, 2**31 - 1)), text(("ORG", 12, 2**31 - 1))
    found, _ = measures([(first, text(("PER", 0, 5))), (edge, edge), ([], second)])
    assert [scores["strict"].correct for scores in found] == [0, 1, 0]


# -- laws


@given(st.lists(st.tuples(sides, sides), max_size=4))
def test_many_documents_at_once_are_each_alone(texts: list[tuple[list[Labelled], list[Labelled]]]) -> None:
    """Every count of every document and label is what the plain definition says."""
    found, labels = measures(texts)
    assert found == [reference.semeval(gold, predicted) for gold, predicted in texts]
    wanted: dict[str, dict[str, Counts]] = {}
    for gold, predicted in texts:
        for label, scores in reference.by_label(gold, predicted).items():
            known = wanted.setdefault(label, dict.fromkeys(MODES, Counts()))
            wanted[label] = {mode: known[mode] + scores[mode] for mode in MODES}
    assert labels == wanted


@given(sides, sides, st.randoms(use_true_random=False))
def test_the_order_of_spans_changes_nothing(gold: list[Labelled], predicted: list[Labelled], chance: Any) -> None:
    shuffled = [chance.sample(side, len(side)) for side in (gold, predicted)]
    assert semeval(*shuffled) == semeval(gold, predicted)
    assert by_label(*shuffled) == by_label(gold, predicted)


@given(sides)
def test_gold_against_itself_is_1(gold: list[Labelled]) -> None:
    for counts in semeval(gold, gold).values():
        assert counts == Counts(correct=len(gold))
        assert counts.f1 == (1.0 if gold else None)


@given(sides, sides)
def test_swapping_sides_swaps_precision_and_recall(gold: list[Labelled], predicted: list[Labelled]) -> None:
    there, back = semeval(gold, predicted), semeval(predicted, gold)
    for mode in MODES:
        assert (there[mode].precision, there[mode].recall) == (back[mode].recall, back[mode].precision)
        assert there[mode].f1 == back[mode].f1


@given(sides, sides, st.sampled_from(LABELS))
def test_a_false_span_never_raises_f1(gold: list[Labelled], predicted: list[Labelled], label: str) -> None:
    worse = [*predicted, (((30, 33),), label)]
    for mode in MODES:
        assert (semeval(gold, worse)[mode].f1 or 0) <= (semeval(gold, predicted)[mode].f1 or 0)


@given(sides, sides)
def test_lenient_measures_are_never_below_strict(gold: list[Labelled], predicted: list[Labelled]) -> None:
    found = semeval(gold, predicted)
    assert found["strict"].correct <= found["exact"].correct == found["partial"].correct
    assert found["strict"].correct <= found["type"].correct
    assert all(counts.gold == len(gold) and counts.predicted == len(predicted) for counts in found.values())
    strict = [counts["strict"] for counts in by_label(gold, predicted).values()]
    assert sum(counts.correct for counts in strict) == found["strict"].correct


# -- peers


def of_nervaluate(gold: list[Labelled], predicted: list[Labelled]) -> Any:
    # its ends are inclusive
    sides = [
        [[{"label": label, "start": place[0][0], "end": place[0][1] - 1} for place, label in side]]
        for side in (gold, predicted)
    ]
    return Evaluator(*sides, tags=list(LABELS), loader="dict").evaluate()


def ours(counts: Counts) -> tuple[float, ...]:
    figures = (counts.precision or 0.0, counts.recall or 0.0, counts.f1 or 0.0)
    return (counts.correct, counts.incorrect, counts.partial, counts.missed, counts.spurious, *figures)


def theirs(result: Any) -> tuple[float, ...]:
    figures = (result.precision, result.recall, result.f1)
    return (result.correct, result.incorrect, result.partial, result.missed, result.spurious, *figures)


def apart(spans: list[Labelled], others: list[Labelled]) -> bool:
    """Whether each of the spans overlaps at most one of the others."""
    return all(sum(a[0][0] < b[0][1] and b[0][0] < a[0][1] for b, _ in others) <= 1 for a, _ in spans)


@given(flat(), flat())
def test_nervaluate_agrees_on_flat_sorted_spans(gold: list[Labelled], predicted: list[Labelled]) -> None:
    """On every figure. Its `type` takes the nearest span for each prediction in turn, so where several predictions overlap
    one gold span it may pair fewer than can be paired, and never more."""
    result = of_nervaluate(gold, predicted)
    for scores, overall in [
        (semeval(gold, predicted), result["overall"]),
        *((scores, result["entities"][label]) for label, scores in by_label(gold, predicted).items()),
    ]:
        for mode in ("strict", "exact", "partial"):
            assert ours(scores[mode]) == pytest.approx(theirs(overall[mode]))
        if apart(gold, predicted):
            assert ours(scores["type"]) == pytest.approx(theirs(overall["ent_type"]))
        assert scores["type"].correct >= overall["ent_type"].correct


def tags(spans: list[Labelled]) -> list[str]:
    """IOB2 with a token for each code point."""
    made = ["O"] * 32
    for ((start, end),), label in spans:
        made[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return made


@given(st.lists(st.tuples(flat(apart=0), flat(apart=0)), min_size=1, max_size=4))
def test_seqeval_agrees_on_iob2(texts: list[tuple[list[Labelled], list[Labelled]]]) -> None:
    """Strict, IOB2: micro, macro, and each label. Touching spans are no trouble there."""
    report = (
        classification_report(
            [tags(gold) for gold, _ in texts],
            [tags(predicted) for _, predicted in texts],
            mode="strict",
            scheme=IOB2,
            output_dict=True,
            zero_division=0,
        )
        if any(side for pair in texts for side in pair)
        else {}
    )
    scores, by_label = measures(texts)
    micro = sum((found["strict"] for found in scores), Counts())
    labels = {label: by_label[label]["strict"] if label in by_label else Counts() for label in LABELS}
    found: dict[str, Counts | Means] = {"micro avg": micro, "macro avg": macro(labels.values()), **labels}
    for key, figures in found.items():
        if key in report:
            wanted = (report[key]["precision"], report[key]["recall"], report[key]["f1-score"])
            assert (figures.precision, figures.recall, figures.f1) == pytest.approx(wanted)
        else:
            assert figures.f1 is None


@given(flat())
def test_flat_spans_are_flat(spans: list[Labelled]) -> None:
    """What the peers are given is what they can say."""
    assert all(a[0][0][1] < b[0][0][0] for a, b in pairwise(spans))
