"""A remote in memory that behaves as Doccano does where sync could get it wrong.

Ids are never used again; deleting a span deletes its relations; an extent can be changed by a request, though the page never
does it; confirming toggles; an import never looks for what is there already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from standoff.formats.doccano_rows import Example, PageComment, RelationRow, Row, read_line, write_line
from standoff.sync.remote import Confirmation, LabelType, Listed, NotFound, Project, Rejected, Settings, Unauthorized


@dataclass(slots=True)
class _Example:
    project: int
    text: str
    meta: dict[str, object]
    rows: dict[int, Row] = field(default_factory=dict)
    relations: dict[int, RelationRow] = field(default_factory=dict)
    comments: dict[int, PageComment] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)


class MemoryServer:
    """All that a server holds. Users are known to it by their requests; `members` are those of every project."""

    def __init__(self, members: Sequence[str] = ("admin",)) -> None:
        self.members = list(members)
        self.projects: dict[int, Project] = {}
        self.examples: dict[int, _Example] = {}
        self._last = 0
        self._ticks = 0

    def next_id(self) -> int:
        """An id that no thing on this server had or will have."""
        self._last += 1
        return self._last

    def now(self) -> str:
        """The server's clock: a second passes between two looks."""
        self._ticks += 1
        return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._ticks)).strftime("%Y-%m-%dT%H:%M:%SZ")


class MemoryRemote:
    """One user's view of a `MemoryServer`: a `Remote`, and what only the page can do."""

    def __init__(self, server: MemoryServer, user: str = "admin", url: str = "http://memory") -> None:
        self.server = server
        self.user = user
        self._url = url

    @property
    def url(self) -> str:
        """The server's address."""
        return self._url

    # -- projects

    def find_projects(self, name: str) -> Sequence[int]:
        """Ids of the projects of this name."""
        return [project.id for project in self.server.projects.values() if project.name == name]

    def users(self) -> Sequence[str]:
        """All users."""
        return self.server.members

    def project(self, id_: int) -> Project:
        """One project. Raises NotFound."""
        if id_ not in self.server.projects:
            raise NotFound(f"there is no project {id_}")
        if self.user not in self.server.members:
            raise Unauthorized(f"{self.user} is no member of project {id_}")
        return self.server.projects[id_]

    def create_project(self, name: str, description: str, guideline: str, settings: Settings) -> Project:
        """A new project."""
        project = Project(
            id=self.server.next_id(),
            name=name,
            description=description,
            guideline=guideline,
            settings=settings,
            span_types=(),
            relation_types=(),
        )
        self.server.projects[project.id] = project
        return project

    def update_project(self, project: Project, *, description: str, guideline: str) -> None:
        """Sets both texts."""
        now = self.project(project.id)
        self.server.projects[project.id] = replace(now, description=description, guideline=guideline)

    def add_label_types(
        self, project: Project, span_types: Sequence[LabelType], relation_types: Sequence[LabelType]
    ) -> Project:
        """Creates the types. Raises Rejected for a name or a key that is taken."""
        now = self.project(project.id)
        spans, relations = list(now.span_types), list(now.relation_types)
        for kinds, new in ((spans, span_types), (relations, relation_types)):
            for kind in new:
                if any(kind.name == other.name or (kind.key and kind.key == other.key) for other in kinds):
                    raise Rejected(f"a label type {kind.name!r} with key {kind.key!r} can't be added")
                kinds.append(replace(kind, id=self.server.next_id()))
        now = replace(now, span_types=tuple(spans), relation_types=tuple(relations))
        self.server.projects[project.id] = now
        return now

    # -- reading

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        """All examples, as an export file would hold them."""
        shared = self.project(project.id).settings.collaborative
        for member in [None] if shared else list(self.server.members):
            for id_, example in list(self.server.examples.items()):
                wanted = not confirmed or (example.confirmed if shared else member in example.confirmed)
                if example.project == project.id and wanted:
                    yield member, read_line(write_line(self._view(id_, member)))

    def newest(self, project: Project, count: int) -> Sequence[int]:
        """Ids of the last `count` examples."""
        held = [id_ for id_, one in self.server.examples.items() if one.project == self.project(project.id).id]
        return sorted(held)[-count:]

    def confirmed(self, project: Project) -> Listed:
        """The confirmed examples, by the shorter list."""
        held = {id_: one for id_, one in self.server.examples.items() if one.project == self.project(project.id).id}
        done = frozenset(id_ for id_, example in held.items() if example.confirmed)
        at = datetime.fromisoformat(self.server.now())
        few = 2 * len(done) <= len(held)
        return Listed(done, at=at) if few else Listed(frozenset(held.keys() - done), others=True, at=at)

    def confirmations(self, project: Project, examples: Sequence[int]) -> dict[int, tuple[Confirmation, ...]]:
        """Who confirmed each of these examples, and when."""
        found = {}
        for id_ in examples:
            held = self.server.examples.get(id_)
            there = held.confirmed if held and held.project == self.project(project.id).id else {}
            states = sorted(there.items(), key=lambda state: state[1])
            found[id_] = tuple(Confirmation(user=user, at=at) for user, at in states)
        return found

    def read(self, project: Project, example: int) -> Example:
        """One example with users and times."""
        shared = self.project(project.id).settings.collaborative
        self._held(project.id, example)
        return self._view(example, None if shared else self.user)

    # -- writing

    def import_examples(self, project: Project, examples: Sequence[Example]) -> None:
        """Adds examples, whatever is there. Raises Rejected, with those before the faulty one added."""
        names = {kind.name for kind in self.project(project.id).span_types}
        relation_names = {kind.name for kind in self.project(project.id).relation_types}
        for sent in examples:
            line = read_line(write_line(sent))
            ids = {row.id: self.server.next_id() for row in line.rows}
            if not line.text or any(row.label not in names for row in line.rows):
                raise Rejected("an example without text, or a row with a label that the project lacks")
            if any(r.label not in relation_names or not {r.head, r.tail} <= ids.keys() for r in line.relations):
                raise Rejected("a relation with a label or an end that is not there")
            held = _Example(project.id, line.text, dict(line.meta))
            now = self.server.now()
            for row in line.rows:
                held.rows[ids[row.id]] = replace(row, id=ids[row.id], user=self.user, created_at=now, updated_at=now)
            for r in line.relations:
                id_ = self.server.next_id()
                held.relations[id_] = replace(
                    r, id=id_, head=ids[r.head], tail=ids[r.tail], user=self.user, created_at=now, updated_at=now
                )
            self.server.examples[self.server.next_id()] = held

    def delete_example(self, project: Project, example: int) -> None:
        """Deletes an example, if this project has it."""
        if example in self.server.examples and self.server.examples[example].project == self.project(project.id).id:
            del self.server.examples[example]

    def create_span(self, project: Project, example: int, row: Row) -> int:
        """Creates a span; its id."""
        held = self._held(project.id, example)
        self._check(project, row)
        now = self.server.now()
        id_ = self.server.next_id()
        held.rows[id_] = replace(row, id=id_, user=self.user, created_at=now, updated_at=now)
        return id_

    def update_span(self, project: Project, example: int, row: Row) -> None:
        """Changes a span in place; it stays its creator's. Raises NotFound."""
        held = self._held(project.id, example)
        if row.id not in held.rows:
            raise NotFound(f"there is no span {row.id}")
        self._check(project, row)
        held.rows[row.id] = replace(
            held.rows[row.id], label=row.label, start=row.start, end=row.end, updated_at=self.server.now()
        )

    def delete_span(self, project: Project, example: int, span: int) -> None:
        """Deletes a span and its relations, if it is there."""
        held = self._held(project.id, example)
        held.rows.pop(span, None)
        held.relations = {id_: r for id_, r in held.relations.items() if span not in {r.head, r.tail}}

    def create_relation(self, project: Project, example: int, row: RelationRow) -> int:
        """Creates a relation; its id. Raises Rejected when an end is gone."""
        held = self._held(project.id, example)
        self._check_relation(project, held, row)
        now = self.server.now()
        id_ = self.server.next_id()
        held.relations[id_] = replace(row, id=id_, user=self.user, created_at=now, updated_at=now)
        return id_

    def update_relation(self, project: Project, example: int, row: RelationRow) -> None:
        """Changes a relation in place. Raises NotFound."""
        held = self._held(project.id, example)
        if row.id not in held.relations:
            raise NotFound(f"there is no relation {row.id}")
        self._check_relation(project, held, row)
        held.relations[row.id] = replace(
            held.relations[row.id], label=row.label, head=row.head, tail=row.tail, updated_at=self.server.now()
        )

    def delete_relation(self, project: Project, example: int, relation: int) -> None:
        """Deletes a relation, if it is there."""
        self._held(project.id, example).relations.pop(relation, None)

    # -- what only the page does

    def confirm(self, project: Project, example: int) -> None:
        """Toggles: in a shared project, when anybody has confirmed, all confirmations go."""
        held = self._held(project.id, example)
        mine = held.confirmed if project.settings.collaborative else held.confirmed.keys() & {self.user}
        if mine:
            for user in list(mine):
                del held.confirmed[user]
        else:
            held.confirmed[self.user] = self.server.now()

    def comment(self, project: Project, example: int, text: str) -> int:
        """Adds a comment; its id."""
        id_ = self.server.next_id()
        self._held(project.id, example).comments[id_] = PageComment(
            id=id_, text=text, user=self.user, at=self.server.now()
        )
        return id_

    def clear(self, project: Project, example: int) -> None:
        """The bin: deletes all spans and relations of an example."""
        held = self._held(project.id, example)
        held.rows, held.relations = {}, {}

    def _held(self, project: int, example: int) -> _Example:
        held = self.server.examples.get(example)
        if held is None or held.project != self.project(project).id:
            raise NotFound(f"there is no example {example} in project {project}")
        return held

    def _view(self, id_: int, member: str | None) -> Example:
        held = self.server.examples[id_]
        return Example(
            id=id_,
            text=held.text,
            meta=dict(held.meta),
            rows=tuple(row for row in held.rows.values() if member in {None, row.user}),
            relations=tuple(row for row in held.relations.values() if member in {None, row.user}),
            comments=tuple(comment for comment in held.comments.values() if member in {None, comment.user}),
        )

    def _check(self, project: Project, row: Row) -> None:
        if row.label not in {kind.name for kind in self.project(project.id).span_types} or row.start >= row.end:
            raise Rejected(f"a span {row.label!r} {row.start}-{row.end} can't be made")

    def _check_relation(self, project: Project, held: _Example, row: RelationRow) -> None:
        known = {kind.name for kind in self.project(project.id).relation_types}
        if row.label not in known or not {row.head, row.tail} <= held.rows.keys():
            raise Rejected(f"a relation {row.label!r} from {row.head} to {row.tail} can't be made")
