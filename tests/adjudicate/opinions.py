"""Annotators' sets to adjudicate, and answers to all that is asked."""

from collections.abc import Sequence

import msgspec
from hypothesis import strategies as st

from score.drafts import NEWS, sets
from standoff.adjudicate.plan import Plan, plan
from standoff.corpus.decisions import Answer, Decision
from standoff.corpus.model import AnnotationSet

AT = "2025-06-11T10:00:00Z"


def named(*found: AnnotationSet) -> list[AnnotationSet]:
    """Sets of annotators a, b, c ..."""
    return [msgspec.structs.replace(one, annotator="abcdef"[i]) for i, one in enumerate(found)]


several = st.lists(sets(), min_size=2, max_size=3).map(lambda found: named(*found))


def answer_all(annotations: Sequence[AnnotationSet], choose: st.DataObject | str) -> tuple[Plan, list[Decision]]:
    """Answers every question, those too that come of the answers, by drawing or always as one annotator."""
    decisions: list[Decision] = []
    for _ in range(200):
        found = plan(annotations, NEWS, decisions)
        if not found.questions:
            return found, decisions
        for question in found.questions:
            taken: Answer | None
            if isinstance(choose, str):
                taken = question.answers.get(choose, question.options[0])
            else:
                taken = choose.draw(st.sampled_from(question.options))
            decisions.append(question.decide(taken, "cor", AT, None))
    raise AssertionError("it never stops asking")
