"""Kinds of mistakes: the laws, one example by hand, and the words around them."""

import random
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from release.corpora import Draft
from standoff.benchmark.errors import EXAMPLES, ErrorCount, Labelled, differences
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.corpus.views import layer_views

pieces = st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))
extents = st.one_of(
    pieces.map(lambda piece: (piece,)),
    st.tuples(pieces, st.integers(1, 3), st.integers(1, 3)).map(
        lambda given: (given[0], (given[0][1] + given[1], given[0][1] + given[1] + given[2]))
    ),
)
sides = st.lists(st.builds(Labelled, extents, st.sampled_from(["PER", "ORG"])), max_size=7)


@given(sides, sides)
def test_every_item_is_in_exactly_one_difference(gold: list[Labelled], predicted: list[Labelled]) -> None:
    found = differences(gold, predicted)
    assert Counter(one.gold for one in found if one.gold) == Counter(gold)
    assert Counter(one.predicted for one in found if one.predicted) == Counter(predicted)
    for one in found:
        if one.gold is None or one.predicted is None:
            assert one.kind == ("missed" if one.predicted is None else "spurious")
            continue
        same = one.gold.place == one.predicted.place, one.gold.label == one.predicted.label
        kinds = {(True, True): "right", (True, False): "label", (False, True): "boundary", (False, False): "both"}
        assert one.kind == kinds[same]
        assert any(a < d and c < b for a, b in one.gold.place for c, d in one.predicted.place)


@example(
    [Labelled(((0, 4),), "PER"), Labelled(((0, 5),), "PER")],
    [Labelled(((0, 4),), "PER"), Labelled(((0, 4),), "ORG")],
    random.Random(0),
)
@given(sides, sides, st.randoms(use_true_random=False))
def test_what_is_counted_depends_on_no_order_and_not_on_the_side(gold, predicted, chance) -> None:  # type: ignore[no-untyped-def]
    counts = Counter(one.kind for one in differences(gold, predicted))
    assert counts["right"] == (Counter(gold) & Counter(predicted)).total()
    mirrored = Counter(one.kind for one in differences(predicted, gold))
    assert (counts["missed"], counts["spurious"]) == (mirrored["spurious"], mirrored["missed"])
    assert [counts[kind] for kind in ("boundary", "label", "both")] == [
        mirrored[kind] for kind in ("boundary", "label", "both")
    ]
    before = differences(gold, predicted)
    chance.shuffle(gold)
    chance.shuffle(predicted)
    assert differences(gold, predicted) == before


def test_by_hand() -> None:
    """Gold and system on the same text, and what each comes to."""
    gold = [
        Labelled(((0, 4),), "PER"),
        Labelled(((10, 20),), "ORG"),
        Labelled(((30, 35),), "LOC"),
        Labelled(((40, 50),), "PER"),
        Labelled(((60, 65),), "ORG"),
    ]
    predicted = [
        Labelled(((0, 4),), "PER"),  # right
        Labelled(((12, 20),), "ORG"),  # an end is wrong
        Labelled(((30, 35),), "ORG"),  # the label is wrong
        Labelled(((45, 50),), "LOC"),  # both are wrong
        Labelled(((65, 70),), "ORG"),  # touches, and shares nothing
    ]
    assert [one.kind for one in differences(gold, predicted)] == [
        "right",
        "boundary",
        "label",
        "both",
        "missed",
        "spurious",
    ]


def test_examples_in_context_and_roles_of_quotes(seed: Store) -> None:
    scheme = index(seed.scheme)
    (quotes,) = layer_views(scheme, ["quotes"])
    texts = ["“Wij doen niet mee”, zei minister Anna de Vries dinsdag in Den Haag tegen de Kamer en de pers."]
    gold, found = Draft("d", *texts), Draft("d", *texts)
    for draft, content, kind, speaker in (
        (gold, "“Wij doen niet mee”", "direct", "minister Anna de Vries"),
        (found, "Wij doen niet mee", "indirect", "Anna de Vries"),
    ):
        head = draft.span("QUOTE", content, type=kind)
        draft.relation("speaker", head, draft.span("SPEAKER", speaker))
        draft.relation("cue", head, draft.span("CUE", "zei"))
    count = ErrorCount(quotes, scheme)
    count.add(gold.document, gold.set(), found.set())
    parts = count.parts
    assert {name: {kind: n for kind, n in part.counts.items() if n} for name, part in parts.items()} == {
        "content": {"both": 1},
        "roles": {"right": 1, "boundary": 1},
    }
    (example,) = parts["roles"].examples["boundary"]
    assert (example.gold, example.predicted) == ("speaker: minister Anna de Vries", "speaker: Anna de Vries")
    assert (example.before, example.text) == ("“Wij doen niet mee”, zei ", "minister Anna de Vries")
    assert example.after == " dinsdag in Den Haag tegen de Kamer en de"[:40]


def test_a_few_examples_of_many(seed: Store) -> None:
    scheme = index(seed.scheme)
    (entities,) = layer_views(scheme, ["entities"])
    count = ErrorCount(entities, scheme)
    for number in range(150):
        gold = Draft(f"d{number}", "Anna Bos lacht.")
        gold.span("PERSON", "Anna Bos")
        count.add(gold.document, gold.set(), Draft(f"d{number}", "Anna Bos lacht.").set())
    errors = count.parts["spans"]
    assert (errors.counts["missed"], len(errors.examples["missed"])) == (150, EXAMPLES)
    assert errors.examples["missed"][0].predicted is None
