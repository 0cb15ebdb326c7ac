"""The page as one run finds it: its export on disk, and what is confirmed. Read at the start, and again for new documents."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from standoff.sync.context import Context, Page
from standoff.sync.spool import Spool

SINGLY = 10
"""An export takes less for so many documents than reading one by itself."""


@contextmanager
def spool(context: Context) -> Iterator[Spool]:
    if not context.options.dry_run:
        yield Spool(context.folder / "export.jsonl")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Spool(Path(folder) / "export.jsonl")


def read(context: Context, page: Page) -> None:
    """One export, and one list of what is confirmed."""
    context.progress("reading the page", 0, 1)
    page.spool.fill(context.remote.export(page.there))
    if context.table.mode == "shared":
        page.confirmed = {(None, id_) for id_ in context.remote.confirmed(page.there)}
    else:
        page.confirmed = {(who, example.id) for who, example in context.remote.export(page.there, confirmed=True)}


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
