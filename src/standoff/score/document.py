"""Two annotation sets of one document compared, layer by layer, as the scheme says. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from standoff.corpus.model import AnnotationSet, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import LayerView, layer_views, views
from standoff.errors import StandoffError
from standoff.score.counts import Counts
from standoff.score.events import Mentions, event_scores
from standoff.score.frames import Path, items, scored_attributes
from standoff.score.matching import Extent, extent
from standoff.score.quotes import quote_scores
from standoff.score.spans import by_label, semeval


class NotComparableError(StandoffError):
    """Two annotation sets that were not made on the same text."""


class Scorer:
    """Compares sets that follow one scheme. `layers` are those to compare, all by default."""

    def __init__(self, index: SchemeIndex, layers: Iterable[str] = ()) -> None:
        self.index = index
        self.layers = layer_views(index, layers)
        self._attributes = {view.name: scored_attributes(view, index) for view in self.layers}
        self._coreference = [
            same.key
            for same in index.scheme.rules.same
            if any(same.key in role.attributes for view in self.layers for role in view.roles)
        ]

    def score(self, gold: AnnotationSet, predicted: AnnotationSet) -> dict[Path, Counts]:
        """Counts of every figure, of the layers that both sets list as annotated.

        Spans without a place in the scheme are not seen (`unknown_labels`). Raises NotComparableError for sets of different
        documents or texts.
        """
        check_comparable(gold, predicted)
        layers = shared_layers(self.layers, gold, predicted)
        sides = [views(annotations, layers, self.index) for annotations in (gold, predicted)]
        mentions = self._mentions(gold) if any(view.kind == "frames" for view in layers) else {}
        result: dict[Path, Counts] = {}
        for view in layers:
            left, right = (side[view.name] or () for side in sides)
            result |= self._layer(view, left, right, mentions)
        return result

    def _layer(
        self, view: LayerView, gold: Sequence[Any], predicted: Sequence[Any], mentions: Mentions
    ) -> dict[Path, Counts]:
        if view.kind == "spans":
            return span_scores(view.name, gold, predicted)
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


def span_scores(layer: str, gold: Sequence[Span], predicted: Sequence[Span]) -> dict[Path, Counts]:
    """`semeval` of all spans, and of each label's under `labels`."""
    left, right = ([(extent(span), span.label) for span in side] for side in (gold, predicted))
    result: dict[Path, Counts] = {(layer, mode): counts for mode, counts in semeval(left, right).items()}
    for label, scores in by_label(left, right).items():
        for mode, counts in scores.items():
            result[layer, "labels", label, mode] = counts
    return result


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


def shared_layers(layers: Iterable[LayerView], *sets: AnnotationSet) -> tuple[LayerView, ...]:
    """Those of the layers that every set lists as annotated."""
    return tuple(view for view in layers if all(view.name in annotations.layers for annotations in sets))


def unknown_labels(annotations: AnnotationSet, index: SchemeIndex) -> tuple[str, ...]:
    """Labels of spans and relations that the scheme doesn't have, sorted: nothing compares them."""
    spans = {span.label for span in annotations.spans} - index.spans.keys()
    relations = {relation.label for relation in annotations.relations} - index.relations.keys()
    return tuple(sorted(spans | relations))
