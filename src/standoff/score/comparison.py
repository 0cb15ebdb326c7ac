"""Annotation sets of many documents compared, layer by layer, as the scheme says. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from standoff.corpus.model import AnnotationSet
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import Frame, LayerView, layer_views, views
from standoff.errors import StandoffError
from standoff.score.counts import Counts
from standoff.score.events import Mentions, event_scores
from standoff.score.frames import Path, items, scored_attributes
from standoff.score.matching import Extent, extent
from standoff.score.quotes import quote_scores
from standoff.score.spans import Spans, semeval
from standoff.score.tally import Tally, Terms

_BATCH = 30_000
"""Spans of a layer that are compared at once."""


class NotComparableError(StandoffError):
    """Two annotation sets that were not made on the same text."""


class Comparison:
    """A system's annotations against gold, in all layers that follow the scheme, or in some: add documents, then read.

    Layers without relations get the measures of `spans.semeval`, also for each label; layers with one place for each role those
    of `quotes.quote_scores`; layers with lists of arguments those of `events.event_scores`.
    """

    def __init__(self, index: SchemeIndex, layers: Iterable[str] = ()) -> None:
        self.index = index
        self.layers = layer_views(index, layers)
        self._tally = Tally()
        self._spans = {view.name: _SpanLayer(view.name, index) for view in self.layers if view.kind == "spans"}
        self._attributes = {view.name: scored_attributes(view, index) for view in self.layers}
        self._coreference = [
            same.key
            for same in index.scheme.rules.same
            if any(same.key in role.attributes for view in self.layers for role in view.roles)
        ]

    def add(self, gold: AnnotationSet, predicted: AnnotationSet) -> tuple[str, ...]:
        """Compares two sets of one more document, in the layers that both list as annotated; the names of these layers.

        Without any, the document is not counted. Spans without a place in the scheme are not seen (`unknown_labels`). Raises
        NotComparableError for sets of different documents or texts.
        """
        check_comparable(gold, predicted)
        layers = [view for view in self.layers if view.name in gold.layers and view.name in predicted.layers]
        if not layers:
            return ()
        number = self._tally.begin(gold.document)
        framed = [view for view in layers if view.kind != "spans"]
        for view in layers:
            if view.kind == "spans":
                self._spans[view.name].add(number, gold, predicted, self._tally)
        if framed:
            sides = [views(annotations, framed, self.index) for annotations in (gold, predicted)]
            mentions = self._mentions(gold) if any(view.kind == "frames" for view in framed) else {}
            for view in framed:
                left, right = ([frame for frame in side[view.name] or () if isinstance(frame, Frame)] for side in sides)
                self._tally.add(self._frames(view, left, right, mentions))
        return tuple(view.name for view in layers)

    @property
    def documents(self) -> Sequence[str]:
        """Documents that were compared, in the order in which they came."""
        return self._tally.documents

    @property
    def totals(self) -> Mapping[Path, Counts]:
        """Counts of every figure over all documents."""
        self._flush()
        return self._tally.totals

    def figures(self) -> list[Path]:
        """Names of the figures that have terms: all but those of single labels."""
        self._flush()
        return self._tally.figures()

    def terms(self, path: Path) -> Terms:
        """Numerator and denominator of a figure's F1 in each document, in order of `documents`."""
        self._flush()
        return self._tally.terms(path)

    def _flush(self) -> None:
        for layer in self._spans.values():
            layer.flush(self._tally)

    def _frames(
        self, view: LayerView, gold: Sequence[Frame], predicted: Sequence[Frame], mentions: Mentions
    ) -> dict[Path, Counts]:
        attributes = self._attributes[view.name]
        left, right = (items(side, view, attributes, self.index) for side in (gold, predicted))
        if view.kind == "slots":
            return quote_scores(view, left, right, attributes)
        return event_scores(view, left, right, attributes, mentions)

    def _mentions(self, annotations: AnnotationSet) -> Mentions:
        """Every place that is mentioned as an entity, to all places where that entity is mentioned."""
        places: dict[tuple[str, str], set[Extent]] = {}
        for span in annotations.spans:
            for key in self._coreference:
                if value := span.attributes.get(key):
                    places.setdefault((key, value), set()).add(extent(span))
        result: dict[Extent, set[Extent]] = {}
        for together in places.values():
            for place in together:
                result.setdefault(place, set()).update(together)
        return {place: frozenset(others) for place, others in result.items()}


class _SpanLayer:
    """Spans that wait to be compared, so that many are at once."""

    def __init__(self, name: str, index: SchemeIndex) -> None:
        self._name = name
        self._labels = {label.name: number for number, label in enumerate(index.layers[name].labels)}
        self._empty()

    def _empty(self) -> None:
        self._numbers: list[int] = []
        self._gold, self._predicted = Spans(), Spans()

    def add(self, number: int, gold: AnnotationSet, predicted: AnnotationSet, tally: Tally) -> None:
        here = len(self._numbers)
        self._numbers.append(number)
        self._gold.add(here, gold.spans, self._labels)
        self._predicted.add(here, predicted.spans, self._labels)
        if len(self._gold.starts) + len(self._predicted.starts) >= _BATCH:
            self.flush(tally)

    def flush(self, tally: Tally) -> None:
        if not self._numbers:
            return
        by_document, by_label = semeval(self._gold, self._predicted, len(self._numbers), len(self._labels))
        for mode, table in by_document.items():
            tally.add_table((self._name, mode), self._numbers, table)
        for label, row in self._labels.items():
            for mode, table in by_label.items():
                if table[row].any():
                    tally.add_total((self._name, "labels", label, mode), Counts(*table[row].tolist()))
        self._empty()


def check_comparable(gold: AnnotationSet, predicted: AnnotationSet) -> None:
    """Raises NotComparableError for sets of different documents or texts."""
    if gold.document != predicted.document:
        raise NotComparableError(
            f"{gold.annotator}/{gold.document} and {predicted.annotator}/{predicted.document} are sets of different documents"
        )
    if gold.text_sha256 != predicted.text_sha256:
        raise NotComparableError(
            f"{gold.document}: {gold.annotator} and {predicted.annotator} annotated different texts; `standoff validate` says "
            "which of them is the document's"
        )


def unknown_labels(annotations: AnnotationSet, index: SchemeIndex) -> tuple[str, ...]:
    """Labels of spans and relations that the scheme doesn't have, sorted: nothing compares them."""
    spans = {span.label for span in annotations.spans} - index.spans.keys()
    relations = {relation.label for relation in annotations.relations} - index.relations.keys()
    return tuple(sorted(spans | relations))
