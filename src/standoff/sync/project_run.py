"""One project, from preflight to the last state."""

from collections.abc import Sequence

from standoff.corpus.codec import DecodeError
from standoff.corpus.state import DocumentState
from standoff.errors import StandoffError
from standoff.formats.doccano import PageError
from standoff.sync.context import Context, Page
from standoff.sync.deciding import decide_all
from standoff.sync.document import Skip
from standoff.sync.document_run import Settled, Todo, apply, save
from standoff.sync.guards import guard, tell_of_leavers
from standoff.sync.new_documents import import_new
from standoff.sync.project import open_project
from standoff.sync.reading import read, spool

TOGETHER = 64
"""So many sets are saved together."""


def run_project(context: Context) -> None:
    """Syncs one project and fills its report. Raises Stop, RemoteError, EnvironmentFault."""
    opened = open_project(context)
    with spool(context) as pages:
        page = Page(opened.project if opened else None, pages, set())
        if opened and not opened.new:
            read(context, page)
        _drop(context, page)
        decided = decide_all(context, page)
        tell_of_leavers(context, page)
        guard(context, page, decided)
        if context.options.dry_run or opened is None:
            return
        # What was decided stands in the export as it was read: done before that is read again for new documents.
        _apply_all(context, page, decided.todo)
        _apply_all(context, page, import_new(context, page, decided.new))


def _apply_all(context: Context, page: Page, todo: Sequence[Todo]) -> None:
    settled: list[Settled] = []
    try:
        for number, item in enumerate(todo):
            context.progress("syncing documents", number, len(todo))
            try:
                settled.append(apply(context, page, item))
            except (Skip, PageError, DecodeError) as reason:
                context.report.skip(item.document, reason)
            if len(settled) == TOGETHER:
                save(context, page, settled)
                settled = []
    except StandoffError:
        # What the page has taken is not lost because the next document can't be reached.
        save(context, page, settled)
        raise
    save(context, page, settled)


def _drop(context: Context, page: Page) -> None:
    for id_ in sorted(context.options.drop):
        annotators = {name for name, document in context.store.document_states(context.name) if document == id_}
        if not (annotators or id_ in page.spool.spots or context.store.has_document(id_)):
            context.report.skip(id_, "there is no such document to drop, neither in corpus/documents nor in the page")
            continue
        annotators.add(context.table.set)
        context.report.dropped.append(id_)
        if not context.options.dry_run:
            for annotator in annotators:
                context.store.write_document_states(context.name, [(annotator, id_, DocumentState(dropped=True))])
                context.journal(annotator, id_).clear()
