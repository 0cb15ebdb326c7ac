"""What a rule is, and what it looks at. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc
from typing import Generic, NamedTuple, TypeVar

from standoff.corpus.config import Config
from standoff.corpus.model import AnnotationSet, Document, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.store import Entry
from standoff.problems import Severity


class Finding(NamedTuple):
    """One thing that breaks a rule: the place as a JSON pointer, and what is wrong and what to do.

    `entry` says in which record, where a rule looks at several.
    """

    pointer: str
    message: str
    entry: Entry | None = None


Context = TypeVar("Context")


@dataclass(frozen=True)
class Rule(Generic[Context]):
    """A rule with its stable name; `check` finds what breaks it, and its docstring explains it to people."""

    name: str
    severity: Severity
    check: Callable[[Context], Iterable[Finding]]

    @property
    def explanation(self) -> str:
        """What the rule demands, and why."""
        return getdoc(self.check) or ""


@dataclass(frozen=True)
class CorpusContext:
    """The corpus as a whole: its configuration and scheme."""

    config: Config
    scheme: SchemeIndex


@dataclass(frozen=True)
class DocumentContext:
    """One document. `config` is the corpus's."""

    document: Document
    config: Config


@dataclass
class SetContext:
    """One annotation set with its document. What several rules need is computed once."""

    document: Document
    annotations: AnnotationSet
    scheme: SchemeIndex
    layers: frozenset[str]
    """The layers that the corpus annotates."""
    text_sha256: str
    """Of the document's text."""
    spans: tuple[Span, ...] = field(init=False)
    labels: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.spans = self.annotations.spans
        self.labels = [span.label for span in self.spans]

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        """Span id to span; of twins the last."""
        return {span.id: span for span in self.spans}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Span id to its place in `spans`."""
        return {span.id: place for place, span in enumerate(self.spans)}

    @cached_property
    def pieces(self) -> list[tuple[int, int, str]]:
        """All fragments of all spans as (start, end, text), in the order of the spans."""
        return [(piece.start, piece.end, piece.text) for span in self.spans for piece in span.fragments]

    @cached_property
    def single(self) -> bool:
        """Whether every span has exactly one fragment, so that `pieces` goes with `spans`."""
        return len(self.pieces) == len(self.spans)
