"""Of several examples of one document in the page, which one stays (S18). Pure but for reading the export."""

from collections import Counter
from collections.abc import Sequence

from standoff.formats.doccano_rows import Example
from standoff.sync.context import Page
from standoff.sync.document import Skip
from standoff.sync.spool import Spot
from standoff.text.counted import counted


def choose_copy(page: Page, spots: Sequence[Spot], linked: int | None) -> tuple[Spot, tuple[Spot, ...]]:
    """The example that stays, and those that can be deleted, as all they hold is in it.

    The linked one stays, else one with comments, a confirmation, or most rows. Raises Skip when another one holds something
    of its own. In a per-member project, whose examples are everybody's, `spots` are one member's and none can be deleted.
    """
    if len(spots) == 1:
        return spots[0], ()
    kept = max(
        spots,
        key=lambda spot: (
            spot.id == linked,
            spot.comments > 0,
            (spot.member, spot.id) in page.confirmed,
            spot.rows,
            -spot.id,
        ),
    )
    others = [spot for spot in spots if spot is not kept]
    whole = _exported(page, kept)
    for spot in others:
        if missing := _exported(page, spot) - whole:
            raise Skip(
                f"the page has this document more than once, and example {spot.id} holds {counted(missing.total(), 'thing')} that"
                f" example {kept.id} lacks; carry them over in the page, delete example {spot.id} there, sync again"
            )
    return kept, () if kept.member is not None else tuple(sorted(others, key=lambda spot: spot.id))


def grown(page: Page, spot: Spot, now: Example, *, confirmed: bool) -> bool:
    """Whether an example holds something that it lacked when the page was read."""
    return bool(_contents(now, confirmed) - _exported(page, spot))


def _exported(page: Page, spot: Spot) -> Counter[tuple[object, ...]]:
    return _contents(page.spool.read(spot), (spot.member, spot.id) in page.confirmed)


def _contents(example: Example, confirmed: bool) -> Counter[tuple[object, ...]]:
    shapes = {row.id: row.shape for row in example.rows}
    contents: Counter[tuple[object, ...]] = Counter({("text", example.text): 1})
    contents.update(("row", *shape) for shape in shapes.values())
    contents.update(("relation", row.label, shapes.get(row.head), shapes.get(row.tail)) for row in example.relations)
    contents.update(("comment", comment.text) for comment in example.comments)
    if confirmed:
        contents["confirmed",] = 1
    return contents
