"""Questions: where annotators differ, what each of them says, and what was decided. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from standoff.corpus.decisions import Answer, Decision, Kind, RelationAnswer, SpanAnswer, ValueAnswer


@dataclass(frozen=True, slots=True)
class Question:
    """One difference that nobody has settled yet.

    `start` and `end` are the hull of the text that it is about. `answers` holds those annotators who have a say in it: one
    who has a span differently has none in its attributes.
    """

    id: str
    layer: str
    kinds: tuple[Kind, ...]
    answers: Mapping[str, Answer | None]
    start: int
    end: int

    @property
    def options(self) -> tuple[Answer | None, ...]:
        """The different answers, in the order of annotators; for spans and relations also nothing, which comes last."""
        found: dict[object, Answer | None] = {}
        for answer in self.answers.values():
            found.setdefault(content(answer), answer)
        nothing = found.pop(content(None), None)
        wanted = not any(isinstance(answer, ValueAnswer) for answer in found.values())
        return (*found.values(), *([nothing] if wanted else []))

    def takers(self, option: Answer | None) -> tuple[str, ...]:
        """The annotators who say so."""
        return tuple(name for name, answer in self.answers.items() if content(answer) == content(option))

    def decide(self, taken: Answer | None, by: str | None, at: str | None, why: str | None) -> Decision:
        """The decision for one of the options, or for an answer of the curator's own."""
        return Decision(
            question=self.id,
            layer=self.layer,
            kinds=self.kinds,
            answers=self.answers,
            taken=taken,
            by=by,
            at=at,
            why=why,
        )


def content(answer: Answer | None) -> tuple[object, ...]:
    """What an answer says, without the ids that annotators' items have."""
    if isinstance(answer, SpanAnswer):
        places = tuple((fragment.start, fragment.end) for fragment in answer.fragments)
        return ("span", answer.label, places, tuple(sorted(answer.attributes.items())))
    if isinstance(answer, ValueAnswer):
        return ("value", answer.attribute, answer.value)
    if isinstance(answer, RelationAnswer):
        return ("relation", answer.label, answer.head, answer.tail)
    return ("nothing",)


def key(layer: str, answers: Mapping[str, Answer | None]) -> tuple[object, ...]:
    """What is asked: who says what, in their own ids."""
    return (layer, *((name, msgspec.json.encode(answer)) for name, answer in sorted(answers.items())))


@dataclass(slots=True)
class Decided:
    """The decisions of one document, and which of them were of use."""

    by_question: Mapping[str, Decision]
    used: set[str] = field(default_factory=set)
    moved: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    """Decisions that are of use under another question, by `key`: one that has their answers."""
    came: dict[str, Decision] = field(default_factory=dict)
    """Those of them that were found, by the question that has their answers."""

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Decided":
        """Decisions by their questions."""
        return cls({decision.question: decision for decision in decisions})

    def find(self, id_: str, question: Question | None) -> Decision | None:
        """The decision of the question of this id, not yet counted as used; the question itself is needed where some `moved`."""
        decision = self.by_question.get(id_) or self.came.get(id_)
        if decision is None and question and self.moved:
            decision = self.moved.pop(key(question.layer, question.answers), None)
            if decision:
                self.came[id_] = decision
        return decision

    def added(self) -> list[Decision]:
        """What curators added that no annotator has."""
        return [decision for decision in self.by_question.values() if "added" in decision.kinds]
