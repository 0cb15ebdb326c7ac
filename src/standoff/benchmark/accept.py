"""A prediction checked against its document and the scheme, and made an annotation set. Pure: nothing passes unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from standoff.benchmark.predictor import FoundRelation, FoundSpan, Prediction
from standoff.corpus.codec import sha256
from standoff.corpus.ids import mint, relation_content, span_content
from standoff.corpus.model import AnnotationSet, Document, Fragment, Provenance, Relation, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.problems import Problem
from standoff.text.counted import counted


@dataclass(frozen=True, slots=True)
class Speaker:
    """The model that speaks: the annotator's name that it has here, where it comes from, its layers and its label map."""

    annotator: str
    provenance: Provenance
    layers: tuple[str, ...]
    labels: Mapping[str, str] | None


def accept(
    document: Document, prediction: Prediction, speaker: Speaker, scheme: SchemeIndex
) -> tuple[AnnotationSet, list[Problem]]:
    """The set, and a warning for each thing that was left out and why: a label outside of the label map or of the model's
    layers, offsets that are no words of the text, an attribute or value that the label can't carry, a score that is none, a
    relation that the scheme does not allow, twins. White space at the ends of fragments is cut off; missing attributes with a
    default get it.
    """
    reading = _Reading(document, speaker, scheme)
    for note in prediction.notes:
        reading.warn("", "model-note", note)
    spans: dict[int, Span] = {}
    for place, found in enumerate(prediction.spans):
        if (span := reading.span(place, found)) is not None:
            spans[place] = span
    contents = [span_content(document.id, span.label, span.extents) for span in spans.values()]
    ids = dict(zip(spans, mint("s", contents), strict=True))
    named = {place: replace(span, id=ids[place]) for place, span in spans.items()}
    relations = reading.relations(prediction.relations, named)
    return (
        AnnotationSet(
            document=document.id,
            text_sha256=sha256(document.text),
            annotator=speaker.annotator,
            kind="model",
            scheme=scheme.scheme.version,
            layers=speaker.layers,
            provenance=speaker.provenance,
            spans=tuple(sorted(named.values(), key=lambda span: (span.start, -span.end, span.label, span.id))),
            relations=tuple(relations),
        ),
        reading.problems,
    )


@dataclass(slots=True)
class _Reading:
    document: Document
    speaker: Speaker
    scheme: SchemeIndex
    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def warn(self, pointer: str, rule: str, message: str) -> None:
        path = f"{self.speaker.annotator}#{pointer}" if pointer else self.speaker.annotator
        self.problems.append(
            Problem(document=self.document.id, path=path, rule=rule, severity="warning", message=message)
        )

    def span(self, place: int, found: FoundSpan) -> Span | None:
        """The span, without its id, or None when it can't be one."""
        labels, pointer = self.speaker.labels, f"/spans/{place}"
        label = found.label if labels is None else labels.get(found.label)
        if label == "":
            return None
        if label is None:
            self.warn(pointer, "model-label", f"{found.label!r} is not in the model's label map; left out")
            return None
        if self.scheme.span_layer.get(label) not in self._layers():
            known = ", ".join(self.speaker.layers)
            self.warn(pointer, "model-label", f"{label!r} is no label of {known}, the layers of this model; left out")
            return None
        fragments = self._fragments(found.fragments)
        if fragments is None:
            shown = ", ".join(f"{start}:{end}" for start, end in found.fragments) or "no offsets"
            length = len(self.document.text)
            self.warn(
                pointer,
                "model-offsets",
                f"{shown}: no words of the text, which has {counted(length, 'character')}; left out",
            )
            return None
        key = (label, *((piece.start, piece.end) for piece in fragments))
        if key in self.seen:
            self.warn(pointer, "model-twin", f"{label} {fragments[0].text!r} is there twice; once left out")
            return None
        self.seen.add(key)
        return Span(
            id="?",
            label=label,
            fragments=fragments,
            attributes=self._attributes(pointer, label, found.attributes),
            score=self._score(pointer, found.score),
        )

    def _layers(self) -> set[str]:
        """The model's layers, and those whose labels their relations lead to."""
        layers = set(self.speaker.layers)
        for name, layer in self.scheme.relation_layer.items():
            if layer in self.speaker.layers:
                layers |= {self.scheme.span_layer[label] for label in self.scheme.tails[name]}
        return layers

    def _fragments(self, extents: Sequence[tuple[int, int]]) -> tuple[Fragment, ...] | None:
        """The fragments in text order, without white space at their ends; None when they are no stretches of words."""
        text, pieces, last = self.document.text, [], 0
        for start, end in sorted(extents):
            if not last <= start < end <= len(text):
                return None
            surface = text[start:end].strip()
            if not surface:
                return None
            first = text.index(surface, start)
            last = first + len(surface)
            pieces.append(Fragment(start=first, end=last, text=surface))
        return tuple(pieces) or None

    def _attributes(self, pointer: str, label: str, given: Mapping[str, str]) -> dict[str, str]:
        allowed, kept = self.scheme.label_attributes[label], {}
        for name, value in given.items():
            attribute = self.scheme.attributes.get(name)
            pattern = self.scheme.patterns.get(name)
            if name not in allowed or attribute is None:
                self.warn(f"{pointer}/attributes", "model-attribute", f"{label} has no attribute {name!r}; left out")
            elif (value not in attribute.values if attribute.values else not value.strip()) or (
                pattern is not None and not pattern.fullmatch(value)
            ):
                self.warn(f"{pointer}/attributes", "model-attribute", f"{name} can't be {value!r}; left out")
            else:
                kept[name] = value
        for name in sorted(self.scheme.required[label] - kept.keys()):
            attribute = self.scheme.attributes[name]
            if attribute.default is not None:
                kept[name] = attribute.default
            elif name not in given:
                self.warn(
                    f"{pointer}/attributes",
                    "model-attribute",
                    f"{label} needs {name!r}, and the model gives none: `standoff validate` refuses it so",
                )
        return {name: kept[name] for name in self.scheme.attributes if name in kept}

    def _score(self, pointer: str, score: float | None) -> float | None:
        if score is None or 0 <= score <= 1:
            return score
        self.warn(pointer, "model-score", f"the score {score} is not between 0 and 1; left out")
        return None

    def relations(self, found: Sequence[FoundRelation], spans: Mapping[int, Span]) -> list[Relation]:
        """Those that the scheme allows, in text order, no more of one label from one head than it allows."""
        kept: dict[tuple[str, str, str], FoundRelation] = {}
        starts: dict[tuple[str, str], int] = {}
        for place, relation in enumerate(found):
            pointer, label = f"/relations/{place}", relation.label
            head, tail = spans.get(relation.head), spans.get(relation.tail)
            if self.scheme.relation_layer.get(label) not in self.speaker.layers:
                self.warn(pointer, "model-label", f"{label!r} is no relation of this model's layers; left out")
            elif head is None or tail is None:
                self.warn(pointer, "model-relation", f"{label}: one of its ends is not there; left out")
            elif head.label not in self.scheme.heads[label] or tail.label not in self.scheme.tails[label]:
                self.warn(
                    pointer, "model-relation", f"{label} does not lead from {head.label} to {tail.label}; left out"
                )
            elif (label, head.id, tail.id) in kept or head.id == tail.id:
                self.warn(
                    pointer, "model-twin", f"{label} from {head.text!r} is there twice, or leads to itself; left out"
                )
            elif (most := self.scheme.relations[label].max) is not None and starts.get((label, head.id), 0) >= most:
                self.warn(
                    pointer, "model-relation", f"{head.text!r} starts more than {most} relations {label}; left out"
                )
            else:
                kept[label, head.id, tail.id] = relation
                starts[label, head.id] = starts.get((label, head.id), 0) + 1
        ids = mint("r", [relation_content(self.document.id, *triple) for triple in kept])
        place_of = {span.id: span.start for span in spans.values()}
        return sorted(
            [
                Relation(
                    id=id_, label=label, head=head, tail=tail, score=self._score("", kept[label, head, tail].score)
                )
                for id_, (label, head, tail) in zip(ids, kept, strict=True)
            ],
            key=lambda item: (place_of[item.head], place_of[item.tail], item.label, item.id),
        )
