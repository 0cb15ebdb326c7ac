"""brat's standoff, read: text-bound annotations, relations, events, attributes, normalizations, notes, equivalences. Pure.

An event is its trigger and a relation for each argument; the trigger's id is `T2/E1`, the arguments' are `E1.1`, `E1.2`, so
that an export knows them again. Normalizations are the attributes `reference` and `reference_text`, `reference_2` and so on.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, LossKind

NOTE = "AnnotatorNotes"
NORMALIZATION = "Reference"
FLAG = "true"
"""The value of an attribute that has none in brat."""

_EXTENTS = re.compile(r"-?\d{1,12} -?\d{1,12}(?:;-?\d{1,12} -?\d{1,12})*")


def read(text: str, lines: Iterable[str] | None, name: str, file: str, annotations: str) -> Foreign:
    """A text with the lines of its annotations; None: it was not annotated.

    `file` and `annotations` are the names of both files, for places. A line that can't be read is refused, and so is what
    names it.
    """
    foreign = Foreign(name=name, file=file, place=file, text=text, annotated=lines is not None)
    _Reading(foreign, annotations).read(lines or ())
    return foreign


class _Line(NamedTuple):
    id: str
    data: str
    rest: str | None
    place: str


class _Reading:
    def __init__(self, foreign: Foreign, file: str) -> None:
        self.foreign = foreign
        self.file = file
        self.spans: dict[str, ForeignSpan] = {}
        """Spans by the ids that others name them by: their own, and those of the events that they trigger."""
        self.relations: dict[str, ForeignRelation] = {}
        self.equivalences = 0

    def read(self, lines: Iterable[str]) -> None:
        # Lines may name what comes after them: each kind is taken when all that it can name is there.
        kinds: dict[str, list[_Line]] = {kind: [] for kind in "TER*AMN#"}
        for number, row in enumerate(lines, 1):
            if not row.strip():
                continue
            id_, _, after = row.partition("\t")
            data, tab, rest = after.partition("\t")
            place = f"{self.file}:{number}"
            if row[0] not in kinds or not data:
                self.foreign.tell("refused", "line", place, f"{row[:60]!r} is no line of brat's")
            else:
                kinds[row[0]].append(_Line(id_, data, rest if tab else None, place))
        for line in kinds["T"]:
            self._span(line)
        self._events(kinds["E"])
        for line in kinds["R"]:
            self._relation(line)
        for line in kinds["*"]:
            self._equivalence(line)
        for line in (*kinds["A"], *kinds["M"]):
            self._attribute(line)
        for line in kinds["N"]:
            self._normalization(line)
        for line in kinds["#"]:
            self._annotator_note(line)

    def _span(self, line: _Line) -> None:
        label, _, offsets = line.data.partition(" ")
        if not _EXTENTS.fullmatch(offsets):
            self.foreign.tell("refused", "line", line.place, f"{offsets[:60]!r} are no offsets")
            return
        pairs = [pair.split(" ") for pair in offsets.split(";")]
        span = ForeignSpan(
            id=line.id,
            label=label,
            extents=tuple([(int(start), int(end)) for start, end in pairs]),
            surface=line.rest,
            place=line.place,
        )
        self.foreign.spans.append(span)
        self.spans.setdefault(line.id, span)

    def _events(self, lines: Sequence[_Line]) -> None:
        arguments: list[tuple[_Line, ForeignSpan, list[str]]] = []
        first: dict[int, str] = {}
        for line in lines:
            head, *words = line.data.split()
            label, _, trigger = head.rpartition(":")
            span = self.spans.get(trigger)
            if span is None:
                self.foreign.tell("refused", "dangling", line.place, f"its trigger {trigger[:60]!r} is not there")
                continue
            if line.id in self.spans:
                self.foreign.tell("refused", "id", line.place, f"an event {line.id!r} was there before")
                continue
            if label != span.label:
                message = f"the event is {label[:60]!r}, its trigger {span.label[:60]!r}, which holds"
                self.foreign.tell("repaired", "event-type", line.place, message)
            if (other := first.setdefault(id(span), line.id)) != line.id:
                message = f"it has the trigger of {other}: here they are one, with the arguments of both"
                self.foreign.tell("repaired", "shared-trigger", line.place, message)
            else:
                span.id = f"{span.id}/{line.id}"
            self.spans[line.id] = span
            arguments.append((line, span, words))
        for line, span, words in arguments:
            pairs = [word.rpartition(":") for word in words]
            roles = [role for role, _, _ in pairs]
            for number, (role, _, target) in enumerate(pairs, 1):
                tail = self.spans.get(target)
                if not role or tail is None:
                    self.foreign.tell(
                        "refused", "dangling", line.place, f"its argument {words[number - 1][:60]!r} is not there"
                    )
                    continue
                self._add(f"{line.id}.{number}", unnumbered(role, roles), span, tail, line.place)

    def _relation(self, line: _Line) -> None:
        label, *words = line.data.split()
        pairs = [word.rpartition(":") for word in words]
        if len(pairs) != 2:
            self.foreign.tell("refused", "line", line.place, f"a relation has two ends, not {len(pairs)}")
            return
        names = [name for name, _, _ in pairs]
        if names == ["Arg2", "Arg1"]:
            pairs.reverse()
        elif names != ["Arg1", "Arg2"]:
            self.foreign.tell("lost", "argument-names", line.place, f"its ends are called {' and '.join(names)[:60]!r}")
        ends = [self.spans.get(target) for _, _, target in pairs]
        if ends[0] is None or ends[1] is None:
            missing = pairs[0][2] if ends[0] is None else pairs[1][2]
            self.foreign.tell("refused", "dangling", line.place, f"its end {missing[:60]!r} is not there")
            return
        relation = self._add(line.id, label, ends[0], ends[1], line.place)
        self.relations.setdefault(line.id, relation)

    def _equivalence(self, line: _Line) -> None:
        label, *words = line.data.split()
        self.equivalences += 1
        members = [(word, span) for word in words if (span := self.spans.get(word))]
        if len(members) < len(words) or len(words) < 2:
            self.foreign.tell(
                "refused", "dangling", line.place, "not all that it makes equal are there, or fewer than two"
            )
        for number, ((_, head), (_, tail)) in enumerate(pairwise(members), 1):
            self._add(f"*{self.equivalences}.{number}", label, head, tail, line.place)

    def _add(self, id_: str, label: str, head: ForeignSpan, tail: ForeignSpan, place: str) -> ForeignRelation:
        relation = ForeignRelation(id=id_, label=label, head=head.id, tail=tail.id, place=place)
        self.foreign.relations.append(relation)
        return relation

    def _target(self, line: _Line, target: str) -> ForeignSpan | None:
        span = self.spans.get(target)
        if span is None:
            kind: LossKind = "lost" if target in self.relations else "refused"
            why = "only spans can have it here" if kind == "lost" else "it is not there"
            self.foreign.tell(kind, "target", line.place, f"it is said of {target[:60]!r}: {why}")
        return span

    def _attribute(self, line: _Line) -> None:
        name, target, *value = line.data.split(" ", 2)[:3] if " " in line.data else (line.data, "")
        if span := self._target(line, target):
            self._state(span, name, value[0] if value else FLAG, line)

    def _state(self, span: ForeignSpan, name: str, value: str, line: _Line) -> None:
        if name in span.attributes:
            if span.attributes[name] != value:
                self.foreign.tell(
                    "lost", "attribute", line.place, f"{name[:60]} = {value[:60]!r}: it has another value already"
                )
            return
        span.attributes = {**span.attributes, name: value}

    def _normalization(self, line: _Line) -> None:
        words = line.data.split()
        if len(words) != 3:
            self.foreign.tell("refused", "line", line.place, f"{line.data[:60]!r} is no normalization")
            return
        kind, target, reference = words
        if span := self._target(line, target):
            if kind != NORMALIZATION:
                self.foreign.tell("lost", "normalization-type", line.place, f"it is of the type {kind[:60]!r}")
            number, name = 1, "reference"
            while name in span.attributes:
                number += 1
                name = f"reference_{number}"
            self._state(span, name, reference, line)
            if line.rest:
                self._state(span, f"{name}_text", line.rest, line)

    def _annotator_note(self, line: _Line) -> None:
        kind, _, target = line.data.partition(" ")
        item = self.relations.get(target) or self._target(line, target)
        if item is None:
            return
        if kind != NOTE:
            self.foreign.tell("lost", "note-type", line.place, f"it is of the type {kind[:60]!r}")
        item.note = line.rest or "" if item.note is None else f"{item.note}\n{line.rest or ''}"


def unnumbered(role: str, roles: Collection[str]) -> str:
    """The role without the number that tells it from one of the same name in its event: `Theme2` beside `Theme`."""
    for cut in range(len(role) - 1, 0, -1):
        number = role[cut:]
        if not number.isdecimal():
            break
        if role[:cut] in roles and number[0] != "0" and number != "1":
            return role[:cut]
    return role
