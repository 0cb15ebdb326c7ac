"""`frog`: the named entities of Frog (Van den Bosch et al. 2007), for Dutch, from Debian's packages."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from standoff.benchmark.label_maps import label_map
from standoff.benchmark.predictor import FoundSpan, Prediction, PredictorError, Request
from standoff.corpus.model import Document
from standoff.corpus.scheme import index
from standoff.errors import UsageError
from standoff.text.iob import decode
from standoff.text.tokens import tokenize

_LABELS = ("PER", "ORG", "LOC", "PRO", "EVE", "MISC")
_TOGETHER = 64
"""So many documents are one run: it takes seconds to start."""
_SHOWN = 1000

_Tokens = list[tuple[int, int]]


class _Tag(Struct, frozen=True):
    tag: str


class _Word(Struct):
    word: str
    ner: _Tag = _Tag("O")


_sentence = msgspec.json.Decoder(list[_Word])


class _Astray(Exception):
    """Frog's words are not those that it was given."""


class Frog:
    """Frog on our sentences and tokens, so that words have places. Option: `layers` (the first without relations)."""

    def __init__(self, version: str, layers: tuple[str, ...], labels: Mapping[str, str]) -> None:
        self.version = version
        self.layers = layers
        self.labels = labels

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order, after so many of them. Raises PredictorError when Frog stops."""
        waiting = iter(documents)
        while some := list(islice(waiting, _TOGETHER)):
            yield from self._together(some)

    def _together(self, documents: Sequence[Document]) -> Iterator[Prediction]:
        dutch = [document for document in documents if document.language.partition("-")[0] == "nl"]
        read = {prediction.document: prediction for prediction in _read(dutch)}
        for document in documents:
            other = Prediction(document=document.id, failure=f"it reads Dutch, and this is {document.language!r}")
            yield read.get(document.id, other)


def _read(documents: Sequence[Document]) -> list[Prediction]:
    if not documents:
        return []
    cut = [
        [_tokens(document, sentence.start, sentence.end) for sentence in document.sentences] for document in documents
    ]
    lines = [
        [document.text[start:end] for start, end in tokens]
        for document, sentences in zip(documents, cut, strict=True)
        for tokens in sentences
        if tokens
    ]
    try:
        tagged = iter(_run(lines))
    except _Astray as astray:
        if len(documents) > 1:  # the others are none the worse for it
            half = len(documents) // 2
            return [*_read(documents[:half]), *_read(documents[half:])]
        return [Prediction(document=documents[0].id, failure=str(astray))]
    predictions = []
    for document, sentences in zip(documents, cut, strict=True):
        found = []
        for tokens in filter(None, sentences):
            spans, _ = decode(next(tagged), "IOB2")
            found += [
                FoundSpan(label=span.label, fragments=((tokens[span.start][0], tokens[span.end - 1][1]),))
                for span in spans
            ]
        predictions.append(Prediction(document=document.id, spans=tuple(found)))
    return predictions


def _tokens(document: Document, start: int, end: int) -> _Tokens:
    return [(start + first, start + last) for first, last in tokenize(document.text[start:end])]


def _run(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """The tags of sentences of words. Raises _Astray, PredictorError."""
    if not lines:
        return []
    with tempfile.TemporaryDirectory(prefix="standoff-frog-") as folder:  # it leaves files where it is started
        path = Path(folder, "sentences.txt")
        path.write_text("".join(" ".join(words) + "\n" for words in lines), encoding="utf-8")
        done = _frog("--skip=tmlacp", "-n", "-t", str(path), "--JSONout=0", cwd=folder).stdout
    try:
        sentences = [_sentence.decode(line) for line in done.splitlines() if line.strip()]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Astray(f"an answer that can't be read ({error})") from None
    if [[word.word for word in sentence] for sentence in sentences] != [list(words) for words in lines]:
        raise _Astray("its words are not those of the text")
    return [[word.ner.tag for word in sentence] for sentence in sentences]


def _frog(*words: str, cwd: str | None = None) -> "subprocess.CompletedProcess[bytes]":
    try:
        done = subprocess.run(["frog", *words], capture_output=True, cwd=cwd, check=False)
    except OSError:
        raise PredictorError("frog is not installed; on Debian: apt-get install frog frogdata ucto uctodata") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-_SHOWN:]
        raise PredictorError(f"frog ended with exit code {done.returncode}. It said: {said}")
    return done


def load(request: Request) -> Frog:
    """`frog`. Raises UsageError for an argument, PredictorError when it is not installed."""
    if request.argument:
        raise UsageError(f"frog takes no name behind a colon, as {request.argument!r} is")
    layers = request.layers()
    version = _frog("-V").stderr.decode("utf-8", "replace").partition("(")[0].strip()
    return Frog(version, layers, label_map(_LABELS, index(request.store.scheme), layers))
