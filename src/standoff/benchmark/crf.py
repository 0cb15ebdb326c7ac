"""`crf:PATH`: a conditional random field over the tokens of sentences, as `standoff train crf` makes it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from standoff.benchmark.crf_features import features
from standoff.benchmark.crf_model import Header, crfsuite, read
from standoff.benchmark.predictor import FoundSpan, Prediction, Request
from standoff.corpus.model import Document
from standoff.text.iob import decode
from standoff.text.tokens import tokenize


class Crf:
    """A trained CRF. Options: `layers`, by default the one that it was trained on."""

    labels = None

    def __init__(self, header: Header, weights: bytes, layers: tuple[str, ...]) -> None:
        self.layers = layers
        self.version = f"{header.features}-{header.weights_sha256[:12]}"
        self._weights = weights  # the tagger reads from this memory
        self._tagger = crfsuite().Tagger()
        self._tagger.open_inmemory(self._weights)

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order."""
        return map(self._predict, documents)

    def _predict(self, document: Document) -> Prediction:
        found = []
        for sentence in document.sentences:
            text = document.text[sentence.start : sentence.end]
            tokens = tokenize(text)
            spans, _ = decode(self._tagger.tag(features([text[start:end] for start, end in tokens])), "IOB2")
            for first, after, label in spans:
                extent = (sentence.start + tokens[first][0], sentence.start + tokens[after - 1][1])
                found.append(FoundSpan(label=label, fragments=(extent,)))
        return Prediction(document=document.id, spans=tuple(found))


def load(request: Request) -> Crf:
    """`crf:PATH`. Raises StandoffError for a file that is no such model, UsageError for a layer that the scheme lacks."""
    header, weights = read(Path(request.argument))
    return Crf(header, weights, request.layers(header.layer))
