"""Doccano over HTTP as the remote of a sync."""

from collections.abc import Iterator, Sequence
from typing import Any

from standoff.doccano.session import Session
from standoff.doccano.session import connect as connect_session
from standoff.doccano.transfer import TASK_SECONDS, download, upload
from standoff.formats.doccano_rows import Example, PageComment, RelationRow, Row
from standoff.sync.remote import Confirmation, LabelType, Project, Rejected, Settings

_ALL = 1_000_000
"""A limit that asks for everything in one answer."""
_TEXT_COLOR = "#ffffff"


def connect(url: str | None) -> "DoccanoRemote":
    """A remote at the server of DOCCANO_URL, else `url`. Raises as `session.connect` does."""
    return DoccanoRemote(connect_session(url))


class DoccanoRemote:
    """One server as one user; see `sync.remote.Remote`. `task_seconds`: how long an import or export may take."""

    def __init__(self, session: Session, task_seconds: float = TASK_SECONDS) -> None:
        self._session = session
        self._task_seconds = task_seconds
        self._users: dict[int, str] | None = None

    @property
    def url(self) -> str:
        """The server's address."""
        return self._session.url

    # -- projects

    def find_projects(self, name: str) -> Sequence[int]:
        """Ids of the projects of exactly this name."""
        found = self._session.get("projects", limit=_ALL, q=name)["results"]
        return sorted(int(project["id"]) for project in found if project["name"] == name)

    def project(self, id_: int) -> Project:
        """One project with its label types."""
        return self._project(self._session.get(f"projects/{id_}"))

    def create_project(self, name: str, description: str, guideline: str, settings: Settings) -> Project:
        """A new project without label types."""
        body = {
            "resourcetype": "SequenceLabelingProject",
            "project_type": settings.type,
            "name": name,
            "description": description,
            "guideline": guideline,
            "use_relation": settings.use_relation,
            "allow_overlapping": settings.allow_overlapping,
            "grapheme_mode": settings.grapheme_mode,
            "collaborative_annotation": settings.collaborative,
            "random_order": False,
            "single_class_classification": False,
            "allow_member_to_create_label_type": False,
            "tags": [],
        }
        return self._project(self._session.post("projects", body))

    def update_project(self, project: Project, *, description: str, guideline: str) -> None:
        """Sets both texts."""
        body = {"resourcetype": "SequenceLabelingProject", "description": description, "guideline": guideline}
        self._session.patch(f"projects/{project.id}", body)

    def add_label_types(
        self, project: Project, span_types: Sequence[LabelType], relation_types: Sequence[LabelType]
    ) -> Project:
        """Creates the types in this order."""
        for kind, types, there in (
            ("span-types", span_types, project.span_types),
            ("relation-types", relation_types, project.relation_types),
        ):
            taken = {known.key for known in there}
            for new in types:
                key = None if new.key in taken else new.key
                taken.add(key)
                body = {
                    "text": new.name,
                    "prefix_key": None,
                    "suffix_key": key,
                    "background_color": new.color,
                    "text_color": _TEXT_COLOR,
                }
                self._session.post(f"projects/{project.id}/{kind}", body)
        return self.project(project.id)

    def _project(self, raw: dict[str, Any]) -> Project:
        def types(kind: str) -> tuple[LabelType, ...]:
            found = self._session.get(f"projects/{raw['id']}/{kind}")
            return tuple(
                LabelType(id=t["id"], name=t["text"], color=t["background_color"], key=t.get("suffix_key"))
                for t in found
            )

        return Project(
            id=raw["id"],
            name=raw["name"],
            description=raw["description"],
            guideline=raw["guideline"],
            settings=Settings(
                type=raw["project_type"],
                use_relation=bool(raw.get("use_relation")),
                allow_overlapping=bool(raw.get("allow_overlapping")),
                grapheme_mode=bool(raw.get("grapheme_mode")),
                collaborative=bool(raw["collaborative_annotation"]),
            ),
            span_types=types("span-types"),
            relation_types=types("relation-types"),
        )

    # -- examples

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        """All examples in one bulk export."""
        return download(self._session, project.id, confirmed=confirmed, seconds=self._task_seconds)

    def confirmed(self, project: Project) -> set[int]:
        """Ids of the examples that somebody confirmed, in one list."""
        found = self._session.get(f"projects/{project.id}/examples", confirmed="true", limit=_ALL)
        return {int(example["id"]) for example in found["results"]}

    def confirmations(self, project: Project, example: int) -> tuple[Confirmation, ...]:
        """Who confirmed one example, and when."""
        found = self._session.get(f"projects/{project.id}/examples/{example}/states", limit=_ALL)
        states = sorted(found["results"], key=lambda state: (str(state.get("confirmed_at")), state["id"]))
        return tuple(
            Confirmation(user=self._user(state.get("confirmed_by")), at=state.get("confirmed_at")) for state in states
        )

    def read(self, project: Project, example: int) -> Example:
        """One example with users and times."""
        place = f"projects/{project.id}/examples/{example}"
        raw = self._session.get(place)
        span_names = {label.id: label.name for label in project.span_types}
        relation_names = {label.id: label.name for label in project.relation_types}
        comments = self._session.get(f"projects/{project.id}/comments", example=example, limit=_ALL)["results"]
        return Example(
            id=raw["id"],
            text=raw["text"],
            meta=raw["meta"],
            rows=tuple(
                Row(
                    id=row["id"],
                    label=span_names.get(row["label"], f"#{row['label']}"),
                    start=row["start_offset"],
                    end=row["end_offset"],
                    **self._made(row),
                )
                for row in self._session.get(f"{place}/spans")
            ),
            relations=tuple(
                RelationRow(
                    id=row["id"],
                    label=relation_names.get(row["type"], f"#{row['type']}"),
                    head=row["from_id"],
                    tail=row["to_id"],
                    **self._made(row),
                )
                for row in self._session.get(f"{place}/relations")
            ),
            comments=tuple(
                PageComment(id=c["id"], text=c["text"], user=self._user(c.get("user")), at=c.get("created_at"))
                for c in sorted(comments, key=lambda comment: comment["id"])
            ),
        )

    def import_examples(self, project: Project, examples: Sequence[Example]) -> None:
        """One bulk import. What the server would drop or half import is refused before it is sent."""
        spans = {label.name for label in project.span_types}
        relations = {label.name for label in project.relation_types}
        for example in examples:
            rows = {row.id for row in example.rows}
            unknown = {row.label for row in example.rows} - spans | {row.label for row in example.relations} - relations
            loose = {end for row in example.relations for end in (row.head, row.tail)} - rows
            empty = [row for row in example.rows if not 0 <= row.start < row.end]
            if unknown or loose or empty or not example.text:
                raise Rejected(
                    f"{self.url}: an import with unknown labels, relations to nothing, empty spans or no text"
                )
        upload(self._session, project.id, examples, self._task_seconds)

    def delete_example(self, project: Project, example: int) -> None:
        """Deletes an example with all it holds."""
        self._session.delete(f"projects/{project.id}/examples/{example}")

    # -- rows

    def create_span(self, project: Project, example: int, row: Row) -> int:
        """Creates a span; its id."""
        body = {"example": example, "prob": 0, **self._span(project, row)}
        return int(self._session.post(f"projects/{project.id}/examples/{example}/spans", body)["id"])

    def update_span(self, project: Project, example: int, row: Row) -> None:
        """Gives a span the label and offsets of `row`."""
        self._session.patch(f"projects/{project.id}/examples/{example}/spans/{row.id}", self._span(project, row))

    def delete_span(self, project: Project, example: int, span: int) -> None:
        """Deletes a span, and with it the relations at it."""
        self._session.delete(f"projects/{project.id}/examples/{example}/spans/{span}")

    def create_relation(self, project: Project, example: int, row: RelationRow) -> int:
        """Creates a relation; its id."""
        body = {"example": example, "prob": 0, **self._relation(project, row)}
        return int(self._session.post(f"projects/{project.id}/examples/{example}/relations", body)["id"])

    def update_relation(self, project: Project, example: int, row: RelationRow) -> None:
        """Gives a relation the label and ends of `row`."""
        self._session.patch(
            f"projects/{project.id}/examples/{example}/relations/{row.id}", self._relation(project, row)
        )

    def delete_relation(self, project: Project, example: int, relation: int) -> None:
        """Deletes a relation."""
        self._session.delete(f"projects/{project.id}/examples/{example}/relations/{relation}")

    def _span(self, project: Project, row: Row) -> dict[str, int]:
        label = _type(project.span_types, row.label)
        return {"label": label, "start_offset": row.start, "end_offset": row.end}

    def _relation(self, project: Project, row: RelationRow) -> dict[str, int]:
        return {"type": _type(project.relation_types, row.label), "from_id": row.head, "to_id": row.tail}

    def _made(self, row: dict[str, Any]) -> dict[str, str | None]:
        return {
            "user": self._user(row.get("user")),
            "created_at": row.get("created_at"),
            "updated_at": row.get("updated_at"),
        }

    def _user(self, id_: int | str | None) -> str | None:
        if id_ is None or isinstance(id_, str):
            return id_
        if self._users is None or id_ not in self._users:
            self._users = {int(user["id"]): str(user["username"]) for user in self._session.get("users")}
        return self._users.get(id_)


def _type(types: Sequence[LabelType], name: str) -> int:
    for known in types:
        if known.name == name:
            return known.id
    raise Rejected(f"the project has no label {name!r}")
