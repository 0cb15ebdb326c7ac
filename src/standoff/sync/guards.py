"""The guards over all documents of a project (S19), and people who left it (S20). Asks for users, writes nothing."""

import contextlib

from standoff.problems import Problem
from standoff.sync.context import Context, Page
from standoff.sync.deciding import Decided
from standoff.sync.document import MANY, Skip
from standoff.sync.people import annotator_name
from standoff.sync.report import Stop
from standoff.text.counted import counted

NAMED = 5
"""So many documents are named at most."""


def tell_of_leavers(context: Context, page: Page) -> None:
    """S20: somebody who is no member any more has deleted nothing."""
    here = {context.annotator(spot.member) for spots in page.spool.spots.values() for spot in spots}
    if context.table.mode == "per-member" and here:
        known = {annotator for annotator, _ in context.store.document_states(context.name)}
        for annotator in sorted(known - here - {context.table.set}):
            context.report.problems.append(
                Problem(
                    document="",
                    path=f"corpus/annotations/{annotator}",
                    rule="sync-member",
                    severity="warning",
                    message=f"{annotator} is no member of the project in the page any more; what was pulled stays as it is"
                    f" (make them a member again to go on, or remove corpus/sync/{context.name}/{annotator})",
                )
            )


def guard(context: Context, page: Page, decided: Decided) -> None:
    """S19, for the project as a whole. Raises Stop."""
    name = context.name
    if name in context.options.force_delete:
        return
    lift = f"`--force-delete {name}` goes on all the same"
    if decided.linked and decided.present * 2 < decided.linked:
        raise Stop(
            f"{name}: of {counted(decided.linked, 'pushed document')}, the page has {decided.present}; if they were"
            f" deleted there on purpose, {lift} (nothing is deleted here)"
        )
    keep = f"remove corpus/sync/{name}/*/*.json: without them nothing is deleted, and each side gets what it lacks"
    for who in _deleted_users(context, page, decided):
        raise Stop(
            f"{name}: this would delete {counted(decided.lost[who], 'annotation')} here that {who} made, who is no user of"
            f" {context.remote.url}: Doccano deletes all that a user made along with them. To keep it, {keep}. If it is meant"
            f" to go, {lift}"
        )
    deleted = decided.deleted.total()
    if deleted > MANY and deleted * 10 > decided.items:
        most = ", ".join(f"{id_} ({number})" for id_, number in decided.deleted.most_common(NAMED))
        more = len(decided.deleted) - NAMED
        raise Stop(
            f"{name}: this would delete {counted(deleted, 'annotation')} of {decided.items}, of {most}"
            f"{f' and {more} more' if more > 0 else ''}. If they are meant to go, {lift}. If an older copy of the server's database"
            f" was brought back, `git checkout` corpus/sync/{name} as it was when that was made; if a user was deleted there, {keep}"
        )


def _deleted_users(context: Context, page: Page, decided: Decided) -> list[str]:
    """Who made what would be deleted here, and is no user there, with nothing left there of theirs."""
    if not decided.lost:
        return []
    users = {annotator_name(user, context.reserved) for user in context.remote.users()}
    return [who for who in sorted(decided.lost.keys() - users) if not _has_rows(context, page, who)]


def _has_rows(context: Context, page: Page, who: str) -> bool:
    for annotator, document in context.store.document_states(context.name):
        with contextlib.suppress(Skip):
            state = context.state(annotator, document)
            if state is None:
                continue
            spans = {span.id for span in state.base_spans if span.by and span.by.annotator == who}
            relations = {item.id for item in state.base_relations if item.by and item.by.annotator == who}
            rows = {row.id for row in state.rows if row.span in spans}
            edges = {edge.id for edge in state.relations if edge.relation in relations}
            for spot in page.spool.spots.get(document, ()) if rows or edges else ():
                example = page.spool.read(spot)
                if not rows.isdisjoint([row.id for row in example.rows]) or not edges.isdisjoint(
                    [row.id for row in example.relations]
                ):
                    return True
    return False
