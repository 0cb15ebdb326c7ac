"""What sync needs of a place where people annotate: one protocol, which Doccano over HTTP implements (and tests in memory).

Positions and labels are the page's (`formats.doccano_rows`). Labels are given by name; a remote maps them to its own ids.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from standoff.errors import EnvironmentFault
from standoff.formats.doccano_rows import Example, RelationRow, Row


class RemoteError(EnvironmentFault):
    """The remote did not do what was asked. The message holds no password and no cookie."""


class Unreachable(RemoteError):
    """No answer, or one that says "later": time-out, connection closed, 429, 5xx. What was asked may have been done.

    Reads, updates and deletes were already retried by the remote; creating was not.
    """


class NotFound(RemoteError):
    """The thing is not there (any more), or not for this user."""


class Rejected(RemoteError):
    """The server refused what was asked, and would again. The message says why."""


class Unauthorized(RemoteError):
    """Wrong user, wrong password, or a user without the rights. Not retried."""


class LabelType(Struct, frozen=True, kw_only=True):
    """A span type or relation type of a project. To be created, its `id` is 0."""

    id: int
    name: str
    color: str
    key: str | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """What decides what a project can hold. Sync demands all but `grapheme_mode` and `collaborative`."""

    type: str = "SequenceLabeling"
    use_relation: bool = True
    allow_overlapping: bool = True
    grapheme_mode: bool = False
    collaborative: bool = True


class Project(Struct, frozen=True, kw_only=True):
    """A project with its label types, as the server has them."""

    id: int
    name: str
    description: str
    guideline: str
    settings: Settings
    span_types: tuple[LabelType, ...]
    relation_types: tuple[LabelType, ...]


class Confirmation(Struct, frozen=True, kw_only=True):
    """Who confirmed an example, and when."""

    user: str | None
    at: str | None


class Listed(Struct, frozen=True):
    """Examples that somebody confirmed: those that are listed, or with `others` all but those.

    `at` is the server's clock then, to a second; None where it does not tell.
    """

    ids: frozenset[int]
    others: bool = False
    at: datetime | None = None

    def __contains__(self, example: int) -> bool:
        return (example in self.ids) != self.others

    def __bool__(self) -> bool:
        return bool(self.ids) or self.others


class Remote(Protocol):
    """One server, one user. Every method raises RemoteError, as its kinds say; `project` is as `project()` gave it.

    Creating is never retried by a remote: it raises Unreachable, and sync reads again. Deleting what is gone succeeds.
    Updating what is gone raises NotFound.
    """

    @property
    def url(self) -> str:
        """The server's address, without user and password."""

    def find_projects(self, name: str) -> Sequence[int]:
        """Ids of the projects of exactly this name that the user can see."""

    def users(self) -> Sequence[str]:
        """Names of all users of the server."""

    def project(self, id_: int) -> Project:
        """One project with its label types. Raises NotFound."""

    def create_project(self, name: str, description: str, guideline: str, settings: Settings) -> Project:
        """A new project without label types."""

    def update_project(self, project: Project, *, description: str, guideline: str) -> None:
        """Sets both texts."""

    def add_label_types(
        self, project: Project, span_types: Sequence[LabelType], relation_types: Sequence[LabelType]
    ) -> Project:
        """Creates the types in this order; the project as it is afterwards."""

    def export(self, project: Project, *, confirmed: bool = False) -> Iterator[tuple[str | None, Example]]:
        """All examples in one bulk export, in any order; with `confirmed` only those that are. A server may begin with it at
        this call, and work on it while it is asked for other things.

        In a shared project with None. In a per-member project with the user name of each current member, whose rows alone the
        example then holds (and whose confirmation counts). Rows and comments lack user and times.
        """

    def newest(self, project: Project, count: int) -> Sequence[int]:
        """Ids of the examples that were made last, at most `count`, in any order."""

    def confirmed(self, project: Project) -> Listed:
        """The examples that somebody confirmed (in a shared project), in one list."""

    def confirmations(self, project: Project, examples: Sequence[int]) -> dict[int, tuple[Confirmation, ...]]:
        """Who confirmed each of these examples, and when, in order of time. One that is gone has none."""

    def read(self, project: Project, example: int) -> Example:
        """One example with users and times of its rows and comments. Raises NotFound. In a per-member project its rows are
        only the user's own."""

    def import_examples(self, project: Project, examples: Sequence[Example]) -> None:
        """One bulk import, returned from when it has finished. Every label and every end of a relation must exist.

        Raises Rejected with the server's reasons, and Unreachable when it did not finish in time; some examples may then be
        there, some twice.
        """

    def delete_example(self, project: Project, example: int) -> None: ...

    def create_span(self, project: Project, example: int, row: Row) -> int:
        """Creates a span with the label and offsets of `row`; its id."""

    def update_span(self, project: Project, example: int, row: Row) -> None:
        """Gives the span of this id the label and offsets of `row`. Raises NotFound."""

    def delete_span(self, project: Project, example: int, span: int) -> None:
        """Deletes a span, and with it the relations at it."""

    def create_relation(self, project: Project, example: int, row: RelationRow) -> int:
        """Creates a relation; its id. Raises Rejected or NotFound when an end is gone."""

    def update_relation(self, project: Project, example: int, row: RelationRow) -> None:
        """Gives the relation of this id the label and ends of `row`. Raises NotFound."""

    def delete_relation(self, project: Project, example: int, relation: int) -> None: ...
