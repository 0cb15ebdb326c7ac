"""One document of a project, carried out: asked of the page, read back, annotations saved, then the state."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from standoff.corpus.folders import StoreError
from standoff.corpus.model import AnnotationSet
from standoff.corpus.state import DocumentState
from standoff.formats.doccano import from_page, row_to_page
from standoff.formats.doccano_rows import RelationRow
from standoff.sync.case import Case
from standoff.sync.context import Context, Page
from standoff.sync.copies import grown
from standoff.sync.document import DocumentPlan, Skip, open_conflicts, plan_document, settle
from standoff.sync.facts import facts_changed, new_comments, outcome, report_facts
from standoff.sync.journal import Asked, Begin, Done, Journal, Saved, Saving, acknowledged, with_written
from standoff.sync.merge import Items, same
from standoff.sync.people import with_annotators
from standoff.sync.plan import Request
from standoff.sync.reading import confirm_again
from standoff.sync.remote import NotFound, Rejected, RemoteError, Unreachable
from standoff.sync.renames import with_new_labels
from standoff.sync.spool import Spot
from standoff.sync.untouched import no_plan, ordered, untouched

ATTEMPTS = 4
"""So often a document is read and merged again when the page changed, or a request got no answer."""


@dataclass(frozen=True, slots=True)
class Todo:
    """An annotation set with something to do. Without `member` in a per-member project: its example is to be noted."""

    document: str
    spot: Spot
    copies: tuple[Spot, ...] = ()
    """Other examples of it, all of whose contents are in the one that stays: to be deleted (S18)."""
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A set whose page side is done, to be saved. Without `plan` there is only a state."""

    todo: Todo
    annotator: str
    state: DocumentState
    case: Case | None = None
    plan: DocumentPlan | None = None
    after: AnnotationSet | None = None
    """Our set, where it changes."""


def decide(context: Context, page: Page, case: Case) -> tuple[DocumentPlan | None, bool]:
    """What is to be done with a set, and whether that is anything: a plan can be one that only tells of conflicts."""
    facts = facts_changed(context, page, case)
    if not facts and not case.journaled and case.state is case.stored and _untouched(context, case):
        return None, False
    plan, state = _plan(context, case)
    nothing = not (case.stored or plan.ours.spans or plan.ours.relations or facts) and case.user is not None
    work = bool(plan.requests) or case.journaled or facts or plan.ours != case.ours or state != case.stored
    return plan, work and not nothing


def _untouched(context: Context, case: Case) -> bool:
    return untouched(context.scope, case.state, case.ours, case.example)


def _plan(context: Context, case: Case) -> tuple[DocumentPlan, DocumentState]:
    """What is to be done with a set, and its state if that is nothing in the page."""
    if _untouched(context, case):
        return no_plan(case.ours), ordered(case.state)
    options = context.options
    plan = plan_document(
        context.scope,
        case.document,
        case.ours,
        case.state,
        case.example,
        direction=options.direction if case.user is None else "pull",
        resolve=options.resolve,
        emptied=case.document.id in options.force_delete,
        remembered=case.remembered,
    )
    for request in plan.requests:
        if request.row:
            # Before anything is asked for, and in a dry run, it is told what can't be.
            row_to_page(request.row, case.units)
    conflicts = open_conflicts(plan.conflicts)
    state = settle(
        context.scope, case.document, plan.ours, case.state, case.example, conflicts, remembered=case.remembered
    )
    return plan, state


def report_plan(context: Context, page: Page, case: Case, plan: DocumentPlan) -> None:
    """Adds a document to the report."""
    report = context.report
    report_facts(context, page, case, plan)
    report.ours.add(plan.ours_counts)
    report.page.add(plan.page_counts)
    report.conflict(case.document.id, plan.conflicts)
    for message in plan.linked.problems:
        report.remark(case.document.id, case.annotator, "sync-page", message, error=True)
    for message in plan.linked.notes:
        report.remark(case.document.id, case.annotator, "sync-note", message)
    if case.user is not None and plan.unsent:
        report.remark(
            case.document.id,
            case.annotator,
            "sync-local-edit",
            f"{case.annotator}'s annotations were changed here; in a per-member project that is never sent",
        )


def apply(context: Context, page: Page, todo: Todo) -> Settled:
    """Does what is to be done with one set in the page; what is left is to save it here.

    Raises Skip, PageError, and RemoteError when the server does not answer.
    """
    document = context.store.document(todo.document)
    annotator = context.annotator(todo.member)
    if context.table.mode == "per-member" and todo.member is None:
        return Settled(todo, annotator, DocumentState(example=todo.spot.id))
    before = context.set(annotator, todo.document)
    journal = context.journal(annotator, todo.document)
    case = context.case(document, before, page.spool.read(todo.spot), todo.member)
    if case.journaled:
        # From here on the journal starts with what the one of the killed run amounted to.
        journal.write(Saving(state=case.state))
        journal.write(Saved())
    plan, state = _plan(context, case)
    # Who made what, and when, the export does not tell; nor what the page holds right now, which counts before a change of it.
    fresh = bool(plan.requests) or _gains(case.ours, plan.ours) or bool(new_comments(case))
    if not fresh and plan.ours != case.ours and case.state.confirmed:
        confirm_again(context, page, [todo.spot.id])
    first: DocumentPlan | None = None
    failure: RemoteError | None = None
    for _ in range(ATTEMPTS):
        if fresh and todo.member is None:
            try:
                example = context.remote.read(page.there, todo.spot.id)
            except NotFound:
                raise Skip("its example was deleted in the page just now; sync again") from None
            confirm_again(context, page, [todo.spot.id])
            case = context.case(document, before, example, todo.member)
            plan, state = _plan(context, case)
        first = first or plan
        if not plan.requests:
            break
        context.keep_export(page.spool)
        try:
            state = _send(context, page, case, plan, state, journal)
            break
        except (Unreachable, NotFound, Rejected) as error:
            # What is refused may hang on something that was deleted just now.
            failure = error
    else:
        if isinstance(failure, Rejected):
            raise Skip(f"the page refused a change: {failure}")
        raise failure or Skip("the page changed faster than it could be read")
    if plan.ours != case.ours or first is not plan:
        context.keep_export(page.spool)
    after, state = outcome(context, page, case, plan, state)
    # What was asked before an attempt failed was asked all the same.
    plan = dataclasses.replace(plan, page_counts=first.page_counts)
    return Settled(todo, annotator, state, case, plan, after)


def save(context: Context, page: Page, settled: Sequence[Settled]) -> None:
    """Saves sets: all annotations first, then all states (S17). Together, as every file by itself costs the disk a round.

    A set that stands in a shard, which is never edited, is skipped and keeps no other from being saved.
    """
    if not settled:
        return
    journals = [context.journal(item.annotator, item.todo.document) for item in settled]
    changed = [(item, journal) for item, journal in zip(settled, journals, strict=True) if item.after is not None]
    for item, journal in changed:
        journal.write(Saving(state=item.state))
    if changed:
        try:
            context.store.write([item.after for item, _ in changed if item.after is not None])
        except StoreError as reason:
            if len(settled) == 1:
                context.report.skip(settled[0].todo.document, reason)
                return
            for item in settled:
                save(context, page, [item])
            return
    for _, journal in changed:
        journal.write(Saved())
    context.store.write_document_states(
        context.name, [(item.annotator, item.todo.document, item.state) for item in settled]
    )
    for journal in journals:
        journal.clear()
    for item in settled:
        if item.case is None or item.plan is None:
            continue
        if context.options.direction != "pull":
            _delete_copies(context, page, item.todo)
        report_plan(context, page, item.case, item.plan)


def _delete_copies(context: Context, page: Page, todo: Todo) -> None:
    """Deletes copies, each looked at again right before: somebody may work on it."""
    for spot in todo.copies:
        try:
            now = context.remote.read(page.there, spot.id)
        except NotFound:
            continue
        if grown(page, spot, now, confirmed=bool(context.remote.confirmations(page.there, [spot.id])[spot.id])):
            context.report.skip(todo.document, f"somebody works on example {spot.id}, a copy of it; sync again")
            continue
        context.keep_export(page.spool)
        context.remote.delete_example(page.there, spot.id)
        message = f"example {spot.id} was a copy: deleted in the page"
        context.report.remark(todo.document, context.table.set, "sync-copy", message)


def _gains(before: Items, after: Items) -> bool:
    """Whether anything is new or changed, and not only gone."""
    return any(before.spans.get(id_) != span for id_, span in after.spans.items()) or any(
        before.relations.get(id_) != item for id_, item in after.relations.items()
    )


def _send(
    context: Context, page: Page, case: Case, plan: DocumentPlan, state: DocumentState, journal: Journal
) -> DocumentState:
    """Asks the page for all requests of a plan, and reads it back; the state afterwards. Raises RemoteError."""
    finished = {id_ for id_ in {r.item for r in plan.requests if r.item} if _as_ours(id_, plan.page, plan.ours)}
    journal.write(
        Begin(
            spans=tuple(case.ours.spans.values()),
            relations=tuple(case.ours.relations.values()),
            requests=plan.requests,
            finished=tuple(sorted(id_ for id_ in finished if _as_ours(id_, case.ours, plan.ours))),
        )
    )
    ids: dict[int, int] = {}
    written: list[tuple[Request, int | None]] = []
    for number, request in enumerate(plan.requests):
        real = _with_ids(request, ids)
        journal.write(Asked(number=number, request=real))
        made = _ask(context, page, case, real)
        journal.write(Done(number=number, id=made))
        if made and request.row:
            ids[request.row.id] = made
        elif made and request.relation:
            ids[request.relation.id] = made
        written.append((real, made))
    after = context.remote.read(page.there, case.example.id)
    after = with_annotators(after, context.reserved, case.user)
    after = with_new_labels(context.scope, case.state, after)
    after = from_page(context.scope, case.document, after, case.units)
    state = acknowledged(with_written(state, written, after), plan.ours, finished)
    return settle(context.scope, case.document, plan.ours, state, after, state.conflicts)


def _as_ours(id_: str, one: Items, ours: Items) -> bool:
    return same(one.spans.get(id_), ours.spans.get(id_)) and same(one.relations.get(id_), ours.relations.get(id_))


def _with_ids(request: Request, ids: dict[int, int]) -> Request:
    """A request whose relation ends on rows that are there by now."""
    if request.relation is None:
        return request
    row = request.relation
    return replace(request, relation=replace(row, head=ids.get(row.head, row.head), tail=ids.get(row.tail, row.tail)))


def _ask(context: Context, page: Page, case: Case, request: Request) -> int:
    """Sends one request; the id of what it created, or 0."""
    remote, example = context.remote, case.example.id
    if request.row:
        row = request.row
        if request.kind == "delete_span":
            remote.delete_span(page.there, example, row.id)
        elif request.kind == "update_span":
            remote.update_span(page.there, example, row_to_page(row, case.units))
        else:
            return remote.create_span(page.there, example, row_to_page(row, case.units))
    elif request.relation:
        relation: RelationRow = request.relation
        if request.kind == "delete_relation":
            remote.delete_relation(page.there, example, relation.id)
        elif request.kind == "update_relation":
            remote.update_relation(page.there, example, relation)
        else:
            return remote.create_relation(page.there, example, relation)
    return 0
