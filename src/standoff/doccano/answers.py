"""What Doccano 1.8.4 answers, as far as it is used. No server is trusted: other shapes are refused on arrival."""

from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Found(Struct, Generic[T]):
    """A page of a list."""

    results: list[T]


class Made(Struct):
    """Anything of which only the id matters."""

    id: int


class Queued(Struct):
    """A task in the queue."""

    task_id: str


class Task(Struct):
    """A task, asked about: `error` is set when it raised, `result` is what it returned."""

    ready: bool
    result: Any = None
    error: Any = None


class ProjectAnswer(Struct):
    """A project of any type; what only sequence labeling has is false in others."""

    id: int
    name: str
    description: str
    guideline: str
    project_type: str
    collaborative_annotation: bool
    use_relation: bool = False
    allow_overlapping: bool = False
    grapheme_mode: bool = False


class TypeAnswer(Struct):
    """A span type or relation type."""

    id: int
    text: str
    background_color: str
    suffix_key: str | None = None


class ExampleAnswer(Struct):
    """An example without its annotations. An image has no text."""

    id: int
    text: str | None
    meta: Any


class SpanAnswer(Struct):
    """A span."""

    id: int
    label: int
    start_offset: int
    end_offset: int
    user: int
    created_at: str
    updated_at: str


class RelationAnswer(Struct):
    """A relation."""

    id: int
    type: int
    from_id: int
    to_id: int
    user: int
    created_at: str
    updated_at: str


class CommentAnswer(Struct):
    """A comment."""

    id: int
    text: str
    username: str | None
    created_at: str


class StateAnswer(Struct):
    """A confirmation."""

    id: int
    confirmed_by: int
    confirmed_at: str


class Progress(Struct):
    """How many examples of a project are confirmed, and are not."""

    complete: int
    remaining: int


class UserAnswer(Struct):
    """A user of the server."""

    id: int
    username: str
