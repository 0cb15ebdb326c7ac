"""What quotes and events share: frames as they are compared, and frames of two annotators in pairs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from standoff.corpus.model import Span
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import Frame, LayerView
from standoff.score.counts import Counts, compared
from standoff.score.matching import Edge, Extent, common, extent, length, match, overlaps, ranked, unrivaled

Path = tuple[str, ...]
"""The name of a figure, from its layer on, as in `("quotes", "roles", "speaker", "strict")`."""


@dataclass(frozen=True, slots=True)
class Item:
    """A frame as far as it is compared.

    `attributes` are the values of those that are scored, in the order of `scored_attributes`; None where the label carries none.
    """

    place: Extent
    label: str
    type: str | None
    attributes: tuple[str | None, ...]
    fillers: tuple[tuple[str, Extent, Span], ...]
    """Role, place and span of each filler."""

    def role(self, name: str) -> list[Extent]:
        """Where the fillers of a role are, in text order."""
        return sorted(place for role, place, _ in self.fillers if role == name)


def scored_attributes(view: LayerView, index: SchemeIndex) -> tuple[str, ...]:
    """Attributes of heads that are right or wrong by themselves: those with a list of values.

    A free text, as the name of an event that several triggers share, means something only beside others of the same set.
    """
    return tuple(name for name in view.attributes if index.attributes[name].values)


def items(frames: Sequence[Frame], view: LayerView, attributes: Sequence[str], index: SchemeIndex) -> list[Item]:
    """Frames as they are compared. An attribute that isn't stated has its default, if there is one."""
    return [
        Item(
            extent(frame.head),
            frame.head.label,
            view.type_of(frame),
            tuple(
                frame.head.attributes.get(name, index.attributes[name].default)
                if name in index.label_attributes[frame.head.label]
                else None
                for name in attributes
            ),
            tuple((role, extent(span), span) for role, span in frame.parts),
        )
        for frame in frames
    ]


def aligned(gold: Sequence[Item], predicted: Sequence[Item], roles: Sequence[str]) -> list[tuple[Item, Item]]:
    """Frames of both sides in pairs: the best one-to-one alignment of heads that share code points.

    First as many equal heads (extent and label) as can be, then the most shared code points, then the most pairs, equal types,
    equal attributes, and equal fillers of each role in the scheme's order. All that is counted of pairs is in the choice, so
    that no figure depends on the order of frames.
    """
    edges = overlaps([item.place for item in gold], [item.place for item in predicted])
    return _paired(gold, predicted, edges, roles)


def same_heads(gold: Sequence[Item], predicted: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Frames of both sides whose heads have the same extent, in pairs, duplicates counted.

    Of several with the same extent as many as can be get a partner of the same label, then of the same type and attributes.
    """
    places: dict[Extent, list[int]] = {}
    for j, item in enumerate(predicted):
        places.setdefault(item.place, []).append(j)
    edges = [Edge(i, j, 1) for i, item in enumerate(gold) for j in places.get(item.place, ())]
    return _paired(gold, predicted, edges, ())


def _paired(
    gold: Sequence[Item], predicted: Sequence[Item], edges: Sequence[Edge], roles: Sequence[str]
) -> list[tuple[Item, Item]]:
    sure, rest = unrivaled(edges)
    values = [_worth(gold[edge.left], predicted[edge.right], edge.weight, roles) for edge in rest]
    pairs = [(edge.left, edge.right) for edge in sure]
    pairs += match(ranked([(edge.left, edge.right) for edge in rest], values))
    return [(gold[i], predicted[j]) for i, j in pairs]


def _worth(left: Item, right: Item, overlap: int, roles: Sequence[str]) -> list[int]:
    worth = [left.place == right.place and left.label == right.label, overlap, 1, left.type == right.type]
    worth += [a == b for a, b in zip(left.attributes, right.attributes, strict=True)]
    for role in roles:
        for counts in role_counts(left.role(role), right.role(role)):
            worth += [counts.correct, counts.gold + counts.predicted, counts.gold]
    return [int(value) for value in worth]


def role_counts(gold: Sequence[Extent], predicted: Sequence[Extent]) -> tuple[Counts, Counts]:
    """The fillers of one role in a pair of frames: counts of spans with equal extents, and counts of code points."""
    return compared(len(gold), len(predicted), common(gold, predicted)), overlap_counts(gold, predicted)


def overlap_counts(gold: Sequence[Extent], predicted: Sequence[Extent]) -> Counts:
    """Counts of code points: correct are those that the spans of the best one-to-one alignment share.

    After the proportional overlap of Johansson and Moschitti (2013), but summed over code points instead of averaged over
    spans, so that long and short spans weigh what they cover. A discontinuous span is the union of its fragments.
    """
    total = 0
    if gold and predicted:
        edges = overlaps(gold, predicted)
        worth = {(edge.left, edge.right): edge.weight for edge in edges}
        total = sum(worth[pair] for pair in match(edges))
    return compared(sum(map(length, gold)), sum(map(length, predicted)), total)


def accuracy(pairs: Sequence[tuple[object, object]]) -> Counts:
    """Counts of pairs of values, without those where neither side has one: accuracy is their F1."""
    measured = [(left, right) for left, right in pairs if left is not None or right is not None]
    correct = sum(left == right for left, right in measured)
    return compared(len(measured), len(measured), correct, incorrect=len(measured) - correct)


def attribute_counts(layer: str, names: Sequence[str], pairs: Sequence[tuple[Item, Item]]) -> dict[Path, Counts]:
    """Accuracy of each attribute of heads that are in pairs."""
    return {
        (layer, "attributes", name): accuracy([(left.attributes[k], right.attributes[k]) for left, right in pairs])
        for k, name in enumerate(names)
    }


def by_type(layer: str, gold: Sequence[Item], predicted: Sequence[Item]) -> dict[Path, Counts]:
    """For each type: heads of that type alone, on both sides, by extent and label."""
    types = sorted({item.type for item in (*gold, *predicted) if item.type is not None})
    result: dict[Path, Counts] = {}
    for type_ in types:
        sides = [[(item.place, item.label) for item in side if item.type == type_] for side in (gold, predicted)]
        result[layer, "labels", type_, "strict"] = compared(len(sides[0]), len(sides[1]), common(*sides))
    return result
