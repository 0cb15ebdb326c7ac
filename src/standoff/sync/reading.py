"""The page as one run finds it: its export on disk, and what is confirmed. Read at the start, and again for new documents."""

import contextlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from standoff.formats.doccano_rows import Example
from standoff.sync.context import Context, Page
from standoff.sync.document import Skip
from standoff.sync.remote import Listed
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
    """What is confirmed before and after an export is read: a confirmation that was made meanwhile may be one of more than was
    read, and one that was taken back, for an edit perhaps, is none of what was."""
    listed = [context.remote.confirmed(page.there)]
    new = _newly(context, listed[0])
    exported = context.remote.export(page.there)
    # Many are asked for while the server works on it, and are listed again; a few are asked for afterwards.
    many = len(new) > len(listed[0].ids)
    page.confirmations = context.remote.confirmations(page.there, new) if many else {}
    page.spool.fill(exported)
    if many:
        listed.append(context.remote.confirmed(page.there))
    page.confirmed = {
        (None, spot.id)
        for spots in page.spool.spots.values()
        for spot in spots
        if all(spot.id in one for one in listed)
    }
    page.confirmed -= {(None, id_) for id_, found in page.confirmations.items() if not found}
    if not many:
        confirm_again(context, page, new)


def confirm_again(context: Context, page: Page, examples: Sequence[int]) -> None:
    """Asks who confirmed what is listed as confirmed of these examples of a shared project, now that their contents are read:
    a confirmation that was taken back since, for an edit perhaps, is none of these contents."""
    listed = [id_ for id_ in examples if (None, id_) in page.confirmed]
    if not listed or context.options.direction == "push":
        return
    found = context.remote.confirmations(page.there, listed)
    page.confirmations |= found
    page.confirmed -= {(None, id_) for id_ in listed if not found[id_]}


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
    if confirmed == Listed(frozenset()) or context.options.dry_run or context.options.direction == "push":
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
    """Reads new documents: a few in a large project one by one, else (and where something is missing) the project again."""
    if context.table.mode == "shared" and not whole and len(sent) * SINGLY < len(page.spool.spots):
        # Somebody else may have added some, too.
        for id_ in context.remote.newest(page.there, 2 * len(sent)):
            if (example := context.remote.read(page.there, id_)).document in sent:
                page.spool.add(None, example)
        if all(page.spool.spots.get(document) for document in sent):
            return
    read(context, page)
