"""What a curated set says, as decisions: laws for any sets."""

from collections.abc import Iterable, Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adjudicate.opinions import AT, answer_all, several
from score.drafts import NEWS, quotes, sets
from standoff.adjudicate.align import reading
from standoff.adjudicate.curated import Curated, read_back
from standoff.adjudicate.plan import Plan, plan
from standoff.adjudicate.take import Signature
from standoff.corpus.decisions import Decision
from standoff.corpus.model import AnnotationSet, Relation, Span

LAYERS = tuple(NEWS.layers)
SIGN = Signature("cor", AT, None)


def back(found: Plan, curated: AnnotationSet, decisions: Iterable[Decision] = ()) -> Curated:
    return read_back(found, curated, decisions, NEWS, LAYERS, SIGN, page=False)


def contents(spans: Sequence[Span], relations: Iterable[Relation]) -> tuple[set[object], set[object]]:
    """Spans and relations without ids, and without relations that the scheme forbids or that are there twice."""
    keys = {span.id: (*reading(span), tuple(sorted(span.attributes.items()))) for span in spans}
    label_of = {span.id: span.label for span in spans}
    allowed = [
        relation
        for relation in relations
        if label_of[relation.head] in NEWS.heads[relation.label]
        and label_of[relation.tail] in NEWS.tails[relation.label]
    ]
    return set(keys.values()), {(item.label, keys[item.head], keys[item.tail]) for item in allowed}


@settings(max_examples=40)
@given(several, st.data())
def test_a_result_says_what_was_decided(annotations: list[AnnotationSet], data: st.DataObject) -> None:
    settled, _ = answer_all(annotations, data)
    curated = msgspec.structs.replace(
        annotations[0], annotator="gold", spans=settled.spans, relations=settled.relations
    )
    said = back(plan(annotations, NEWS), curated)
    assert said.unresolved == []
    again = plan(annotations, NEWS, said.decisions.values())
    assert again.questions == ()
    assert (again.spans, again.relations) == (settled.spans, settled.relations)
    assert back(again, curated, said.decisions.values()).new == []


def by_the_curator(made: AnnotationSet) -> AnnotationSet:
    return msgspec.structs.replace(
        made,
        spans=tuple(msgspec.structs.replace(span, id=f"g{span.id}") for span in made.spans),
        relations=tuple(
            msgspec.structs.replace(r, id=f"g{r.id}", head=f"g{r.head}", tail=f"g{r.tail}") for r in made.relations
        ),
    )


@given(several, sets(), sets())
def test_whatever_a_curator_made_is_what_comes_of_it(
    annotations: list[AnnotationSet], first: AnnotationSet, second: AnnotationSet
) -> None:
    """Also when it is edited once more: an item that somebody added is another one by then, of the same id."""
    found, decisions = plan(annotations, NEWS), list[Decision]()
    for curated in map(by_the_curator, (first, second)):
        said = back(found, curated, decisions)
        decisions = list(said.decisions.values())
        found = plan(annotations, NEWS, decisions)
        if said.unresolved:
            return
        assert found.questions == ()
        assert contents(found.spans, found.relations) == contents(curated.spans, curated.relations)


def test_what_somebody_added_and_changes_later_is_as_it_is_now() -> None:
    annotations = [msgspec.structs.replace(quotes(), annotator=name, spans=(), relations=()) for name in ("ann", "ben")]
    decisions: list[Decision] = []
    for type_ in ("direct", "mixed"):
        added = msgspec.structs.replace(quotes().spans[0], attributes={"type": type_})
        curated = msgspec.structs.replace(quotes(), spans=(added,), relations=())
        decisions = list(back(plan(annotations, NEWS, decisions), curated, decisions).decisions.values())
        assert plan(annotations, NEWS, decisions).spans == (added,)
