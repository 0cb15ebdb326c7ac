"""What a set that a curator worked on says of the annotators' differences, as decisions. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from standoff.adjudicate.align import reading
from standoff.adjudicate.cells import Cell, about, about_value, own
from standoff.adjudicate.links import Link
from standoff.adjudicate.plan import Plan, plan
from standoff.adjudicate.questions import Question, content
from standoff.adjudicate.take import Signature
from standoff.corpus.decisions import Answer, Decision, RelationAnswer, SpanAnswer, ValueAnswer
from standoff.corpus.ids import mint, span_content
from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.scheme import SchemeIndex


@dataclass(slots=True, kw_only=True)
class Curated:
    """What a curated set says of a plan."""

    decisions: dict[str, Decision]
    """By question: those that were there, and those that it adds."""
    new: list[Decision] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    """Ids of candidates of which more than one was kept."""


def read_back(
    found: Plan,
    curated: AnnotationSet,
    decisions: Iterable[Decision],
    index: SchemeIndex,
    layers: Collection[str],
    sign: Signature,
    *,
    page: bool,
) -> Curated:
    """The decisions that turn the plan into the curated set, in these layers.

    A reading that is not there was turned down; of rivals that are both there nothing is decided. From the page (`page`) only
    values that it shows are read, and of those that annotators differ in and that stand beside the label only changed ones.
    """
    back = _Reading(
        decisions={decision.question: decision for decision in decisions},
        curated=curated,
        index=index,
        layers=layers,
        sign=sign,
        page=page,
    )
    names = back.spans(found)
    back.relations(plan(found.links.sets, index, back.decisions.values()), names)
    return back


@dataclass(slots=True, kw_only=True)
class _Reading(Curated):
    """A curated set as it is read."""

    curated: AnnotationSet
    index: SchemeIndex
    layers: Collection[str]
    sign: Signature
    page: bool

    def spans(self, found: Plan) -> dict[str, str]:
        """Ids of self.curated spans to ids of the plan's or of added ones."""
        spans = {span.id: span for span in self.curated.spans if self.index.span_layer.get(span.label) in self.layers}
        claimed: dict[int, list[Span]] = {number: [] for number in range(len(found.cells))}
        free = dict(spans)
        for by_id in (True, False):
            for number, cell in enumerate(found.cells):
                ids = {*cell.ids.values(), *([cell.chosen.id] if cell.chosen else [])}
                for span in list(free.values()):
                    if span.id in ids if by_id else reading(span) in cell.ids and (self.page or not claimed[number]):
                        claimed[number].append(free.pop(span.id))
        names: dict[str, str] = {}
        for number, cell in enumerate(found.cells):
            if cell.layer not in self.layers:
                continue
            there = claimed[number]
            names.update({span.id: cell.ids.get(reading(span), span.id) for span in there})
            if not cell.members:
                # Somebody added it; changed since, it is added as it is now.
                if not there or cell.chosen is None or not _equal(there[0], cell.chosen):
                    self.decisions.pop(cell.question)
                    free.update({span.id: span for span in there})
                continue
            if len({reading(span) for span in there}) > 1:
                self.unresolved += [span.id for span in there]
                continue
            self._cell(found, cell, there)
        # What was added, and stood there without that: it does not come back when that goes.
        standing = {cell.question for cell in found.cells}
        for decision in list(self.decisions.values()):
            added = decision.taken
            dormant = "added" in decision.kinds and decision.layer in self.layers and decision.question not in standing
            if (
                dormant
                and isinstance(added, SpanAnswer)
                and not any(_equal(own(added, ""), one) for one in spans.values())
            ):
                del self.decisions[decision.question]
        for span in free.values():
            place = span_content(found.document, span.label, span.extents)
            (id_,) = mint("q", [["added", *place, *map(str, sorted(span.attributes.items()))]])
            question = Question(id_, self.index.span_layer[span.label], ("added",), {}, span.start, span.end)
            self._add(question, _answer(span, span.attributes))
            taken = self.decisions[id_].taken
            names[span.id] = (taken.id if isinstance(taken, SpanAnswer) else None) or span.id
        return names

    def _cell(self, found: Plan, cell: Cell, there: Sequence[Span]) -> None:
        question = about(cell, found.names)
        if cell.agreed:
            question = replace(question, kinds=())
        if not there:
            if cell.open or cell.chosen:
                self._add(question, None)
            return
        span = there[0]
        wanted = reading(span)
        if wanted not in cell.ids:
            if cell.chosen is None or not _equal(span, cell.chosen):
                self._add(question, _answer(span, span.attributes))
            return
        holders = cell.holders(wanted)
        stated = {name for one in holders.values() for name in one.attributes}
        more = {name: value for name, value in span.attributes.items() if name not in stated}
        if cell.chosen is None or reading(cell.chosen) != wanted or more:
            self._add(question, _answer(span, more, cell.ids[wanted]))
        for name in sorted(stated):
            attribute = self.index.attributes.get(name)
            if self.page and (attribute is None or attribute.page == "local"):
                continue
            asked = about_value(cell, name, wanted, holders, found.names, self.index)
            default = attribute.default if attribute else None
            values = {one.attributes.get(name, default) for one in there}
            if len(values) > 1:
                self.unresolved += [one.id for one in there]
                continue
            value = next(iter(values))
            said = [answer.value for answer in asked.answers.values() if isinstance(answer, ValueAnswer)]
            shown = self.page and attribute is not None and attribute.page == "marker" and value == said[0]
            if (len(set(said)) > 1 and not shown) or (len(set(said)) == 1 and value != said[0]):
                self._add(asked, ValueAnswer(span=cell.ids[wanted], attribute=name, value=value))
            elif asked.id in self.decisions and len(set(said)) == 1:
                del self.decisions[asked.id]

    def relations(self, again: Plan, names: Mapping[str, str]) -> None:
        """Reads the relations, by the plan that the spans' decisions make."""
        links = again.links
        wanted: dict[Link, str] = {}
        for relation in self.curated.relations:
            ends = [names.get(end, end) for end in (relation.head, relation.tail)]
            link = links.link(RelationAnswer(label=relation.label, head=ends[0], tail=ends[1]))
            if link and self.index.relation_layer[link[0]] in self.layers:
                wanted.setdefault(link, relation.id)
        covered: set[Link] = set()
        for question, asked in links.asked:
            if question.layer not in self.layers:
                continue
            there = [link for link in asked if link in wanted]
            if self.index.relations[asked[0][0]].max == 1:
                there += [link for link in wanted if link[:2] == asked[0][:2] and link not in links.held]
            covered.update(asked, there)
            if len(there) > 1:
                self.unresolved += [wanted[link] for link in there]
            elif any(link in links.open for link in asked) or there != [link for link in asked if link in links.taken]:
                taken = links.answer(there[0], wanted[there[0]]) if there else None
                agreed = len(asked) == 1 and None not in question.answers.values()
                self._add(replace(question, kinds=()) if agreed else question, taken)
        for decision in list(self.decisions.values()):
            if (
                "added" in decision.kinds
                and isinstance(decision.taken, RelationAnswer)
                and decision.layer in self.layers
            ):
                link = links.link(decision.taken)
                if link not in wanted:
                    del self.decisions[decision.question]
                elif link:
                    covered.add(link)
        for link in sorted(wanted.keys() - covered):
            answer = links.answer(link, wanted[link])
            (id_,) = mint("q", [["added", again.document, link[0], answer.head, answer.tail]])
            spans = [span for end in link[1:] if (span := again.cells[end].chosen)]
            hull = min(span.start for span in spans), max(span.end for span in spans)
            self._add(Question(id_, self.index.relation_layer[link[0]], ("added",), {}, *hull), answer)

    def _add(self, question: Question, taken: Answer | None) -> None:
        before = self.decisions.get(question.id)
        if before is None or content(before.taken) != content(taken):
            made = question.decide(taken, *self.sign)
            self.decisions[question.id] = made
            self.new.append(made)


def _equal(one: Span, other: Span) -> bool:
    return (reading(one), one.attributes) == (reading(other), other.attributes)


def _answer(span: Span, attributes: Mapping[str, str], id_: str = "") -> SpanAnswer:
    return SpanAnswer(id=id_ or span.id, label=span.label, fragments=span.fragments, attributes=attributes)
