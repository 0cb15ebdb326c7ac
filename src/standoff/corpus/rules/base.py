"""What a rule is, and what it looks at. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import getdoc
from typing import Generic, NamedTuple, TypeVar

from standoff.corpus.config import Config
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.store import Entry
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
    """What all sets of a corpus are judged by: the scheme, the layers that the corpus annotates, the labels of its rules."""

    def __init__(self, scheme: SchemeIndex, layers: frozenset[str]) -> None:
        self.scheme = scheme
        self.layers = layers
        rules = scheme.scheme.rules
        self.quotation = tuple((rule, frozenset(scheme.expand(rule.labels))) for rule in rules.quotation)
        self.flat = tuple(frozenset(scheme.expand(rule.labels)) for rule in rules.flat)
        self.exclusive = tuple(
            (frozenset(scheme.expand(rule.labels)), frozenset(scheme.expand(rule.others))) for rule in rules.exclusive
        )
        self.same = tuple((rule.key, name) for rule in rules.same for name in rule.attributes)
        self.limits = {name: label.max for name, label in scheme.relations.items() if label.max is not None}


class SetContext:
    """One annotation set with its document, and columns of what it holds, made once for all rules.

    Rules look through columns first, which is quick, and at spans one by one only where a column shows that something is
    wrong. The columns of fragments (`starts`, `ends`, `surfaces`) have one value for each fragment of each span, in order.
    """

    def __init__(self, document: Document, annotations: AnnotationSet, setting: Setting, text_sha256: str) -> None:
        self.document = document
        self.annotations = annotations
        self.setting = setting
        self.scheme = setting.scheme
        self.text_sha256 = text_sha256
        """Of the document's text."""
        self.spans = annotations.spans
        self.relations = annotations.relations
        self.labels = [span.label for span in self.spans]
        self.ids = [span.id for span in self.spans]
        self.attributes = [span.attributes for span in self.spans]
        fragments = [span.fragments for span in self.spans]
        flat = [piece for pieces in fragments for piece in pieces]
        self.starts = [piece.start for piece in flat]
        self.ends = [piece.end for piece in flat]
        self.surfaces = [piece.text for piece in flat]
        self.several = (
            [place for place, pieces in enumerate(fragments) if len(pieces) > 1] if len(flat) > len(fragments) else []
        )
        """Places in `spans` of the spans with more than one fragment."""
        self.label_of = dict(zip(self.ids, self.labels, strict=True))
        """Span id to its label; of twins the last."""
        self.places_of: defaultdict[str, list[int]] = defaultdict(list)
        """Label to the places in `spans` that have it."""
        for place, label in enumerate(self.labels):
            self.places_of[label].append(place)
        self.triples = [(relation.label, relation.head, relation.tail) for relation in self.relations]
        """Label, head and tail of each relation."""

    def having(self, labels: Iterable[str]) -> list[int]:
        """Places in `spans` of the spans with one of these labels, in order."""
        return sorted([place for label in self.places_of.keys() & labels for place in self.places_of[label]])
