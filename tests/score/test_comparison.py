"""Quotes and events by hand, what of a scheme decides, and the laws of all figures."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import Draft, minister
from score.drafts import LINES, NEWS, compare, events, quotes, sets
from standoff.corpus.model import AnnotationSet
from standoff.corpus.scheme import Attribute, Head, Layer, RelationLabel, Scheme, SchemeError, SpanLabel, index
from standoff.score.comparison import Comparison, NotComparableError, unknown_labels
from standoff.score.counts import Counts
from standoff.score.frames import Path as Figure
from standoff.score.tally import nested


def score(gold: AnnotationSet, predicted: AnnotationSet) -> Mapping[Figure, Counts]:
    return compare(gold, predicted, NEWS)


def test_quotes_by_hand() -> None:
    """The system has the first quote with a speaker cut short, and of the second only its first piece, as mixed."""
    scores = score(quotes(), quotes("Jansen", "mixed", "“Ik ga,”"))
    found = {path[1:]: counts for path, counts in scores.items() if path[0] == "quotes"}
    assert found["content", "strict"] == Counts(correct=1, missed=1, spurious=1)
    # 16 code points of the first; of the second 8 of 18
    assert found["content", "overlap"] == Counts(correct=16 + 8, missed=10)
    assert found["type",] == Counts(correct=1, incorrect=1)
    assert found["roles", "speaker", "strict"] == Counts(missed=1, spurious=1)
    assert found["roles", "speaker", "overlap"] == Counts(correct=6, missed=9)
    assert found["roles", "cue", "strict"] == Counts(correct=1)
    assert found["roles", "addressee", "strict"] == Counts(correct=1)
    assert found["joint",] == Counts(missed=2, spurious=2)
    assert found["labels", "direct", "strict"] == Counts(missed=1)
    assert found["labels", "mixed", "strict"] == Counts(spurious=1)


def test_one_quote_right_in_all_counts_as_joint() -> None:
    assert score(quotes(), quotes(type_="mixed"))["quotes", "joint"] == Counts(correct=1, missed=1, spurious=1)


def test_roles_are_those_of_aligned_quotes() -> None:
    """A quote that the system doesn't have takes its roles with it."""
    alone = msgspec.structs.replace(quotes(), spans=quotes().spans[3:], relations=quotes().relations[2:])
    scores = score(quotes(), alone)
    assert scores["quotes", "roles", "speaker", "strict"] == Counts()
    assert scores["quotes", "roles", "addressee", "strict"] == Counts(correct=1)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (("Conflict.Attack", "Actual", "Target", "Genève"), ""),
        (("Conflict.Attack", "Other", "Target", "Genève"), "realis"),
        (("Conflict.Attack", "Actual", "Attacker", "Genève"), "classification overlap coreference"),
        (("Conflict.Attack", "Actual", "Target", "Genève aan"), "identification classification coreference"),
        (("Conflict.Attack", "Actual", "Target", "de stad"), "identification classification overlap"),
        (("Conflict.Attack", "Actual", "Target", "leger"), "identification classification overlap coreference"),
        (("Life.Die", "Actual", "Target", "Genève"), "trigger identification classification overlap coreference"),
    ],
)
def test_arguments_by_hand(said: tuple[str, ...], wrong: str) -> None:
    """One event with one argument, in which one thing differs: which figures see it."""
    scores = score(events().set(), events(*said).set())
    lost = {path[-1] for path, counts in scores.items() if path[:2] == ("events", "arguments") and counts.f1 == 0}
    lost |= {"trigger"} if scores["events", "trigger", "classification"].f1 == 0 else set()
    lost |= {"realis"} if scores["events", "attributes", "realis"] == Counts(incorrect=1) else set()
    assert lost == set(wrong.split())
    assert scores["events", "trigger", "identification"] == Counts(correct=1)
    assert scores["events", "attributes", "polarity"] == Counts(correct=1)


def test_other_is_apart() -> None:
    """Gold has an attack and an `Other`, the system two attacks."""
    drafts = [events(), events()]
    for draft, label in zip(drafts, ("Other", "Conflict.Attack"), strict=True):
        draft.span(label, "brandde", realis="Actual", polarity="Positive")
    scores = score(drafts[0].set(), drafts[1].set())
    assert scores["events", "trigger", "identification"] == Counts(correct=2)
    assert scores["events", "trigger", "classification"] == Counts(correct=1, missed=1, spurious=1)
    assert scores["events", "other", "trigger", "classification"] == Counts(missed=1)
    assert scores["events", "without_other", "trigger", "classification"] == Counts(correct=1, spurious=1)
    assert scores["events", "labels", "Other", "strict"] == Counts(missed=1)
    assert scores["events", "by_role", "Target"] == Counts(correct=1)


def test_coreference_is_judged_by_gold() -> None:
    """A system that says that everything is one entity gains nothing."""
    said = events("Conflict.Attack", "Actual", "Target", "leger").set()
    spans = tuple(
        msgspec.structs.replace(span, attributes={"entity": "all"}) if span.label in {"GPE", "ARG"} else span
        for span in said.spans
    )
    scores = score(events().set(), msgspec.structs.replace(said, spans=spans))
    assert scores["events", "arguments", "coreference"].correct == 0


def test_two_triggers_at_one_place_are_compared_with_their_own_kind() -> None:
    """Merging two in one word: realis of the attack against that of the attack."""

    def both(first: str, second: str) -> AnnotationSet:
        draft = Draft("a", *LINES)
        for label, realis in ((first, "Actual"), (second, "Other")):
            draft.span(label, "brandde", realis=realis, polarity="Positive")
        return draft.set()

    scores = score(both("Life.Die", "Other"), both("Conflict.Attack", "Other"))
    assert scores["events", "attributes", "realis"] == Counts(correct=2)
    swapped = score(both("Life.Die", "Conflict.Attack"), both("Conflict.Attack", "Life.Die"))
    assert swapped["events", "attributes", "realis"] == Counts(incorrect=2)
    alike = both("Life.Die", "Life.Die")
    for span in alike.spans:
        alone = msgspec.structs.replace(alike, spans=(span,))
        assert score(alike, alone)["events", "attributes", "realis"] == Counts(correct=1)


def test_two_quotes_of_one_place_are_compared_with_their_own_kind() -> None:
    """The same content twice, as two speakers say it: types and speakers belong together, in whatever order."""

    def both(order: int, speakers: tuple[str, ...]) -> AnnotationSet:
        draft = Draft("a", *LINES)
        for type_, speaker in (("direct", speakers[0]), ("indirect", speakers[-1]))[::order]:
            quote = draft.span("QUOTE", "dat hij vertrekt", type=type_)
            draft.relation("speaker", quote, draft.span("SPEAKER", speaker))
        return draft.set()

    for order, speakers in product((1, -1), (("Minister Jansen", "hij"), ("hij",))):
        scores = score(both(1, speakers), both(order, speakers))
        assert scores["quotes", "type"] == scores["quotes", "joint"] == Counts(correct=2)
        assert scores["quotes", "roles", "speaker", "strict"] == Counts(correct=2)


# -- what is scored


def test_only_layers_that_both_annotated_are_scored() -> None:
    gold = minister().set(layers=("entities", "quotes"))
    scores = score(gold, minister().set(layers=("quotes", "events")))
    assert {path[0] for path in scores} == {"quotes"}
    assert {path[0] for path in compare(gold, gold, NEWS, ["entities"])} == {"entities"}


def test_sets_of_different_texts_are_not_compared() -> None:
    with pytest.raises(NotComparableError, match="different documents"):
        score(minister().set(), minister("other").set())
    with pytest.raises(NotComparableError, match="different texts"):
        score(minister().set(), msgspec.structs.replace(minister().set(), text_sha256="0" * 64))


def test_labels_that_the_scheme_lacks_are_named() -> None:
    draft = minister()
    draft.span("MOOD", "vrees")
    draft.relation("felt", "s0", "s1")
    assert unknown_labels(draft.set(), NEWS) == ("MOOD", "felt")
    assert score(minister().set(), draft.set()) == score(minister().set(), minister().set())


def test_another_scheme_has_other_figures() -> None:
    """Emotions with an experiencer: names come from the scheme, values of attributes too."""
    scheme = Scheme(
        version="mood/1",
        layers=(
            Layer(
                name="moods",
                color="#000000",
                labels=(SpanLabel(name="JOY"), SpanLabel(name="FEAR"), SpanLabel(name="WHO")),
                head=Head(labels=("JOY", "FEAR"), column="word", type="label"),
                relations=(RelationLabel(name="feels", heads=("JOY", "FEAR"), tails=("WHO",), max=1),),
            ),
        ),
        attributes=(
            Attribute(name="strength", labels=("FEAR",), values=("low", "high"), default="low", page="local"),
            Attribute(name="remark", labels=("FEAR",), page="local"),
        ),
    )
    draft = Draft("a", "Jansen vreest en juicht.")
    fear = draft.span("FEAR", "vreest", strength="high", remark="x")
    draft.span("JOY", "juicht")
    draft.relation("feels", fear, draft.span("WHO", "Jansen"))
    gold = draft.set(layers=("moods",))
    weak = [msgspec.structs.replace(span, attributes={}) for span in gold.spans]
    scores = compare(gold, msgspec.structs.replace(gold, spans=tuple(weak)), index(scheme))
    assert scores["moods", "attributes", "strength"] == Counts(incorrect=1)
    assert scores["moods", "word", "strict"] == scores["moods", "type"] == Counts(correct=2)
    assert scores["moods", "joint"] == Counts(correct=1, missed=1, spurious=1)
    assert ("moods", "attributes", "remark") not in scores


# -- laws


@given(sets(), sets(), st.randoms(use_true_random=False))
def test_the_order_of_a_set_changes_nothing(gold: AnnotationSet, predicted: AnnotationSet, chance: Any) -> None:
    def shuffled(annotations: AnnotationSet) -> AnnotationSet:
        spans, relations = (chance.sample(part, len(part)) for part in (annotations.spans, annotations.relations))
        return msgspec.structs.replace(annotations, spans=tuple(spans), relations=tuple(relations))

    assert score(shuffled(gold), shuffled(predicted)) == score(gold, predicted)


@given(sets())
def test_a_set_against_itself_is_1_in_everything(annotations: AnnotationSet) -> None:
    assert {counts.f1 for counts in score(annotations, annotations).values()} <= {1.0, None}


@given(sets(), sets())
def test_swapping_sides_swaps_precision_and_recall(left: AnnotationSet, right: AnnotationSet) -> None:
    """In everything that is symmetric: coreference is judged by gold, and which of two equally good partners a frame has
    decides how many fillers of one role are missed or spurious, not how many are right."""
    there, back = score(left, right), score(right, left)
    assert there.keys() == back.keys()
    for path, counts in there.items():
        if path[-1] != "coreference":
            assert counts.correct == back[path].correct
            if "roles" not in path:
                assert (counts.precision, counts.recall) == (back[path].recall, back[path].precision)


@given(sets(), sets())
def test_stricter_figures_are_never_higher(gold: AnnotationSet, predicted: AnnotationSet) -> None:
    scores = score(gold, predicted)
    for group in ("arguments", "trigger"):
        found = {path[2]: counts for path, counts in scores.items() if path[:2] == ("events", group)}
        assert all(found["classification"].correct <= counts.correct for counts in found.values())
    assert scores["quotes", "joint"].correct <= scores["quotes", "content", "strict"].correct


@given(st.lists(st.tuples(sets(), sets()), max_size=4))
def test_the_order_of_documents_changes_nothing(pairs: list[tuple[AnnotationSet, AnnotationSet]]) -> None:
    def result(pairs: list[tuple[AnnotationSet, AnnotationSet]]) -> Comparison:
        comparison = Comparison(NEWS)
        for gold, predicted in pairs:
            comparison.add(gold, predicted)
        return comparison

    there, back = result(pairs), result(pairs[::-1])
    assert nested(there.totals, {}) == nested(back.totals, {})
    for path in there.figures():
        assert there.terms(path).tolist() == back.terms(path).tolist()[::-1]


def test_figures_are_nested_by_name() -> None:
    result = nested(score(minister().set(), minister().set()), {("entities", "strict"): (0.5, 1.0)})
    assert result["entities"]["strict"]["f1"] == result["entities"]["macro"]["strict"]["f1"] == 1.0
    assert result["entities"]["strict"]["interval"] == (0.5, 1.0)
    assert result["entities"]["labels"]["GPE"]["strict"]["gold"] == 2
    assert result["quotes"]["roles"]["speaker"]["strict"]["correct"] == 1
    assert result["events"]["labels"]["Conflict.Attack"]["strict"]["f1"] == 1.0
    assert result["events"]["macro"]["strict"]["recall"] == 1.0


@pytest.mark.parametrize("column", ["arguments", "by_role", "labels", "macro", "roles"])
def test_a_heads_column_is_no_name_of_other_figures(column: str) -> None:
    """`labels` broke the scores, the others took the place of figures."""
    *others, last = NEWS.scheme.layers
    assert last.head
    changed = msgspec.structs.replace(last, head=msgspec.structs.replace(last.head, column=column))
    with pytest.raises(SchemeError, match="choose another"):
        index(msgspec.structs.replace(NEWS.scheme, layers=(*others, changed)))
