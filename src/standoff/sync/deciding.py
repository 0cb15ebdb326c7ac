"""What is to be done with each document of a project. Asks nothing, writes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from standoff.corpus.codec import DecodeError
from standoff.corpus.entries import Entry, sole
from standoff.corpus.folders import StoreError
from standoff.corpus.model import AnnotationSet, Document, Relation, Span
from standoff.corpus.store import Bundle
from standoff.formats.doccano import PageError, encode, offsets, to_page
from standoff.sync.context import Context, Page, check_set
from standoff.sync.copies import choose_copy
from standoff.sync.document import Skip, base_of, within
from standoff.sync.document_run import Todo, decide, report_plan
from standoff.sync.merge import Items
from standoff.sync.sets import items_of
from standoff.sync.spool import Spot

T = TypeVar("T", Span, Relation)


@dataclass(slots=True)
class Decided:
    """What is to be done, and what the guards look at (S19)."""

    todo: list[Todo] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    """Documents to be imported."""
    linked: int = 0
    present: int = 0
    items: int = 0
    deleted: Counter[str] = field(default_factory=Counter)
    """Document to annotations that either side would lose."""
    lost: Counter[str] = field(default_factory=Counter)
    """Who made annotations that would be deleted here, to how many."""


def decide_all(context: Context, page: Page) -> Decided:
    decided = Decided()
    seen: set[str] = set()
    there: set[str] = set()
    names = {context.table.set, context.table.push.source or context.table.set}
    names |= {context.annotator(spot.member) for spots in page.spool.spots.values() for spot in spots[:1000]}
    known = context.store.set_names()
    for bundle in context.store.bundles([name for name in known if name in names]):
        if bundle.documents:
            there.add(bundle.id)
        if context.named(bundle.id) and bundle.documents:
            seen.add(bundle.id)
            try:
                _decide_bundle(context, page, bundle, decided)
            except (Skip, StoreError, PageError, DecodeError) as reason:
                context.report.skip(bundle.id, reason)
    pushed = {document for _, document in context.store.document_states(context.name)}
    for id_ in sorted((page.spool.spots.keys() | pushed | context.options.documents) - seen):
        if not context.named(id_):
            continue
        try:
            state = context.state(context.table.set, id_)
        except Skip as reason:
            context.report.skip(id_, reason)
            continue
        if not (state and state.dropped):
            context.report.skip(
                id_,
                "it is not in corpus/documents; what the page has of it is left alone there (`--drop` stops this message)",
            )
    projects = {context.name, *context.store.config.doccano}
    for id_ in sorted(context.options.force_delete - projects - there - pushed - page.spool.spots.keys()):
        context.report.skip(id_, "--force-delete names no document and no project of this name")
    return decided


def _decide_bundle(context: Context, page: Page, bundle: Bundle, decided: Decided) -> None:
    document = sole(bundle.documents, Document)
    sets = {entry.annotator: entry for entry in bundle.sets}
    # A state is read before anything else: a damaged one has to be reported for whatever is in the page.
    state = context.state(context.table.set, bundle.id)
    if state and state.dropped:
        return
    linked = state is not None and state.example is not None
    decided.linked += linked
    spots = page.spool.spots.get(bundle.id, [])
    if not spots:
        if linked:
            raise Skip(
                "its example was deleted in the page; nothing is deleted here for that. `--drop` forgets it there, and"
                " `--document` with its id then pushes it again"
            )
        if context.options.direction != "pull" and bundle.id not in context.excluded and _chosen(context, sets):
            entry = sets.get(context.table.set) or sets.get(context.table.push.source)
            items = initial_items(context, document, sole([entry], AnnotationSet) if entry else None)
            # Checked now, so that a dry run tells what can't be pushed.
            example, _ = encode(context.scope, document, items.spans.values(), items.relations.values())
            if context.options.dry_run:
                to_page(example, offsets(document.text, grapheme_mode=context.table.grapheme_mode))
                context.report.documents += 1
                context.report.page.created += len(items.spans) + len(items.relations)
            decided.new.append(bundle.id)
        return
    decided.present += linked
    members = {spot.member for spot in spots}
    if context.table.mode == "per-member" and not linked:
        decided.todo.append(Todo(bundle.id, spots[0], ()))
    for member in sorted(members, key=str):
        entry = sets.get(context.annotator(member))
        before = sole([entry], AnnotationSet) if entry else None
        if member and before and not (before.provenance and before.provenance.user == member):
            if _holds(page, bundle.id, member):
                context.report.skip(
                    bundle.id,
                    f"corpus/annotations/{before.annotator} holds a set of it that was not made by the page's user {member!r},"
                    " so it gets nothing of theirs; rename that set, or the user",
                )
            continue
        decide_set(context, page, document, before, member, decided)


def _holds(page: Page, document: str, member: str) -> bool:
    """Whether the page has anything of a member's."""
    spots = [spot for spot in page.spool.spots[document] if spot.member == member]
    return any(spot.rows or spot.comments or (member, spot.id) in page.confirmed for spot in spots)


def decide_set(
    context: Context,
    page: Page,
    document: Document,
    before: AnnotationSet | None,
    member: str | None,
    decided: Decided,
) -> None:
    kept, copies = choose(context, page, document.id, member)
    case = context.case(document, before, page.spool.read(kept), member)
    base = base_of(case.state)
    decided.items += len(base.spans) + len(base.relations)
    plan, work = decide(context, page, case)
    if plan is None and not copies:
        return
    if plan is not None:
        if deleted := plan.page_counts.deleted + plan.ours_counts.deleted:
            decided.deleted[document.id] += deleted
        gone: list[Span | Relation] = [*_gone(case.ours.spans, plan.ours.spans)]
        gone += _gone(case.ours.relations, plan.ours.relations)
        decided.lost.update(item.by.annotator for item in gone if item.by and item.by.annotator)
        if context.options.dry_run or not (work or copies):
            report_plan(context, page, case, plan)
    if work or copies:
        decided.todo.append(Todo(document.id, kept, copies, member))


def _gone(before: Mapping[str, T], after: Mapping[str, T]) -> Iterator[T]:
    return (item for id_, item in before.items() if id_ not in after)


def choose(context: Context, page: Page, document: str, member: str | None) -> tuple[Spot, tuple[Spot, ...]]:
    """The example of a set, and its copies. Raises Skip."""
    spots = [spot for spot in page.spool.spots[document] if spot.member == member]
    state = context.state(context.annotator(member), document) if len(spots) > 1 else None
    kept, copies = choose_copy(page, spots, state.example if state else None)
    if member is not None and len(spots) > 1:
        others = ", ".join(str(spot.id) for spot in spots if spot is not kept)
        context.report.remark(
            document,
            context.annotator(member),
            "sync-copy",
            f"the page has it more than once; where nobody has worked on them, delete the examples {others} there",
        )
    return kept, copies


def _chosen(context: Context, sets: dict[str | None, Entry]) -> bool:
    wanted = context.table.push.documents
    if wanted == "all":
        return True
    entry = sets.get(context.table.set) or sets.get(context.table.push.source)
    if wanted == "present":
        return entry is not None
    confirmed = entry is not None and bool(sole([entry], AnnotationSet).confirmed)
    return confirmed == (wanted == "confirmed")


def initial_items(context: Context, document: Document, before: AnnotationSet | None) -> Items:
    """The annotations that a new document starts with in the page: none in a per-member project. Raises Skip."""
    if before is None or context.table.mode == "per-member":
        return Items()
    check_set(context.scope, document, before)
    return within(context.scope, items_of(before))
