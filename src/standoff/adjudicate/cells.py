"""Spans: what all agree on, what was decided, and what is open. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from standoff.adjudicate.align import Members, Reading, reading, side_by_side
from standoff.adjudicate.questions import Decided, Question
from standoff.corpus.decisions import Answer, Kind, SpanAnswer, ValueAnswer
from standoff.corpus.ids import mint, span_content
from standoff.corpus.model import AnnotationSet, Relation, Span
from standoff.corpus.scheme import SchemeIndex


@dataclass(slots=True)
class Cell:
    """One place in the text with what each annotator has there, and what becomes of it."""

    layer: str
    members: Members
    question: str = ""
    ids: dict[Reading, str] = field(default_factory=dict)
    """The id that each reading has in the adjudicated set, whether it is taken or not."""
    chosen: Span | None = None
    """What stands in the adjudicated set; None: nothing, or not yet."""
    open: bool = False
    """Nobody has decided which reading holds."""
    undecided: bool = False
    """The reading holds, and one of its attributes is open."""

    @property
    def agreed(self) -> bool:
        """Whether all annotators have the same reading."""
        return len(self.ids) == 1 and None not in self.members

    def holders(self, wanted: Reading) -> dict[int, Span]:
        """Annotators who have this reading, by their numbers, with their spans."""
        return {i: span for i, span in enumerate(self.members) if span and reading(span) == wanted}


def cells_of(sets: Sequence[AnnotationSet], index: SchemeIndex, layers: Iterable[str]) -> list[Cell]:
    """The spans of these layers, side by side, in text order. Sets are in the order of their annotators' names."""
    cells: list[Cell] = []
    for layer in layers:
        sides = [[span for span in one.spans if index.span_layer.get(span.label) == layer] for one in sets]
        cells += [Cell(layer, members) for members in side_by_side(sides)]
    cells.sort(key=lambda cell: min((span.start, -span.end) for span in cell.members if span))
    names = [one.annotator for one in sets]
    for cell, question in zip(cells, mint("q", [_content(cell, names) for cell in cells]), strict=True):
        cell.question = question
    _name(cells, sets[0].document)
    return cells


def _content(cell: Cell, names: Sequence[str]) -> list[str | int]:
    parts: list[str | int] = ["span", cell.layer]
    for name, span in zip(names, cell.members, strict=True):
        parts.append(name)
        if span:
            parts += [span.label, *(place for fragment in span.fragments for place in (fragment.start, fragment.end))]
    return parts


def _name(cells: Sequence[Cell], document: str) -> None:
    """The same id for the same annotation; of two that claim one id the one that more agree on keeps it."""
    taken: set[str] = set()
    unnamed: list[tuple[Cell, Reading, Span]] = []
    for everybody in (True, False):
        for cell in cells:
            if (None not in cell.members and len({reading(span) for span in cell.members if span}) == 1) != everybody:
                continue
            for span in cell.members:
                if span and reading(span) not in cell.ids:
                    found = reading(span)
                    free = [one.id for one in cell.holders(found).values() if one.id not in taken]
                    cell.ids[found] = free[0] if free else ""
                    taken.update(free[:1])
                    if not free:
                        unnamed.append((cell, found, span))
    contents = [span_content(document, label, place) for _, (place, label), _ in unnamed]
    for (cell, found, _), id_ in zip(unnamed, mint("s", contents, taken), strict=True):
        cell.ids[found] = id_


def settle(cells: Sequence[Cell], names: Sequence[str], index: SchemeIndex, decided: Decided) -> Iterator[Question]:
    """Chooses what holds in each cell; the questions that remain, about readings and then about their attributes."""
    for cell in cells:
        if not cell.members:
            continue
        decision = decided.find(cell.question, about(cell, names) if decided.moved else None)
        if decision and (
            decision.taken is None
            or (isinstance(decision.taken, SpanAnswer) and decision.taken.label in index.span_layer)
        ):
            decided.used.add(cell.question)
            if decision.taken is None:
                continue
            wanted = (_extent(decision.taken), decision.taken.label)
            if wanted not in cell.ids:
                cell.chosen = own(decision.taken, decision.taken.id or min(cell.ids.values()))
                continue
        elif cell.agreed:
            (wanted,) = cell.ids
        else:
            cell.open = True
            yield about(cell, names)
            continue
        holders = cell.holders(wanted)
        values: dict[str, str] = {}
        for attribute in sorted({name for span in holders.values() for name in span.attributes}):
            question = about_value(cell, attribute, wanted, holders, names, index)
            decision = decided.find(question.id, question)
            answers = list(question.answers.values())
            taken: Answer | None = answers[0]
            if decision and isinstance(decision.taken, ValueAnswer):
                decided.used.add(question.id)
                taken = decision.taken
            elif len({answer.value for answer in answers if isinstance(answer, ValueAnswer)}) > 1:
                cell.undecided = True
                yield question
                continue
            stated = any(attribute in span.attributes for span in holders.values())
            if isinstance(taken, ValueAnswer) and taken.value is not None and stated:
                values[attribute] = taken.value
        cell.chosen = united(list(holders.values()), id=cell.ids[wanted], attributes=values)


def _extent(answer: SpanAnswer) -> Any:
    return reading(Span(id="s", label=answer.label, fragments=answer.fragments))[0]


def own(answer: SpanAnswer, id_: str) -> Span:
    """A span of the curator's own."""
    return Span(id=id_, label=answer.label, fragments=answer.fragments, attributes=answer.attributes)


def united(items: Sequence[Any], **changes: Any) -> Any:
    """One span or relation for those of several annotators: without what they don't agree on, with all notes."""
    first: Span | Relation = items[0]
    for name in ("by", "score"):
        if any(getattr(item, name) != getattr(first, name) for item in items):
            changes[name] = None
    notes = list(dict.fromkeys(item.note for item in items if item.note))
    return replace(first, note="\n".join(notes) or None, **changes)


def about(cell: Cell, names: Sequence[str]) -> Question:
    """What is asked, or would be asked, of a cell."""
    answers: dict[str, Answer | None] = {}
    for name, span in zip(names, cell.members, strict=True):
        answers[name] = SpanAnswer(id=span.id, label=span.label, fragments=span.fragments) if span else None
    spans = [span for span in cell.members if span]
    kinds: list[Kind] = ["missing"] if None in cell.members else []
    kinds += ["extent"] if len({reading(span)[0] for span in spans}) > 1 else []
    kinds += ["label"] if len({span.label for span in spans}) > 1 else []
    hull = min(span.start for span in spans), max(span.end for span in spans)
    return Question(cell.question, cell.layer, tuple(kinds), answers, *hull)


def about_value(
    cell: Cell,
    attribute: str,
    wanted: Reading,
    holders: Mapping[int, Span],
    names: Sequence[str],
    index: SchemeIndex,
) -> Question:
    """What is asked, or would be asked, of an attribute of the reading that holds."""
    known = index.attributes.get(attribute)
    default = known.default if known else None
    answers: dict[str, Answer | None] = {}
    parts: list[str | int] = ["value", attribute, cell.question]
    for i, span in holders.items():
        value = span.attributes.get(attribute, default)
        answers[names[i]] = ValueAnswer(span=cell.ids[wanted], attribute=attribute, value=value)
        parts += [names[i], int(value is not None), value or ""]
    (question,) = mint("q", [parts])
    place, _ = wanted
    return Question(question, cell.layer, ("attribute",), answers, place[0][0], place[-1][1])
