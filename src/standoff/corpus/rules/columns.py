"""What an annotation set holds, in columns: made once, looked through by all rules. Pure.

Rules look through columns first, which is quick, and at spans one by one only where a column shows that something is
wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

from standoff.corpus.model import AnnotationSet, Fragment


class Columns:
    """`labels`, `ids` and `attributes` have one value for each span; `starts`, `ends` and `surfaces` one for each
    fragment of each span, in order; `relation_ids`, `relation_labels`, `heads` and `tails` one for each relation. What takes time, and not everybody wants, is made when it is asked for.
    """

    def __init__(self, record: AnnotationSet, doubtful: bool = False) -> None:
        self.record = record
        self.doubtful = doubtful
        """Whether a timestamp may be none, which is told while the set is decoded."""
        spans, relations = record.spans, record.relations
        self.labels: list[str] = [span.label for span in spans]
        self.ids: list[str] = [span.id for span in spans]
        self.attributes: list[Mapping[str, str]] = [span.attributes for span in spans]
        self.fragments: list[tuple[Fragment, ...]] = [span.fragments for span in spans]
        flat = list(chain.from_iterable(self.fragments))
        self.starts: list[int] = [piece.start for piece in flat]
        self.ends: list[int] = [piece.end for piece in flat]
        self.surfaces: list[str] = [piece.text for piece in flat]
        self.several: list[int] = (
            [place for place, pieces in enumerate(self.fragments) if len(pieces) > 1] if len(flat) > len(spans) else []
        )
        """Places of the spans with more than one fragment."""
        self.relation_ids: list[str] = [relation.id for relation in relations]
        self.relation_labels: list[str] = [relation.label for relation in relations]
        self.heads: list[str] = [relation.head for relation in relations]
        self.tails: list[str] = [relation.tail for relation in relations]

    @cached_property
    def hulls(self) -> list[tuple[int, int]]:
        """Start and end of each span, over all its fragments, which may be out of order."""
        hulls = list(zip(self.starts, self.ends, strict=True))
        # Those before it have one fragment each by now, so the place of a span is that of its first one.
        for place in self.several:
            last = place + len(self.fragments[place])
            pieces = hulls[place:last]
            hulls[place:last] = [(min(pieces)[0], max([end for _, end in pieces]))]
        return hulls

    @cached_property
    def label_of(self) -> dict[str, str]:
        """Span id to its label; of twins the last."""
        return dict(zip(self.ids, self.labels, strict=True))

    @cached_property
    def places_of(self) -> defaultdict[str, list[int]]:
        """Label to the places of the spans that have it."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, label in enumerate(self.labels):
            places[label].append(place)
        return places

    @cached_property
    def triples(self) -> list[tuple[str, str, str]]:
        """Label, head and tail of each relation."""
        return list(zip(self.relation_labels, self.heads, self.tails, strict=True))

    @cached_property
    def linked(self) -> set[tuple[str, str | None, str | None]]:
        """What relations connect: label of the relation, of its head, of its tail; None where there is no such span."""
        labels = self.label_of.get
        return set(zip(self.relation_labels, map(labels, self.heads), map(labels, self.tails), strict=True))

    def surface(self, place: int) -> str:
        """The text of one span, its fragments joined by one space."""
        return " ".join([piece.text for piece in self.fragments[place]])

    def having(self, labels: Iterable[str]) -> list[int]:
        """Places of the spans with one of these labels, in order."""
        return sorted([place for label in self.places_of.keys() & labels for place in self.places_of[label]])
