"""Answers by options, for programs: whose answer is taken, or which item, or what for which question. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from standoff.adjudicate.questions import Question, content
from standoff.corpus.decisions import Answer, Decision, RelationAnswer, SpanAnswer
from standoff.errors import UsageError

NOTHING = "nothing"
"""The answer that nothing is there."""


class Signature(NamedTuple):
    """Who decides, when, and why."""

    by: str | None
    at: str | None
    why: str | None


@dataclass(slots=True)
class Takes:
    """What `--take` says.

    `NAME`: that annotator's answer to everything. `ITEM`: the span or relation of this id. `QUESTION=NAME` and
    `QUESTION=nothing`: the answer to one question, also to one that was decided before. The more special one counts.
    Raises UsageError for two annotators.
    """

    annotator: str | None = None
    items: set[str] = field(default_factory=set)
    questions: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, words: Iterable[str], names: Sequence[str]) -> "Takes":
        """Reads the option."""
        takes = cls()
        for word in words:
            question, equals, answer = word.partition("=")
            if equals:
                if answer not in (*names, NOTHING):
                    raise UsageError(f"--take {word}: after `=` comes one of {', '.join(names)}, or {NOTHING}")
                takes.questions[question] = answer
            elif word in names:
                if takes.annotator not in (None, word):
                    raise UsageError(f"--take {word}: only one annotator's answers can be taken to everything")
                takes.annotator = word
            else:
                takes.items.add(word)
        return takes

    @property
    def unused(self) -> list[str]:
        """Items and questions that nothing was asked about."""
        return sorted((self.items | self.questions.keys()) - self.used)

    def answers(self, questions: Iterable[Question], sign: Signature) -> list[Decision]:
        """Decisions for those of the questions that it answers. Raises UsageError for an id that means two answers."""
        made = []
        for question in questions:
            found = self._answer(question)
            if found:
                made.append(question.decide(found[0], *sign))
        return made

    def again(self, decisions: Iterable[Decision], sign: Signature) -> list[Decision]:
        """Questions that were decided before and are named: decided anew."""
        made = []
        for decision in decisions:
            name = self.questions.get(decision.question)
            if name is None or (name != NOTHING and name not in decision.answers):
                continue
            self.used.add(decision.question)
            taken = None if name == NOTHING else decision.answers[name]
            if content(taken) != content(decision.taken):
                made.append(replace(decision, taken=taken, by=sign.by, at=sign.at, why=sign.why))
        return made

    def _answer(self, question: Question) -> tuple[Answer | None] | None:
        if question.id in self.questions:
            name = self.questions[question.id]
            self.used.add(question.id)
            if name == NOTHING and None in question.options:
                return (None,)
            if name in question.answers:
                return (question.answers[name],)
            raise UsageError(f"--take {question.id}={name}: the answers are those of {', '.join(question.answers)}")
        named = {
            content(answer): answer
            for answer in question.answers.values()
            if isinstance(answer, SpanAnswer | RelationAnswer) and answer.id in self.items
        }
        for answer in named.values():
            self.used.add(answer.id or "")
            if len(named) > 1:
                raise UsageError(f"--take {answer.id}: several answers have this id; take {question.id}=NAME")
            return (answer,)
        if self.annotator is not None and self.annotator in question.answers:
            return (question.answers[self.annotator],)
        return None
