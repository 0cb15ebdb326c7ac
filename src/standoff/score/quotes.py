"""Scores of frames with one place for each role, such as quotes: content, type, roles, and all of it at once. Pure."""

from collections.abc import Sequence

from standoff.corpus.views import LayerView
from standoff.score.counts import Counts, compared
from standoff.score.frames import (
    Item,
    Path,
    accuracy,
    aligned,
    attribute_counts,
    by_type,
    overlap_counts,
    role_counts,
)
from standoff.score.matching import common


def quote_scores(
    view: LayerView, gold: Sequence[Item], predicted: Sequence[Item], attributes: Sequence[str]
) -> dict[Path, Counts]:
    """The figures of one text. `HEAD` is the head's column in the scheme, `content` for quotes.

    - `HEAD.strict`: heads with equal extent and label, duplicates counted: the exact match of Pareti (2015).
    - `HEAD.overlap`: code points shared by aligned heads (`overlap_counts`).
    - `type`: accuracy on aligned heads, so that finding a quote and telling its type are measured apart.
    - `attributes.NAME`: the same, of other attributes with a list of values.
    - `roles.ROLE.strict` and `.overlap`: fillers in aligned frames, by equal extent and by code points; a filler that only one
      side has is missed or spurious. The roles of quotes are those of PolNeAR (Newell, Margolin and Ruths 2018) and the addressee.
    - `joint`: frames that are right in all: extent, label, type, attributes, and the extents of all fillers.
    - `labels.TYPE.strict`: `HEAD.strict` on the frames of that type alone.

    Heads are aligned one to one wherever they share code points (`frames.aligned`).
    """
    layer = view.name
    roles = [role.name for role in view.roles]
    pairs = aligned(gold, predicted, roles)
    sizes = len(gold), len(predicted)
    heads = [[(item.place, item.label) for item in side] for side in (gold, predicted)]
    whole = [[_whole(item) for item in side] for side in (gold, predicted)]
    result: dict[Path, Counts] = {
        (layer, view.column, "strict"): compared(*sizes, common(*heads)),
        (layer, view.column, "overlap"): overlap_counts(
            [item.place for item in gold], [item.place for item in predicted]
        ),
        (layer, "type"): accuracy([(left.type, right.type) for left, right in pairs]),
        **attribute_counts(layer, attributes, pairs),
    }
    for role in roles:
        strict = overlap = Counts()
        for left, right in pairs:
            counts = role_counts(left.role(role), right.role(role))
            strict, overlap = strict + counts[0], overlap + counts[1]
        result[layer, "roles", role, "strict"] = strict
        result[layer, "roles", role, "overlap"] = overlap
    result[layer, "joint"] = compared(*sizes, common(*whole))
    return result | by_type(layer, gold, predicted)


def _whole(item: Item) -> object:
    fillers = tuple(sorted((role, place) for role, place, _ in item.fillers))
    return item.place, item.label, item.type, item.attributes, fillers
