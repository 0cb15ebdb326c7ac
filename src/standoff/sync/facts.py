"""What the page tells of a set beside its annotations: who confirmed it, and comments; the set and its state with that."""

from msgspec.structs import replace

from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, By, Comment
from standoff.corpus.state import CommentState, DocumentState
from standoff.formats.doccano_rows import PageComment
from standoff.sync.case import Case, set_after, shown_layers
from standoff.sync.context import Context, Page
from standoff.sync.document import DocumentPlan
from standoff.sync.reading import confirm_again


def _is_confirmed(page: Page, case: Case) -> bool:
    return (case.user, case.example.id) in page.confirmed


def facts_changed(context: Context, page: Page, case: Case) -> bool:
    """Whether the page tells of a confirmation or a comment that is not stored."""
    if context.options.direction == "push":
        return False
    confirmed = _is_confirmed(page, case)
    return confirmed != bool(case.state.confirmed) or bool(new_comments(case) and (case.before or case.state.rows))


def report_facts(context: Context, page: Page, case: Case, plan: DocumentPlan) -> None:
    """Adds what the page tells of a set to the report; comments as soon as there is a set to keep them."""
    if context.options.direction != "push":
        context.report.confirmations += _is_confirmed(page, case) != bool(case.state.confirmed)
        if case.before or plan.ours.spans:
            context.report.comments += len(new_comments(case))


def new_comments(case: Case) -> list[PageComment]:
    """Comments of the page that are not stored, or read otherwise since."""
    known = case.state.comments
    return [one for one in case.example.comments if one.id not in known and _as_stored(one) not in known]


def _as_stored(comment: PageComment) -> CommentState:
    return CommentState(id=comment.id, text=sha256(comment.text)[:16])


def outcome(
    context: Context, page: Page, case: Case, plan: DocumentPlan, state: DocumentState
) -> tuple[AnnotationSet | None, DocumentState]:
    """Our set as it becomes, or None when it stays as it is, and the state."""
    pulls = context.options.direction != "push"
    confirmed: tuple[By, ...] | None = None
    here = state.confirmed
    if pulls and bool(here) != _is_confirmed(page, case):
        here = _confirmations(context, page, case) if not here else ()
    elif pulls and here and page.confirmations.get(case.example.id):
        # Asked because of a change: it may have been taken back for that, and confirmed by somebody else.
        here = _confirmations(context, page, case)
    if here != state.confirmed:
        confirmed = here
    shown = shown_layers(context.scope, plan.linked.theirs, bool(here))
    layers = shown if pulls or case.before is None else set()
    new = new_comments(case) if pulls else []
    comments = [Comment(by=comment.user, at=comment.at, text=comment.text) for comment in new if comment.text]
    after = set_after(context.scope, case, plan.ours, confirmed, comments, layers=layers)
    # Who confirmed fewer layers did not confirm one that is new.
    grown = after is not None and case.before is not None and after.layers != case.before.layers
    if after is not None and (confirmed is not None or (grown and after.confirmed)):
        everywhere = _confirmed_everywhere(context, case, set(after.layers), here)
        after = replace(after, confirmed=everywhere)
    if after is not None and new:
        state = replace(state, comments=tuple(map(_as_stored, sorted(case.example.comments, key=lambda one: one.id))))
    state = replace(state, confirmed=here)
    return after if after != case.before else None, state


def _confirmations(context: Context, page: Page, case: Case) -> tuple[By, ...]:
    if case.user is not None:
        return (By(annotator=case.annotator),)
    id_ = case.example.id
    if id_ not in page.confirmations:
        confirm_again(context, page, [id_])
    found = page.confirmations.get(id_, ())
    return tuple(By(annotator=context.annotator(c.user) if c.user else None, at=c.at) for c in found)


def _confirmed_everywhere(context: Context, case: Case, layers: set[str], here: tuple[By, ...]) -> tuple[By, ...]:
    """Everybody's confirmation when all projects that hold a layer of the set have it confirmed, else nobody's."""
    if not here:
        return ()
    united = dict.fromkeys(here)
    for name, others in context.others.items():
        if layers & set(others):
            state = context.state(case.annotator, case.document.id, name)
            # Of a member who has nothing there nothing is awaited: their set is made of what they have.
            if state.dropped if state else case.user is not None:
                continue
            if state is None or not state.confirmed:
                return ()
            united.update(dict.fromkeys(state.confirmed))
    return tuple(sorted(united, key=lambda by: (by.at or "", by.annotator or "")))
