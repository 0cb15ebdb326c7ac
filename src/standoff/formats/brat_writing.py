"""brat's standoff, written: see `standoff.formats.brat` for what stands for what. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count, pairwise

from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.formats.brat import FLAG, NORMALIZATION, NOTE, unnumbered
from standoff.formats.foreign import Loss
from standoff.formats.writing import Written, item_losses, lost, set_left_out

_SPAN_ID = re.compile(r"T(0|[1-9]\d{0,8})(?:/E(0|[1-9]\d{0,8}))?")
_NUMBERED = re.compile(r"R(0|[1-9]\d{0,8})")
_EVENT_PART = re.compile(r"E(?:0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")
_EQUIVALENCE = re.compile(r"\*(0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})")
_REFERENCE_VALUE = re.compile(r"[^\s:]+:\S+")
_HELD = frozenset({"attributes", "note"})


def write(document: Document, annotations: AnnotationSet, heads: Collection[str]) -> Written:
    """The annotation file of one document; its text file is the document's text.

    Relations from a span with one of the labels `heads`, or from a trigger that brat gave, are the arguments of an event;
    all others are brat's relations. White space in labels and roles is written as `_`.
    """
    return _Writing(document, annotations, heads).write()


class _Writing:
    def __init__(self, document: Document, annotations: AnnotationSet, heads: Collection[str]) -> None:
        self.document = document
        self.annotations = annotations
        self.heads = heads
        self.losses = list(item_losses(document.id, annotations, spans=_HELD, relations=_HELD))
        self.lines: list[str] = []
        self.names: dict[str, str] = {}
        """Our id to the id of the text-bound annotation."""
        self.events: dict[str, str] = {}
        """Our id to the id of the event."""
        self.read_as: dict[str, str] = {}
        """Our id of a relation to the one that a reader of these lines gives it."""
        self.counts = dict.fromkeys("TERAN#*", 0)

    def write(self) -> Written:
        self._number()
        for span in self.annotations.spans:
            extents = ";".join([f"{piece.start} {piece.end}" for piece in span.fragments])
            surface = span.text.replace("\n", " ")
            self.lines.append(f"{self.names[span.id]}\t{self._label(span)} {extents}\t{surface}")
        parts: dict[str, list[Relation]] = {id_: [] for id_ in self.events}
        others: list[Relation] = []
        for relation in self.annotations.relations:
            outside = _NUMBERED.fullmatch(relation.id) or _EQUIVALENCE.fullmatch(relation.id)
            (others if outside or relation.head not in parts else parts[relation.head]).append(relation)
        for span in self.annotations.spans:
            if span.id in self.events:
                others += self._event(span, parts[span.id])
        self._relations(others)
        for span in self.annotations.spans:
            if span.attributes or span.note is not None:
                target = self.events.get(span.id) or self.names[span.id]
                self._attributes(span, target)
                self._notes(span, target)
        left_out = set_left_out(self.document, self.annotations)
        items: tuple[Span | Relation, ...] = (*self.annotations.spans, *self.annotations.relations)
        kept = all(map(self._kept, items))
        return Written(
            "".join([f"{line}\n" for line in self.lines]),
            tuple(self.losses),
            tuple(name for name in left_out if name != "ids" or not kept),
        )

    def _kept(self, item: Span | Relation) -> bool:
        if isinstance(item, Relation):
            return self.read_as[item.id] == item.id
        event = self.events.get(item.id)
        return item.id == (f"{self.names[item.id]}/{event}" if event else self.names[item.id])

    def _number(self) -> None:
        """Names of all spans and events: the numbers that brat gave, new ones above them for the others."""
        given: list[Span] = []
        for span in self.annotations.spans:
            match = _SPAN_ID.fullmatch(span.id)
            name, event = (f"T{match[1]}", match[2] and f"E{match[2]}") if match else ("", None)
            if match and name not in self.names.values() and (not event or event not in self.events.values()):
                self.names[span.id] = name
                if event:
                    self.events[span.id] = event
            else:
                given.append(span)
        self.counts["T"] = _highest(self.names.values())
        self.counts["E"] = _highest(self.events.values())
        self.counts["R"] = _highest([r.id for r in self.annotations.relations if _NUMBERED.fullmatch(r.id)])
        for span in given:
            self.names[span.id] = self._next("T")
            if span.label in self.heads or "/" in span.id:
                self.events[span.id] = self._next("E")

    def _next(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"{kind}{self.counts[kind]}"

    def _label(self, item: Span | Relation) -> str:
        label = "_".join(item.label.split()) or "_"
        if label != item.label:
            message = f"{item.label!r} is written as {label!r}: labels have no white space there"
            self._repaired(item, "label", message)
        return label

    def _event(self, span: Span, parts: list[Relation]) -> list[Relation]:
        """Writes an event; those of its relations that it can't hold."""
        parts.sort(key=lambda r: int(m[1]) if (m := _EVENT_PART.fullmatch(r.id)) else 1 << 30)
        labels = {relation.label for relation in parts}
        counts: dict[str, int] = {}
        words = ["_".join(span.label.split()) + ":" + self.names[span.id]]
        left = []
        for relation in parts:
            if unnumbered(relation.label, labels) != relation.label:
                left.append(relation)
                continue
            counts[relation.label] = times = counts.get(relation.label, 0) + 1
            tail = self.events.get(relation.tail) or self.names[relation.tail]
            words.append(f"{self._label(relation)}{times if times > 1 else ''}:{tail}")
            self.read_as[relation.id] = f"{self.events[span.id]}.{len(words) - 1}"
            if relation.note is not None:
                self.losses.append(lost(self.document.id, relation, "note", "an argument of an event has no note"))
        self.lines.append(f"{self.events[span.id]}\t{' '.join(words)}")
        return left

    def _relations(self, relations: Sequence[Relation]) -> None:
        equal: dict[str, list[Relation]] = {}
        for relation in relations:
            if match := _EQUIVALENCE.fullmatch(relation.id):
                equal.setdefault(match[1], []).append(relation)
                continue
            self._relation(relation)
        for number in sorted(equal, key=int):
            chain = equal[number]
            if all(a.tail == b.head and a.label == b.label for a, b in pairwise(chain)):
                members = [self._end(chain[0].head), *(self._end(relation.tail) for relation in chain)]
                self.lines.append(f"*\t{self._label(chain[0])} {' '.join(members)}")
                self.counts["*"] += 1
                for place, relation in enumerate(chain, 1):
                    self.read_as[relation.id] = f"*{self.counts['*']}.{place}"
                    if relation.note is not None:
                        self.losses.append(lost(self.document.id, relation, "note", "an equivalence has no note"))
            else:
                for relation in chain:
                    self._relation(relation)

    def _relation(self, relation: Relation) -> None:
        """Writes one of brat's relations, under its own number if it has one."""
        name = relation.id if _NUMBERED.fullmatch(relation.id) else self._next("R")
        self.read_as[relation.id] = name
        ends = f"Arg1:{self._end(relation.head)} Arg2:{self._end(relation.tail)}"
        self.lines.append(f"{name}\t{self._label(relation)} {ends}")
        self._notes(relation, name)

    def _end(self, id_: str) -> str:
        return self.events.get(id_) or self.names[id_]

    def _attributes(self, span: Span, target: str) -> None:
        done = set()
        for name, value in _references(span):
            done.add(name)
            text = span.attributes.get(f"{name}_text")
            cell = ""
            if text and _one_cell(text):
                done.add(f"{name}_text")
                cell = f"\t{text}"
            self.lines.append(f"{self._next('N')}\t{NORMALIZATION} {target} {value}{cell}")
        for name, value in sorted(span.attributes.items()):
            if name in done:
                continue
            if not value or not _one_cell(value):
                message = f"{name} = {value[:60]!r}: a value there is one line, not empty, without tabs"
                self.losses.append(lost(self.document.id, span, "attribute-value", message))
                continue
            stated = "" if value == FLAG else f" {value}"
            self.lines.append(f"{self._next('A')}\t{name} {target}{stated}")

    def _notes(self, item: Span | Relation, target: str) -> None:
        if item.note is None:
            return
        if "\r" in item.note:
            self._repaired(item, "note-lines", "carriage returns in its note are left out")
        for line in item.note.replace("\r", "").split("\n"):
            self.lines.append(f"{self._next('#')}\t{NOTE} {target}\t{line}")

    def _repaired(self, item: Span | Relation, reason: str, message: str) -> None:
        self.losses.append(
            Loss(kind="repaired", reason=reason, document=self.document.id, place=item.id, message=message)
        )


def _references(span: Span) -> Iterator[tuple[str, str]]:
    """The attributes that a reader would make of normalizations, in order."""
    for number in count(1):
        name = "reference" if number == 1 else f"reference_{number}"
        value = span.attributes.get(name)
        if value is None:
            return
        if _REFERENCE_VALUE.fullmatch(value):
            yield name, value


def _highest(names: Iterable[str]) -> int:
    return max((int(name[1:]) for name in names), default=0)


def _one_cell(value: str) -> bool:
    return not any(character in value for character in "\t\n\r")
