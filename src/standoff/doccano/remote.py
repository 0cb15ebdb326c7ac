"""Doccano over HTTP as the remote of a sync."""

from collections.abc import Iterator, Sequence
from typing import TypedDict, TypeVar

from standoff.doccano.answers import (
    CommentAnswer,
    ExampleAnswer,
    Found,
    Made,
    Progress,
    ProjectAnswer,
    RelationAnswer,
    SpanAnswer,
    StateAnswer,
    TypeAnswer,
    UserAnswer,
)
from standoff.doccano.checks import check_import, check_offsets, check_project, check_types
from standoff.doccano.credentials import address, credentials
from standoff.doccano.session import SLOW, Session
from standoff.doccano.transfer import TASK_SECONDS, download, upload, upload_types
from standoff.formats.doccano_rows import Example, PageComment, RelationRow, Row
from standoff.sync.remote import Confirmation, LabelType, Listed, Project, Rejected, RemoteError, Settings

T = TypeVar("T", SpanAnswer, RelationAnswer)

_ALL = 1_000_000
"""A limit that asks for everything in one answer: pages would shift when somebody works meanwhile."""


def connect(url: str | None) -> "DoccanoRemote":
    """A remote at the server of DOCCANO_URL, else `url`, else Doccano's usual address on this machine.

    Raises UsageError without credentials, Unauthorized, Unreachable, EnvironmentFault without the client.
    """
    where = address(url)
    return DoccanoRemote(Session(where, credentials(where)))


class _Made(TypedDict):
    user: str | None
    created_at: str
    updated_at: str


class DoccanoRemote:
    """One server as one user, as `sync.remote.Remote` says. `task_seconds`: the longest import or export."""

    def __init__(self, session: Session, task_seconds: float = TASK_SECONDS) -> None:
        self._session = session
        self._task_seconds = task_seconds
        self._users: dict[int, str | None] = {}

    @property
    def url(self) -> str:
        return self._session.url

    # -- projects

    def find_projects(self, name: str) -> Sequence[int]:
        found = self._session.get("projects", Found[ProjectAnswer], limit=_ALL, q=name)
        return sorted(project.id for project in found.results if project.name == name)

    def users(self) -> Sequence[str]:
        """Names of all users of the server."""
        return [user.username for user in self._all_users()]

    def project(self, id_: int) -> Project:
        raw = self._session.get(f"projects/{id_}", ProjectAnswer)
        return Project(
            id=raw.id,
            name=raw.name,
            description=raw.description,
            guideline=raw.guideline,
            settings=Settings(
                type=raw.project_type,
                use_relation=raw.use_relation,
                allow_overlapping=raw.allow_overlapping,
                grapheme_mode=raw.grapheme_mode,
                collaborative=raw.collaborative_annotation,
            ),
            span_types=self._types(id_, "span"),
            relation_types=self._types(id_, "relation"),
        )

    def create_project(self, name: str, description: str, guideline: str, settings: Settings) -> Project:
        check_project(name, description)
        made = self._session.through_client(
            f"creation of the project {name!r}",
            lambda: self._session.client.create_project(
                name=name,
                project_type=settings.type,
                description=description,
                guideline=guideline,
                use_relation=settings.use_relation,
                allow_overlapping=settings.allow_overlapping,
                grapheme_mode=settings.grapheme_mode,
                collaborative_annotation=settings.collaborative,
            ),
        )
        return self.project(made.id)

    def update_project(self, project: Project, *, description: str, guideline: str) -> None:
        """Sets both texts, and no more: the client would send all settings again, as they were some time ago."""
        body = {"resourcetype": "SequenceLabelingProject", "description": description, "guideline": guideline}
        self._session.patch(f"projects/{project.id}", body)

    def add_label_types(
        self, project: Project, span_types: Sequence[LabelType], relation_types: Sequence[LabelType]
    ) -> Project:
        """Creates the types in this order. Raises Rejected, with none of them made, for a name or key that is taken."""
        new = {"span": span_types, "relation": relation_types}
        for kind, types in new.items():
            check_types(kind, self._types(project.id, kind), types)
        for kind, types in new.items():
            upload_types(self._session, project.id, kind, types)
        return self.project(project.id)

    def members(self, project: Project) -> frozenset[str]:
        """User names of the current members."""
        found = self._session.through_client(
            f"members of project {project.id}", lambda: self._session.client.list_members(project.id)
        )
        return frozenset(member.username for member in found)

    def _types(self, project: int, kind: str) -> tuple[LabelType, ...]:
        # In the order of their creation, as the page shows them.
        found = self._session.get(f"projects/{project}/{kind}-types", list[TypeAnswer])
        return tuple(
            LabelType(id=one.id, name=one.text, color=one.background_color, key=one.suffix_key or None) for one in found
        )

    # -- examples

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        shared = project.settings.collaborative
        if not shared:
            self._check_members(project)
        return download(self._session, project.id, shared=shared, confirmed=confirmed, seconds=self._task_seconds)

    def newest(self, project: Project, count: int) -> Sequence[int]:
        found = self._session.get(
            f"projects/{project.id}/examples", Found[Made], ordering="-created_at", limit=max(count, 1)
        )
        return [example.id for example in found.results]

    def confirmed(self, project: Project) -> Listed:
        """The examples that somebody confirmed, by the shorter list: the server works as long for each of its lines as for
        an example in an export."""
        progress = self._session.get(f"projects/{project.id}/metrics/progress", Progress)
        others = progress.complete > progress.remaining
        found = self._session.get(
            f"projects/{project.id}/examples",
            Found[Made],
            timeout=SLOW,
            confirmed="false" if others else "true",
            limit=_ALL,
        )
        return Listed(frozenset(example.id for example in found.results), others, self._session.moment())

    def confirmations(self, project: Project, examples: Sequence[int]) -> dict[int, tuple[Confirmation, ...]]:
        """Who confirmed each of these examples, and when: Doccano tells it of one at a time."""

        def ask(session: Session, example: int) -> Found[StateAnswer]:
            return session.get(f"projects/{project.id}/examples/{example}/states", Found[StateAnswer], limit=_ALL)

        found = {}
        for example, answer in zip(examples, self._session.several(ask, examples), strict=True):
            states = sorted(answer.results, key=lambda state: (state.confirmed_at, state.id))
            found[example] = tuple(
                Confirmation(user=self._user(one.confirmed_by), at=one.confirmed_at) for one in states
            )
        return found

    def read(self, project: Project, example: int) -> Example:
        place = f"projects/{project.id}/examples/{example}"
        raw = self._session.get(place, ExampleAnswer)
        # Relations first: one whose span is deleted before the spans are read goes with it, as it does there.
        relations = self._session.get(f"{place}/relations", list[RelationAnswer])
        spans = self._session.get(f"{place}/spans", list[SpanAnswer])
        comments = self._session.get(
            f"projects/{project.id}/comments", Found[CommentAnswer], example=example, limit=_ALL
        )
        there = {span.id for span in spans}
        span_names = self._names(project, "span", {span.label for span in spans})
        relation_names = self._names(project, "relation", {relation.type for relation in relations})
        return Example(
            id=raw.id,
            text=raw.text or "",
            meta=raw.meta if isinstance(raw.meta, dict) else {},
            rows=tuple(
                Row(
                    id=row.id,
                    label=span_names[row.label],
                    start=row.start_offset,
                    end=row.end_offset,
                    **self._made(row),
                )
                for row in sorted(spans, key=_id)
            ),
            relations=tuple(
                RelationRow(
                    id=row.id, label=relation_names[row.type], head=row.from_id, tail=row.to_id, **self._made(row)
                )
                for row in sorted(relations, key=_id)
                if {row.from_id, row.to_id} <= there
            ),
            comments=tuple(
                PageComment(id=one.id, text=one.text, user=one.username, at=one.created_at)
                for one in sorted(comments.results, key=lambda one: one.id)
            ),
        )

    def import_examples(self, project: Project, examples: Sequence[Example]) -> None:
        """One bulk import. What the server would drop or half import is refused before it is sent."""
        check_import(project, examples)
        upload(self._session, project.id, examples, self._task_seconds)

    def delete_example(self, project: Project, example: int) -> None:
        """Deletes an example of this project with all it holds."""
        # Through the list, which looks for it in the project; the example's own address takes those of other projects.
        self._session.delete(f"projects/{project.id}/examples", {"ids": [example]})

    # -- rows

    def create_span(self, project: Project, example: int, row: Row) -> int:
        body = {"example": example, "prob": 0, **_span(project, row)}
        return self._session.post(f"projects/{project.id}/examples/{example}/spans", body, Made).id

    def update_span(self, project: Project, example: int, row: Row) -> None:
        self._session.patch(f"projects/{project.id}/examples/{example}/spans/{row.id}", _span(project, row))

    def delete_span(self, project: Project, example: int, span: int) -> None:
        self._session.delete(f"projects/{project.id}/examples/{example}/spans/{span}")

    def create_relation(self, project: Project, example: int, row: RelationRow) -> int:
        body = {"example": example, "prob": 0, **_relation(project, row)}
        return self._session.post(f"projects/{project.id}/examples/{example}/relations", body, Made).id

    def update_relation(self, project: Project, example: int, row: RelationRow) -> None:
        self._session.patch(f"projects/{project.id}/examples/{example}/relations/{row.id}", _relation(project, row))

    def delete_relation(self, project: Project, example: int, relation: int) -> None:
        self._session.delete(f"projects/{project.id}/examples/{example}/relations/{relation}")

    def _check_members(self, project: Project) -> None:
        # Doccano makes a path of a member's name: with these the export fails, or that member's file lands elsewhere.
        unsafe = sorted(name for name in self.members(project) if "/" in name or "\0" in name)
        if unsafe:
            raise RemoteError(
                f"{self.url}: Doccano can't export what {', '.join(map(repr, unsafe))} annotated in project {project.id},"
                " for the name is no file's name; take that user out of the project's members, or rename the user"
            )

    def _names(self, project: Project, kind: str, ids: set[int]) -> dict[int, str]:
        """Names of the label types with these ids, also of those that were made after `project` was read."""
        names = {one.id: one.name for one in (project.span_types if kind == "span" else project.relation_types)}
        if ids - names.keys():
            names |= {one.id: one.name for one in self._types(project.id, kind)}
        return {id_: f"#{id_}" for id_ in ids} | names

    def _made(self, row: T) -> _Made:
        return {"user": self._user(row.user), "created_at": row.created_at, "updated_at": row.updated_at}

    def _all_users(self) -> list[UserAnswer]:
        return self._session.get("users", list[UserAnswer])

    def _user(self, id_: int) -> str | None:
        if id_ not in self._users:
            self._users |= {id_: None} | {user.id: user.username for user in self._all_users()}
        return self._users[id_]


def _id(row: T) -> int:
    return row.id


def _span(project: Project, row: Row) -> dict[str, int]:
    check_offsets(row.start, row.end, f"row {row.id} ({row.label})")
    return {"label": _type(project.span_types, row.label), "start_offset": row.start, "end_offset": row.end}


def _relation(project: Project, row: RelationRow) -> dict[str, int]:
    return {"type": _type(project.relation_types, row.label), "from_id": row.head, "to_id": row.tail}


def _type(types: Sequence[LabelType], name: str) -> int:
    for known in types:
        if known.name == name:
            return known.id
    raise Rejected(f"the project has no label {name!r}")
