"""Relations between spans that hold: what all agree on, what was decided, and what is open. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from standoff.adjudicate.cells import Cell, united
from standoff.adjudicate.questions import Decided, Question
from standoff.corpus.decisions import Answer, Kind, RelationAnswer
from standoff.corpus.ids import mint, relation_content
from standoff.corpus.model import AnnotationSet, Relation
from standoff.corpus.scheme import SchemeIndex

Link = tuple[str, int, int]
"""A relation between cells: label, number of its head's cell, number of its tail's."""


@dataclass(slots=True)
class Links:
    """All relations of all annotators, and what becomes of them."""

    sets: Sequence[AnnotationSet]
    cells: Sequence[Cell]
    index: SchemeIndex
    places: Mapping[str, int]
    """Id of a span of the adjudicated set, taken or not, to the number of its cell."""
    held: dict[Link, dict[int, list[Relation]]] = field(default_factory=dict)
    """Annotators, by their numbers, and their relations."""
    outside: list[tuple[int, Relation]] = field(default_factory=list)
    """Relations to spans of layers that not all annotated, or between labels that the scheme forbids: they are not compared."""
    taken: list[Link] = field(default_factory=list)
    asked: list[tuple[Question, list[Link]]] = field(default_factory=list)
    """What competes, with its question, whether it is settled or not."""
    open: set[Link] = field(default_factory=set)
    """Asked about, or waiting for a decision about an end."""

    @classmethod
    def of(
        cls, sets: Sequence[AnnotationSet], cells: Sequence[Cell], index: SchemeIndex, layers: Iterable[str]
    ) -> "Links":
        """The relations of these layers."""
        wanted = set(layers)
        places = {id_: number for number, cell in enumerate(cells) for id_ in cell.ids.values()}
        places.update({cell.chosen.id: number for number, cell in enumerate(cells) if cell.chosen})
        links = cls(sets, cells, index, places)
        for i, one in enumerate(sets):
            where = {span.id: n for n, cell in enumerate(cells) if cell.members and (span := cell.members[i])}
            label_of = {span.id: span.label for span in one.spans}
            for relation in sorted(one.relations, key=lambda item: item.id):
                if index.relation_layer.get(relation.label) in wanted:
                    fits = label_of.get(relation.head) in index.heads[relation.label]
                    fits = fits and label_of.get(relation.tail) in index.tails[relation.label]
                    if fits and relation.head in where and relation.tail in where:
                        link = (relation.label, where[relation.head], where[relation.tail])
                        links.held.setdefault(link, {}).setdefault(i, []).append(relation)
                    else:
                        links.outside.append((i, relation))
        return links

    def units(self) -> list[list[Link]]:
        """Relations that compete: of a label of which a head starts one alone, or between the same two spans."""
        units: dict[tuple[object, ...], list[Link]] = {}
        tails = Counter(link[:2] for link in self.held)
        most = Counter[tuple[str, int]]()
        for i in range(len(self.sets)):
            most |= Counter(link[:2] for link, holders in self.held.items() if i in holders)
        for link in sorted(self.held):
            label, head, tail = link
            slot = self.index.relations[label].max == 1 and most[label, head] == 1 and tails[label, head] > 1
            units.setdefault((head, label) if slot else (head, "", tail), []).append(link)
        return sorted(units.values(), key=lambda unit: (unit[0][1], unit[0][2], unit[0][0]))

    def settle(self, names: Sequence[str], decided: Decided) -> Iterator[Question]:
        """Chooses what holds; the questions that remain. A relation waits for an open end, and goes with its ends."""
        for unit in self.units():
            if any(self.cells[end].open for _, *ends in unit for end in ends):
                self.open.update(unit)
                continue
            live = [link for link in unit if self.fits(link)]
            if not live:
                continue
            slot = len({link[0] for link in unit}) == 1 and len(unit) > 1
            rest = live if slot else [link for link in live if not self._alone(link, names, decided)]
            holders = Counter(i for link in rest for i in self.held[link])
            together = [rest] if rest and max(holders.values()) == 1 else [[link] for link in rest]
            for links in together:
                question = self.question(links, names)
                if not self._decide(question, links, decided):
                    self.open.update(links)
                    yield question

    def _alone(self, link: Link, names: Sequence[str], decided: Decided) -> bool:
        """Whether all who have a say have this relation: that settles it, unless it was decided otherwise."""
        return None not in self._votes([link]).values() and self._decide(self.question([link], names), [link], decided)

    def _decide(self, question: Question, links: Sequence[Link], decided: Decided) -> bool:
        self.asked.append((question, list(links)))
        votes = set(self._votes(links).values())
        decision = decided.find(question.id, question)
        if decision and decision.taken is None:
            decided.used.add(question.id)
            return True
        if decision and isinstance(decision.taken, RelationAnswer) and (link := self.link(decision.taken)):
            decided.used.add(question.id)
            self.taken.append(link)
            return True
        if len(votes) == 1 and None not in votes:
            self.taken.extend(link for link in votes if link)
            return True
        return False

    def link(self, answer: RelationAnswer) -> Link | None:
        """The relation between cells that an answer means; None unless both spans hold, with these labels."""
        head, tail = self.places.get(answer.head), self.places.get(answer.tail)
        if head is None or tail is None or answer.label not in self.index.relations:
            return None
        return (answer.label, head, tail) if self.fits((answer.label, head, tail)) else None

    def fits(self, link: Link) -> bool:
        """Whether both ends hold, with labels that the scheme allows there."""
        label, head, tail = link
        start, end = self.cells[head].chosen, self.cells[tail].chosen
        return bool(start and end and start.label in self.index.heads[label] and end.label in self.index.tails[label])

    def _votes(self, links: Sequence[Link]) -> dict[int, Link | None]:
        """What each annotator says who has a say: who has it, or has both of its ends and might have."""
        votes: dict[int, Link | None] = {}
        for link in links:
            label, head, tail = link
            for i in range(len(self.sets)):
                start, end = (self.cells[place].members[i : i + 1] for place in (head, tail))
                if i in self.held.get(link, ()):
                    votes[i] = link
                elif start and end and start[0] and end[0]:
                    could = start[0].label in self.index.heads[label] and end[0].label in self.index.tails[label]
                    if could:
                        votes.setdefault(i, None)
        return dict(sorted(votes.items()))

    def question(self, links: Sequence[Link], names: Sequence[str]) -> Question:
        """What is asked, or would be asked, about relations that compete."""
        votes = self._votes(links)
        layer = self.index.relation_layer[links[0][0]]
        answers: dict[str, Answer | None] = {}
        parts: list[str | int] = ["relation", layer]
        for i, link in votes.items():
            answers[names[i]] = self.answer(link, self.held[link][i][0].id) if link else None
            parts.append(names[i])
            if link:
                parts += [link[0], self.cells[link[1]].question, self.cells[link[2]].question]
        (id_,) = mint("q", [parts])
        said = [link for link in votes.values() if link]
        kinds: list[Kind] = ["missing"] if None in votes.values() else []
        kinds += ["relation"] if len({label for label, *_ in said}) > 1 else []
        kinds += ["end"] if len({(head, tail) for _, head, tail in said}) > 1 else []
        spans = [span for _, *ends in links for end in ends if (span := self.cells[end].chosen)]
        hull = min(span.start for span in spans), max(span.end for span in spans)
        return Question(id_, layer, tuple(kinds), answers, *hull)

    def answer(self, link: Link, id_: str | None = None) -> RelationAnswer:
        """A relation between spans that hold, in their ids."""
        label, head, tail = link
        start, end = self.cells[head].chosen, self.cells[tail].chosen
        assert start is not None
        assert end is not None
        return RelationAnswer(id=id_, label=label, head=start.id, tail=end.id)

    def relations(self, added: Mapping[Link, str | None]) -> tuple[Relation, ...]:
        """What holds, in text order, with ids kept from the annotators. `added` are the curator's own, with their ids."""
        taken = {cell_id for cell in self.cells for cell_id in cell.ids.values()}
        taken |= {cell.chosen.id for cell in self.cells if cell.chosen}
        ids: dict[Link, str] = {}
        for link in sorted(self.held, key=lambda link: (-len(self.held[link]), link)):
            own = [relation.id for _, found in sorted(self.held[link].items()) for relation in found]
            if free := [id_ for id_ in own if id_ not in taken]:
                ids[link] = free[0]
                taken.add(free[0])
        made: list[Relation] = []
        for link in sorted({*self.taken, *added}):
            answer = self.answer(link)
            wanted = ids.get(link) or added.get(link)
            if not wanted or (link not in ids and wanted in taken):
                (wanted,) = mint("r", [relation_content(self.sets[0].document, *answer_key(answer))], taken)
            taken.add(wanted)
            found = [relation for holders in self.held.get(link, {}).values() for relation in holders]
            bare = Relation(id=wanted, label=answer.label, head=answer.head, tail=answer.tail)
            made.append(united(found, id=wanted, head=answer.head, tail=answer.tail) if found else bare)
        starts = {cell.chosen.id: cell.chosen.start for cell in self.cells if cell.chosen}
        return tuple(sorted(made, key=lambda item: (starts[item.head], starts[item.tail], item.id)))


def answer_key(answer: RelationAnswer) -> tuple[str, str, str]:
    """Label and ends."""
    return answer.label, answer.head, answer.tail
