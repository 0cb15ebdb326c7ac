"""The page as a run finds it: its export on disk, and what is confirmed. Read again for new documents."""

import contextlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from standoff.formats.doccano_rows import Example
from standoff.sync.context import Context, Page
from standoff.sync.document import Skip
from standoff.sync.remote import Confirmation, Listed
from standoff.sync.spool import Spool

SINGLY = 10
"""An export takes less for so many documents than reading one by itself."""


@contextlib.contextmanager
def spool(context: Context) -> Iterator[Spool]:
    if not context.options.dry_run:
        yield Spool(context.folder / "export.jsonl")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Spool(Path(folder) / "export.jsonl")


def read(context: Context, page: Page) -> None:
    """One export, and one list of what is confirmed; of what is newly confirmed, by whom and when."""
    context.progress("reading the page", 0, 1)
    if context.table.mode == "shared":
        _read_shared(context, page)
        return
    exported = context.remote.export(page.there)
    # While the server works on it.
    approved = {(who, one.id): _content(one) for who, one in context.remote.export(page.there, confirmed=True)}
    page.confirmed = set()
    page.spool.fill(_compared(page, exported, approved))


def _read_shared(context: Context, page: Page) -> None:
    """What was confirmed before an export began, and still is as it was: a confirmation that was made meanwhile may be one of
    more than was read, and one that was taken back, for an edit perhaps, is none of what was.
    """
    listed = context.remote.confirmed(page.there)
    new = _newly(context, listed)
    page.spool.fill(context.remote.export(page.there))
    page.listed = listed.at
    page.confirmed = {(None, spot.id) for spots in page.spool.spots.values() for spot in spots if spot.id in listed}
    page.confirmations = {}
    confirm_again(context, page, new)


def confirm_again(context: Context, page: Page, examples: Sequence[int]) -> None:
    """Asks who confirmed what is listed as confirmed of these examples of a shared project, now that their contents are read.

    Only what was confirmed when it was listed, and was not taken back since, was confirmed as it was read.
    """
    listed = [id_ for id_ in examples if (None, id_) in page.confirmed]
    if not listed or context.options.direction == "push":
        return
    for id_, found in context.remote.confirmations(page.there, listed).items():
        page.confirmations[id_] = tuple([one for one in found if _stood(one, page.listed)])
        if not page.confirmations[id_]:
            page.confirmed.remove((None, id_))


def _stood(confirmation: Confirmation, listed: datetime | None) -> bool:
    """Whether it was there when confirmations were listed, as far as both times are known, and to a second."""
    try:
        at = datetime.fromisoformat(confirmation.at or "")
    except ValueError:
        return True
    return listed is None or at.tzinfo is None or at < listed + timedelta(seconds=1)


def _compared(
    page: Page, exported: Iterable[tuple[str | None, Example]], approved: Mapping[tuple[str | None, int], int]
) -> Iterator[tuple[str | None, Example]]:
    """What was exported; it is confirmed where it is what the members confirmed: they work on between the two exports."""
    for who, example in exported:
        if approved.get((who, example.id)) == _content(example):
            page.confirmed.add((who, example.id))
        yield who, example


def _content(example: Example) -> int:
    """A hash of what is annotated, in whatever order."""
    return hash((frozenset(example.rows), frozenset(example.relations)))


def _newly(context: Context, confirmed: Listed) -> list[int]:
    """Those of these examples whose documents are remembered as not confirmed, where that is going to be stored."""
    if not confirmed or context.options.dry_run or context.options.direction == "push":
        return []
    found = []
    for annotator, document in context.store.document_states(context.name):
        if annotator == context.table.set and context.named(document):
            with contextlib.suppress(Skip):
                state = context.state(annotator, document)
                if state and state.example is not None and state.example in confirmed and not state.confirmed:
                    found.append(state.example)
    return found


def read_back(context: Context, page: Page, sent: Collection[str], *, whole: bool) -> None:
    """Reads new documents: a few in a large project one by one, else, or where one is missing, the project again."""
    if context.table.mode == "shared" and not whole and len(sent) * SINGLY < len(page.spool.spots):
        # Somebody else may have added some, too.
        for id_ in context.remote.newest(page.there, 2 * len(sent)):
            if (example := context.remote.read(page.there, id_)).document in sent:
                page.spool.add(None, example)
        if all(page.spool.spots.get(document) for document in sent):
            return
    read(context, page)
