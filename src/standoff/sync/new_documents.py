"""New documents of a project: sent by bulk import, and read back as all others are (S18)."""

from collections.abc import Sequence

from standoff.corpus.codec import DecodeError
from standoff.formats.doccano import PageError, encode, offsets, to_page
from standoff.sync.context import Context, Page
from standoff.sync.deciding import Decided, choose, decide_set, initial_items
from standoff.sync.document import Skip
from standoff.sync.document_run import Todo
from standoff.sync.journal import Begin
from standoff.sync.reading import read_back
from standoff.sync.remote import RemoteError, Unauthorized, Unreachable

BATCH = 1000
"""So many new documents go into one bulk import."""


def import_new(context: Context, page: Page, new: Sequence[str]) -> list[Todo]:
    """Imports these documents; what is left to be done with each."""
    failures: list[RemoteError] = []
    sent: dict[str, int] = {}
    for start in range(0, len(new), BATCH):
        context.progress("pushing new documents", start, len(new))
        examples = []
        for id_ in new[start : start + BATCH]:
            try:
                document = context.store.document(id_)
                annotator = context.table.set
                before = context.set(annotator, id_)
                if before is None and context.table.push.source:
                    before = context.set(context.table.push.source, id_)
                items = initial_items(context, document, before)
                example, _ = encode(context.scope, document, items.spans.values(), items.relations.values())
                units = offsets(document.text, grapheme_mode=context.table.grapheme_mode)
                examples.append(to_page(example, units))
            except (Skip, PageError, DecodeError) as reason:
                context.report.skip(id_, reason)
                continue
            journal = context.journal(annotator, id_)
            journal.clear()
            journal.write(
                Begin(imported=True, spans=tuple(items.spans.values()), relations=tuple(items.relations.values()))
            )
            sent[id_] = len(items.spans) + len(items.relations)
        try:
            context.remote.import_examples(page.there, examples)
        except Unauthorized:
            raise
        except RemoteError as error:
            failures.append(error)
            if isinstance(error, Unreachable):
                # It may be under way all the same: more of them would only wait longer.
                break
    if not sent:
        return []
    try:
        read_back(context, page, sent.keys(), whole=bool(failures))
    except RemoteError as error:
        raise failures[0] if failures else error from None
    for id_ in sorted(set(new) - sent.keys() - {line.document for line in context.report.skipped}):
        context.report.skip(id_, failures[0])
    decided = Decided()
    for id_, size in sent.items():
        if not page.spool.spots.get(id_):
            context.report.skip(id_, failures[0] if failures else "the page took it and does not have it; sync again")
            continue
        context.report.documents += 1
        context.report.page.created += size
        try:
            if context.table.mode == "shared":
                # Whatever it turns out to be, its state has to be saved.
                decided.todo.append(Todo(id_, *choose(context, page, id_, None)))
                continue
            document = context.store.document(id_)
            for member in sorted({spot.member for spot in page.spool.spots[id_]}, key=str):
                before = context.set(context.annotator(member), id_)
                decide_set(context, page, document, before, member, decided)
        except (Skip, PageError, DecodeError) as reason:
            context.report.skip(id_, reason)
    return decided.todo
