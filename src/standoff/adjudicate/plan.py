"""What annotators of one document agree on, what was decided, and what is open. Pure: no I/O, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from standoff.adjudicate.align import reading
from standoff.adjudicate.cells import Cell, cells_of, own, settle
from standoff.adjudicate.links import Link, Links
from standoff.adjudicate.questions import Decided, Question
from standoff.corpus.decisions import Decision, RelationAnswer, SpanAnswer
from standoff.corpus.ids import mint, span_content
from standoff.corpus.model import AnnotationSet, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.score.comparison import check_comparable


@dataclass(frozen=True, slots=True)
class Plan:
    """One document's adjudication as it stands."""

    document: str
    names: tuple[str, ...]
    """The annotators, sorted."""
    layers: tuple[str, ...]
    """Those that all of them annotated, in the scheme's order."""
    questions: tuple[Question, ...]
    """What can be answered now, in text order. Relations come when their ends are settled."""
    open_layers: frozenset[str]
    """Layers in which something is open, or waits for what is."""
    spans: tuple[Span, ...]
    """What holds so far."""
    relations: tuple[Relation, ...]
    unused: tuple[Decision, ...]
    """Decisions of these annotators' differences that do not apply as things are."""
    outside: int
    """Relations to spans of layers that not all annotated, or between labels that the scheme forbids: they are in no result."""
    cells: tuple[Cell, ...]
    links: Links


def plan(sets: Iterable[AnnotationSet], index: SchemeIndex, decisions: Iterable[Decision] | Decided = ()) -> Plan:
    """Adjudicates sets of one document by different annotators, in the layers that all of them list.

    Labels have to be the scheme's. Raises NotComparableError for sets of different documents or texts.
    """
    sets = sorted(sets, key=lambda one: one.annotator)
    for one in sets[1:]:
        check_comparable(sets[0], one)
    names = tuple(one.annotator for one in sets)
    layers = tuple(layer for layer in index.layers if all(layer in one.layers for one in sets))
    decided = decisions if isinstance(decisions, Decided) else Decided.of(decisions)
    cells = cells_of(sets, index, layers)
    questions = list(settle(cells, names, index, decided))
    _add_spans(cells, sets[0].document, index, layers, decided)
    links = Links.of(sets, cells, index, layers)
    questions += links.settle(names, decided)
    added = _added_relations(links, layers, decided)
    open_layers = {cell.layer for cell in cells if cell.open or cell.undecided}
    open_layers |= {index.relation_layer[label] for label, *_ in links.open}
    return Plan(
        document=sets[0].document,
        names=names,
        layers=layers,
        questions=tuple(sorted(questions, key=lambda question: (question.start, -question.end))),
        open_layers=frozenset(open_layers),
        spans=tuple(
            sorted([cell.chosen for cell in cells if cell.chosen], key=lambda span: (span.start, -span.end, span.id))
        ),
        relations=links.relations(added),
        unused=tuple(
            decision
            for decision in decided.by_question.values()
            if decision.question not in decided.used
            and decision.layer in layers
            and set(decision.answers) <= set(names)
        ),
        outside=len(links.outside),
        cells=tuple(cells),
        links=links,
    )


def _add_spans(cells: list[Cell], document: str, index: SchemeIndex, layers: Sequence[str], decided: Decided) -> None:
    """Spans that no annotator has. One that stands there by now is not added again."""
    there = [(reading(cell.chosen), cell.chosen.attributes) for cell in cells if cell.chosen]
    taken = {id_ for cell in cells for id_ in (*cell.ids.values(), *([cell.chosen.id] if cell.chosen else []))}
    for decision in decided.added():
        answer = decision.taken
        if not isinstance(answer, SpanAnswer) or decision.layer not in layers:
            continue
        if index.span_layer.get(answer.label) != decision.layer:
            continue
        decided.used.add(decision.question)
        span = own(answer, answer.id or "")
        if (reading(span), span.attributes) in there:
            continue
        if not answer.id or answer.id in taken:
            (id_,) = mint("s", [span_content(document, span.label, reading(span)[0])], taken)
            span = own(answer, id_)
        taken.add(span.id)
        cells.append(Cell(decision.layer, (), decision.question, {}, span))


def _added_relations(links: Links, layers: Sequence[str], decided: Decided) -> dict[Link, str | None]:
    added: dict[Link, str | None] = {}
    for decision in decided.added():
        if (
            isinstance(decision.taken, RelationAnswer)
            and decision.layer in layers
            and (link := links.link(decision.taken))
        ):
            decided.used.add(decision.question)
            added[link] = decision.taken.id
    return added
