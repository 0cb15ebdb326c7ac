"""Spans and relations of a foreign text, moved to the clean text and checked against the scheme. Pure."""

from collections.abc import Callable, Mapping

from standoff.corpus.ids import mint, relation_content, span_content
from standoff.corpus.model import By, Document, Fragment, ItemId, Relation, Span, Timestamp, fits
from standoff.corpus.scheme import SchemeIndex
from standoff.exchange.inference import attribute_name, is_label
from standoff.exchange.units import Extents, says
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, Loss, LossKind
from standoff.text.clean import Cleaned
from standoff.text.counted import counted

_NEAR = 50
"""Code points to each side where a quoted surface is looked for when it isn't where it should be."""
_SHOWN = 60


class Items:
    """The spans and relations of one text, and what happened to them: call `spans` first, then `relations`."""

    def __init__(
        self,
        document: Document,
        foreign: Foreign,
        cleaned: Cleaned,
        scheme: SchemeIndex,
        unannotated: frozenset[str],
        annotator: Callable[[str | None], str | None],
    ) -> None:
        self.document = document
        self.foreign = foreign
        self.cleaned = cleaned
        self.scheme = scheme
        self.unannotated = unannotated
        self.annotator = annotator
        self.losses: list[Loss] = []
        self.moved = 0
        self.taken: set[str] = set()
        self.known: dict[str, str] = {}
        """Id in the source to the id here."""
        self.label_of: dict[str, str] = {}

    def spans(self) -> tuple[Span, ...]:
        """All that can be kept, in text order."""
        kept: list[tuple[ForeignSpan, Extents, dict[str, str]]] = []
        owner: dict[str, ForeignSpan] = {}
        """Whom relations mean by an id: the first that has it, whether it is kept or not."""
        first: dict[tuple[object, ...], int] = {}
        twins: list[tuple[ForeignSpan, int]] = []
        for span in self.foreign.spans:
            owner.setdefault(span.id, span)
            if (extents := self._extents(span)) is None or (attributes := self._attributes(span)) is None:
                continue
            key = (span.label, extents, tuple(sorted(attributes.items())))
            if (place := first.setdefault(key, len(kept))) < len(kept):
                more = _said(span, kept[place][0])
                message = f"the same as {kept[place][0].place}; one of them is kept{more}"
                self._note("repaired", "twin", span.place, message)
                twins.append((span, place))
            else:
                kept.append((span, extents, attributes))
        ids = self._ids(
            [(span.id if span.keep_id else "", span.place) for span, _, _ in kept],
            "s",
            [span_content(self.document.id, span.label, extents) for span, extents, _ in kept],
        )
        result = []
        text = self.document.text
        for id_, (span, extents, attributes) in zip(ids, kept, strict=True):
            if owner[span.id] is span:
                self.known[span.id] = id_
            self.label_of[id_] = span.label
            result.append(
                Span(
                    id=id_,
                    label=span.label,
                    fragments=tuple([Fragment(start=s, end=e, text=text[s:e]) for s, e in extents]),
                    attributes=attributes,
                    by=self._by(span),
                    score=self._score(span),
                    note=self._text(span),
                )
            )
        for twin, place in twins:
            if owner[twin.id] is twin:
                self.known[twin.id] = ids[place]
        result.sort(key=lambda span: (span.start, -span.end))
        return tuple(result)

    def relations(self) -> tuple[Relation, ...]:
        """All whose ends are there and that the scheme allows, in the source's order."""
        kept: list[tuple[ForeignRelation, str, str]] = []
        seen: set[tuple[str, str, str]] = set()
        counts: dict[tuple[str, str], int] = {}
        for relation in self.foreign.relations:
            head, tail = self.known.get(relation.head), self.known.get(relation.tail)
            if wrong := self._wrong(relation, head, tail, seen, counts):
                self._note("refused", wrong[0], relation.place, f"{relation.label[:_SHOWN]!r}: {wrong[1]}")
            elif head is not None and tail is not None:
                seen.add((relation.label, head, tail))
                counts[relation.label, head] = counts.get((relation.label, head), 0) + 1
                kept.append((relation, head, tail))
        ids = self._ids(
            [(relation.id if relation.keep_id else "", relation.place) for relation, _, _ in kept],
            "r",
            [relation_content(self.document.id, relation.label, head, tail) for relation, head, tail in kept],
        )
        return tuple(
            Relation(
                id=id_,
                label=relation.label,
                head=head,
                tail=tail,
                by=self._by(relation),
                score=self._score(relation),
                note=self._text(relation),
            )
            for id_, (relation, head, tail) in zip(ids, kept, strict=True)
        )

    def _wrong(
        self,
        relation: ForeignRelation,
        head: str | None,
        tail: str | None,
        seen: set[tuple[str, str, str]],
        counts: Mapping[tuple[str, str], int],
    ) -> tuple[str, str] | None:
        label = relation.label
        if head is None or tail is None:
            missing = relation.head if head is None else relation.tail
            return "dangling", f"its end {missing[:_SHOWN]!r} is not there"
        if label not in self.scheme.relations:
            return "label", "the scheme has no such relation; add it there, or let a new corpus infer its scheme"
        if (layer := self.scheme.relation_layer.get(label)) in self.unannotated:
            return "layer", self._elsewhere(layer)
        if head == tail:
            return "self", "it leads from a span to itself"
        if (label, head, tail) in seen:
            return "twin", "the same as an earlier one"
        for end, id_, allowed in (("start", head, self.scheme.heads), ("end", tail, self.scheme.tails)):
            if self.label_of[id_] not in allowed[label]:
                return "ends", f"the scheme doesn't let it {end} at {self.label_of[id_]}"
        most = self.scheme.relations[label].max
        if most is not None and counts.get((label, head), 0) >= most:
            return "maximum", f"the scheme allows {most} from one span"
        return None

    @staticmethod
    def _elsewhere(layer: str | None) -> str:
        return f"this corpus does not annotate the layer {layer!r}; add it to `layers` in corpus.toml"

    def _extents(self, span: ForeignSpan) -> Extents | None:
        """Where the span is in the clean text; None when it is refused."""
        if span.label not in self.scheme.spans:
            why = "the scheme has no such label; add it there" if is_label(span.label) else "this can be no label"
            self._refuse("label", span, f"{span.label[:_SHOWN]!r}: {why}")
            return None
        if (layer := self.scheme.span_layer.get(span.label)) in self.unannotated:
            self._refuse("layer", span, f"{span.label!r}: {self._elsewhere(layer)}")
            return None
        raw = self.foreign.text
        for start, end in span.extents:
            if not 0 <= start < end <= len(raw):
                self._refuse(
                    "offsets",
                    span,
                    f"{start}:{end} is not a stretch of the text, which has {counted(len(raw), 'character')}",
                )
                return None
        if not span.extents:
            self._refuse("offsets", span, "it has no extent")
            return None
        extents = span.extents
        if span.surface is not None and not says(raw, extents, span.surface):
            if (shifted := _near(raw, extents, span.surface)) is None:
                found = raw[extents[0][0] : extents[-1][1]][:_SHOWN]
                self._refuse("surface", span, f"it says {span.surface[:_SHOWN]!r}, but the text there is {found!r}")
                return None
            self._note(
                "repaired",
                "shifted",
                span.place,
                f"{span.surface[:_SHOWN]!r} is at {shifted[0]}:{shifted[1]}, not at {extents[0][0]}:{extents[0][1]}",
            )
            extents = (shifted,)
        if len(extents) > 1:
            extents = self._merged(span, extents)
        if self.cleaned.offsets.is_identity:
            return extents
        placed = []
        for start, end in extents:
            first, last, exact = self.cleaned.offsets.span(start, end)
            if first == last:
                self._refuse("offsets", span, f"nothing of {start}:{end} is left in the clean text")
                return None
            if not exact:
                self._note(
                    "repaired",
                    "composed",
                    span.place,
                    f"{start}:{end} ended inside characters that belong together; it holds them all",
                )
            placed.append((first, last))
        result = self._merged(span, tuple(placed)) if len(placed) > 1 else tuple(placed)
        self.moved += result != extents
        return result

    def _merged(self, span: ForeignSpan, extents: Extents) -> Extents:
        ordered = sorted(extents)
        merged = [ordered[0]]
        for start, end in ordered[1:]:
            if start < merged[-1][1]:
                self._note(
                    "repaired", "fragments", span.place, f"its pieces overlap at {start}; they are one piece here"
                )
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return tuple(merged)

    def _attributes(self, span: ForeignSpan) -> dict[str, str] | None:
        """The attributes that the scheme allows; None when one that it requires is missing, which refuses the span."""
        required = self.scheme.required[span.label]
        kept: dict[str, str] = {}
        for name, value in span.attributes.items() if span.attributes else ():
            ours = name if name in self.scheme.attributes else attribute_name(name)
            if ours in kept or ours not in self.scheme.label_attributes[span.label]:
                why = (
                    "another attribute has this name here"
                    if ours in kept
                    else f"the scheme gives {span.label} no such attribute"
                )
                self._note("lost", "attribute", span.place, f"{name[:_SHOWN]!r}: {why}")
            elif not self._allows(ours, value):
                self._note(
                    "lost",
                    "attribute",
                    span.place,
                    f"{name[:_SHOWN]} = {value[:_SHOWN]!r}: the scheme doesn't allow this value",
                )
            else:
                kept[ours] = value
        if missing := required - kept.keys():
            self._note("refused", "attribute", span.place, f"{span.label} needs the attribute {min(missing)!r}")
            return None
        return kept

    def _allows(self, name: str, value: str) -> bool:
        attribute = self.scheme.attributes[name]
        if attribute.values:
            return value in attribute.values
        pattern = self.scheme.patterns.get(name)
        return bool(value.strip()) and is_text(value) and (pattern is None or bool(pattern.fullmatch(value)))

    def _ids(
        self, stated: list[tuple[str, str]], kind: str, contents: list[tuple[str | int, ...]] | list[tuple[str, ...]]
    ) -> list[str]:
        """The source's ids where they can be kept, else minted ones."""
        ids: list[str] = []
        for named, place in stated:
            if named in self.taken:
                self._note("repaired", "id", place, f"the id {named!r} is used twice; the later one has another here")
            elif named and not fits(named, ItemId):
                self._note("repaired", "id", place, f"{named[:_SHOWN]!r} can't be an id; it has another here")
            elif named:
                self.taken.add(named)
                ids.append(named)
                continue
            ids.append("")
        blank = [i for i, id_ in enumerate(ids) if not id_]
        for i, id_ in zip(blank, mint(kind, [contents[i] for i in blank], self.taken), strict=True):
            self.taken.add(id_)
            ids[i] = id_
        return ids

    def _by(self, item: ForeignSpan | ForeignRelation) -> By | None:
        annotator = self.annotator(item.annotator) if item.annotator else None
        at = item.at
        if at is not None and not fits(at, Timestamp):
            self._note("lost", "by", item.place, f"{at[:_SHOWN]!r} is no moment in ISO 8601")
            at = None
        return By(annotator=annotator, at=at) if annotator or at else None

    def _score(self, item: ForeignSpan | ForeignRelation) -> float | None:
        if item.score is not None and not 0 <= item.score <= 1:
            self._note("lost", "score", item.place, f"the score {item.score} is not between 0 and 1")
            return None
        return item.score

    def _text(self, item: ForeignSpan | ForeignRelation) -> str | None:
        if item.note is not None and not is_text(item.note):
            self._note("lost", "note", item.place, "it holds half a surrogate pair, which is no text")
            return None
        return item.note

    def _refuse(self, reason: str, span: ForeignSpan, message: str) -> None:
        self._note("refused", reason, span.place, message)

    def _note(self, kind: LossKind, reason: str, place: str, message: str) -> None:
        self.losses.append(Loss(kind=kind, reason=reason, document=self.document.id, place=place, message=message))


def _said(twin: ForeignSpan, kept: ForeignSpan) -> str:
    """What a span says beside what the same one that is kept says, in words."""
    names = ("note", "score", "annotator", "at")
    stated = [
        f"{name} {value!s:.60}" for name in names if (value := getattr(twin, name)) not in (None, getattr(kept, name))
    ]
    return f", without the other's {', '.join(stated)}" if stated else ""


def _near(raw: str, extents: Extents, surface: str) -> tuple[int, int] | None:
    """The one place near the stated one where the surface is."""
    if len(extents) > 1 or not surface.strip():
        return None
    low, high = max(0, extents[0][0] - _NEAR), extents[0][0] + len(surface) + _NEAR
    first = raw.find(surface, low, high)
    if first < 0 or raw.find(surface, first + 1, high) >= 0:
        return None
    return first, first + len(surface)


def is_text(value: str) -> bool:
    """Whether no half of a surrogate pair is in it, which no file could hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
