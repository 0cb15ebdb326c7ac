"""What annotators agree on and what is asked: laws for any sets, and the examples that a reader learns from."""

from itertools import permutations
from typing import Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adjudicate.opinions import AT, answer_all, named, several
from release.corpora import Draft
from score.drafts import LINES, NEWS, events, quotes, sets
from standoff.adjudicate.align import reading
from standoff.adjudicate.plan import Plan, plan
from standoff.corpus.decisions import ValueAnswer
from standoff.corpus.model import AnnotationSet

Fate = Literal["taken", "decided", "open"]
"""What became of an annotator's item: it stands in the result; a decision left it out; or nobody has decided yet."""


def fates(found: Plan) -> dict[tuple[str, str], Fate]:
    """Annotator and id of each item in the plan's layers, but for relations outside, to what became of it."""
    items: dict[tuple[str, str], Fate] = {}
    for cell in found.cells:
        for name, span in zip(found.names, cell.members, strict=False):
            if span:
                holds = cell.chosen is not None and reading(cell.chosen) == reading(span)
                open_ = cell.open or (holds and cell.undecided)
                items[name, span.id] = "open" if open_ else "taken" if holds else "decided"
    taken = set(found.links.taken)
    for link, holders in found.links.held.items():
        fate: Fate = "open" if link in found.links.open else "taken" if link in taken else "decided"
        items.update({(found.names[i], relation.id): fate for i, some in holders.items() for relation in some})
    return items


@given(several)
def test_the_order_of_annotators_changes_nothing(annotations: list[AnnotationSet]) -> None:
    first = plan(annotations, NEWS)
    for order in permutations(annotations):
        shuffled = [msgspec.structs.replace(one, spans=one.spans[::-1], relations=one.relations[::-1]) for one in order]
        again = plan(shuffled, NEWS)
        assert (again.questions, again.spans, again.relations) == (first.questions, first.spans, first.relations)


@given(sets(), st.integers(2, 4))
def test_identical_sets_need_no_question(one: AnnotationSet, count: int) -> None:
    found = plan(named(*[one] * count), NEWS)
    assert found.questions == ()
    assert not found.open_layers
    assert sorted(span.id for span in found.spans) == sorted(span.id for span in one.spans)
    assert set(fates(found).values()) <= {"taken"}


@given(several, st.data())
def test_every_item_is_taken_decided_or_open(annotations: list[AnnotationSet], data: st.DataObject) -> None:
    found = plan(annotations, NEWS)
    items = {(one.annotator, span.id) for one in annotations for span in one.spans}
    items |= {(one.annotator, relation.id) for one in annotations for relation in one.relations}
    items -= {(found.names[i], relation.id) for i, relation in found.links.outside}
    assert fates(found).keys() == items
    assert (not found.questions) == (not found.open_layers) == ("open" not in fates(found).values())
    settled, decisions = answer_all(annotations, data)
    assert fates(settled).keys() == items
    assert "open" not in fates(settled).values()
    assert settled.unused == ()
    ids = [span.id for span in settled.spans] + [relation.id for relation in settled.relations]
    assert len(set(ids)) == len(ids)
    spans = {span.id for span in settled.spans}
    assert all({relation.head, relation.tail} <= spans for relation in settled.relations)
    assert plan(annotations, NEWS, decisions[::-1]) == settled


# -- one example of each kind of difference


def pair(left: Draft, right: Draft) -> list[AnnotationSet]:
    return [left.set("ann"), right.set("ben")]


def draft() -> Draft:
    return Draft("a", *LINES)


def test_only_one_has_it() -> None:
    left, right = draft(), draft()
    left.span("GPE", "Genève")
    (question,) = plan(pair(left, right), NEWS).questions
    assert question.kinds == ("missing",)
    assert question.takers(None) == ("ben",)
    assert question.options == (question.answers["ann"], None)


def test_extent_and_label() -> None:
    left, right = draft(), draft()
    for one, words, label in ((left, "Minister Jansen", "PERSON"), (right, "Jansen", "PERSON")):
        one.span(label, words)
    left.span("GPE", "Genève")
    right.span("FAC", "Genève")
    found = plan(pair(left, right), NEWS)
    assert [question.kinds for question in found.questions] == [("extent",), ("label",)]
    second = found.questions[1].decide(found.questions[1].answers["ben"], "cor", AT, "a building")
    after = plan(pair(left, right), NEWS, [second])
    assert [question.kinds for question in after.questions] == [("extent",)]
    assert [(span.label, span.text) for span in after.spans] == [("FAC", "Genève")]
    # "s1" is the id of two different annotations here, so the one that is taken gets neither's
    assert after.spans[0].id not in {"s0", "s1"}


def attack(
    label: str = "Conflict.Attack", realis: str = "Actual", role: str = "Target", filler: str = "Genève"
) -> Draft:
    return events(label, realis, role, filler)


def test_fields_of_a_span_that_both_have_are_asked_one_by_one() -> None:
    found = plan(pair(attack(), attack(realis="Other")), NEWS)
    (question,) = found.questions
    assert question.kinds == ("attribute",)
    assert [isinstance(a, ValueAnswer) and a.value for a in question.options] == ["Actual", "Other"]
    assert found.open_layers == {"events"}
    after = plan(
        pair(attack(), attack(realis="Other")), NEWS, [question.decide(question.answers["ben"], None, None, None)]
    )
    assert {span.attributes.get("realis") for span in after.spans} == {None, "Other"}


def test_a_relation_with_one_place_has_two_ends() -> None:
    left, right = quotes("Minister Jansen"), quotes("hij vertrekt")
    both = named(left, right)
    found = plan(both, NEWS)
    # first whether each of the two spans is one, then which of them speaks
    assert [question.kinds for question in found.questions] == [("missing",), ("missing",)]
    taken = [question.decide(question.options[0], None, None, None) for question in found.questions]
    (question,) = plan(both, NEWS, taken).questions
    assert question.kinds == ("end",)
    # had one of them been turned down, nobody would have asked
    taken = [found.questions[0].decide(found.questions[0].options[0], None, None, None)]
    taken.append(found.questions[1].decide(None, None, None, None))
    settled = plan(both, NEWS, taken)
    assert settled.questions == ()
    assert sum(relation.label == "speaker" for relation in settled.relations) == 1


def test_another_role_of_the_same_filler() -> None:
    (question,) = plan(pair(attack(), attack(role="Place")), NEWS).questions
    assert question.kinds == ("relation",)


def test_arguments_of_another_type_of_event_go_with_it() -> None:
    left, right = attack(), attack(label="Other", role="Thing")
    both = pair(left, right)
    (question,) = plan(both, NEWS).questions
    assert question.kinds == ("label",)
    settled = plan(both, NEWS, [question.decide(question.answers["ben"], None, None, None)])
    assert settled.questions == ()
    assert [relation.label for relation in settled.relations] == ["Thing"]
    assert sorted(set(fates(settled).values())) == ["decided", "taken"]


def test_a_decision_that_no_longer_applies_is_told_and_asked_again() -> None:
    left, right = draft(), draft()
    left.span("PERSON", "Minister Jansen")
    right.span("PERSON", "Jansen")
    (question,) = plan(pair(left, right), NEWS).questions
    decision = question.decide(question.answers["ann"], "cor", AT, None)
    assert plan(pair(left, right), NEWS, [decision]).unused == ()
    changed = draft()
    changed.span("PERSON", "Jansen zei")
    after = plan(pair(left, changed), NEWS, [decision])
    assert after.unused == (decision,)
    assert [one.kinds for one in after.questions] == [("extent",)]


def test_three_annotators_have_no_vote() -> None:
    same, other, nothing = draft(), draft(), draft()
    same.span("PERSON", "Minister Jansen")
    other.span("PERSON", "Jansen")
    (question,) = plan([same.set("ann"), same.set("ben"), other.set("cas"), nothing.set("dee")], NEWS).questions
    assert question.kinds == ("missing", "extent")
    assert [question.takers(option) for option in question.options] == [("ann", "ben"), ("cas",), ("dee",)]


def test_those_who_hold_the_reading_settle_its_attributes() -> None:
    def entity(words: str, name: str) -> Draft:
        one = draft()
        one.span("PERSON", words, entity=name)
        return one

    three = [
        entity("Jansen", "J").set("ann"),
        entity("Jansen", "K").set("ben"),
        entity("Minister Jansen", "L").set("cas"),
    ]
    (first,) = plan(three, NEWS).questions
    taken = first.decide(first.answers["ann"], None, None, None)
    (second,) = plan(three, NEWS, [taken]).questions
    assert second.answers.keys() == {"ann", "ben"}
    settled = plan(three, NEWS, [first.decide(first.answers["cas"], None, None, None)])
    assert settled.questions == ()
    assert [dict(span.attributes) for span in settled.spans] == [{"entity": "L"}]


def test_layers_are_those_that_all_annotated_and_what_leads_outside_is_counted() -> None:
    both = [attack().set("ann", layers=("entities", "events")), attack().set("ben", layers=("events",))]
    found = plan(both, NEWS)
    assert found.layers == ("events",)
    # the attack's target is an entity in both sets
    assert found.outside == 2
    assert found.relations == ()
    assert {NEWS.span_layer[span.label] for span in found.spans} == {"events"}


def test_ids_are_kept_from_the_annotators() -> None:
    left, right = draft(), draft()
    left.span("GPE", "Genève")
    right.span("PERSON", "Jansen")
    right.span("GPE", "Genève")
    both = pair(left, right)
    settled, _ = answer_all(both, "ben")
    # s0 names what both have; the span that only ben has, and calls s0 too, gets an id of its own
    assert {span.text: span.id == "s0" for span in settled.spans} == {"Genève": True, "Jansen": False}


def test_readings_of_other_extent_and_label_are_one_question_where_half_is_shared() -> None:
    left, right = draft(), draft()
    left.span("PERSON", "Minister Jansen")
    right.span("ORG", "Jansen")
    assert [one.kinds for one in plan(pair(left, right), NEWS).questions] == [("missing",), ("missing",)]
    right.spans.clear()
    right.span("ORG", "inister Jansen")
    assert [one.kinds for one in plan(pair(left, right), NEWS).questions] == [("extent", "label")]


def test_notes_are_kept_and_what_is_not_agreed_on_is_left_out() -> None:
    both = pair(draft(), draft())
    left, right = (
        msgspec.structs.replace(
            draft_of("GPE", "Genève").set(one.annotator).spans[0], note=f"says {one.annotator}", score=score
        )
        for one, score in zip(both, (0.5, 0.6), strict=True)
    )
    sets = [msgspec.structs.replace(one, spans=(span,)) for one, span in zip(both, (left, right), strict=True)]
    (found,) = plan(sets, NEWS).spans
    assert found.note == "says ann\nsays ben"
    assert found.score is None


def draft_of(label: str, words: str) -> Draft:
    one = draft()
    one.span(label, words)
    return one
