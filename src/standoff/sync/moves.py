"""Which new spans of the page are old ones drawn again elsewhere (S7). Pure."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from standoff.corpus.model import Span
from standoff.corpus.state import RowState
from standoff.formats.doccano import Scope
from standoff.sync.chains import Chain


def find_moves(
    scope: Scope, gone: Mapping[str, Sequence[RowState]], before: Mapping[str, Span], new: Sequence[Chain]
) -> tuple[list[tuple[str, Chain]], list[str]]:
    """Pairs of a span whose rows are gone and a chain that nobody knows, and notes on those where nothing was guessed.

    They pair when they have one label and overlap, or equal offsets and labels of one layer. Most shared characters win, one
    to one.
    """
    scored = []
    for id_, rows in gone.items():
        for number, chain in enumerate(new):
            if chain.fresh and (shared := _shared(scope, rows, before[id_].label, chain)):
                scored.append((shared, id_, number))
    scored.sort(key=lambda item: (-item[0], item[1], item[2]))
    pairs: list[tuple[str, Chain]] = []
    notes: list[str] = []
    used_ids: set[str] = set()
    used_chains: set[int] = set()
    for _, group in groupby(scored, key=lambda item: item[0]):
        rivals = [(id_, number) for _, id_, number in group if id_ not in used_ids and number not in used_chains]
        ids, numbers = [id_ for id_, _ in rivals], [number for _, number in rivals]
        for id_, number in rivals:
            if ids.count(id_) == 1 and numbers.count(number) == 1:
                pairs.append((id_, new[number]))
            else:
                notes.append(f"span {id_} may have been drawn again as one of several: taken as deleted and new ones")
        used_ids.update(ids)
        used_chains.update(numbers)
    return pairs, list(dict.fromkeys(notes))


def _shared(scope: Scope, rows: Sequence[RowState], label: str, chain: Chain) -> int:
    """Shared characters, or 0 when the two can't be one span."""
    old = [(row.start, row.end) for row in rows]
    shared = sum(max(0, min(e, end) - max(s, start)) for s, e in old for start, end in chain.extents)
    new_label = scope.spans[chain.rows[0].label].label
    layers = scope.index.span_layer
    same_layer = new_label is not None and layers.get(label) == layers[new_label]
    if new_label == label or (same_layer and sorted(old) == list(chain.extents)):
        return shared
    return 0
