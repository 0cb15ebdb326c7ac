"""Preflight: the project in the page that belongs to one of corpus.toml, checked, adopted or made."""

import contextlib
import re
import secrets
from collections.abc import Collection, Container, Sequence

from msgspec import Struct

from standoff.corpus.codec import DecodeError, sha256
from standoff.corpus.files import write_atomically
from standoff.corpus.page import PageLabel
from standoff.corpus.state import ProjectState
from standoff.corpus.store import Store
from standoff.problems import Problem
from standoff.sync.context import Context
from standoff.sync.remote import LabelType, NotFound, Project, Remote, Settings
from standoff.sync.report import Stop

_TOKEN = re.compile(r"standoff:([0-9a-f]{32})")


_SET_BACK = "Set it back where it was changed; for one more project add a table of another name to corpus.toml"


class Opened(Struct, frozen=True, kw_only=True):
    """The project as the server has it, and what `project.json` has to say."""

    project: Project
    state: ProjectState
    new: bool = False


def open_project(context: Context) -> Opened | None:
    """The project, made or brought up to date where it has to be; None when it is not there and nothing may be changed.

    Writes `project.json`. Raises Stop: another project, a missing one, several, settings that would lose data, a label type
    that was renamed or deleted there.
    """
    store, name, table, remote = context.store, context.name, context.table, context.remote
    scope, options = context.scope, context.options
    try:
        known = store.project_state(name)
    except DecodeError as error:
        raise Stop(f"{error}; delete that file: the project is found by its name and known by its token") from None
    full_name = f"{store.config.corpus.name}/{name}"
    wanted = Settings(grapheme_mode=table.grapheme_mode, collaborative=table.mode == "shared")
    guideline = _guideline(store)
    may_write = not options.dry_run and options.direction != "pull"
    new = False
    if known is None:
        for left in forgotten(store, {name, *store.config.doccano}):
            raise Stop(
                f"{is_forgotten(left)}, and then a new project can be made. If {name!r} is its new name, rename that folder"
                f" instead (`git mv corpus/sync/{left} corpus/sync/{name}`)"
            )
    _check_kept(context, known)
    project = _find(remote, name, full_name, known)
    if project is None:
        if not may_write:
            return None
        project = remote.create_project(full_name, _description(store, secrets.token_hex(16)), guideline or "", wanted)
        new = True
    _check_settings(name, project, wanted)
    token = _token(project)
    if known and token is None:
        raise Stop(
            f"{name}: the description of project {project.id} of {remote.url} has lost its last words; add"
            f" `standoff:{known.token}` to it in the page if it is this corpus's, or remove corpus/sync/{name} to start over"
        )
    if known and token != known.token:
        raise Stop(
            f"{name}: project {project.id} of {remote.url} has another token than corpus/sync/{name}/project.json: it is"
            " another project; check the server's address, or remove that folder to start over with a project of its own"
        )
    if known:
        _check_types(context, project, known)
    guideline = project.guideline if guideline is None else guideline
    if may_write:
        if other := project.guideline.strip() != guideline.strip():
            _keep_guideline(context, project.guideline)
        if token is None:
            token = secrets.token_hex(16)
            text = f"{project.description}\n{_description(store, token)}".strip()
            remote.update_project(project, description=text, guideline=guideline)
        elif other:
            remote.update_project(project, description=project.description, guideline=guideline)
        spans = _missing(scope.span_types, project.span_types)
        relations = _missing(scope.relation_types, project.relation_types)
        if spans or relations:
            project = remote.add_label_types(project, spans, relations)
    # Whoever reaches the server at another address (a tunnel, DOCCANO_URL) must not change a committed file for everybody.
    state = ProjectState(
        url=known.url if known and remote.url != table.url else remote.url,
        id=project.id,
        token=token or "",
        span_types=_ids(project.span_types, scope.spans),
        relation_types=_ids(project.relation_types, scope.relations),
        mode=table.mode,
        set=table.set,
        grapheme_mode=table.grapheme_mode,
    )
    if not options.dry_run and token:
        store.write_project_state(name, state)
    return Opened(project=project, state=state, new=new)


def forgotten(store: Store, named: Collection[str]) -> list[str]:
    """Projects in the page that no table of corpus.toml stands for, with documents that nobody dropped."""

    def synced(name: str) -> bool:
        with contextlib.suppress(DecodeError):
            states = (store.document_state(name, *key) for key in store.document_states(name))
            return any(state and not state.dropped for state in states)
        return True

    return [name for name in store.projects_synced() if name not in named and synced(name)]


def is_forgotten(name: str) -> str:
    """What a curator is told of such a project."""
    return (
        f"corpus.toml does not name the project {name!r} any more, so what people do there is not synced. Give it its"
        f" table [doccano.{name}]; if it is at its end, sync it a last time with that, and remove corpus/sync/{name}"
    )


def _find(remote: Remote, name: str, full_name: str, known: ProjectState | None) -> Project | None:
    if known:
        try:
            return remote.project(known.id)
        except NotFound:
            raise Stop(
                f"{name}: project {known.id} is not on {remote.url} any more (or not for this user); restore it there, or"
                f" remove corpus/sync/{name} to push everything to a new project"
            ) from None
    ids = remote.find_projects(full_name)
    if len(ids) > 1:
        raise Stop(
            f"{name}: {remote.url} has {len(ids)} projects called {full_name!r} ({', '.join(map(str, ids))}); rename all but"
            " the one that belongs to this corpus"
        )
    return remote.project(ids[0]) if ids else None


def _check_kept(context: Context, known: ProjectState | None) -> None:
    """What a project holds has a meaning by what it was made with: whose annotations, and on which words."""
    for key in ("mode", "set", "grapheme_mode") if known else ():
        made, now = getattr(known, key), getattr(context.table, key)
        if made is not None and made != now:
            raise Stop(
                f"{context.name}: the project was made with {key} = {_toml(made)}, and corpus.toml has {_toml(now)} now:"
                f" its annotations would be taken for other people's, or be on other words. {_SET_BACK}"
            )


def _toml(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _check_settings(name: str, project: Project, wanted: Settings) -> None:
    held = project.settings
    wrong = [
        f"{field} must be {getattr(wanted, field)!r}, not {getattr(held, field)!r}"
        for field in wanted.__struct_fields__
        if getattr(held, field) != getattr(wanted, field)
    ]
    if wrong:
        kept = (held.collaborative, held.grapheme_mode) != (wanted.collaborative, wanted.grapheme_mode)
        raise Stop(
            f"{name}: project {project.id} ({project.name}) would lose annotations as it is set up: {'; '.join(wrong)}."
            f" {_SET_BACK if kept else 'Change that in the page'}"
        )


def _check_types(context: Context, project: Project, known: ProjectState) -> None:
    """S10: a label type of ours must have kept its name; but the scheme's new name for it may replace that."""
    name, scope = context.name, context.scope
    for types, held, wanted in (
        (known.span_types, project.span_types, scope.spans),
        (known.relation_types, project.relation_types, scope.relations),
    ):
        names = {kind.id: kind.name for kind in held}
        for label, id_ in types.items():
            if id_ in names and names[id_] != label and not (label not in wanted and names[id_] in wanted):
                raise Stop(
                    f"{name}: the label {label!r} is called {names[id_]!r} in the page now; give it its old name there"
                )
            if id_ not in names and name not in context.options.force_delete:
                raise Stop(
                    f"{name}: the label {label!r} was deleted in the page, and with it every annotation of it there; restore"
                    f" them from a backup of the server, or `--force-delete {name}` takes them as deleted"
                )


def _missing(wanted: Sequence[PageLabel], held: Sequence[LabelType]) -> list[LabelType]:
    names, keys = {kind.name for kind in held}, {kind.key for kind in held}
    return [
        LabelType(id=0, name=kind.name, color=kind.color, key=None if kind.key in keys else kind.key)
        for kind in wanted
        if kind.name not in names
    ]


def _ids(held: Sequence[LabelType], ours: Container[str]) -> dict[str, int]:
    return {kind.name: kind.id for kind in held if kind.name in ours}


def _token(project: Project) -> str | None:
    found = _TOKEN.search(project.description)
    return found[1] if found else None


def _description(store: Store, token: str) -> str:
    title = store.config.corpus.title or store.config.corpus.name
    return f"{title}. Kept in step with the corpus {store.config.corpus.name}; do not change this: standoff:{token}"


def _keep_guideline(context: Context, text: str) -> None:
    """Somebody may have written into it in the page."""
    if not text.strip():
        return
    path = context.folder / f"backups/guideline-{sha256(text)[:8]}.md"
    write_atomically(path, text.encode())
    context.report.problems.append(
        Problem(
            document="",
            path="corpus/guidelines.md",
            rule="sync-guideline",
            severity="warning",
            message=f"corpus/guidelines.md is the page's guideline now; the one before is in {path.relative_to(context.store.root)}",
        )
    )


def _guideline(store: Store) -> str | None:
    """What the page is to show as the guideline; None leaves what it has."""
    path = store.folder / "guidelines.md"
    return path.read_text(encoding="utf-8") if path.exists() else None
