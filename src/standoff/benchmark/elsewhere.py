"""`spacy:NAME` and `transformers:NAME`: models in an environment of their own, where `library_worker.py` runs."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from standoff.benchmark.command import Command
from standoff.benchmark.label_maps import label_map
from standoff.benchmark.predictor import Prediction, PredictorError, Request
from standoff.corpus.model import Document
from standoff.corpus.scheme import index
from standoff.errors import UsageError

PYTHON = "STANDOFF_MODELS_PYTHON"
"""Names the Python of the environment that has the models' libraries; without it, it is our own."""

_WORKER = Path(__file__).with_name("library_worker.py")
_INSTALL = {"spacy": "spacy", "transformers": "transformers torch"}


class _About(Struct):
    version: str = ""
    labels: tuple[str, ...] = ()
    missing: str | None = None
    refused: str | None = None


class Elsewhere(Command):
    """A model in another environment. Options: `layers`, by default the scheme's first one without relations."""

    def __init__(self, kind: str, request: Request) -> None:
        python = os.environ.get(PYTHON) or sys.executable
        layers = request.layers()
        super().__init__([python, "-I", str(_WORKER), kind, request.argument, str(request.seed)], layers, "")
        self._name = f"{kind}:{request.argument}"
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the program has ended
        self._program = self._start(self._errors)
        about = self._about(kind, python)
        self.version = about.version
        self.labels = label_map(about.labels, index(request.store.scheme), layers)

    def _about(self, kind: str, python: str) -> _About:
        assert self._program.stdout is not None
        raw = self._program.stdout.readline()
        try:
            about = msgspec.json.decode(raw, type=_About)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._program.kill()
            self._program.wait()
            raise self._wrong(f"it can't be loaded with {python}", self._errors) from None
        if about.version:
            return about
        self._program.wait()
        if about.missing:
            raise PredictorError(
                f"{self._name}: {python} has no {about.missing}. Make an environment with `uv venv models` and"
                f" `uv pip install --python models {_INSTALL[kind]}`, and set {PYTHON}=models/bin/python"
            )
        raise PredictorError(f"{self._name}: it can't be loaded: {about.refused}")

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order, once. Raises PredictorError when the program ends."""
        with self._errors:
            yield from self._exchange(self._program, documents, self._errors)


def spacy(request: Request) -> Elsewhere:
    """`spacy:NAME`, a package or a folder. Raises PredictorError, UsageError."""
    return _load("spacy", request)


def transformers(request: Request) -> Elsewhere:
    """`transformers:NAME_OR_PATH`, for token classification. Raises PredictorError, UsageError."""
    return _load("transformers", request)


def _load(kind: str, request: Request) -> Elsewhere:
    if not request.argument:
        raise UsageError(f"{kind}: needs the name of a model or its folder, as in {kind}:my-model")
    return Elsewhere(kind, request)
