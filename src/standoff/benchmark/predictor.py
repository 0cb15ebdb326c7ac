"""What a model is to standoff: documents in, predictions out, in any environment, found by its name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import Protocol

from msgspec import Struct

from standoff.corpus.model import Document
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault, UsageError

GROUP = "standoff.predictors"
"""The entry points of an installed package that bring predictors: a name, and a function as `Loader` describes it."""


class PredictorError(EnvironmentFault):
    """A model that can't be loaded, or stopped working. What it had predicted before is kept."""


class FoundSpan(Struct, frozen=True, kw_only=True):
    """A span as a model gives it: code points of the document's text, half-open, one pair for each fragment."""

    label: str
    fragments: tuple[tuple[int, int], ...]
    attributes: Mapping[str, str] = {}
    score: float | None = None


class FoundRelation(Struct, frozen=True, kw_only=True):
    """A relation as a model gives it: `head` and `tail` are places in its list of spans."""

    label: str
    head: int
    tail: int
    score: float | None = None


class Prediction(Struct, frozen=True, kw_only=True):
    """What a model finds in one document, unchecked. `failure` says why it has nothing to say of it.

    `notes` are things that the model's own adapter left out, each with its reason.
    """

    document: str
    spans: tuple[FoundSpan, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str | None = None


class Predictor(Protocol):
    """A loaded model."""

    @property
    def version(self) -> str:
        """Changes whenever its predictions may: they are kept under it."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of the scheme that it annotates. Finding nothing there is a statement too."""

    @property
    def labels(self) -> Mapping[str, str] | None:
        """Its own labels to the scheme's; an empty text drops a label. None: it speaks the scheme's labels."""

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order. Raises PredictorError when it can't go on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a predictor is made from: the part of its name behind the colon, the corpus, and what the user set."""

    argument: str
    store: Store
    seed: int = 0
    options: Mapping[str, str] | None = None

    def option(self, name: str, default: str) -> str:
        """One of the user's `--option NAME=VALUE`."""
        return (self.options or {}).get(name, default)

    def layers(self, default: str | None = None) -> tuple[str, ...]:
        """The user's `--option layers=...`, comma-separated. Without a default: the first one without relations.

        Raises UsageError for one that the scheme lacks.
        """
        if default is None:
            layers = self.store.scheme.layers
            default = next((layer.name for layer in layers if layer.head is None), layers[0].name)
        chosen = tuple(filter(None, self.option("layers", default).split(",")))
        known = tuple(index(self.store.scheme).layers)
        if wrong := set(chosen) - set(known):
            raise UsageError(
                f"the scheme has no layer {min(wrong)!r}; it has {', '.join(known)} (choose with --option layers=...)"
            )
        return chosen


class _Asked(Mapping[str, str]):
    """The user's options, which know what was asked for: a name that nothing asks for is a mistake."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._options[name]

    def __iter__(self) -> Iterator[str]:
        self.names.update(self._options)
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)


class Loader(Protocol):
    """Makes a predictor, and asks for all its options. Raises UsageError, and PredictorError for a missing part."""

    def __call__(self, request: Request) -> Predictor: ...


def load(name: str, request: Request) -> Predictor:
    """The predictor `kind:argument`. Raises UsageError for an unknown kind and for options that it does not ask for, and what its
    loader raises."""
    kind = name.partition(":")[0]
    found = entry_points(group=GROUP)
    known = sorted(found.names)
    if kind not in known:
        raise UsageError(f"there is no predictor {kind!r}; there are {', '.join(known)} (as in rule:quotes)")
    loader: Loader = found[kind].load()
    given = request.options or {}
    asked = _Asked(given)
    predictor = loader(replace(request, options=asked))
    if unknown := sorted(given.keys() - asked.names):
        takes = ", ".join(sorted(asked.names)) or "none"
        raise UsageError(f"--option {unknown[0]}: {name} takes no such option; it takes {takes}")
    return predictor


def safe_name(name: str) -> str:
    """A model's name as an annotator's: what names no folder becomes `-`."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:100] or "model"
