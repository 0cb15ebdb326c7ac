"""Decisions follow annotation sets to other names of labels, attributes and layers, so that nothing is asked again."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any

from msgspec.structs import replace

from standoff.adjudicate.plan import plan
from standoff.adjudicate.questions import Decided, key
from standoff.adjudicate.result import content_of, digest
from standoff.corpus.decisions import Answer, Decision, Decisions, RelationAnswer, SpanAnswer, ValueAnswer
from standoff.corpus.ids import mint, span_content
from standoff.corpus.migrate import Renames, renamed
from standoff.corpus.model import AnnotationSet, Relation, Span
from standoff.corpus.scheme import SchemeIndex, index
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.score.comparison import unknown_labels

_TOGETHER = 500
"""Files that are written together."""


def follow(store: Store, renames: Renames) -> None:
    """Writes all decisions whose sets have these new names by now. Run again it changes nothing; call it inside `store.lock()`.

    What can't be read stays as it is: `standoff validate` tells it. Raises EnvironmentFault when they can't be written.
    """
    scheme = index(store.scheme)
    find = cache(store.lookup)
    waiting = store.decision_files()
    while files := list(islice(waiting, _TOGETHER)):
        made = []
        for file in files:
            with suppress(StandoffError):
                annotator = file.file.split("/")[-2]
                decisions = store.decisions(annotator, file.document)
                if decisions:
                    result = find(annotator)(file.document)
                    names = {name for group in _groups(decisions, result) for name in group}
                    sets = {name: found for name in names if (found := find(name)(file.document))}
                    made.append(followed(decisions, result, sets, scheme, renames))
        store.write_decisions(made)


def followed(
    decisions: Decisions,
    result: AnnotationSet | None,
    sets: Mapping[str, AnnotationSet],
    scheme: SchemeIndex,
    renames: Renames,
) -> Decisions:
    """The decisions with the names that the sets have now, where the sets say then what the decisions were made between. Pure.

    `result` is the adjudicated set, `sets` are the annotators' by their names.
    """
    came: dict[str, Decision] = {}
    for group in _groups(decisions, result):
        between = [sets[name] for name in group if name in sets and not unknown_labels(sets[name], scheme)]
        if len(between) < len(group) or any(one.text_sha256 != decisions.text_sha256 for one in between):
            continue
        decided = Decided.of(decisions.decisions)
        for decision in decisions.decisions:
            if "added" not in decision.kinds and decision.question not in came:
                new = _named(decision, renames)
                decided.moved[key(new.layer, new.answers)] = new
        plan(between, scheme, decided)
        came |= {new.question: replace(new, question=question) for question, new in decided.came.items()}
    own = _Own(decisions.document, result, scheme, renames)
    after = [came.get(one.question) or own.followed(one) for one in decisions.decisions]
    return replace(decisions, written=dict(_written(decisions, result, scheme, renames)), decisions=tuple(after))


def _groups(decisions: Decisions, result: AnnotationSet | None) -> set[tuple[str, ...]]:
    """Annotators between whom something may have been decided."""
    groups = {tuple(sorted(decision.answers)) for decision in decisions.decisions}
    if result and result.provenance and result.provenance.parameters:
        with suppress(ValueError):
            made_of = json.loads(result.provenance.parameters).get("sets")
            groups.add(tuple(sorted(made_of)) if isinstance(made_of, list) else ())
    return {group for group in groups if len(group) > 1}


def _named(decision: Decision, renames: Renames) -> Decision:
    return replace(
        decision,
        layer=renames.layers.get(decision.layer, decision.layer),
        answers={name: _answer(answer, renames) for name, answer in decision.answers.items()},
        taken=_answer(decision.taken, renames),
    )


def _answer(answer: Answer | None, renames: Renames) -> Answer | None:
    if isinstance(answer, SpanAnswer):
        attributes = {renames.attributes.get(name, name): value for name, value in answer.attributes.items()}
        return replace(answer, label=renames.labels.get(answer.label, answer.label), attributes=attributes)
    if isinstance(answer, ValueAnswer):
        return replace(answer, attribute=renames.attributes.get(answer.attribute, answer.attribute))
    if isinstance(answer, RelationAnswer):
        return replace(answer, label=renames.labels.get(answer.label, answer.label))
    return None


class _Own:
    """Answers of the curator's own follow to what the adjudicated set says now."""

    def __init__(self, document: str, result: AnnotationSet | None, scheme: SchemeIndex, renames: Renames) -> None:
        self.document = document
        self.scheme = scheme
        self.renames = renames
        items: list[Span | Relation] = [*result.spans, *result.relations] if result else []
        self.by_id = {item.id: item for item in items}
        self.there = {(self._place(item), item.label) for item in items}

    def followed(self, decision: Decision) -> Decision:
        """The decision of a question that is as it was."""
        new = _named(decision, self.renames)
        old, taken = decision.taken, new.taken
        if old is None or taken is None or isinstance(old, ValueAnswer) or isinstance(taken, ValueAnswer):
            return decision
        if old in decision.answers.values() or not self._renamed(old, taken):
            taken = old
        if "added" not in decision.kinds:
            return replace(decision, taken=taken)
        if isinstance(taken, SpanAnswer):
            content = span_content(self.document, taken.label, self._place(taken))
            parts = ["added", *content, *map(str, sorted(taken.attributes.items()))]
            layer = self.scheme.span_layer.get(taken.label)
        else:
            parts = ["added", self.document, taken.label, taken.head, taken.tail]
            layer = self.scheme.relation_layer.get(taken.label)
        (question,) = mint("q", [parts])
        return replace(decision, question=question, layer=layer or decision.layer, taken=taken)

    def _renamed(self, old: SpanAnswer | RelationAnswer, new: SpanAnswer | RelationAnswer) -> bool:
        """Whether the adjudicated set has it by its new name; where it has neither, whether the scheme lacks the old one."""
        item = self.by_id.get(old.id or "")
        if item and item.label in (old.label, new.label):
            as_it_was = isinstance(item, Span) and isinstance(old, SpanAnswer) and item.attributes == old.attributes
            return item.label == new.label and not (item.label == old.label and as_it_was)
        place = self._place(old)
        if (place, old.label) in self.there or (place, new.label) in self.there:
            return (place, old.label) not in self.there
        return old.label not in (self.scheme.spans if isinstance(old, SpanAnswer) else self.scheme.relations)

    @staticmethod
    def _place(item: Span | Relation | SpanAnswer | RelationAnswer) -> tuple[Any, ...]:
        if isinstance(item, Span | SpanAnswer):
            return tuple((piece.start, piece.end) for piece in item.fragments)
        return (item.head, item.tail)


def _written(
    decisions: Decisions, result: AnnotationSet | None, scheme: SchemeIndex, renames: Renames
) -> Iterator[tuple[str, str]]:
    """The hashes of what was written, where nobody has edited it since."""
    now: dict[str, list[Span | Relation]] = {}
    then: dict[str, list[Span | Relation]] = {}
    if result:
        now = content_of(result.spans, result.relations, scheme)
        back = Renames(*({new: old for old, new in names.items()} for names in renames))
        before = renamed(result, result.scheme, back)
        held_then: list[Span | Relation] = [*before.spans, *before.relations]
        items = {item.id: item for item in held_then}
        then = {layer: [items[item.id] for item in held] for layer, held in now.items()}
    for layer, known in decisions.written.items():
        new = renames.layers.get(layer, layer)
        stays = layer in scheme.layers and digest(now, layer) == known
        moved = not stays and digest(then, new) == known
        yield (new, digest(now, new)) if moved else (layer, known)
