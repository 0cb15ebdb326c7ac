"""What a curated set says, as decisions: laws for any sets."""

from collections.abc import Iterable, Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adjudicate.opinions import AT, answer_all, several
from score.drafts import NEWS, sets
from standoff.adjudicate.align import reading
from standoff.adjudicate.curated import Curated, read_back
from standoff.adjudicate.plan import Plan, plan
from standoff.corpus.decisions import Decision
from standoff.corpus.model import AnnotationSet, Relation, Span

LAYERS = tuple(NEWS.layers)
SIGN = {"by": "cor", "at": AT, "why": None}


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


@given(several, sets())
def test_whatever_a_curator_made_is_what_comes_of_it(annotations: list[AnnotationSet], curated: AnnotationSet) -> None:
    curated = msgspec.structs.replace(
        curated,
        spans=tuple(msgspec.structs.replace(span, id=f"g{span.id}") for span in curated.spans),
        relations=tuple(
            msgspec.structs.replace(r, id=f"g{r.id}", head=f"g{r.head}", tail=f"g{r.tail}") for r in curated.relations
        ),
    )
    said = back(plan(annotations, NEWS), curated)
    again = plan(annotations, NEWS, said.decisions.values())
    if not said.unresolved:
        assert again.questions == ()
        assert contents(again.spans, again.relations) == contents(curated.spans, curated.relations)
