"""`gazetteer:SET`: names as an annotator labelled them in the training split, found again elsewhere: a baseline."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from standoff.benchmark.predictor import FoundSpan, Prediction, Request
from standoff.corpus.config import excluded
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex, index
from standoff.corpus.stands import misplaced
from standoff.corpus.views import layer_views
from standoff.errors import StandoffError, UsageError
from standoff.release.splits import read_splits
from standoff.text.tokens import tokenize

_ENOUGH = 0.5
"""A name is known when at least this share of its occurrences in the training texts is labelled."""


class Gazetteer:
    """Longest known name first, word by word, upper and lower case as they were; the label that it had most often."""

    labels = None

    def __init__(self, layers: tuple[str, ...], names: Mapping[tuple[str, ...], tuple[str, dict[str, str]]]) -> None:
        self.layers = layers
        self._names = names
        self._longest = max(map(len, names), default=0)
        self.version = hashlib.sha256(
            repr(sorted((key, label) for key, (label, _) in names.items())).encode()
        ).hexdigest()[:12]

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order."""
        return map(self._predict, documents)

    def _predict(self, document: Document) -> Prediction:
        found = []
        words = tokenize(document.text)
        surfaces = [document.text[start:end] for start, end in words]
        place = 0
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                if known := self._names.get(tuple(surfaces[place : place + length])):
                    extent = (words[place][0], words[place + length - 1][1])
                    found.append(FoundSpan(label=known[0], fragments=(extent,), attributes=known[1]))
                    place += length - 1
                    break
            place += 1
        return Prediction(document=document.id, spans=tuple(found))


def load(request: Request) -> Gazetteer:
    """`gazetteer:SET`. Raises UsageError when that annotator has no names in the training split."""
    scheme = index(request.store.scheme)
    layers = tuple(view.name for view in layer_views(scheme) if view.kind == "spans")
    split = read_splits(request.store.folder / "splits.json")
    labelled: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    carried: dict[tuple[tuple[str, ...], str], Counter[tuple[tuple[str, str], ...]]] = defaultdict(Counter)
    seen: Counter[tuple[str, ...]] = Counter()
    texts = []
    sets, without = request.store.sets(request.argument), excluded(request.store.overrides())
    train = frozenset(id_ for id_, name in split.items() if name == "train" and id_ not in without)
    # Where names were not annotated, words that look like them say nothing.
    taught = {found.document: found for found in sets if found.document in train and {*layers} & {*found.layers}}
    for document in request.store.documents():
        if document.id in taught:
            if why := misplaced(document, taught[document.id]):
                raise StandoffError(f"{request.argument}/{document.id}: {why}; run `standoff validate`")
            texts.append([document.text[start:end] for start, end in tokenize(document.text)])
            _learn(document, taught[document.id], scheme, layers, labelled, carried)
    if not labelled:
        raise UsageError(
            f"gazetteer:{request.argument}: {request.argument!r} has no labelled names in the training split;"
            " run `standoff split` first, or name another annotator"
        )
    longest = max(map(len, labelled))
    for words in texts:
        for length in range(1, longest + 1):
            seen.update(
                key for i in range(len(words) - length + 1) if (key := tuple(words[i : i + length])) in labelled
            )
    names = {}
    for key, counts in labelled.items():
        label, number = max(counts.items(), key=lambda item: (item[1], item[0]))
        if number >= _ENOUGH * seen[key]:
            attributes = max(carried[key, label].items(), key=lambda item: (item[1], item[0]))[0]
            names[key] = (label, dict(attributes))
    return Gazetteer(layers, names)


def _learn(
    document: Document,
    annotations: AnnotationSet,
    scheme: SchemeIndex,
    layers: tuple[str, ...],
    labelled: dict[tuple[str, ...], Counter[str]],
    carried: dict[tuple[tuple[str, ...], str], Counter[tuple[tuple[str, str], ...]]],
) -> None:
    for span in annotations.spans:
        if scheme.span_layer.get(span.label) in layers and len(span.fragments) == 1:
            key = tuple(span.text[start:end] for start, end in tokenize(span.text))
            labelled[key][span.label] += 1
            carried[key, span.label][tuple(sorted(span.attributes.items()))] += 1
