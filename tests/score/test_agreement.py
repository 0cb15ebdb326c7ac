"""Agreement: by hand, against scikit-learn, and whatever the order of files."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from release.corpora import Draft
from score.drafts import LINES, NEWS, events, quotes, sets
from standoff.corpus.model import AnnotationSet
from standoff.score.agreement import LayerAgreement, Table, kappa, nested
from standoff.score.comparison import NotComparableError
from standoff.score.counts import Counts


def agreement(layer: str, *pairs: tuple[AnnotationSet, AnnotationSet]) -> LayerAgreement:
    found = LayerAgreement(layer, NEWS)
    for first, second in pairs:
        found.add(first, second)
    return found


def test_kappa_by_hand() -> None:
    """Cohen's own kind of table: 20 and 15 equal, 5 and 10 not. Observed 35/50; expected (25*30 + 25*20)/2500 = 1/2."""
    table: Table = Table({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    found = kappa(table)
    assert found.kappa == pytest.approx(0.4)
    assert (found.observed, found.number) == (0.7, 50)


def test_kappa_is_not_defined_where_chance_agrees_always() -> None:
    assert kappa(Table({("yes", "yes"): 9})).kappa is None
    assert kappa(Table({("yes", "yes"): 9})).observed == 1.0
    assert kappa(Table()).observed is None
    assert kappa(Table({("yes", "no"): 9})).kappa == 0.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30))
def test_kappa_is_that_of_scikit_learn(values: list[tuple[str, str]]) -> None:
    found = kappa(Table(values)).kappa
    if len({value for pair in values for value in pair}) > 1:
        assert found == pytest.approx(cohen_kappa_score(*zip(*values, strict=True)))
    else:
        assert found is None


def test_agreement_by_hand() -> None:
    """Both see the attack; the second finds it not to have happened, takes "de stad" for its target, and Genève for a
    place. Genève and its label differ, the three other spans are equal."""
    first, second = events(), events("Conflict.Attack", "Other", "Target", "de stad")
    second.spans[0] = msgspec.structs.replace(second.spans[0], label="LOC")
    entities = agreement("entities", (first.set(), second.set()))
    assert entities.spans == Counts(missed=1, spurious=1)
    assert entities.confusion == {("GPE", "LOC"): 1}
    found = agreement("events", (first.set(), second.set()))
    assert found.spans == Counts(correct=3)
    assert found.relations == Counts(missed=1, spurious=1)
    assert found.attributes["realis"] == {("Actual", "Other"): 1}
    assert found.attributes["polarity"] == {("Positive", "Positive"): 1}
    assert found.documents == {"a": found.spans}


def test_attributes_are_compared_where_the_extent_is_equal() -> None:
    found = agreement(
        "quotes", (quotes(), quotes("Jansen", "mixed")), (quotes(), quotes("Jansen", "direct", "“Ik ga,”"))
    )
    assert found.attributes["type"] == {("indirect", "indirect"): 2, ("direct", "mixed"): 1}
    # speakers are cut short twice, one quote once
    assert found.labels["SPEAKER"] == Counts(missed=2, spurious=2)
    assert found.labels["QUOTE"] == Counts(correct=3, missed=1, spurious=1)
    assert found.confusion["SPEAKER", "SPEAKER"] == 2


def test_what_only_one_has_is_confused_with_nothing() -> None:
    empty = Draft("a", *LINES).set()
    found = agreement("events", (events().set(), empty))
    assert found.confusion == {("ARG", None): 2, ("Conflict.Attack", None): 1}
    assert agreement("events", (empty, events().set())).confusion[None, "ARG"] == 2
    assert found.spans.f1 == 0.0
    assert agreement("events", (empty, empty)).spans.f1 is None


def of_types(*types: str) -> AnnotationSet:
    draft = Draft("a", *LINES)
    for type_ in types:
        draft.span("QUOTE", "dat hij vertrekt", type=type_)
    return draft.set()


def test_several_spans_of_one_place_are_compared_with_their_own_kind() -> None:
    found = agreement("quotes", (of_types("direct", "indirect"), of_types("indirect", "direct")))
    assert found.attributes["type"] == {("direct", "direct"): 1, ("indirect", "indirect"): 1}
    assert agreement("quotes", (of_types("direct", "indirect"), of_types("indirect"))).attributes["type"] == {
        ("indirect", "indirect"): 1
    }
    tables = [
        agreement("quotes", (of_types(*types), of_types("mixed"))).attributes["type"]
        for types in (("direct", "indirect"), ("indirect", "direct"))
    ]
    assert tables[0] == tables[1]


def test_equal_extents_come_before_equal_labels() -> None:
    first, second = Draft("a", *LINES), Draft("a", *LINES)
    first.span("GPE", "Genève")
    second.span("GPE", "viel Genève")
    second.span("LOC", "Genève")
    assert agreement("entities", (first.set(), second.set())).confusion == {("GPE", "LOC"): 1, (None, "GPE"): 1}


def test_sets_of_different_texts_are_not_compared() -> None:
    with pytest.raises(NotComparableError):
        agreement("events", (events().set(), msgspec.structs.replace(events().set(), text_sha256="0" * 64)))


@given(sets(), sets(), st.randoms(use_true_random=False), st.sampled_from(["entities", "quotes", "events"]))
def test_the_order_of_a_set_changes_nothing(
    first: AnnotationSet, second: AnnotationSet, chance: Any, layer: str
) -> None:
    def shuffled(annotations: AnnotationSet) -> AnnotationSet:
        spans, relations = (chance.sample(part, len(part)) for part in (annotations.spans, annotations.relations))
        return msgspec.structs.replace(annotations, spans=tuple(spans), relations=tuple(relations))

    assert nested(agreement(layer, (shuffled(first), shuffled(second)))) == nested(agreement(layer, (first, second)))


@given(sets(), sets(), st.sampled_from(["entities", "quotes", "events"]))
def test_figures_add_up_and_are_symmetric(first: AnnotationSet, second: AnnotationSet, layer: str) -> None:
    there, back = agreement(layer, (first, second)), agreement(layer, (second, first))
    assert (there.spans.f1, there.relations.f1) == (back.spans.f1, back.relations.f1)
    assert sum(there.labels.values(), Counts()) == there.spans
    assert sum(there.relation_labels.values(), Counts()) == there.relations
    assert sum(number for (left, _), number in there.confusion.items() if left) == there.spans.gold
    assert sum(number for (_, right), number in there.confusion.items() if right) == there.spans.predicted
    itself = agreement(layer, (first, first))
    assert all(left == right for left, right in itself.confusion)
    assert all(left == right for table in itself.attributes.values() for left, right in table)
