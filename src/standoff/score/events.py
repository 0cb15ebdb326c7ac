"""Scores of frames with lists of arguments, such as events: triggers, arguments, attributes. Pure."""

from collections.abc import Mapping, Sequence

from standoff.corpus.views import LayerView
from standoff.score.counts import Counts, compared
from standoff.score.frames import Item, Path, attribute_counts, by_type, same_heads
from standoff.score.matching import Edge, Extent, common, match, overlaps

CATCH_ALL = "Other"
"""The type for what no other type fits. What is in it depends on what the others are, so it is also scored apart."""

Argument = tuple[str | None, str, Extent]
"""Type of the event, role, and where the filler is."""

Mentions = Mapping[Extent, frozenset[Extent]]
"""Where a filler is to where its entity is mentioned, all by gold."""


def event_scores(
    view: LayerView,
    gold: Sequence[Item],
    predicted: Sequence[Item],
    attributes: Sequence[str],
    mentions: Mentions,
) -> dict[Path, Counts]:
    """The figures of one text. `HEAD` is the head's column in the scheme, `trigger` for events.

    - `HEAD.identification`: equal extent. `HEAD.classification`: and equal type (Li, Ji and Huang 2013).
    - `arguments.identification`: equal extent of the filler, equal type of the event; `arguments.classification`: and equal role
      (Li, Ji and Huang 2013: the trigger's own place doesn't matter). Equal ones count as often as they are there.
    - `arguments.overlap`: classification where fillers only have to share code points, each paired once. It takes the place of head
      F1 (Li, Ji and Han 2021), which needs marked heads: fillers with the same head overlap, so that it is never below it.
    - `arguments.coreference`: classification where any mention of the filler's entity will do, by gold (coref F1 of Li, Ji and Han
      2021). Mentions of an entity share the attribute that the scheme's rule `same` names.
    - `attributes.NAME`: accuracy on triggers with equal extents, as for realis (Mitamura, Liu and Hovy 2015) and polarity.
    - `labels.TYPE.strict`: classification of that type alone; `by_role.ROLE`: `arguments.classification` of that role alone.
    - `other` and `without_other`, if the scheme has the type `Other`: the same on that type alone, on all but that type.
    """
    layer = view.name
    result = {
        (layer, *path): counts for path, counts in _scores(view, gold, predicted, attributes, mentions).items()
    } | by_type(layer, gold, predicted)
    for role in sorted({role for item in (*gold, *predicted) for role, _, _ in item.fillers}):
        sides = [[argument for argument in _arguments(side) if argument[1] == role] for side in (gold, predicted)]
        result[layer, "by_role", role] = compared(len(sides[0]), len(sides[1]), common(*sides))
    if view.type == "label" and CATCH_ALL in view.head_labels:
        for name, apart in (("other", True), ("without_other", False)):
            left, right = ([item for item in side if (item.label == CATCH_ALL) is apart] for side in (gold, predicted))
            for path, counts in _scores(view, left, right, attributes, mentions).items():
                result[layer, name, *path] = counts
    return result


def _scores(
    view: LayerView,
    gold: Sequence[Item],
    predicted: Sequence[Item],
    attributes: Sequence[str],
    mentions: Mentions,
) -> dict[Path, Counts]:
    sides = (gold, predicted)
    triggers = [[item.place for item in side] for side in sides]
    typed = [[(item.place, item.type) for item in side] for side in sides]
    arguments = [_arguments(side) for side in sides]
    unlabelled = [[(type_, place) for type_, _, place in side] for side in arguments]
    sizes = len(gold), len(predicted)
    numbers = len(arguments[0]), len(arguments[1])
    return {
        (view.column, "identification"): compared(*sizes, common(*triggers)),
        (view.column, "classification"): compared(*sizes, common(*typed)),
        ("arguments", "identification"): compared(*numbers, common(*unlabelled)),
        ("arguments", "classification"): compared(*numbers, common(*arguments)),
        ("arguments", "overlap"): compared(*numbers, _lenient(arguments[0], arguments[1])),
        ("arguments", "coreference"): compared(*numbers, _coreferent(arguments[0], arguments[1], mentions)),
        **{path[1:]: counts for path, counts in attribute_counts("", attributes, same_heads(gold, predicted)).items()},
    }


def _arguments(side: Sequence[Item]) -> list[Argument]:
    return [(item.type, role, place) for item in side for role, place, _ in item.fillers]


def _lenient(gold: Sequence[Argument], predicted: Sequence[Argument]) -> int:
    edges = [
        Edge(i, j, 1)
        for i, j, _ in overlaps([place for _, _, place in gold], [place for _, _, place in predicted])
        if gold[i][:2] == predicted[j][:2]
    ]
    return len(match(edges))


def _coreferent(gold: Sequence[Argument], predicted: Sequence[Argument], mentions: Mentions) -> int:
    places: dict[Argument, list[int]] = {}
    for j, argument in enumerate(predicted):
        places.setdefault(argument, []).append(j)
    edges = [
        Edge(i, j, 1)
        for i, (type_, role, place) in enumerate(gold)
        for mention in mentions.get(place, frozenset((place,)))
        for j in places.get((type_, role, mention), ())
    ]
    return len(match(edges))
