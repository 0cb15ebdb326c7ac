"""What a rule is, and what it looks at. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from inspect import getdoc
from operator import lt
from typing import Generic, NamedTuple, TypeVar

from standoff.corpus.config import Config
from standoff.corpus.entries import Entry
from standoff.corpus.model import Document, Relation, Span
from standoff.corpus.rules.columns import Columns
from standoff.corpus.scheme import SchemeIndex
from standoff.problems import Severity


class Finding(NamedTuple):
    """One thing that breaks a rule: the place as a JSON pointer, and what is wrong and what to do.

    `entry` says in which record, and `file` in which file, where a rule looks at several.
    """

    pointer: str
    message: str
    entry: Entry | None = None
    file: str = ""


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
    """The corpus as a whole: its configuration and scheme, and files that nothing reads."""

    config: Config
    scheme: SchemeIndex
    strays: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentContext:
    """One document. `config` is the corpus's."""

    document: Document
    config: Config


class Setting:
    """What all sets of a corpus are judged by: the scheme, the corpus's layers, the labels of its rules."""

    def __init__(self, scheme: SchemeIndex, layers: frozenset[str]) -> None:
        self.scheme = scheme
        self.layers = layers
        rules = scheme.scheme.rules
        self.quotation = tuple((rule, frozenset(scheme.expand(rule.labels))) for rule in rules.quotation)
        self.flat = tuple(frozenset(scheme.expand(rule.labels)) for rule in rules.flat)
        pairs = (
            (frozenset(scheme.expand(rule.labels)), frozenset(scheme.expand(rule.others))) for rule in rules.exclusive
        )
        self.exclusive = tuple((labels, others, labels | others) for labels, others in pairs)
        self.same = tuple((rule.key, name) for rule in rules.same for name in rule.attributes)
        self.limits = {name: label.max for name, label in scheme.relations.items() if label.max is not None}
        self.links = frozenset(
            (name, head, tail)
            for name in scheme.relations
            for head in scheme.heads[name]
            for tail in scheme.tails[name]
        )
        """Relation label, label of its head, label of its tail: all that the scheme allows."""
        self.required = {label: names for label, names in scheme.required.items() if names}
        """Label to the attributes that it must have."""
        self.right: set[tuple[str, str, str]] = set()
        """Label, attribute, value that were judged and are right."""


class SetContext:
    """One annotation set with its document. Rules look at columns, and at spans where a column shows a fault."""

    def __init__(self, document: Document, columns: Columns, setting: Setting, text_sha256: str) -> None:
        self.document = document
        self.columns = columns
        self.setting = setting
        self.scheme = setting.scheme
        self.text_sha256 = text_sha256
        """Of the document's text."""
        self._agreed: dict[tuple[str, str], bool] = {}

    def agreed(self, key: str, name: str) -> bool:
        """Whether all spans with the same value of `key` have the same value of `name`, or all of them none."""
        if (key, name) not in self._agreed:
            values = {(carried[key], carried.get(name)) for carried in self.columns.attributes if key in carried}
            self._agreed[key, name] = len({thing for thing, _ in values}) == len(values)
        return self._agreed[key, name]

    @cached_property
    def offsets_hold(self) -> bool:
        """Whether every fragment is a stretch of the text that is not empty."""
        starts, ends = self.columns.starts, self.columns.ends
        return all(map(lt, starts, ends)) and max(ends, default=0) <= len(self.document.text)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its spans, in the order of the columns."""
        return self.columns.record.spans

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Its relations, in the order of the columns."""
        return self.columns.record.relations
